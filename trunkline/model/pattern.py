r"""Regular expressions over numbers: a small language that means the same everywhere, and whose cost is bounded.

The call-flow service runs them, with Python's ``re`` (ASCII), and the database. What is accepted here means the same to
both, and to PCRE, which the proxies have, so a pattern may move between them. Accepted are characters, ``.``,
``[...]``, ``\d``, ``\`` before any sign, ``^`` and ``$``, groups ``(...)`` and ``(?:...)``, ``|``, and the repetitions
``* + ? {m} {m,} {m,n}``, greedy or lazy. Not accepted: backreferences, look-around, flags, possessive repetitions,
classes such as ``[[:digit:]]``.

A backtracking engine tries at most as many ways as there are to walk through a pattern. That number follows from the
pattern's structure (:func:`ways`), for subjects of at most SUBJECT_LENGTH characters; a pattern with more than WAYS is
refused. So ``(\d+)+`` is, and what people write for numbers is not.
"""

from __future__ import annotations

import re
import warnings
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from trunkline.model.fields import quoted, wrong

# Numbers have 16 characters at most (E.164); what is dialled is cut off here.
SUBJECT_LENGTH = 32
WAYS = 2_000
_LENGTH = 128
_DEPTH = 8
_MOST_REPETITIONS = 255  # of PostgreSQL
_REPETITION = re.compile(r"\{([0-9]{1,3})(?:(,)([0-9]{1,3})?)?\}")


class PatternError(ValueError):
    """A pattern that is not accepted.

    Args:
        message: What is wrong.
        remedy: What to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def ways(pattern: str) -> int:
    """Return in how many ways at most an engine can walk through a pattern from one start.

    Raises:
        PatternError: It is not a pattern of the language described above.
    """
    reader = _Reader(pattern)
    found = reader.alternatives(0)
    if reader.rest:
        raise PatternError("a ) closes no group", r"write \) for the sign itself")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            re.compile(pattern, re.ASCII)
        except (re.error, FutureWarning) as error:
            raise PatternError(str(error), "compare it with the examples of the reference") from None
    return found


def groups(pattern: str) -> int:
    """Return how many groups of an accepted pattern are numbered: ``(...)``, and not ``(?:...)``."""
    return re.compile(pattern, re.ASCII).groups


class _Reader:
    """Reads a pattern from left to right and counts ways."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern

    def alternatives(self, depth: int) -> int:
        """Read up to the end of the group at hand, or of the pattern."""
        if depth > _DEPTH:
            raise PatternError(f"groups are nested more than {_DEPTH} deep", "write it simpler")
        total = self._sequence(depth)
        while self._take("|"):
            total += self._sequence(depth)
        return total

    def _sequence(self, depth: int) -> int:
        product = 1
        while self.rest and self.rest[0] not in "|)":
            product = min(product * self._item(depth), WAYS + 1)
        return product

    def _item(self, depth: int) -> int:
        if self.rest[0] in "^$":
            self.rest = self.rest[1:]
            return 1 if self._repetition() is None else self._nothing_to_repeat()
        single = self._atom(depth)
        repetition = self._repetition()
        if repetition is None:
            return single
        if self._repetition() is not None:
            raise PatternError("a repetition is repeated", "put the first one into a group, or leave one out")
        least, most = repetition
        total = 0
        for count in range(least, most + 1):
            total += single**count
            if total > WAYS:
                break
        return min(total, WAYS + 1)

    def _atom(self, depth: int) -> int:
        sign = self.rest[0]
        if sign in "*+?{":
            self._nothing_to_repeat()
        self.rest = self.rest[1:]
        if sign == "(":
            return self._group(depth)
        if sign == "[":
            self._class()
        elif sign == "\\":
            self._escape()
        return 1

    def _group(self, depth: int) -> int:
        if self.rest.startswith("?") and not self._take("?:"):
            raise PatternError("look-around, flags and named groups are not known here", "use (...) or (?:...)")
        found = self.alternatives(depth + 1)
        if not self._take(")"):
            raise PatternError("a ( is not closed", r"add the ), or write \( for the sign itself")
        return found

    def _class(self) -> None:
        self._take("^")
        first = True
        while first or not self.rest.startswith("]"):
            if not self.rest:
                raise PatternError("a [ is not closed", r"add the ], or write \[ for the sign itself")
            sign, self.rest = self.rest[0], self.rest[1:]
            if sign == "\\":
                self._escape()
            elif sign in "[]":
                raise PatternError(
                    f"a {sign} stands in a class", rf"classes are simple, such as [0-9]; \{sign} is the sign"
                )
            first = False
        self.rest = self.rest[1:]

    def _escape(self) -> None:
        if not self.rest:
            raise PatternError("a backslash ends the pattern", r"write \\ for the sign itself")
        sign, self.rest = self.rest[0], self.rest[1:]
        if sign.isalnum() and sign != "d":
            raise PatternError(rf"\{sign} is not known here", r"use [0-9] or \d, [...] and \ before signs")

    def _repetition(self) -> tuple[int, int] | None:
        """Return the bounds of a repetition, if one stands here."""
        bounds = {"*": (0, SUBJECT_LENGTH), "+": (1, SUBJECT_LENGTH), "?": (0, 1)}.get(self.rest[:1])
        length = 1
        if bounds is None:
            if not self.rest.startswith("{"):
                return None
            found = _REPETITION.match(self.rest)
            if found is None:
                raise PatternError("this { starts no repetition", r"write {4} or {2,6}, or \{ for the sign itself")
            least, length = int(found[1]), found.end()
            most = int(found[3]) if found[3] else SUBJECT_LENGTH if found[2] else least
            if most < least or least > SUBJECT_LENGTH:
                raise PatternError(f"{found[0]} can never be met", f"numbers have up to {SUBJECT_LENGTH} characters")
            if max(least, int(found[3] or 0)) > _MOST_REPETITIONS:
                remedy = f"numbers have {SUBJECT_LENGTH} characters at most"
                raise PatternError(f"it repeats something more than {_MOST_REPETITIONS} times", remedy)
            bounds = least, min(most, SUBJECT_LENGTH)
        self.rest = self.rest[length:]
        self._take("?")
        return bounds

    def _nothing_to_repeat(self) -> int:
        raise PatternError("a repetition has nothing to repeat", r"write \+ for the plus of a number")

    def _take(self, text: str) -> bool:
        if not self.rest.startswith(text):
            return False
        self.rest = self.rest[len(text) :]
        return True


def check_pattern(value: str) -> str:
    """Check a regular expression.

    Raises:
        PydanticCustomError: TL0409 when it is none, TL0410 when it can take too long.
    """
    if not value or len(value) > _LENGTH or not value.isprintable():
        raise wrong("TL0409", f"{quoted(value)} is not a pattern", f"write 1 to {_LENGTH} visible characters")
    try:
        found = ways(value)
    except PatternError as error:
        raise wrong("TL0409", f"{quoted(value)} is not a pattern: {error}", error.remedy) from None
    if found > WAYS:
        message = f"{quoted(value)} can take too long: it repeats what it repeats, or what has alternatives, too often"
        raise wrong("TL0410", message, "write a class ([0-9]) for alternatives, {m,n} for repetitions")
    return value


Pattern = Annotated[
    str,
    AfterValidator(check_pattern),
    # Editors that know YAML's own types read 2001 as a number.
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "minLength": 1, "maxLength": _LENGTH}, {"type": "integer"}],
            "description": "a regular expression",
        }
    ),
]
