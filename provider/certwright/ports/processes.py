"""Which processes are known to have ended."""

from typing import Protocol


class Processes(Protocol):
    """Tell whether a process, named `host/number` as in `Core.process_id`, has ended."""

    def has_ended(self, process_id: str) -> bool:
        """Say True only when that is certain: a process of this host that is not there. Elsewhere nobody can know."""
        ...
