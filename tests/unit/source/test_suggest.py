"""What somebody may have meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.source import nearest, unknown
from trunkline.source._suggest import distance


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("nmae", "name", 1),
        ("extention", "extension", 1),
        ("ab", "ba", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_distance(left: str, right: str, expected: int) -> None:
    assert distance(left, right, 5) == expected
    assert distance(right, left, 5) == expected
    assert distance(left, right, 0) == min(expected, 1)


def _slow(left: str, right: str) -> int:
    """Return the distance by its definition: optimal string alignment."""
    if not left or not right:
        return len(left) + len(right)
    found = min(
        _slow(left[1:], right) + 1,
        _slow(left, right[1:]) + 1,
        _slow(left[1:], right[1:]) + (left[0] != right[0]),
    )
    if left[:2] == right[1::-1] and len(left) > 1 and len(right) > 1:
        found = min(found, _slow(left[2:], right[2:]) + 1)
    return found


@given(left=st.text("ab", max_size=5), right=st.text("abc", max_size=5), limit=st.integers(0, 6))
def test_the_quick_distance_is_the_slow_one(left: str, right: str, limit: int) -> None:
    assert distance(left, right, limit) == min(_slow(left, right), limit + 1)


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("extention", ["extension", "extensions", "name"], "extension"),
        ("Alice", ["alice", "bob"], "alice"),
        ("bbo", ["alice", "bob"], "bob"),
        ("x", ["y"], "y"),
        ("x", ["yz"], None),
        ("zebra", ["alice", "bob"], None),
        ("ab", ["ad", "ac"], "ac"),
        ("residental", ["retail", "residential", "vpbx"], "residential"),
        ("x" * 1_000_000, ["alice"], None),
    ],
)
def test_nearest(name: str, known: list[str], expected: str | None) -> None:
    assert nearest(name, known) == expected


def test_what_there_is_when_nothing_is_near() -> None:
    assert unknown("user", "zebra", ["alice", "bob"]) == ("there is no user 'zebra'", "there is: alice, bob")
    assert unknown("user", "zebra", []) == ("there is no user 'zebra'", "there is no user at all here")
    assert unknown("user", "z" * 99, [f"u{n}" for n in range(99)])[1].endswith(", u11, ...")
