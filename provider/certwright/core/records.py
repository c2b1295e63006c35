"""The validation records of an account: computed once, handed out, and kept for ever as they were."""

from collections.abc import Mapping, Sequence

from certwright.core.context import Core
from certwright.core.keyring import account_secret
from certwright.core.validation.labels import cname_record
from certwright.model.certificates import HandedOutName
from certwright.model.names import DomainName
from certwright.model.records import DomainValidation, ResourceRecord
from certwright.model.scope import Caller
from certwright.ports.store import Transaction

PURPOSE = "dns-cname"


def validation_records(core: Core, caller: Caller, names: Sequence[DomainName]) -> tuple[DomainValidation, ...]:
    """Return one record per name's base in the given order, apex and wildcard once; writes nothing."""
    bases = validated_names(names)
    stored = core.store.read(lambda tx: _stored(tx, caller.account, bases))
    known = {**stored, **_compute(core, caller, [base for base in bases if base not in stored])}
    return tuple(DomainValidation(base, known[base]) for base in bases)


def union_of_records(core: Core, caller: Caller, names: Sequence[DomainName]) -> tuple[ResourceRecord, ...]:
    """Return every record that the names need, each once, in order."""
    return tuple(dict.fromkeys(item.record for item in validation_records(core, caller, names)))


def hand_out(tx: Transaction, core: Core, caller: Caller, validations: Sequence[DomainValidation]) -> None:
    """Keep records as handed out; those that were handed out before stay as they are."""
    now = core.clock.now()
    tx.names.add([HandedOutName(caller.account, PURPOSE, item.domain_name, item.record, now) for item in validations])


def validated_names(names: Sequence[DomainName]) -> tuple[DomainName, ...]:
    """Return the names to validate: bases, each once, in order (R12: the wildcard's record is the apex's)."""
    return tuple(dict.fromkeys(name.base for name in names))


def _stored(tx: Transaction, account: str, bases: Sequence[DomainName]) -> Mapping[DomainName, ResourceRecord]:
    return {row.name: row.record for row in tx.names.records(account, PURPOSE, bases)}


def _compute(core: Core, caller: Caller, bases: Sequence[DomainName]) -> Mapping[DomainName, ResourceRecord]:
    if not bases:
        return {}
    secret, domain = account_secret(core, caller.account), core.policy.validation_domain
    return {base: cname_record(secret, core.installation_id, caller.account, base, domain) for base in bases}


def names_were_handed_out(core: Core, caller: Caller, names: Sequence[DomainName]) -> bool:
    """Say whether every name's record was handed out before, so that it may be in place already."""
    bases = validated_names(names)
    return len(core.store.read(lambda tx: _stored(tx, caller.account, bases))) == len(bases)
