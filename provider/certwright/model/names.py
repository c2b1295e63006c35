"""Domain names in their one canonical form."""

from dataclasses import dataclass

WILDCARD = "*."


@dataclass(frozen=True, slots=True, order=True)
class DomainName:
    """Name a host or wildcard: lower-case A-labels without trailing dot, `*.` at most leftmost.

    Made by `core.names`, which checks the text; nothing else builds one from user text.
    """

    text: str

    @property
    def is_wildcard(self) -> bool:
        """Say whether the name covers one label below its base."""
        return self.text.startswith(WILDCARD)

    @property
    def base(self) -> "DomainName":
        """Return the name without `*.`: the name that is validated (R12)."""
        return DomainName(self.text.removeprefix(WILDCARD))

    def __str__(self) -> str:
        return self.text
