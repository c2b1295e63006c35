"""Frozen settings, read from every key once; and what one key's value means."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from certwright.errors import Fault, InvalidInput
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.rfc2136_rules import DEFAULT_ALGORITHM, DEFAULT_PORT, Rfc2136Words, rfc2136_faults
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import HostedTarget, Rfc2136Target
from certwright.settings import rules
from certwright.settings.addresses import ServerAddress, ValidatingAddress, parse_server, parse_validating_resolver
from certwright.settings.hosted import hosted_meaning, read_hosted
from certwright.settings.keys import DEFAULT_ACCOUNT, DEFAULT_REGION, DEFAULT_VALIDATION_DOMAIN, EMBEDDED_ISSUER
from certwright.settings.reader import Reader, is_true

_RFC2136_NEEDED = ("server", "keyName", "keySecret")
_RFC2136_DEFAULTS = {"port": str(DEFAULT_PORT), "keyAlgorithm": DEFAULT_ALGORITHM}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that configuration and environment decide."""

    home: Path
    store: str = field(repr=False)
    master_key: str = field(repr=False)
    scope: Scope
    installation: str | None
    issuer: str
    resolvers: tuple[ServerAddress, ...]
    validating_resolver: ValidatingAddress | None
    policy: Policy
    default_tags: tuple[tuple[str, str], ...]
    rfc2136: Rfc2136Target | None
    hosted: HostedTarget | None
    is_ci: bool
    uses_default_store: bool


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Settings as far as they can be read, defaults in place of what is wrong, and every fault."""

    settings: Settings
    faults: tuple[Fault, ...]


def resolve_settings(
    config: Mapping[str, object], environ: Mapping[str, str], unknown: Collection[str] = frozenset()
) -> Settings:
    """Return the settings that configuration and environment give; raise `InvalidInput` with every fault at once.

    Values may be native or JSON text, since stack configuration turns everything into strings. `unknown` names keys
    whose values are not known yet.
    """
    read = read_settings(config, environ, unknown)
    if read.faults:
        raise InvalidInput(read.faults)
    return read.settings


def read_settings(
    config: Mapping[str, object], environ: Mapping[str, str], unknown: Collection[str] = frozenset()
) -> ReadSettings:
    """Return the settings and every fault, for those who go on with what can be read."""
    reader = Reader(config, environ, unknown)
    home = home_of(environ)
    settings = _read(reader, home, environ)
    if not home.is_absolute():
        reader.fault("", "RELATIVE_HOME", f"CERTWRIGHT_HOME={home} is a relative path", "Set an absolute path.")
    reader.refuse_unknown_keys()
    return ReadSettings(settings, tuple(reader.faults))


def home_of(environ: Mapping[str, str]) -> Path:
    """Return the home: `CERTWRIGHT_HOME`, or `.certwright` in the user's own."""
    return Path(environ.get("CERTWRIGHT_HOME") or Path(environ.get("HOME", "/")) / ".certwright")


def meaning(name: str, value: object) -> object:
    """Return what a value of the key means: equal for all spellings that read the same.

    A value that cannot be read means itself.
    """
    reader = Reader({name: value}, {})
    read = _MEANINGS.get(name)
    meant = value if read is None else read(reader)
    return value if reader.faults else meant


def _read(reader: Reader, home: Path, environ: Mapping[str, str]) -> Settings:
    resolvers = _resolvers(reader)
    validating_resolver = _validating_resolver(reader)
    identities = _caa_identities(reader)
    policy = Policy(
        validation_domain=_validation_domain(reader),
        caa_identities=identities,
        caa_policy=_caa_policy(reader, identities),
        permitted_domains=_permitted_domains(reader),
        preflight=_preflight(reader),
        has_own_servers=bool(resolvers),
        require_dnssec=_require_dnssec(reader, validating_resolver),
    )
    return Settings(
        home=home,
        store=reader.text("store", f"sqlite:///{quote(str(home))}/store.db", rules.store_fault),
        master_key=reader.text("masterKey", f"file:{home}/master.key", rules.master_key_fault),
        scope=Scope(
            reader.text("account", DEFAULT_ACCOUNT, rules.account_fault),
            reader.text("region", DEFAULT_REGION, rules.region_fault),
        ),
        installation=reader.text("installation", "", rules.installation_fault) or None,
        issuer=reader.text("issuer", EMBEDDED_ISSUER, rules.issuer_fault),
        resolvers=resolvers,
        validating_resolver=validating_resolver,
        policy=policy,
        default_tags=reader.pairs("defaultTags"),
        rfc2136=_rfc2136(reader),
        hosted=read_hosted(reader),
        is_ci=is_true(environ.get("CI", "")),
        uses_default_store="store" not in reader.given,
    )


