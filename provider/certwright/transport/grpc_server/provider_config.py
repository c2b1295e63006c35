"""Provider configuration on the wire: checked, resolved, compared."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from certwright import __version__
from certwright.bootstrap import ResolvedInstallation, resolve_installation
from certwright.errors import Fault
from certwright.resources.failures import Failure, failure_of
from certwright.resources.values import UNKNOWN, Properties, Value, has_unknown
from certwright.settings import CONFIG_KEYS, ReadSettings, Settings, meaning, read_settings, resolve_settings

_REPLACING = ("account", "region")
_CLOSE = 0.75
_HOME_KEYS = frozenset({"store", "masterKey"})
_KNOWN = frozenset(key.name for key in CONFIG_KEYS)
_SECRET_KEYS = frozenset(key.name for key in CONFIG_KEYS if key.secret)


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """The provider's inputs with what was resolved, or everything wrong with them; and what is to be said once."""

    inputs: Properties
    failures: tuple[Failure, ...]
    notices: tuple[str, ...] = ()


def check_config(olds: Properties, news: Properties, environ: Mapping[str, str]) -> CheckedConfig:
    """Check configuration, store and master key, and resolve account, Region, validation domain and installation.

    The installation that an earlier run resolved comes back in `olds` and is insisted on.
    """
    known, unknown = _split(news)
    read = read_settings(known, environ, unknown)
    installation = _installation(read, olds, known, unknown, environ)
    failures = (
        *(failure_of(fault) for fault in read.faults),
        *(Failure(fault.key, str(fault.error)) for fault in installation.faults),
    )
    if failures:
        return CheckedConfig(news, failures)
    resolved: Properties = {
        "account": read.settings.scope.account,
        "region": read.settings.scope.region,
        "validationDomain": read.settings.policy.validation_domain,
        "installation": installation.id or olds.get("installation", UNKNOWN),
    }
    added = {name: value for name, value in resolved.items() if name not in news}
    return CheckedConfig({**news, **added}, (), installation.notices)


def secret_keys(names: Iterable[str]) -> frozenset[str]:
    """Return the keys that are secret, and those of the names that may be one of them misspelt."""
    return _SECRET_KEYS | {name for name in names if name not in _KNOWN and _resembles_a_secret(name)}


def changed_keys(olds: Properties, news: Properties) -> Iterable[str]:
    """Return the keys whose meaning changed: native values, their texts and other spellings may mean the same."""
    for name in sorted({*olds, *news}):
        if not name.startswith("__") and not _is_same(name, olds.get(name), news.get(name)):
            yield name


def replacing_keys(olds: Properties, news: Properties, changed: Iterable[str]) -> list[str]:
    """Return the changed keys that replace every resource.

    What the old state never resolved (import) does not, nor what is not known yet: it may turn out to be the same.
    """
    return [
        name
        for name in changed
        if name in _REPLACING and olds.get(name) is not None and not has_unknown(news.get(name))
    ]


def settings_of(inputs: Properties, environ: Mapping[str, str]) -> Settings:
    """Return the settings of checked inputs."""
    known, unknown = _split(inputs)
    return resolve_settings(known, environ, unknown)


def version_notices(inputs: Properties) -> tuple[str, ...]:
    """Return what is to be said when the SDK, whose version the engine passes on, is not of this plugin's."""
    version = inputs.get("version")
    wanted = _python_version(version) if isinstance(version, str) else __version__
    if wanted == __version__:
        return ()
    notice = (
        f"The SDK pulumi-certwright is version {wanted}, but the plugin that runs is certwright {__version__}: install "
        f"both in one version, pip install certwright=={wanted} pulumi-certwright=={wanted}, and run "
        "`certwright pulumi install` again if that is how the plugin was installed."
    )
    return (notice,)


def _resembles_a_secret(name: str) -> bool:
    secrets = [secret.lower() for secret in _SECRET_KEYS]
    return bool(difflib.get_close_matches(name.lower(), secrets, cutoff=_CLOSE))


def _python_version(version: str) -> str:
    """Return a semantic version as Python writes it: 1.2.0-alpha.3 is 1.2.0a3."""
    for semantic, python in (("-alpha.", "a"), ("-beta.", "b"), ("-rc.", "rc"), ("-dev.", ".dev")):
        version = version.replace(semantic, python)
    return version.removeprefix("v").partition("+")[0]


def _split(inputs: Properties) -> tuple[Properties, frozenset[str]]:
    unknown = frozenset(name for name, value in inputs.items() if has_unknown(value))
    return {name: value for name, value in inputs.items() if name not in unknown}, unknown


def _installation(
    read: ReadSettings, olds: Properties, known: Properties, unknown: Collection[str], environ: Mapping[str, str]
) -> ResolvedInstallation:
    """Resolve the installation; what is unknown or faulty of store and key is left alone, and the rest looked at."""
    earlier = olds.get("installation")
    return resolve_installation(
        read.settings,
        environ,
        expected=earlier if isinstance(earlier, str) else None,
        unchecked=_HOME_KEYS & {*unknown, *_faulty(read.faults, known)},
        is_trial=bool(read.faults),
    )


def _faulty(faults: Iterable[Fault], known: Properties) -> Iterable[str]:
    """Yield the keys that cannot be read; a home that is none takes with it what stands there by default."""
    for fault in faults:
        yield fault.path
        if fault.code == "RELATIVE_HOME":
            yield from _HOME_KEYS - set(known)


def _is_same(name: str, old: Value, new: Value) -> bool:
    if old is None or new is None or has_unknown(old) or has_unknown(new):
        return old == new
    return meaning(name, old) == meaning(name, new)
