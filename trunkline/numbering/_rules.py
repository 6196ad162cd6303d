"""The rules that follow from a plan: the four lists of a transformation set (seed 004 section 9.7.3).

Metrics are the same in every generated set, so that a file can put a rule of its own between two, or in place of one:

| metric | towards E.164 (``caller_in``, ``callee_in``) | from E.164 (``caller_out``, ``callee_out``) |
|---|---|---|
| 100 | | emergency numbers |
| 200 | international prefix and country code | numbers of the own area |
| 300 | emergency and other short numbers | what the country has beside |
| 400 | what the country has beside | numbers that take another trunk prefix, or none |
| 490 | numbers of the own area | numbers that would be taken for international ones (also 390) |
| 500 | national numbers, with or without trunk prefix | national numbers |
| 510 | national numbers that take no trunk prefix, where 650 has the others | |
| 600 | the own country code without a plus | short numbers |
| 650 | national numbers without their trunk prefix, where they could have a country code | |
| 700 | ``caller_in`` only: another country's code without a plus | |
| 900 | | every other country |
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from trunkline.model.transformation_set import E164, E164_BARE
from trunkline.numbering._plan import Plan, plan_of
from trunkline.numbering._syntax import parse, texts

LISTS = ("caller_in", "callee_in", "caller_out", "callee_out")
# Behind a country code: two digits at least, so that +1911 is one too; fifteen in all (E.164 section 6.1).
_ANY = "[1-9][0-9]{2,14}"
_LONGEST = 15
_SHORTEST_LOCAL = 3


@dataclass(frozen=True, order=True)
class Rule:
    r"""A rule.

    Args:
        metric: The lowest that matches is the one.
        pattern: What it looks for.
        replacement: What comes in its place; ``\1`` is what the first group found.
    """

    metric: int
    pattern: str
    replacement: str


def rules_of(plan: Plan) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of a plan by list, each sorted by metric."""
    inside, outside = tuple(sorted(_in(plan))), tuple(sorted(_out(plan)))
    foreign = tuple(_foreign(plan))
    return {"caller_in": (*inside, *foreign), "callee_in": inside, "caller_out": outside, "callee_out": outside}


def _local_lengths(plan: Plan) -> tuple[int, int]:
    """Return how many digits numbers of the own area have; (0, 0) without one."""
    if not plan.area:
        return 0, 0
    least, most = (length - len(plan.area) for length in plan.lengths)
    return max(least, _SHORTEST_LOCAL), most


def _in(plan: Plan) -> Iterator[Rule]:
    code, (local_least, local_most) = plan.country_code, _local_lengths(plan)
    yield Rule(200, f"^(?:{plan.international})({_ANY})$", r"+\1")
    if plan.short:
        yield Rule(300, f"^({plan.short})$", rf"+{code}\1")
    for position, (pattern, replacement) in enumerate(plan.beside_in):
        yield Rule(400 + position, pattern, replacement)
    if local_most >= local_least > 0:
        yield Rule(490, f"^([1-9][0-9]{{{local_least - 1},{local_most - 1}}})$", rf"+{code}{plan.area}\1")
    yield from _national(plan, local_most)


def _national(plan: Plan, local_most: int) -> Iterator[Rule]:
    """Yield the rules for national numbers, and for those with the own country code but without a plus.

    Args:
        plan: The plan.
        local_most: Digits of the longest number of the own area.
    """
    code, replacement = plan.country_code, rf"+{plan.country_code}\1"
    # Where a number without its area is as long as one with it, only a trunk prefix tells them apart.
    alone = plan.lengths[0] > local_most
    if plan.trunk:
        optional = "?" if alone and not plan.code_first else ""
        yield Rule(500, f"^(?:{plan.trunk}){optional}({plan.national})$", replacement)
    elif alone:
        yield Rule(500, f"^({plan.national})$", replacement)
    if plan.code_first and alone:
        for position, (prefix, pattern) in enumerate(plan.exceptions):
            if not prefix:
                yield Rule(510 + position, f"^({pattern})$", replacement)
        yield Rule(650, f"^({plan.national})$", replacement)
    # Where the country code is the trunk prefix too, as in North America, the rule above has that.
    if len(code) + plan.lengths[0] > local_most and code != plan.trunk:
        yield Rule(600, f"^{code}({plan.national})$", replacement)


