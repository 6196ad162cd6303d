"""The search for the highest rate, and the table, without any load."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.remote import BenchmarkError
from tests.bench.rounds import Capacity, Scene, Side, added, rates
from tests.bench.sipp import HIGHEST_RATE, RESOLUTION, Account, Dialled, Load, highest
from tests.bench.table import Row, section, sections_replaced, table


def load(rate: float, failed: int = 0) -> Load:
    return Load(rate, int(rate), failed, 0, (1.0, 2.0, 3.0, 4.0))


@given(st.integers(min_value=30, max_value=3000))
@settings(max_examples=200)
def test_the_search_comes_close_to_what_a_proxy_can_do(capacity: int) -> None:
    best, runs = highest(lambda rate: load(rate, failed=int(rate > capacity)), 30)
    assert best.failed == 0
    assert best.rate <= capacity
    assert best.rate == HIGHEST_RATE or capacity / best.rate < RESOLUTION * 1.05 or capacity - best.rate <= 2
    assert len(runs) < 30


def test_one_unlucky_run_is_forgiven() -> None:
    seen: list[float] = []

    def measure(rate: float) -> Load:
        seen.append(rate)
        return load(rate, failed=50 if rate > 500 else int(rate == 150 and seen.count(150) == 1))

    best, _ = highest(measure, 100)
    assert seen.count(150) == 2
    assert all(seen.count(rate) == 1 for rate in seen if rate > 500)
    assert best.rate > 450


def test_a_proxy_that_always_fails_is_an_error() -> None:
    with pytest.raises(BenchmarkError, match="6 calls per second are too many already: of 6 calls 3 failed"):
        highest(lambda rate: load(rate, failed=3), 100)


def test_a_first_rate_that_is_too_high_is_no_error() -> None:
    best, _ = highest(lambda rate: load(rate, failed=30 if rate > 55 else 0), 100)
    assert 48 <= best.rate <= 55


def test_repeated_messages_are_no_failures() -> None:
    assert Load(100, 600, 0, 1000, ()).clean
    assert not Load(100, 600, 1, 0, ()).clean


def test_percentiles() -> None:
    assert [load(1).percentile(percent) for percent in (0, 50, 95, 100)] == [1.0, 3.0, 4.0, 4.0]
    with pytest.raises(BenchmarkError):
        Load(1, 1, 1, 0, ()).percentile(50)


def test_an_account_is_a_line_of_four_fields() -> None:
    line = Account("alice", "acme.example", "secret", "102").line()
    assert line.split(";") == ["alice", "acme.example", "[authentication username=alice password=secret]", "102"]


def test_a_ratio_says_how_many_times_as_good_ours_is() -> None:
    assert Row("rate", 200, 100, "calls/s").ratio == 2
    assert Row("time", 200, 100, "s", more_is_better=False).ratio == 0.5
    text = table([Row("rate", 90, 100, "calls/s", aim=0.8, note="a note"), Row("time", 3, 1, "s", aim=1.0)])
    assert "| rate | 90 | 100 | calls/s | 0.90 | 0.8, reached |" in text
    assert "1, reached" in text
    assert "- rate: a note" in text


def test_a_call_to_the_outside_is_a_line_of_three_fields() -> None:
    assert Dialled("+34900101001", "c", "b").line().split(";") == ["+34900101001", "c", "b"]
    assert Dialled("+34900101001").line().split(";") == ["+34900101001", "", ""]


def side(*found: tuple[float, float], times: list[float]) -> Side:
    """Return a measured side: rates, with milliseconds of the proxy for each call."""

    def nowhere() -> contextlib.AbstractContextManager[Scene]:
        raise AssertionError("it is measured already")

    done = [Capacity(load(rate), milliseconds) for rate, milliseconds in found]
    return Side("a side", ("unit",), nowhere, 1, found=done, times=times)


def test_two_sides_are_compared_round_by_round() -> None:
    ours = side((90, 2), (100, 2), (400, 2), times=[])
    other = side((100, 1), (100, 2), (200, 4), times=[])
    speed, processor = rates("ours against the other", ours, other, 0.8, "a note")
    assert speed.rounds == (0.9, 1.0, 2.0)
    assert processor.rounds == (0.5, 1.0, 2.0)
    assert speed.ratio == processor.ratio == 1.0
    assert "0 of 90 calls, 0 of 100 calls, 0 of 400 calls" in speed.note


def test_what_is_added_to_the_time_of_two_phones() -> None:
    ours, other = side(times=[9.0, 5.0, 33.0, 5.0]), side(times=[8.0, 3.0, 3.0, 14.0])
    half, most = added(ours, other, load(1))
    assert (half.ours, half.theirs) == (9 - 3, 8 - 3)
    assert (most.ours, most.theirs, most.ratio) == (33 - 4, 14 - 4, 10 / 29)


def test_other_comparisons_stay_as_they_are_in_the_results() -> None:
    before = "# Results\n\n| by hand | 1 |\n\n" + "\n".join(section(name, f"old {name}\n", "then") for name in "abc")
    after = sections_replaced(before, {name: section(name, f"new {name}", "now") for name in "bd"})
    assert after.startswith(
        "# Results\n\n| by hand | 1 |\n\n## a\n\nthen\n\nold a\n\n## b\n\nnow\n\nnew b\n\n## c\n\nthen\n"
    )
    assert after.endswith("\n\n## d\n\nnow\n\nnew d\n")
    assert sections_replaced(after, {}) == after
    assert sections_replaced("# Results\n", {"a": section("a", "new", "now")}) == "# Results\n\n## a\n\nnow\n\nnew\n"
