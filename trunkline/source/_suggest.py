"""What somebody may have meant: the nearest of the names that exist, by the number of typing mistakes between them."""

from __future__ import annotations

from collections.abc import Iterable

# A suggestion costs a comparison per name that exists, some ten microseconds; it is not worth more than these.
_COMPARED = 5_000
_LISTED = 12
_QUOTED = 60


def distance(left: str, right: str, limit: int) -> int:
    """Return how many letters have to be added, dropped, replaced or swapped with the next one, up to a limit.

    Args:
        left: One text.
        right: The other.
        limit: Larger distances are all ``limit + 1``.
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for at, letter in enumerate(left, 1):
        previous, row, older = row, [at] + [0] * len(right), before
        for to, other in enumerate(right, 1):
            cost = min(previous[to] + 1, row[to - 1] + 1, previous[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == right[to - 2] and left[at - 2] == other:
                cost = min(cost, older[to - 2] + 1)
            row[to] = cost
        if min(row) > limit:
            return limit + 1
        before = previous
    return min(row[-1], limit + 1)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant, or None when none is near.

    One mistake is allowed in a short name, one in three letters of a longer one, three in any. Capitals cost nothing;
    among equals, the first in the order of the alphabet wins.

    Args:
        name: What somebody wrote.
        known: What there is.
    """
    wanted = name.lower()
    limit = min(3, max(1, len(wanted) // 3))
    best: tuple[int, str] | None = None
    for count, each in enumerate(known):
        if count >= _COMPARED:
            break
        found = (distance(wanted, each.lower(), limit), each)
        if found[0] <= limit and (best is None or found < best):
            best, limit = found, found[0]
    return best[1] if best else None


def unknown(what: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    """Return message and remedy for a name that nothing has, with the nearest one that exists.

    Args:
        what: Kind of thing: ``key``, ``user``.
        name: What somebody wrote.
        known: What there is, in the order in which it is to be listed.
    """
    choices = list(known)
    near = nearest(name, choices)
    message = f"there is no {what} {quoted(name)}"
    if near is not None:
        return message, f"did you mean {near}?"
    shown = ", ".join(choices[:_LISTED]) + (", ..." if len(choices) > _LISTED else "")
    return message, f"there is: {shown}" if choices else f"there is no {what} at all here"


def quoted(value: str) -> str:
    """Return a value as messages repeat it: quoted, and never longer than a line."""
    return repr(value if len(value) <= _QUOTED else value[:_QUOTED] + "...")