def _foreign(plan: Plan) -> Iterator[Rule]:
    """Yield what takes a number for one of another country because it is too long for this one.

    Of callers only: who dials one digit too many wants no call to the other end of the world.
    """
    least = len(plan.country_code) + plan.lengths[1]
    if least <= _LONGEST:
        yield Rule(700, f"^([1-9][0-9]{{{least - 1},{_LONGEST - 1}}})$", r"+\1")


def _out(plan: Plan) -> Iterator[Rule]:
    code, (local_least, local_most) = plan.country_code, _local_lengths(plan)
    if local_most >= local_least > 0:
        pattern = rf"^\+{code}{plan.area}([1-9][0-9]{{{local_least - 1},{local_most - 1}}})$"
        yield Rule(200, pattern, r"\1")
    for position, (pattern, replacement) in enumerate(plan.beside_out):
        yield Rule(300 + position, pattern, replacement)
    yield from _taken(plan, 390, {prefix for prefix, _ in plan.exceptions})
    for position, (prefix, pattern) in enumerate(plan.exceptions):
        yield Rule(400 + position, rf"^\+{code}({pattern})$", rf"{prefix}\1")
    yield from _taken(plan, 490, {plan.trunk_dialled})
    yield Rule(500, rf"^\+{code}({plan.national})$", rf"{plan.trunk_dialled}\1")
    if plan.short:
        yield Rule(600, rf"^\+{code}({plan.short})$", r"\1")
    yield Rule(900, rf"^\+({_ANY})$", rf"{plan.international_dialled}\1")


def international_prefixes(plan: Plan) -> tuple[str, ...]:
    """Return what may be dialled before a country code; first what we dial."""
    found = set(texts(parse(plan.international)))
    return (plan.international_dialled, *sorted(found - {plan.international_dialled}))


def _taken(plan: Plan, metric: int, trunks: Collection[str]) -> Iterator[Rule]:
    """Yield a rule for national numbers that would be taken for international ones as they are dialled here.

    Args:
        plan: The plan.
        metric: Of the rule.
        trunks: What is dialled before these numbers.
    """
    international = international_prefixes(plan)
    found = {each.removeprefix(trunk) for trunk in trunks if trunk for each in international if each.startswith(trunk)}
    if "" in trunks:
        found.add(plan.international)
    if found:
        first = "|".join(sorted(found))
        yield Rule(metric, rf"^\+({plan.country_code}(?:{first}){_ANY})$", rf"{plan.international_dialled}\1")


_TO_E164 = (Rule(200, f"^00({_ANY})$", r"+\1"), Rule(500, f"^({_ANY})$", r"+\1"))


def _e164(out: tuple[Rule, ...]) -> dict[str, tuple[Rule, ...]]:
    return {"caller_in": _TO_E164, "callee_in": _TO_E164, "caller_out": out, "callee_out": out}


@functools.cache
def generated_sets() -> Mapping[str, tuple[str, Mapping[str, tuple[Rule, ...]]]]:
    """Return the sets that every platform has, by name: a description, and the rules by list.

    One per country of ISO 3166, named by its code in lower case; ``e164`` for those who write every number with its
    country code, and ``e164-bare`` for those who leave out the plus besides.
    """
    import pycountry  # noqa: PLC0415 - a tenth of a second that most runs do not need

    found: dict[str, tuple[str, Mapping[str, tuple[Rule, ...]]]] = {
        E164: ("Every number with plus and country code", _e164(())),
        E164_BARE: (
            "Every number with country code, without plus",
            _e164((Rule(900, rf"^\+({_ANY})$", r"\1"),)),
        ),
    }
    for country in pycountry.countries:
        found[country.alpha_2.lower()] = (country.name, rules_of(plan_of(country.alpha_2)))
    return dict(sorted(found.items()))
