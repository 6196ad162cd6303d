"""Numeric transformations where they happen: the sets of all countries, asked as proxies ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import phonenumbers
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import golden_numbers
from tests.support.engine import compiled, do_apply
from tests.support.golden_numbers import GOLDEN, Golden
from trunkline.compile import object_id
from trunkline.compile._compiler import PLATFORM_ID
from trunkline.model.locale import countries
from trunkline.numbering import LISTS, generated_sets, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.databases import Database

E164 = re.compile(r"\+[1-9][0-9]{2,14}")
SETS = sorted(generated_sets())
KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "voip", "personal_number", "uan")


class Numbers:
    """The functions of a database with an empty platform.

    Args:
        dsn: Of the database, as a proxy sees it.
    """

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True)

    def transform(self, name: str | None, rules: str, number: str) -> str:
        """Return a number as a set of the platform rewrites it."""
        identity = None if name is None else object_id("platform", "transformation_set", name)
        return str(self.ask("select routing.transform(%s, %s, %s)", identity, rules, number)[0])

    def there_and_back(self, name: str, who: str, numbers: Sequence[str]) -> list[tuple[str, str, str, str]]:
        """Return numbers, what comes in, what goes out of that, and what comes in of that again."""
        query = """
            select number, came, went, routing.transform(set, who || '_in', went)
              from (select *, routing.transform(set, who || '_out', came) as went
                      from (select *, routing.transform(set, who || '_in', number) as came
                              from (select %s::uuid as set, %s as who, unnest(%s::text[]) as number) a) b) c
        """
        identity = object_id("platform", "transformation_set", name)
        return self.connection.execute(query, (identity, who, list(numbers))).fetchall()

    def ask(self, query: str, *parameters: Any) -> tuple[Any, ...]:
        """Return the one row of a query."""
        (found,) = self.connection.execute(query.encode(), parameters).fetchall()
        return found


@pytest.fixture(scope="module")
def numbers(shared_database: Database) -> Iterator[Numbers]:
    """Give the functions over a platform without files."""
    do_apply(shared_database, compiled({}))
    shared_database.server.execute("analyze", shared_database.name)
    found = Numbers(shared_database.dsn("trunkline_proxy"))
    yield found
    found.connection.close()


def test_every_country_has_a_set(numbers: Numbers) -> None:
    rows = numbers.connection.execute("select name from config.transformation_set where generated order by name")
    assert {name for (name,) in rows} == {"e164", "e164-bare", *map(str.lower, countries())}
    assert numbers.ask("select config.platform_id()") == (UUID(PLATFORM_ID),)


def test_the_table_is_large_enough() -> None:
    assert len({line.country for line in GOLDEN}) >= 60


@pytest.mark.parametrize("line", GOLDEN, ids=lambda line: line.country)
def test_golden_numbers_come_in(numbers: Numbers, line: Golden) -> None:
    for dialled, meaning in line.numbers:
        for rules in ("caller_in", "callee_in"):
            assert numbers.transform(line.country, rules, dialled) == meaning
            assert numbers.transform(line.country, rules, line.prefix + meaning[1:]) == meaning
            assert numbers.transform(line.country, rules, meaning) == meaning
    code = plan_of(line.country.upper()).country_code
    assert numbers.transform(line.country, "callee_in", line.emergency) == f"+{code}{line.emergency}"
    for other in ("+33123456789", "+12025550123", "+442071838750", "+390612345678"):
        if not other.startswith(f"+{code}"):
            assert numbers.transform(line.country, "callee_in", line.prefix + other[1:]) == other


@pytest.mark.parametrize("line", GOLDEN, ids=lambda line: line.country)
def test_golden_numbers_go_out(numbers: Numbers, line: Golden) -> None:
    for dialled, meaning in line.numbers:
        for rules in ("caller_out", "callee_out"):
            assert numbers.transform(line.country, rules, meaning) == dialled
    code = plan_of(line.country.upper()).country_code
    assert numbers.transform(line.country, "callee_out", f"+{code}{line.emergency}") == line.emergency
    for other in ("+33123456789", "+12025550123", "+442071838750", "+390612345678"):
        if not other.startswith(f"+{code}"):
            assert numbers.transform(line.country, "callee_out", other) == line.prefix + other[1:]


@pytest.mark.parametrize(
    ("name", "dialled", "meaning"),
    [
        (name, *pair)
        for name, words in golden_numbers.by_country(golden_numbers.ALSO).items()
        for pair in golden_numbers.pairs(words)
    ],
)
def test_other_ways_to_write_a_number(numbers: Numbers, name: str, dialled: str, meaning: str) -> None:
    assert numbers.transform(name, "caller_in", dialled) == meaning
    assert numbers.transform(name, "callee_in", dialled) == meaning


@pytest.mark.parametrize(
    ("name", "number"),
    [
        (name, word)
        for name, words in golden_numbers.by_country(golden_numbers.UNTOUCHED).items()
        for word in [*words, ""]
    ],
)
def test_what_is_no_number_stays(numbers: Numbers, name: str, number: str) -> None:
    assert numbers.transform(name, "callee_in", number) == number
    assert numbers.transform(name, "callee_out", number) == number


def test_a_caller_of_another_country_needs_no_prefix(numbers: Numbers) -> None:
    assert numbers.transform("es", "caller_in", "33123456789") == "+33123456789"
    assert numbers.transform("es", "callee_in", "33123456789") == "33123456789"  # or a digit too many dials Fiji


@pytest.mark.parametrize(
    ("meaning", "dialled"),
    [
        ("+5491123456789", "0111523456789"),
        ("+5493514123456", "0351154123456"),
        ("+5492477691907", "0247715691907"),
        ("+5493878282596", "005493878282596"),  # the area may have three digits, or four
    ],
)
def test_mobile_telephones_of_argentina(numbers: Numbers, meaning: str, dialled: str) -> None:
    assert numbers.transform("ar", "callee_out", meaning) == dialled
    assert numbers.transform("ar", "callee_in", dialled) == meaning


def test_without_a_set_nothing_happens(numbers: Numbers) -> None:
    assert numbers.transform(None, "callee_in", "911234567") == "911234567"
    assert numbers.transform("e164", "callee_out", "+34911234567") == "+34911234567"
    assert numbers.transform("e164", "callee_in", "0034911234567") == "+34911234567"
    assert numbers.transform("e164-bare", "callee_out", "+34911234567") == "34911234567"
    assert numbers.transform("e164-bare", "callee_in", "34911234567") == "+34911234567"


@pytest.mark.parametrize("text", ["9" * 33, "1" * 4000, "٣٤٩١١", "911234567\n", "911234567'; drop table x; --", "\\1"])
def test_what_a_stranger_sends_is_only_a_text(numbers: Numbers, text: str) -> None:
    for rules in LISTS:
        assert numbers.transform("es", rules, text) == text


_DIGITS = st.text("0123456789", min_size=1, max_size=18)
_FORMS = st.one_of(_DIGITS, _DIGITS.map("+{}".format), _DIGITS.map("00{}".format), _DIGITS.map("0{}".format))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(SETS),
    some=st.lists(_FORMS, min_size=20, max_size=20),
    who=st.sampled_from(["caller", "callee"]),
)
def test_what_goes_out_dials_the_same_number(numbers: Numbers, name: str, some: list[str], who: str) -> None:
    for number, came, went, again in numbers.there_and_back(name, who, some):
        if E164.fullmatch(came):
            assert again == came, f"{name}: {number} is {came}, goes out as {went}, which is {again}"


@pytest.mark.parametrize("country", sorted(countries() & phonenumbers.SUPPORTED_REGIONS))
def test_examples_of_the_metadata_dial_the_same_number(numbers: Numbers, country: str) -> None:
    """Every kind of number of every country, written as people write it there (the library's own second opinion)."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    assert metadata is not None
    name, plan, north_america = country.lower(), plan_of(country), metadata.country_code == 1
    for kind in KINDS:
        description = getattr(metadata, kind)
        if description is None or not description.example_number or (country, kind) == ("CA", "uan"):
            continue  # Canada's 310 numbers have seven digits, and nobody outside of their area can dial them
        number = phonenumbers.parse(f"+{metadata.country_code}{description.example_number}")
        meaning = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        written = re.sub("[^0-9]", "", national)
        assert numbers.transform(name, "callee_in", written) == meaning
        assert numbers.transform(name, "callee_in", plan.international_dialled + meaning[1:]) == meaning
        assert numbers.transform(name, "callee_out", meaning) == ("1" if north_america else "") + written
