"""The ports a use case works with, bundled."""

from dataclasses import dataclass

from certwright.model.policy import Policy
from certwright.ports.clock import Clock, Randomness
from certwright.ports.keys import KeyVault, MasterKey, Signer
from certwright.ports.processes import Processes
from certwright.ports.resolver import Resolver, ValidatingResolver
from certwright.ports.revocation_log import RevocationLog
from certwright.ports.store import Store


@dataclass(frozen=True, slots=True)
class Core:
    """Everything the use cases need from outside, and the policy they follow."""

    store: Store
    master_key: MasterKey
    vault: KeyVault
    signer: Signer
    resolver: Resolver
    clock: Clock
    randomness: Randomness
    policy: Policy
    installation_id: str
    process_id: str
    revocation_log: RevocationLog
    validating: ValidatingResolver | None = None
    processes: Processes | None = None
