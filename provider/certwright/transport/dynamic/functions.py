"""The functions, called in the program itself: a dynamic provider answers none."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import pulumi

from certwright.adapters.system import EventCancellation
from certwright.resources.fields import decode
from certwright.resources.functions import (
    GetCertificateArgs,
    GetCertificateResult,
    GetTrustBundleArgs,
    GetTrustBundleResult,
    GetValidationRecordsArgs,
    GetValidationRecordsResult,
)
from certwright.resources.registry import FUNCTIONS
from certwright.resources.session import PlannedUpdates
from certwright.resources.values import Properties
from certwright.transport.dynamic.declared import wire_values
from certwright.transport.dynamic.opening import Homes, program_config
from certwright.transport.dynamic.told import told

R = TypeVar("R")
_HOMES = Homes()
_CALLS = {function.args: function.call for function in FUNCTIONS}


class ProgramLog:
    """Messages of a program (resources.session.Log)."""

    def info(self, message: str) -> None:
        """Add a line to the stack's diagnostics."""
        pulumi.log.info(message)

    def warning(self, message: str) -> None:
        """Add a warning to the stack's diagnostics."""
        pulumi.log.warn(message)

    def status(self, message: str) -> None:
        """Show a message for a while."""
        pulumi.log.info(message, ephemeral=True)


def get_certificate(
    arn: str | None = None,
    domain: str | None = None,
    statuses: Sequence[str] | None = None,
    key_types: Sequence[str] | None = None,
    types: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
    most_recent: bool | None = None,  # noqa: FBT001 - as the generated SDK has it
) -> GetCertificateResult:
    """Look a certificate up by ARN, or by name, tags, status and key type."""
    given: dict[str, object] = {
        "arn": arn,
        "domain": domain,
        "statuses": statuses,
        "key_types": key_types,
        "types": types,
        "tags": tags,
        "most_recent": most_recent,
    }
    return _call(GetCertificateArgs, GetCertificateResult, given)


def get_trust_bundle() -> GetTrustBundleResult:
    """Return the roots of the account's built-in authority."""
    return _call(GetTrustBundleArgs, GetTrustBundleResult, {})


def get_validation_records(domain_names: Sequence[str]) -> GetValidationRecordsResult:
    """Return the validation records that names need, as plain values for a loop; no certificate has to exist."""
    return _call(GetValidationRecordsArgs, GetValidationRecordsResult, {"domain_names": domain_names})


def _call(arguments: type[object], result: type[R], given: Mapping[str, object]) -> R:
    config, plain = program_config(), wire_values(arguments, given)

    def call() -> Properties:
        app = _HOMES.app(config, None, pulumi.log.warn)
        session = app.session("", ProgramLog(), EventCancellation(), PlannedUpdates())
        return _CALLS[arguments](session, plain)

    return decode(result, told(call, pulumi.RunError)).args
