"""What a benchmark measured: a figure beside a floor's or peer's, from one run."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Goal:
    """What the ratio, or the figure where nothing stands beside it, should be at most or at least."""

    limit: float
    is_most: bool = True

    def holds(self, value: float) -> bool:
        """Say whether the value meets the goal."""
        return value <= self.limit if self.is_most else value >= self.limit

    def __str__(self) -> str:
        """Return the goal as it is printed."""
        return f"{'≤' if self.is_most else '≥'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure; `floor` is what the same run measured of a floor or peer, and `beside` names that."""

    name: str
    figure: float
    unit: str
    floor: float | None = None
    beside: str = ""
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Return figure over floor."""
        return self.figure / self.floor if self.floor else None

    @property
    def holds(self) -> bool | None:
        """Say whether the goal is met; None without one."""
        if self.goal is None:
            return None
        return self.goal.holds(self.figure if self.ratio is None else self.ratio)

    def record(self) -> dict[str, object]:
        """Return it for results.json."""
        return {**asdict(self), "ratio": self.ratio, "goal": str(self.goal or ""), "holds": self.holds}


def table(measures: list[Measure]) -> str:
    """Return the measures as a table for people."""
    rows = [("measure", "figure", "floor or peer", "ratio", "goal", ""), *(_row(item) for item in measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(item: Measure) -> tuple[str, ...]:
    floor = "" if item.floor is None else f"{item.floor:,.3g} {item.unit} ({item.beside})"
    ratio = "" if item.ratio is None else f"{item.ratio:.2f}"
    verdict = {True: "met", False: "NOT MET", None: ""}[item.holds]
    return item.name, f"{item.figure:,.3g} {item.unit}", floor, ratio, str(item.goal or ""), verdict
