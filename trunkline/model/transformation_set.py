"""Numeric transformation sets: how numbers are rewritten between the platform, which knows E.164 only, and others."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from trunkline.model.fields import Note, Reference, digits_schema, quoted, wrong
from trunkline.model.item import Item
from trunkline.model.locale import Country, countries
from trunkline.model.marks import marks
from trunkline.model.pattern import Pattern, groups
from trunkline.model.values import YesNo

NONE = "none"
_COUNTRY_CODE = re.compile(r"[1-9][0-9]{0,2}")
_PREFIX = re.compile(r"[0-9]{1,6}")
_TRUNK = re.compile(r"[0-9]{1,4}|none")
_LENGTHS = re.compile(r"([1-9]|1[0-4])(?:-([1-9]|1[0-4]))?")
_METRIC = re.compile(r"[1-9][0-9]{0,3}")
_REPLACEMENT = re.compile(r"(?:[0-9+*#]|\\[1-9])*")
_LAZY = re.compile(r"(?<!\\)[*+?}]\?")


class _Digits:
    """A check of digits that mean something (TL0521).

    Args:
        pattern: What they look like.
        what: What they are.
        example: One of them.
    """

    def __init__(self, pattern: re.Pattern[str], what: str, example: str) -> None:
        self.pattern, self.what, self.example = pattern, what, example

    def __call__(self, value: str) -> str:
        """Check a value.

        Raises:
            PydanticCustomError: TL0521.
        """
        if not self.pattern.fullmatch(value):
            raise wrong("TL0521", f"{quoted(value)} is not {self.what}", f"write one such as {self.example}")
        return value


def check_lengths(value: str) -> str:
    """Check how many digits numbers have: ``9``, or ``7-9``.

    Raises:
        PydanticCustomError: TL0521.
    """
    found = _LENGTHS.fullmatch(value)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise wrong("TL0521", f"{quoted(value)} is not a number of digits", "write one such as 9 or 7-9, at most 14")
    return value


def check_search(value: str) -> str:
    """Check a pattern of a rule: the database runs it, which knows no lazy repetitions.

    Raises:
        PydanticCustomError: TL0520.
    """
    if _LAZY.search(value):
        remedy = "a pattern always takes what is longest; take the ? behind the repetition out"
        raise wrong("TL0520", f"{quoted(value)} has a lazy repetition", remedy)
    return value


def check_replacement(value: str) -> str:
    r"""Check what a rule puts in place of what its pattern found: digits, ``+``, ``*``, ``#``, and ``\1`` to ``\9``.

    Raises:
        PydanticCustomError: TL0520.
    """
    if not _REPLACEMENT.fullmatch(value):
        remedy = r"write digits, +, * and #, and \1 for what the first group of the pattern found"
        raise wrong("TL0520", f"{quoted(value)} cannot be a part of a number", remedy)
    return value


CountryCode = Annotated[
    str,
    AfterValidator(_Digits(_COUNTRY_CODE, "a country code", "34")),
    digits_schema(_COUNTRY_CODE, "a country code, 1 to 3 digits"),
]
DialledPrefix = Annotated[
    str, AfterValidator(_Digits(_PREFIX, "a prefix", "00")), digits_schema(_PREFIX, "1 to 6 digits")
]
TrunkPrefix = Annotated[
    str,
    AfterValidator(_Digits(_TRUNK, "a trunk prefix", f"0 or {NONE}")),
    digits_schema(_TRUNK, f"1 to 4 digits, or {NONE}"),
]
Lengths = Annotated[str, AfterValidator(check_lengths), digits_schema(_LENGTHS, "a number of digits, or two: 7-9")]
Metric = Annotated[
    str, AfterValidator(_Digits(_METRIC, "a metric", "150")), digits_schema(_METRIC, "a number, 1 to 9999")
]
Search = Annotated[Pattern, AfterValidator(check_search)]
Replacement = Annotated[
    str,
    AfterValidator(check_replacement),
    digits_schema(_REPLACEMENT, r"what comes in place of it; \1 is what the first group found"),
]


class TransformationRule(Item):
    """A rule of a transformation set: what it looks for, and what comes in its place (seed 004 section 9.7.3).

    Its key is its metric: the rule with the lowest one that matches is the one. A rule with the metric of one that
    comes from the country takes its place.
    """

    pattern: Search | None = Field(
        default=None,
        description=r"a regular expression, found anywhere in the number unless ^ and $ hold it; \+ is the plus",
        examples=["^00([1-9][0-9]+)$"],
    )
    replacement: Replacement = Field(
        default="",
        description=r"what comes in place of what was found: digits, and \1 for what the first group found",
        examples=[r"+\1"],
    )
    off: YesNo = Field(default=False, description="takes a rule out that comes from the country")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.off:
            if self.model_fields_set - {"off"}:
                raise wrong("TL0520", "a rule that is off has nothing else", "take the other lines out, or off")
            return self
        if self.pattern is None:
            raise wrong("TL0202", "pattern is missing", "add the line pattern: ...")
        known = groups(self.pattern)
        for used in re.findall(r"\\([1-9])", self.replacement):
            if int(used) > known:
                message = rf"\{used} is no group of the pattern, which has {known}"
                raise wrong("TL0520", message, rf"put what \{used} stands for into (...), or take it out")
        return self


Rules = Mapping[Metric, TransformationRule]


class TransformationSet(Item):
    """How numbers are rewritten for somebody who writes them in a way of their own (seed 004 section 9.7.3).

    A set has four lists of rules. Towards the platform, `caller_in` and `callee_in` make E.164 of what somebody sends;
    from it, `caller_out` and `callee_out` make of E.164 what somebody wants to see. A number that no rule of a list
    matches stays as it is.

    With a country, or a country code, the set has the rules of that place, and its own beside them. Every country has
    a set without an entry here, named by its code in lower case; an entry of that name changes it.
    """

    description: Note | None = Field(
        default=None, description="for people", examples=["Carriers that want a prefix of their own"]
    )
    country: Country | None = Field(
        default=None,
        description="whose rules it starts from; default: the country whose code is the name of the set, else none",
        examples=["ES"],
    )
    country_code: CountryCode | None = Field(
        default=None, description="the country code; default: the country's", examples=["380"]
    )
    international_prefix: DialledPrefix | None = Field(
        default=None,
        description="what is dialled before a country code; default: the country's, else 00",
        examples=["810"],
    )
    trunk_prefix: TrunkPrefix | None = Field(
        default=None,
        description=f"what is dialled before a national number; {NONE}: nothing; default: the country's",
        examples=["0"],
    )
    area_code: DialledPrefix | None = Field(
        default=None,
        description="the area, without trunk prefix, whose numbers are written without it; default: none",
        examples=["30"],
    )
    national_length: Lengths | None = Field(
        default=None,
        description="digits of a national number, without trunk prefix; default: the country's numbering plan",
        examples=["9", "7-9"],
    )
    caller_in: Rules = Field(
        default_factory=dict,
        description="rules by metric for callers' numbers that come in",
        examples=[{"150": {"pattern": "^([0-9]{4})$", "replacement": r"+34911234\1"}}],
    )
    callee_in: Rules = Field(
        default_factory=dict,
        description="rules by metric for called numbers that come in",
        examples=[{"150": {"pattern": "^9([0-9]{4,})$", "replacement": r"\1"}}],
    )
    caller_out: Rules = Field(
        default_factory=dict,
        description="rules by metric for callers' numbers that go out",
        examples=[{"150": {"pattern": r"^\+", "replacement": ""}}],
    )
    callee_out: Rules = Field(
        default_factory=dict,
        description="rules by metric for called numbers that go out",
        examples=[{"150": {"pattern": r"^\+34(.*)$", "replacement": r"7788\1"}}],
    )

    def lengths(self) -> tuple[int, int] | None:
        """Return the least and the most digits of a national number; None when nothing is said."""
        if self.national_length is None:
            return None
        least, _, most = self.national_length.partition("-")
        return int(least), int(most or least)


# Sets of those who write every number with its country code, with the plus and without.
E164 = "e164"
E164_BARE = "e164-bare"


@functools.cache
def implied_sets() -> frozenset[str]:
    """Return the names of the sets that every platform has without an entry."""
    return frozenset({E164, E164_BARE, *map(str.lower, countries())})


def country_set(country: str | None) -> str | None:
    """Return the name of the set that a country has.

    Args:
        country: Two letters of ISO 3166; None: no country.
    """
    return None if country is None else country.lower()


def transformation_set_field(default: str, *, honoured: bool = True) -> Reference | None:
    """Return the field ``transformation_set`` of whoever exchanges numbers with the platform.

    Args:
        default: What holds without it.
        honoured: Whether calls do.
    """
    field: Reference | None = Field(
        default=None,
        description=(
            "the transformation set that rewrites numbers: one of the brand or the platform, or of a country by its"
            f" code in lower case; default: {default}"
        ),
        examples=["es"],
        json_schema_extra=marks(refers="transformation_sets", honoured=honoured),
    )
    return field
