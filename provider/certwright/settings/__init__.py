"""Provider configuration and environment, parsed once into frozen settings."""

from certwright.settings.addresses import ServerAddress, ValidatingAddress, parse_server, parse_validating_resolver
from certwright.settings.keys import (
    CONFIG_KEYS,
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    DEFAULT_VALIDATION_DOMAIN,
    EMBEDDED_ISSUER,
    ConfigKey,
)
from certwright.settings.resolved import (
    ReadSettings,
    Settings,
    home_of,
    meaning,
    read_settings,
    resolve_settings,
)
from certwright.settings.rules import is_variable

__all__ = [
    "CONFIG_KEYS",
    "DEFAULT_ACCOUNT",
    "DEFAULT_REGION",
    "DEFAULT_VALIDATION_DOMAIN",
    "EMBEDDED_ISSUER",
    "ConfigKey",
    "ReadSettings",
    "ServerAddress",
    "Settings",
    "ValidatingAddress",
    "home_of",
    "is_variable",
    "meaning",
    "parse_server",
    "parse_validating_resolver",
    "read_settings",
    "resolve_settings",
]
