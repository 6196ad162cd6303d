"""What the benchmarks print: one line per comparison, with the ratio."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Mapping, Sequence

HEADING = "## "  # of a comparison's section


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


def section(name: str, text: str, when: str) -> str:
    """Return a comparison's part of the file of results.

    Args:
        name: Of the comparison.
        text: Its table.
        when: Day and machine.
    """
    return f"{HEADING}{name}\n\n{when}\n\n{text.rstrip()}\n"


def sections_replaced(before: str, sections: Mapping[str, str]) -> str:
    """Return the file of results with the sections of some comparisons anew, all else as it was; new ones come last.

    Args:
        before: The file as it was.
        sections: Name of a comparison -> its section.
    """
    head, *parts = f"\n{before}".split(f"\n{HEADING}")
    known = {part.partition("\n")[0].strip(): f"{HEADING}{part}" for part in parts}
    kept = [head.removeprefix("\n"), *{**known, **sections}.values()]
    return "\n".join(f"{part.rstrip()}\n" for part in kept)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
