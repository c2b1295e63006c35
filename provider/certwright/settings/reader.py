"""Read configuration keys, native or as text, from configuration or environment, and collect what is wrong."""

import json
import re
from collections.abc import Collection, Mapping

from certwright.errors import Fault
from certwright.settings.keys import BY_NAME, CONFIG_KEYS, ENGINE_KEYS
from certwright.settings.rules import Rule

_TRUE = frozenset({"1", "true", "yes"})
_FALSE = frozenset({"0", "false", "no"})
_BRACKETED_ADDRESS = re.compile(r"\s*\[[0-9a-fA-F:.]+\]")


def is_true(text: str) -> bool:
    """Say whether a text means yes."""
    return text.lower() in _TRUE


class Reader:
    """Read keys one by one; a value that is wrong becomes a fault and reads as its default.

    `unknown` names keys that are given but not known yet: they read as their defaults, whatever the environment says.
    """

    def __init__(
        self, config: Mapping[str, object], environ: Mapping[str, str], unknown: Collection[str] = frozenset()
    ) -> None:
        self.faults: list[Fault] = []
        self.unknown = frozenset(unknown)
        self._config = config
        self.given: dict[str, object] = {
            key.name: value
            for key in CONFIG_KEYS
            if key.name not in self.unknown
            and (value := config.get(key.name, environ.get(key.variable) or None)) is not None
        }

    def fault(self, path: str, code: str, message: str, fix: str) -> None:
        """Add a fault."""
        self.faults.append(Fault(path, code, message, fix))

    def is_faulty(self, name: str) -> bool:
        """Say whether a key, or an element of it, has a fault."""
        return any(fault.path.partition("[")[0] == name for fault in self.faults)

    def refuse_unknown_keys(self) -> None:
        """Add a fault for every key that does not exist."""
        for name in self._config:
            if name not in BY_NAME and name not in ENGINE_KEYS and not name.startswith("__"):
                known = ", ".join(sorted(BY_NAME))
                self.fault(name, "UNKNOWN_KEY", "there is no such configuration key", f"Known keys: {known}.")

    def text(self, name: str, default: str, rule: Rule) -> str:
        """Return a text that obeys the rule."""
        value = self.given.get(name, default)
        if not isinstance(value, str):
            self.fault(name, "NOT_A_STRING", "this must be a string", f"Quote it: certwright:{name}.")
            return default
        if name in self.given and (found := rule(value)) is not None:
            self.fault(name, *found)
            return default
        return value

    def texts(self, name: str, rule: Rule) -> tuple[str, ...]:
        """Return a list of texts that obey the rule; text with commas is a list too."""
        value = self.given.get(name, [])
        if isinstance(value, str):
            value = _parts(value) if _is_plain_list(value) else self._native(name, [])
        if not isinstance(value, list):
            self.fault(name, "NOT_A_LIST", "this must be a list of strings", 'Write ["first", "second"].')
            return ()
        return tuple(text for index, item in enumerate(value) if (text := self._element(name, index, item, rule)))

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return a map of texts as sorted pairs; numbers and booleans read as their texts."""
        value = self._native(name, {})
        if not isinstance(value, dict) or not all(isinstance(item, (str, int, float)) for item in value.values()):
            self.fault(name, "NOT_A_MAP", "this must map strings to strings", 'Write {"team": "web"}.')
            return ()
        return tuple(sorted((str(key), _text(item)) for key, item in value.items()))

    def mapping(self, name: str) -> dict[str, object]:
        """Return a map as it is."""
        value = self._native(name, {})
        if isinstance(value, dict):
            return {str(key): item for key, item in value.items()}
        self.fault(name, "NOT_A_MAP", "this must be a map", 'Write {"key": "value"}.')
        return {}

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a boolean."""
        value = self.given.get(name, default)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
            return is_true(value)
        self.fault(name, "NOT_A_BOOLEAN", "this must be true or false", "Write true or false.")
        return default

    def _element(self, name: str, index: int, item: object, rule: Rule) -> str | None:
        found = rule(item) if isinstance(item, str) else ("NOT_A_STRING", f"{item!r} is no string", "Quote it.")
        if found is not None:
            self.fault(f"{name}[{index}]", *found)
            return None
        return str(item)

    def _native(self, name: str, default: object) -> object:
        value = self.given.get(name, default)
        if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
            try:
                return json.loads(value)
            except json.JSONDecodeError as error:
                self.fault(name, "BAD_JSON", f"this is not valid JSON ({error.msg})", 'Write ["a", "b"] or {"a": "b"}.')
                return default
        return value


def _is_plain_list(text: str) -> bool:
    """Say whether a text is a list with commas; what starts with `[::1]` is no JSON."""
    return not text.lstrip().startswith(("[", "{")) or _BRACKETED_ADDRESS.match(text) is not None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
