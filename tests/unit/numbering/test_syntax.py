"""Trees of patterns: what they say of lengths and beginnings holds for whatever the pattern finds."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trunkline.model.pattern import WAYS, PatternError, ways
from trunkline.numbering import generated_sets, limits
from trunkline.numbering._automaton import ANYTHING, E164, Machine, can_find
from trunkline.numbering._syntax import parse, texts

_ATOMS = st.sampled_from(["0", "1", "34", r"\+", "[0-9]", "[1-9]", "[^0]", r"\d", ".", "^", "$", "(?:00|011)", "(2|3)"])
_REPETITIONS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{1,3}", "{2,}"])


def _readable(pattern: str) -> bool:
    try:
        return ways(pattern) <= WAYS
    except PatternError:
        return False


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """Draw patterns that the language accepts."""
    parts = draw(st.lists(st.tuples(_ATOMS, _REPETITIONS), min_size=1, max_size=5))
    joined = "".join(f"{atom}{repetition if atom not in '^$' else ''}" for atom, repetition in parts)
    if draw(st.booleans()):
        joined = f"{joined}|{draw(_ATOMS)}"
    return joined


NUMBERS = st.text("0123+", max_size=7)
QUICK = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(pattern=patterns().filter(_readable), number=NUMBERS)
@example(pattern="^(?:00)([1-9][0-9]{2,14})$", number="00123")
@example(pattern="^(?:0)?1", number="1")
def test_limits_hold_for_what_is_found(pattern: str, number: str) -> None:
    found = limits(pattern)
    fits = len(number) >= found.shortest and (found.longest is None or len(number) <= found.longest)
    if re.search(pattern, number):
        assert fits
        assert number.startswith(found.begins)


@QUICK
@given(pattern=patterns().filter(_readable), number=NUMBERS)
def test_a_machine_finds_what_the_pattern_finds(pattern: str, number: str) -> None:
    machine = Machine(pattern)
    state = machine.begin()
    for character in number:
        state = machine.read(state, character)
    assert machine.finds(state, empty=not number) == bool(re.search(pattern, number))


@QUICK
@given(pattern=patterns().filter(_readable), other=patterns().filter(_readable))
def test_what_is_found_first_agrees_with_all_short_texts(pattern: str, other: str) -> None:
    within = "^[03+]{1,4}$"
    every = ("".join(text) for length in range(1, 5) for text in itertools.product("03+", repeat=length))
    expected = any(re.search(pattern, text) and not re.search(other, text) for text in every)
    assert can_find(pattern, within, [other]) == expected


@pytest.mark.parametrize(
    ("pattern", "begins", "shortest", "longest"),
    [
        ("^00", "00", 2, None),
        (r"^\+34([0-9]{9})$", "+34", 12, 12),
        ("^(?:0|1)2", "", 2, None),
        ("^00?1$", "0", 2, 3),
        ("0", "", 1, None),
        ("^0|^1", "", 1, None),
        ("^[0-9]*$", "", 0, None),
    ],
)
def test_limits(pattern: str, begins: str, shortest: int, longest: int | None) -> None:
    found = limits(pattern)
    # What a repetition follows is no beginning: "00?" needs one zero only.
    assert (found.shortest, found.longest) == (shortest, longest)
    assert found.begins == begins


def test_texts() -> None:
    assert sorted(texts(parse("0(?:0|1[2-4])?"))) == ["0", "00", "012", "013", "014"]


def test_what_numbers_are() -> None:
    assert can_find("^00", ANYTHING)
    assert not can_find("^00", E164)
    assert can_find("^anonymous$", ANYTHING)


def test_patterns_of_countries_are_of_the_language_and_cheap() -> None:
    for name, (_, lists) in generated_sets().items():
        for rules in lists.values():
            for rule in rules:
                assert ways(rule.pattern) <= WAYS, name
                assert rule.pattern.isascii()
                assert "\\d" not in rule.pattern
                assert re.compile(rule.pattern).groups >= max(map(int, re.findall(r"\\([1-9])", rule.replacement)))


def test_metrics_are_in_order_and_there_is_room_between_them() -> None:
    for _, lists in generated_sets().values():
        for rules in lists.values():
            metrics = [rule.metric for rule in rules]
            assert metrics == sorted(set(metrics))
            assert all(metric >= 200 for metric in metrics)
