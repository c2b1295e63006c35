"""The home of a process, opened once for each configuration; it is never made here."""

import os
from collections.abc import Callable, Iterator, Mapping
from threading import Lock

import pulumi

from certwright.adapters.system import EventCancellation, forbid_core_dumps
from certwright.bootstrap import App, open_app
from certwright.core.authority import establish_account
from certwright.errors import InvalidInput
from certwright.settings import CONFIG_KEYS, Settings, resolve_settings

Config = Mapping[str, str]
_PACKAGE = "certwright"


class Homes:
    """Open homes, one for each configuration that this process has seen.

    A home that is not there is not made: nothing in a dynamic resource's surroundings tells a first run from a run on a
    machine where the home was lost.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[tuple[str, str], ...], App] = {}
        self._lock = Lock()

    def app(self, config: Config, expected: str | None, notice: Callable[[str], None]) -> App:
        """Return the home of a configuration; `expected` is the installation that a state insists on.

        What was noticed while opening is told once.
        """
        environ = environment()
        place = (*_sorted(config), *_sorted({name: environ[name] for name in environ if _decides(name)}))
        with self._lock:
            if place not in self._open:
                self._open[place] = _open(resolve_settings(config, environ), environ, expected)
                for sentence in self._open[place].notices:
                    notice(sentence)
            return self._open[place]

    def close(self) -> None:
        """Close every home."""
        with self._lock:
            for app in self._open.values():
                app.close()
            self._open.clear()


def environment() -> dict[str, str]:
    """Return this process's environment without the decrypted configuration of all packages."""
    return {name: value for name, value in os.environ.items() if name != "PULUMI_CONFIG"}


def config_of(get: Callable[[str], str | None]) -> Config:
    """Return the package's configuration, asked for key by key."""
    given = {key.name: get(f"{_PACKAGE}:{key.name}") for key in CONFIG_KEYS}
    return {name: value for name, value in given.items() if value is not None}


def program_config() -> Config:
    """Return the configuration of the program's stack; raise `RunError` with everything that is wrong with it."""
    known = config_of(lambda key: pulumi.Config(_PACKAGE).get(key.partition(":")[2]))
    try:
        resolve_settings({**_named_otherwise(known), **known}, environment())
    except InvalidInput as error:
        msg = f"The configuration of {_PACKAGE} has faults.\n{error}"
        raise pulumi.RunError(msg) from None
    return known


def _named_otherwise(known: Config) -> dict[str, str]:
    """Return the keys of the package that do not exist, without their values."""
    given = {**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}
    names = {key.removeprefix(f"{_PACKAGE}:") for key in given if key.startswith(f"{_PACKAGE}:")}
    return dict.fromkeys(names - set(known), "")


def _sorted(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield from sorted(given.items())


def _decides(variable: str) -> bool:
    """Say whether settings depend on a variable."""
    return variable in {"CI", "HOME"} or variable.startswith(_PACKAGE.upper())


def _open(settings: Settings, environ: Mapping[str, str], expected: str | None) -> App:
    forbid_core_dumps()
    if settings.installation or expected:
        # Nothing is made where an installation is insisted on.
        return open_app(settings, environ, expected=expected)
    app = open_app(settings, environ, create=False)
    establish_account(app.core, app.caller, EventCancellation())
    return app
