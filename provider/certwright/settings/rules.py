"""What the text of each configuration key must look like: a rule returns what is wrong with it, and never a secret."""

import re
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from certwright.model.policy import CaaPolicy
from certwright.settings.addresses import parse_server, parse_validating_resolver
from certwright.settings.keys import EMBEDDED_ISSUER

LONGEST_VALIDATION_DOMAIN = 219
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_MATERIAL = re.compile(r"[A-Za-z0-9]{40,}")
_STORES = frozenset({"sqlite", "postgresql", "postgresql+psycopg"})


class Wrong(NamedTuple):
    """What is wrong with a value: a stable code, what, and how to fix it."""

    code: str
    message: str
    fix: str


Rule = Callable[[str], Wrong | None]


def canonical_domain(text: str) -> str:
    """Return a domain in lower case without dots around it."""
    return text.strip(".").lower()


def store_fault(url: str) -> Wrong | None:
    """Judge a store URL; it may hold a password, so nothing of it is shown."""
    fix = "Use sqlite:////absolute/path/store.db or postgresql://user@host/database."
    is_sqlite = url.startswith("sqlite")
    scheme, separator, rest = url.partition(":///" if is_sqlite else "://")
    if not separator or scheme not in _STORES or not url.isprintable() or not _is_url(url):
        return Wrong("BAD_STORE_URL", "this is no store URL known here; its value is not shown", fix)
    if is_sqlite and not rest.startswith("/"):
        return Wrong("RELATIVE_STORE", "the path of the store is relative", "Use sqlite:////absolute/path/store.db.")
    if is_sqlite and (rest.endswith("/") or "?" in rest):
        return Wrong("BAD_STORE_URL", "this names a folder, or has options behind a question mark", fix)
    return None


def _is_url(url: str) -> bool:
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        return False
    return True


def master_key_fault(uri: str) -> Wrong | None:
    """Judge where a master key is said to be; some write the key itself there, so nothing of it is shown."""
    if uri.startswith("pkcs11:"):
        message = "pkcs11: master keys are not supported yet"
        return Wrong("UNSUPPORTED_MASTER_KEY", message, "Use file:, env: or passphrase:.")
    kind, _, place = uri.removeprefix("passphrase:").partition(":")
    if kind == "file" and not place.startswith("/"):
        return Wrong("RELATIVE_KEY_FILE", "the path of the key file is relative", "Use file:/absolute/path.")
    if (kind == "file" and _is_file(place)) or (kind == "env" and is_variable(place)):
        return None
    fix = "Use file:/absolute/path, env:NAME, passphrase:env:NAME or passphrase:file:/absolute/path."
    return Wrong("BAD_MASTER_KEY", "this names no master key; its value is not shown", fix)


def _is_file(place: str) -> bool:
    return place.isprintable() and not place.endswith("/")


def is_variable(name: str) -> bool:
    """Say whether this is the name of an environment variable, and not key material put in its place."""
    return _VARIABLE.fullmatch(name) is not None and _KEY_MATERIAL.fullmatch(name) is None


def account_fault(text: str) -> Wrong | None:
    """Judge an account."""
    if re.fullmatch(r"[0-9]{12}", text):
        return None
    return Wrong("BAD_ACCOUNT", f"{text!r} is no account", "An account is 12 digits; quote it in YAML.")


def region_fault(text: str) -> Wrong | None:
    """Judge a Region."""
    if re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", text):
        return None
    return Wrong("BAD_REGION", f"{text!r} is no Region", "Use up to 32 lower-case letters, digits and hyphens: eu-1.")


def installation_fault(text: str) -> Wrong | None:
    """Judge an installation id."""
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        return None
    fix = "Copy it from `certwright init` or `certwright status`."
    return Wrong("BAD_INSTALLATION", f"{text!r} is no installation id", fix)


def issuer_fault(text: str) -> Wrong | None:
    """Judge an issuer."""
    if text == EMBEDDED_ISSUER:
        return None
    return Wrong("UNKNOWN_ISSUER", f"{text!r} is no issuer known here", "Leave it out, or set `embedded`.")


def domain_fault(text: str) -> Wrong | None:
    """Judge a domain of two labels or more."""
    if _DOMAIN.fullmatch(text.rstrip(".").lower()):
        return None
    return Wrong("BAD_DOMAIN", f"{text!r} is no domain name", "Use letters, digits, hyphens and dots: ca.example.com.")


def validation_domain_fault(text: str) -> Wrong | None:
    """Judge a domain that is to have validation labels (an underscore and 32 characters) right below it."""
    octets = len(text.rstrip("."))
    if octets <= LONGEST_VALIDATION_DOMAIN:
        return domain_fault(text)
    message = f"this has {octets} octets, and a label of 33 goes before it; a name has room for 253"
    return Wrong("BAD_DOMAIN", message, f"Use a domain of up to {LONGEST_VALIDATION_DOMAIN} octets.")


def permitted_domain_fault(text: str) -> Wrong | None:
    """Judge a domain for name constraints, where a single label is one too."""
    if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", canonical_domain(text)):
        return None
    return Wrong("BAD_DOMAIN", f"{text!r} is no domain name", "Use a plain domain: example.com.")


def server_fault(text: str) -> Wrong | None:
    """Judge the address of a DNS server."""
    try:
        parse_server(text)
    except ValueError:
        fix = "Use an IP address: 192.0.2.53, 127.0.0.1:5353, [::1]:53."
        return Wrong("BAD_SERVER", f"{text!r} is not ip[:port]", fix)
    return None


def validating_resolver_fault(text: str) -> Wrong | None:
    """Judge the address of a validating resolver; whoever can write to the way to it could forge its word."""
    try:
        parse_validating_resolver(text)
    except ValueError:
        message = f"{text!r} is neither ip[:port] on loopback nor tls://ip[:port][#name]"
        return Wrong("BAD_VALIDATING_RESOLVER", message, "Use 127.0.0.1, [::1]:5353 or tls://9.9.9.9#dns.quad9.net.")
    return None


def caa_policy_fault(text: str) -> Wrong | None:
    """Judge a CAA policy."""
    if text in {policy.value for policy in CaaPolicy}:
        return None
    return Wrong("BAD_CAA_POLICY", f"{text!r} is no policy", "Write enforce or warn.")
