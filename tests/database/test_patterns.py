"""Patterns in PostgreSQL: every one that the language accepts is one there, finds the same, and takes no time."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trunkline.model.pattern import WAYS, PatternError, ways

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgresql import Server

_ATOMS = [
    "0",
    "34",
    r"\+",
    "[0-9]",
    "[1-9*#]",
    "[^0-3]",
    r"[\d-]",
    r"\d",
    ".",
    "(?:00|011)",
    "(2|3|)",
    "()",
    r"\_",
    r"\-",
    "é",
    "-",
    "]",
    "}",
]
_REPETITIONS = ["", "", "", "?", "*", "+", "??", "*?", "{2}", "{1,3}", "{2,}", "{0}", "{0,32}"]
_SUBJECTS = st.text("0123+*#-_é٣ ", max_size=12)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """Draw patterns that the language accepts."""
    parts = draw(st.lists(st.tuples(st.sampled_from(_ATOMS), st.sampled_from(_REPETITIONS)), min_size=1, max_size=5))
    middle = "".join(atom + repetition for atom, repetition in parts)
    found = draw(st.sampled_from(["", "^"])) + middle + draw(st.sampled_from(["", "$"]))
    return f"{found}|{draw(st.sampled_from(_ATOMS))}" if draw(st.booleans()) else found


def _is_accepted(pattern: str) -> bool:
    try:
        return ways(pattern) <= WAYS
    except PatternError:
        return False


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[psycopg.Connection]:
    """Give a session of a user without rights."""
    with psycopg.connect(server.dsn("postgres", "trunkline_proxy"), autocommit=True) as opened:
        yield opened


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(pattern=patterns().filter(_is_accepted), subjects=st.lists(_SUBJECTS, min_size=3, max_size=8))
def test_a_pattern_finds_the_same_in_the_database(
    connection: psycopg.Connection, pattern: str, subjects: list[str]
) -> None:
    query = """select array_agg(t collate "C" ~ %s order by n) from unnest(%s::text[]) with ordinality as s (t, n)"""
    ((found,),) = connection.execute(query, (pattern, subjects)).fetchall()
    assert found == [bool(re.search(pattern, subject, re.ASCII)) for subject in subjects]


@pytest.mark.parametrize("pattern", ["^([0-9]*)([0-9]*)$", "([0-9]{1,9}){1,3}#", "^[0-9]*[0-9]*#$"])
def test_the_most_expensive_patterns_take_no_time(connection: psycopg.Connection, pattern: str) -> None:
    assert _is_accepted(pattern)
    started = time.monotonic()
    connection.execute("select regexp_replace(%s, %s, '')", ("1234" * 8, pattern))
    assert time.monotonic() - started < 0.5
