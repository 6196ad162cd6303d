"""Patterns: what is accepted compiles, means the same to PCRE, and costs little on any number."""

from __future__ import annotations

import re
import shutil
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.model.pattern import SUBJECT_LENGTH, WAYS, PatternError, ways

NUMBERS = st.text("+0123456789*#", max_size=SUBJECT_LENGTH)
PIECES = ["1", "2", r"\+", r"\d", ".", "[0-9]", "[^1]", "(1|2)", "(?:12|1|)", "(1?)", "^", "$", "|", "(", ")"]
PIECES += ["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "[", "]", "\\"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"^\+34", 1),
        (r"^\+34[67]\d{8}$", 1),
        (r"^(?:00|\+)34", 2),
        ("2[0-9]{3}", 1),
        ("[0-9]*", SUBJECT_LENGTH + 1),
        ("1?2?", 4),
        ("(1|2){2}", 4),
        ("", 1),
    ],
)
def test_ways_are_counted(pattern: str, found: int) -> None:
    assert ways(pattern) == found


@pytest.mark.parametrize("pattern", [r"(\d+)+", "(1|2)*", r"\d*\d*\d*", "(1?){20}", "(|1)*", "(?:[0-9]{0,9}){9}"])
def test_what_explodes_has_too_many(pattern: str) -> None:
    assert ways(pattern) > WAYS


@pytest.mark.parametrize(
    "pattern",
    [
        *("+34", "^+34", "*", "1**", "1*+", "1{3", "1{2,1}", "1{40}", "(", ")", "[", "[]", "[^]", "\\", r"\w", r"\1"),
        *("(?=1)", "(?i)1", "(?P<a>1)", "[[:digit:]]", "[0-9&&1]", "[9-0]", "(" * 20 + ")" * 20),
    ],
)
def test_what_is_no_pattern_says_why(pattern: str) -> None:
    with pytest.raises(PatternError) as caught:
        ways(pattern)
    assert str(caught.value)
    assert caught.value.remedy


@given(pattern=st.lists(st.sampled_from(PIECES), max_size=12).map("".join), number=NUMBERS)
@settings(max_examples=2000, deadline=None)
def test_what_is_accepted_compiles_and_is_quick(pattern: str, number: str) -> None:
    try:
        found = ways(pattern)
    except PatternError:
        return
    compiled = re.compile(pattern, re.ASCII)
    if found > WAYS:
        return
    for subject in (number, "1" * SUBJECT_LENGTH, "12" * (SUBJECT_LENGTH // 2)):
        started = time.process_time()
        compiled.search(subject)
        # One per way, start and character would be two million; in practice it is far less.
        assert time.process_time() - started < 0.25


@given(
    cases=st.lists(
        st.tuples(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), NUMBERS), min_size=40, max_size=40
    )
)
@settings(max_examples=20, deadline=None)
def test_pcre_finds_the_same(cases: list[tuple[str, str]]) -> None:
    if shutil.which("perl") is None:
        pytest.fail("this test asks perl, whose expressions PCRE copies")
    accepted = [(pattern, number) for pattern, number in cases if _accepted(pattern)]
    lines = "".join(f"{pattern.encode().hex()} {number.encode().hex()}\n" for pattern, number in accepted)
    program = 'while (<>) { my ($p, $s) = map { pack "H*", $_ } /^(\\S*) (\\S*)$/; print(($s =~ /$p/a) ? 1 : 0) }'
    answer = subprocess.run(["perl", "-e", program], input=lines, capture_output=True, text=True, check=True).stdout
    expected = [bool(re.search(pattern, number, re.ASCII)) for pattern, number in accepted if pattern]
    # An empty pattern means "the last one" to perl.
    assert [each == "1" for each, (pattern, _) in zip(answer, accepted, strict=True) if pattern] == expected


def _accepted(pattern: str) -> bool:
    try:
        return ways(pattern) <= WAYS
    except PatternError:
        return False
