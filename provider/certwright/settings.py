"""Provider configuration and environment, parsed once into frozen settings."""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from certwright.errors import Fault, InvalidInput
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import Rfc2136Target

DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "local"
DEFAULT_VALIDATION_DOMAIN = "acm-validations.certwright.internal"
EMBEDDED_ISSUER = "embedded"
_TRUE = frozenset({"1", "true", "yes"})
_FALSE = frozenset({"0", "false", "no"})
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """Describe one configuration key for the schema, the help texts and the parser."""

    name: str
    type: str
    description: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """Return the environment variable that stands in for the key."""
        return "CERTWRIGHT_" + re.sub(r"(?=[A-Z])", "_", self.name).upper()


CONFIG_KEYS = (
    ConfigKey(
        "store",
        "string",
        "SQLAlchemy URL of the store. Default: `sqlite:///$CERTWRIGHT_HOME/store.db`; the home is `~/.certwright`. "
        "Relative paths are refused.",
    ),
    ConfigKey(
        "masterKey",
        "string",
        "Where the master key is: `file:/path`, `env:NAME` (32 bytes, base64 or hex), `passphrase:env:NAME` or "
        "`passphrase:file:/path`. Default: `file:$CERTWRIGHT_HOME/master.key`, mode 0600.",
        secret=True,
    ),
    ConfigKey(
        "account",
        "string",
        "Account, 12 digits (`000000000000`). Validation records differ between accounts. A change replaces.",
    ),
    ConfigKey(
        "region",
        "string",
        "Region (`local`): one key-encryption key and one issuing CA. Records are the same in every Region. "
        "A change replaces.",
    ),
    ConfigKey(
        "installation",
        "string",
        "Installation id to insist on, as `certwright init` prints it; a store with another id is refused.",
    ),
    ConfigKey("issuer", "string", "Issuer of validated certificates: `embedded`, the built-in authority."),
    ConfigKey(
        "validationDomain",
        "string",
        "Domain below which the CNAME records point (`acm-validations.certwright.internal`); it need not exist.",
    ),
    ConfigKey(
        "resolvers",
        "array",
        "`ip[:port]` list of servers to treat as the authority for every name of this installation. Default: each "
        "zone's own authoritative servers, found from the system resolver.",
    ),
    ConfigKey(
        "caaIdentities",
        "array",
        "Issuer domains the built-in authority answers to in CAA records (RFC 8659). While empty, a CAA record that "
        "names others only warns.",
    ),
    ConfigKey(
        "caaPolicy",
        "string",
        "`enforce` (default once caaIdentities is set) or `warn`: what a CAA record that forbids the issue does.",
    ),
    ConfigKey(
        "permittedDomains",
        "array",
        "Domains the built-in authority may issue for; they become critical name constraints of root and issuing CA.",
    ),
    ConfigKey(
        "rfc2136",
        "object",
        "Where ValidationRecords without `rfc2136` of their own send updates: {server, port, keyName, keyAlgorithm, "
        "keySecret}.",
        secret=True,
    ),
    ConfigKey("preflight", "boolean", "Look at DNS in preview for changed certificates (true)."),
    ConfigKey("defaultTags", "object", "Tags that every certificate carries unless it sets the same key itself."),
)
_BY_NAME = {key.name: key for key in CONFIG_KEYS}
_ENGINE_KEYS = frozenset({"version", "pluginDownloadURL"})


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """An IP address and port of a DNS server."""

    host: str
    port: int = 53

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that configuration and environment decide."""

    home: Path
    store: str
    master_key: str = field(repr=False)
    scope: Scope
    installation: str | None
    issuer: str
    resolvers: tuple[ServerAddress, ...]
    policy: Policy
    default_tags: tuple[tuple[str, str], ...]
    rfc2136: Rfc2136Target | None
    is_ci: bool
    uses_default_store: bool


def resolve_settings(config: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """Return the settings that configuration and environment give; raise `InvalidInput` with every fault at once.

    Values may be native or JSON text, since stack configuration turns everything into strings.
    """
    reader = _Reader(config, environ)
    home = Path(environ.get("CERTWRIGHT_HOME") or Path(environ.get("HOME", "/")) / ".certwright")
    settings = _read(reader, home, environ)
    if not home.is_absolute():
        reader.fault("", "RELATIVE_HOME", f"CERTWRIGHT_HOME={home} is a relative path", "Set an absolute path.")
    reader.refuse_unknown_keys()
    if reader.faults:
        raise InvalidInput(reader.faults)
    return settings


def _read(reader: "_Reader", home: Path, environ: Mapping[str, str]) -> Settings:
    store = reader.text("store", f"sqlite:///{home}/store.db", _store_fault)
    identities = reader.texts("caaIdentities", _domain_fault)
    policy = Policy(
        validation_domain=reader.text("validationDomain", DEFAULT_VALIDATION_DOMAIN, _domain_fault).rstrip(".").lower(),
        caa_identities=tuple(identity.rstrip(".").lower() for identity in identities),
        caa_policy=_caa_policy(reader, identities),
        permitted_domains=tuple(
            name.strip(".").lower() for name in reader.texts("permittedDomains", _permitted_domain_fault)
        ),
        preflight=reader.flag("preflight", default=True),
        has_own_servers="resolvers" in reader.given,
    )
    return Settings(
        home=home,
        store=store,
        master_key=reader.text("masterKey", f"file:{home}/master.key", _master_key_fault),
        scope=Scope(
            reader.text("account", DEFAULT_ACCOUNT, _account_fault),
            reader.text("region", DEFAULT_REGION, _region_fault),
        ),
        installation=reader.text("installation", "", _installation_fault) or None,
        issuer=reader.text("issuer", EMBEDDED_ISSUER, _issuer_fault),
        resolvers=tuple(parse_server(server) for server in reader.texts("resolvers", _server_fault)),
        policy=policy,
        default_tags=reader.pairs("defaultTags"),
        rfc2136=_rfc2136(reader),
        is_ci=environ.get("CI", "").lower() in _TRUE,
        uses_default_store="store" not in reader.given,
    )


def _caa_policy(reader: "_Reader", identities: Sequence[str]) -> CaaPolicy:
    default = CaaPolicy.ENFORCE if identities else CaaPolicy.WARN
    text = reader.text("caaPolicy", default.value, _caa_policy_fault)
    chosen = CaaPolicy(text) if text in {policy.value for policy in CaaPolicy} else default
    return chosen if identities else CaaPolicy.WARN


def _rfc2136(reader: "_Reader") -> Rfc2136Target | None:
    if "rfc2136" not in reader.given:
        return None
    fields = dict(reader.pairs("rfc2136"))
    needed = ("server", "keyName", "keySecret")
    missing = [name for name in needed if not fields.get(name)]
    unknown = sorted(set(fields) - {*needed, "port", "keyAlgorithm"})
    port = fields.get("port", "53")
    if missing or unknown or not port.isdigit():
        message = f"missing: {', '.join(missing) or '-'}; unknown: {', '.join(unknown) or '-'}; port must be a number"
        reader.fault("rfc2136", "BAD_RFC2136", message, "Set {server, port, keyName, keyAlgorithm, keySecret}.")
        return None
    algorithm = fields.get("keyAlgorithm", "hmac-sha256")
    secret = SecretBytes(fields["keySecret"].encode())
    return Rfc2136Target(fields["server"], int(port), "", fields["keyName"], algorithm, secret)


def parse_server(text: str) -> ServerAddress:
    """Parse `ip`, `ip:port`, `[v6]` or `[v6]:port`; raise `ValueError` for anything else."""
    match = re.fullmatch(
        r"\[(?P<v6>[^\]]+)\](?::(?P<p6>\d+))?|(?P<v4>[0-9.]+)(?::(?P<p4>\d+))?|(?P<bare>[0-9a-fA-F:]+)", text
    )
    if match is None:
        msg = f"{text!r} is not ip[:port]"
        raise ValueError(msg)
    host = str(ipaddress.ip_address(match["v6"] or match["v4"] or match["bare"]))
    port = int(match["p6"] or match["p4"] or "53")
    if not 0 < port < 65536:
        msg = f"port {port} is outside 1..65535"
        raise ValueError(msg)
    return ServerAddress(host, port)


Rule = Callable[[str], tuple[str, str, str] | None]


class _Reader:
    """Read keys from configuration or environment and collect faults."""

    def __init__(self, config: Mapping[str, object], environ: Mapping[str, str]) -> None:
        self.faults: list[Fault] = []
        self._config = config
        self.given: dict[str, object] = {
            key.name: value
            for key in CONFIG_KEYS
            if (value := config.get(key.name, environ.get(key.variable) or None)) is not None
        }

    def fault(self, path: str, code: str, message: str, fix: str) -> None:
        self.faults.append(Fault(path, code, message, fix))

    def refuse_unknown_keys(self) -> None:
        for name in self._config:
            if name not in _BY_NAME and name not in _ENGINE_KEYS and not name.startswith("__"):
                known = ", ".join(sorted(_BY_NAME))
                self.fault(name, "UNKNOWN_KEY", "there is no such configuration key", f"Known keys: {known}.")

    def text(self, name: str, default: str, rule: Rule) -> str:
        value = self.given.get(name, default)
        if not isinstance(value, str):
            self.fault(name, "NOT_A_STRING", "this must be a string", f"Quote it: certwright:{name}.")
            return default
        if name in self.given and (found := rule(value)) is not None:
            self.fault(name, *found)
            return default
        return value

    def texts(self, name: str, rule: Rule) -> tuple[str, ...]:
        value = self._native(name)
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list):
            self.fault(name, "NOT_A_LIST", "this must be a list of strings", 'Write ["first", "second"].')
            return ()
        return tuple(text for index, item in enumerate(value) if (text := self._element(name, index, item, rule)))

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        value = self._native(name) or {}
        if not isinstance(value, dict) or not all(isinstance(item, (str, int, float)) for item in value.values()):
            self.fault(name, "NOT_A_MAP", "this must map strings to strings", 'Write {"team": "web"}.')
            return ()
        return tuple(sorted((str(key), _text(item)) for key, item in value.items()))

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.given.get(name, default)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        self.fault(name, "NOT_A_BOOLEAN", "this must be true or false", "Write true or false.")
        return default

    def _element(self, name: str, index: int, item: object, rule: Rule) -> str | None:
        found = rule(item) if isinstance(item, str) else ("NOT_A_STRING", f"{item!r} is no string", "Quote it.")
        if found is not None:
            self.fault(f"{name}[{index}]", *found)
            return None
        return str(item)

    def _native(self, name: str) -> object:
        value = self.given.get(name, [])
        if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
            try:
                return json.loads(value)
            except json.JSONDecodeError as error:
                self.fault(name, "BAD_JSON", f"this is not valid JSON ({error.msg})", 'Write ["a", "b"] or {"a": "b"}.')
                return []
        return value


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _store_fault(url: str) -> tuple[str, str, str] | None:
    scheme, separator, rest = url.partition(":///" if url.startswith("sqlite") else "://")
    if not separator or scheme not in {"sqlite", "postgresql+psycopg", "postgresql"}:
        shown = scheme if separator else "the value"
        return ("BAD_STORE_URL", f"{shown} is no store URL known here", "Use sqlite:////absolute/path/store.db.")
    if scheme == "sqlite" and not rest.startswith("/"):
        return ("RELATIVE_STORE", "the path of the store is relative", "Use sqlite:////absolute/path/store.db.")
    return None


def _master_key_fault(uri: str) -> tuple[str, str, str] | None:
    scheme, _, rest = uri.partition(":")
    if scheme == "file" and not rest.startswith("/"):
        return ("RELATIVE_KEY_FILE", "the path of the key file is relative", "Use file:/absolute/path.")
    if scheme == "pkcs11":
        return (
            "UNSUPPORTED_MASTER_KEY",
            "pkcs11: master keys are not supported yet",
            "Use file:, env: or passphrase:.",
        )
    if scheme not in {"file", "env", "passphrase"} or not rest:
        fix = "Use file:/absolute/path, env:NAME, passphrase:env:NAME or passphrase:file:/absolute/path."
        return ("BAD_MASTER_KEY", "this names no master key; its value is not shown", fix)
    return None


def _account_fault(text: str) -> tuple[str, str, str] | None:
    if re.fullmatch(r"[0-9]{12}", text):
        return None
    return ("BAD_ACCOUNT", f"{text!r} is no account", "An account is 12 digits; quote it in YAML.")


def _region_fault(text: str) -> tuple[str, str, str] | None:
    if re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", text):
        return None
    return ("BAD_REGION", f"{text!r} is no Region", "Use up to 32 lower-case letters, digits and hyphens: eu-1.")


def _installation_fault(text: str) -> tuple[str, str, str] | None:
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        return None
    return (
        "BAD_INSTALLATION",
        f"{text!r} is no installation id",
        "Copy it from `certwright init` or `certwright status`.",
    )


def _issuer_fault(text: str) -> tuple[str, str, str] | None:
    if text == EMBEDDED_ISSUER:
        return None
    return ("UNKNOWN_ISSUER", f"{text!r} is no issuer known here", "Leave it out, or set `embedded`.")


def _domain_fault(text: str) -> tuple[str, str, str] | None:
    if _HOST.fullmatch(text.rstrip(".").lower()):
        return None
    return ("BAD_DOMAIN", f"{text!r} is no domain name", "Use letters, digits, hyphens and dots: ca.example.com.")


def _permitted_domain_fault(text: str) -> tuple[str, str, str] | None:
    if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", text.strip(".").lower()):
        return None
    return ("BAD_DOMAIN", f"{text!r} is no domain name", "Use a plain domain: example.com.")


def _server_fault(text: str) -> tuple[str, str, str] | None:
    try:
        parse_server(text)
    except ValueError:
        return ("BAD_SERVER", f"{text!r} is not ip[:port]", "Use an IP address: 192.0.2.53, 127.0.0.1:5353, [::1]:53.")
    return None


def _caa_policy_fault(text: str) -> tuple[str, str, str] | None:
    if text in {policy.value for policy in CaaPolicy}:
        return None
    return ("BAD_CAA_POLICY", f"{text!r} is no policy", "Write enforce or warn.")
