"""What the benchmarks print: one line per comparison, with the ratio."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Sequence


@dataclasses.dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        title: What is compared.
        ours: Ours, in the unit.
        theirs: The other's, in the unit.
        unit: For example ``calls/s``.
        more_is_better: Whether a larger number is the better one.
        aim: Least ratio that we want, or 0 when there is no aim. The ratio is always "ours is so many times as good".
        note: What a reader has to know.
        rounds: The ratio of each round, when there were several; theirs is the median of what counts.
    """

    title: str
    ours: float
    theirs: float
    unit: str
    more_is_better: bool = True
    aim: float = 0.0
    note: str = ""
    rounds: tuple[float, ...] = ()

    @classmethod
    def of_rounds(
        cls,
        title: str,
        pairs: Sequence[tuple[float, float]],
        unit: str,
        *,
        more_is_better: bool = True,
        aim: float = 0.0,
        note: str = "",
    ) -> Row:
        """Return the row of several rounds, each given as ours and the other's of the same minutes."""
        ratios = tuple(cls(title, *pair, unit, more_is_better).ratio for pair in pairs)
        ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        return cls(title, ours, theirs, unit, more_is_better, aim, note, ratios)

    @property
    def ratio(self) -> float:
        """How many times as good ours is: the median of the rounds, or of the two numbers."""
        if self.rounds:
            return statistics.median(self.rounds)
        above, below = (self.ours, self.theirs) if self.more_is_better else (self.theirs, self.ours)
        return above / below if below else float("inf")


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table, with notes below."""
    lines = [
        "| comparison | ours | other | unit | ratio | aim |",
        "|---|---:|---:|---|---:|---|",
    ]
    notes = []
    for row in rows:
        reached = "" if not row.aim else f"{row.aim:g}, {'reached' if row.ratio >= row.aim else 'missed'}"
        lines.append(
            f"| {row.title} | {_number(row.ours)} | {_number(row.theirs)} | {row.unit} | {row.ratio:.2f} | {reached} |"
        )
        said = [row.note] if row.note else []
        if row.rounds:
            said.append(f"ratios of the rounds: {', '.join(f'{ratio:.2f}' for ratio in row.rounds)}")
        if said:
            notes.append(f"- {row.title}: {'; '.join(said)}")
    return "\n".join([*lines, "", *notes])


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
