"""Provider configuration on the wire: checked, resolved, compared."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from certwright.bootstrap import ResolvedInstallation, resolve_installation
from certwright.errors import CertwrightError, Fault, InvalidInput
from certwright.resources.values import UNKNOWN, Properties, Value, has_unknown
from certwright.settings import CONFIG_KEYS, Settings, resolve_settings

_REPLACING = ("account", "region")
SECRET_KEYS = frozenset(key.name for key in CONFIG_KEYS if key.secret)


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """The provider's inputs with what was resolved, or everything wrong with them; and what is to be said once."""

    inputs: Properties
    faults: tuple[Fault, ...]
    notices: tuple[str, ...] = ()


def check_config(olds: Properties, news: Properties, environ: Mapping[str, str]) -> CheckedConfig:
    """Check configuration and resolve account, Region, validation domain and installation.

    The installation that an earlier run resolved comes back in `olds` and is insisted on.
    """
    known = {name: value for name, value in news.items() if not has_unknown(value)}
    try:
        settings = resolve_settings(known, environ)
        installation = _installation(settings, olds, news, environ)
    except InvalidInput as error:
        return CheckedConfig(news, error.faults)
    except CertwrightError as error:
        return CheckedConfig(news, (Fault("", type(error).__name__, str(error), ""),))
    resolved: Properties = {
        "account": settings.scope.account,
        "region": settings.scope.region,
        "validationDomain": settings.policy.validation_domain,
        "installation": installation.id if installation else olds.get("installation", UNKNOWN),
    }
    added = {name: value for name, value in resolved.items() if name not in news}
    return CheckedConfig({**news, **added}, (), installation.notices if installation else ())


def changed_keys(olds: Properties, news: Properties) -> Iterable[str]:
    """Return the keys whose meaning changed; native values and their JSON text mean the same."""
    for name in sorted({*olds, *news}):
        if not name.startswith("__") and _meaning(olds.get(name)) != _meaning(news.get(name)):
            yield name


def replacing_keys(olds: Properties, changed: Iterable[str]) -> list[str]:
    """Return the changed keys that replace every resource; what the old state never resolved (import) does not."""
    return [name for name in changed if name in _REPLACING and olds.get(name) is not None]


def settings_of(inputs: Properties, environ: Mapping[str, str]) -> Settings:
    """Return the settings of checked inputs."""
    return resolve_settings({name: value for name, value in inputs.items() if value is not UNKNOWN}, environ)


def _installation(
    settings: Settings, olds: Properties, news: Properties, environ: Mapping[str, str]
) -> ResolvedInstallation | None:
    """Resolve the installation; None in a preview that does not know yet where the store or its key is."""
    if has_unknown(news.get("store")) or has_unknown(news.get("masterKey")):
        return None
    earlier = olds.get("installation")
    return resolve_installation(settings, environ, expected=earlier if isinstance(earlier, str) else None)


def _meaning(value: Value) -> Value:
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return json.loads(value)  # type: ignore[no-any-return]
        except json.JSONDecodeError:
            return value
    if isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    return value
