"""Every configuration key, for the parser, the schema and the help texts."""

import re
from dataclasses import dataclass

DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "local"
DEFAULT_VALIDATION_DOMAIN = "acm-validations.certwright.internal"
EMBEDDED_ISSUER = "embedded"


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
        "SQLAlchemy URL of the store: `sqlite:////absolute/path/store.db` or `postgresql://user@host/database`; it "
        "may hold a password. Default: `sqlite:///$CERTWRIGHT_HOME/store.db`; the home is `~/.certwright`. "
        "Relative paths are refused.",
        secret=True,
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
        "validatingResolver",
        "string",
        "Resolver that validates DNSSEC and is asked beside the authoritative servers: `ip[:port]` on loopback, or "
        "`tls://ip[:port][#name]` for DNS over TLS. Both answers must agree, and bogus signatures refuse the issue. "
        "Default: signatures are not checked.",
    ),
    ConfigKey(
        "requireDnssec",
        "boolean",
        "Refuse names whose zones are not signed (false). Needs validatingResolver.",
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
    ConfigKey(
        "hosted",
        "object",
        "Where ValidationRecords without a target of their own are written through a DNS provider's API: {provider, "
        "credentials}. Set this or rfc2136.",
        secret=True,
    ),
    ConfigKey("preflight", "boolean", "Look at DNS in preview for changed certificates (true)."),
    ConfigKey("defaultTags", "object", "Tags that every certificate carries unless it sets the same key itself."),
)
BY_NAME = {key.name: key for key in CONFIG_KEYS}
ENGINE_KEYS = frozenset({"version", "pluginDownloadURL"})