def _validation_domain(reader: Reader) -> str:
    text = reader.text("validationDomain", DEFAULT_VALIDATION_DOMAIN, rules.validation_domain_fault)
    return rules.canonical_domain(text)


def _resolvers(reader: Reader) -> tuple[ServerAddress, ...]:
    return tuple(parse_server(server) for server in reader.texts("resolvers", rules.server_fault))


def _validating_resolver(reader: Reader) -> ValidatingAddress | None:
    text = reader.text("validatingResolver", "", rules.validating_resolver_fault)
    return parse_validating_resolver(text) if text else None


def _require_dnssec(reader: Reader, resolver: ValidatingAddress | None) -> bool:
    is_required = reader.flag("requireDnssec", default=False)
    has_none = "validatingResolver" not in reader.unknown and not reader.is_faulty("validatingResolver")
    if is_required and resolver is None and has_none:
        message = "every name would be refused, as nothing checks signatures"
        reader.fault("requireDnssec", "NO_VALIDATING_RESOLVER", message, "Set validatingResolver too.")
    return is_required


def _caa_identities(reader: Reader) -> tuple[str, ...]:
    return tuple(map(rules.canonical_domain, reader.texts("caaIdentities", rules.domain_fault)))


def _permitted_domains(reader: Reader) -> tuple[str, ...]:
    """Return the domains in an order of our own, since another order is no reason for a new authority."""
    texts = reader.texts("permittedDomains", rules.permitted_domain_fault)
    return tuple(sorted(set(map(rules.canonical_domain, texts))))


def _preflight(reader: Reader) -> bool:
    return reader.flag("preflight", default=True)


def _caa_policy(reader: Reader, identities: tuple[str, ...]) -> CaaPolicy:
    default = CaaPolicy.ENFORCE if identities else CaaPolicy.WARN
    chosen = CaaPolicy(reader.text("caaPolicy", default.value, rules.caa_policy_fault))
    has_none = not identities and "caaIdentities" not in reader.unknown and not reader.is_faulty("caaIdentities")
    if chosen is CaaPolicy.ENFORCE and has_none:
        message = "enforce would forbid every name that has a CAA record, as no identity is set to compare it with"
        reader.fault("caaPolicy", "NO_CAA_IDENTITIES", message, "Set caaIdentities, or leave caaPolicy out.")
    return chosen


def _rfc2136(reader: Reader) -> Rfc2136Target | None:
    if "rfc2136" not in reader.given:
        return None
    fields = _rfc2136_fields(reader)
    if reader.is_faulty("rfc2136") or not _has_rfc2136_shape(reader, fields):
        return None
    words = Rfc2136Words(
        server=fields["server"],
        port=int(fields["port"]),
        key_name=fields["keyName"],
        key_algorithm=fields["keyAlgorithm"],
        key_secret=SecretBytes(fields["keySecret"].encode()),
    )
    for fault in rfc2136_faults(words):
        reader.fault("rfc2136", "BAD_RFC2136", f"rfc2136.{fault.path}: {fault.message}", fault.fix)
    return Rfc2136Target(words.server, words.port, "", words.key_name, words.key_algorithm, words.key_secret)


def _rfc2136_fields(reader: Reader) -> dict[str, str]:
    return {**_RFC2136_DEFAULTS, **dict(reader.pairs("rfc2136"))}


def _has_rfc2136_shape(reader: Reader, fields: Mapping[str, str]) -> bool:
    known = (*_RFC2136_NEEDED, *_RFC2136_DEFAULTS)
    missing = ", ".join(f"rfc2136.{name}" for name in _RFC2136_NEEDED if not fields.get(name))
    wrong = [f"missing: {missing}"] if missing else []
    wrong += [f"rfc2136.{name} does not exist" for name in sorted(set(fields) - set(known))]
    if not re.fullmatch(r"[0-9]{1,5}", fields["port"]):
        wrong.append("rfc2136.port is no number of a port")
    if wrong:
        reader.fault("rfc2136", "BAD_RFC2136", "; ".join(wrong), f"Set {{{', '.join(known)}}}.")
    return not wrong


_MEANINGS: Mapping[str, Callable[[Reader], object]] = {
    "validationDomain": _validation_domain,
    "resolvers": _resolvers,
    "validatingResolver": _validating_resolver,
    "requireDnssec": lambda reader: reader.flag("requireDnssec", default=False),
    "caaIdentities": _caa_identities,
    "permittedDomains": _permitted_domains,
    "preflight": _preflight,
    "defaultTags": lambda reader: reader.pairs("defaultTags"),
    "rfc2136": _rfc2136_fields,
    "hosted": hosted_meaning,
}
