"""Transformation sets and special numbers: what a file may say, and the rules that come of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trunkline.model.platform import Platform
from trunkline.model.special_number import SpecialNumber
from trunkline.model.transformation_set import TransformationRule, TransformationSet, country_set, implied_sets
from trunkline.numbering import LISTS, Rule, country_named, plan_declared, plan_of, rules_declared, rules_of


def _set(**keys: Any) -> TransformationSet:
    return TransformationSet.model_validate(keys)


def _codes(error: ValidationError) -> list[str]:
    return [each["type"] for each in error.errors()]


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"pattern": "^0", "replacement": r"\1"}, "TL0520"),
        ({"pattern": "^0(?:1)(2)", "replacement": r"\2"}, "TL0520"),
        ({"pattern": "^0", "replacement": "x"}, "TL0520"),
        ({"pattern": "^0", "replacement": r"\0"}, "TL0520"),
        ({"pattern": "^0+?1"}, "TL0520"),
        ({"off": "yes", "pattern": "^0"}, "TL0520"),
        ({"replacement": "1"}, "TL0202"),
        ({"pattern": "^+34"}, "TL0409"),
        ({"pattern": r"(\d+)+"}, "TL0410"),
        ({"pattern": "^0{300}"}, "TL0409"),
    ],
)
def test_rules_that_are_none(keys: dict[str, str], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TransformationRule.model_validate(keys)
    assert _codes(caught.value) == [code]


@pytest.mark.parametrize(
    "keys",
    [
        *({"country_code": each} for each in ("+34", "034", "3434", "x")),
        *({"international_prefix": each} for each in ("+", "0000000", "a")),
        *({"national_length": each} for each in ("0", "9-7", "15", "9-", "a")),
        *({"callee_in": {each: {"pattern": "^0"}}} for each in ("0", "010", "10000", "a")),
        {"trunk_prefix": "no"},
        {"area_code": "x"},
    ],
)
def test_parts_of_a_plan_that_are_none(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        _set(**keys)
    assert _codes(caught.value) == ["TL0521"]


@pytest.mark.parametrize("number", ["112", "+1", "34112", "+0112", "+3411211211211211"])
def test_special_numbers_that_are_none(number: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Platform.model_validate({"special_numbers": {number: {}}})
    assert _codes(caught.value) == ["TL0522"]


def test_a_special_number_leaves_no_trace() -> None:
    assert SpecialNumber() == SpecialNumber(emergency=False, call_record=False, rating=False, recording=False)


def test_names() -> None:
    assert country_set("ES") == "es"
    assert country_set(None) is None
    assert {"es", "us", "aq", "e164", "e164-bare"} <= implied_sets()
    assert country_named("es") == "ES"
    assert country_named("xx") is None
    assert country_named("esp") is None


def test_a_set_starts_from_the_country_that_it_is_named_for() -> None:
    own = rules_declared(
        "es", _set(callee_in={"150": {"pattern": "^9$", "replacement": "+34112"}, "300": {"off": "yes"}})
    )
    spain = rules_of(plan_of("ES"))
    assert [each.rule for each in own["callee_out"]] == list(spain["callee_out"])
    assert [(each.rule.metric, each.own) for each in own["callee_in"]] == [
        (150, True),
        (200, False),
        (500, False),
        (600, False),
    ]
    assert own["callee_in"][0].rule == Rule(150, "^9$", "+34112")


def test_a_set_of_another_name_starts_from_nothing() -> None:
    assert plan_declared("carrier", _set()) is None
    assert all(not rules for rules in rules_declared("carrier", _set()).values())
    assert plan_declared("carrier", _set(country="ES")) == plan_of("ES")


def test_the_parameters_of_seed_004() -> None:
    """Seed 004 section 9.7.3, "Example for Spain": 00, +34, no trunk prefix, no area code, 9 digits."""
    made = plan_declared("seed", _set(country_code="34", international_prefix="00", national_length="9"))
    assert made is not None
    lists = rules_of(made)
    assert set(lists) == set(LISTS)
    assert [(rule.metric, rule.pattern, rule.replacement) for rule in lists["callee_in"]] == [
        (200, "^(?:00)([1-9][0-9]{2,14})$", r"+\1"),
        (300, "^([0-9]{2,6})$", r"+34\1"),
        (500, "^([0-9][0-9]{8})$", r"+34\1"),
        (600, "^34([0-9][0-9]{8})$", r"+34\1"),
    ]


def test_an_area_makes_numbers_without_it_local() -> None:
    berlin = plan_declared("berlin", _set(country="DE", area_code="30", national_length="9-11"))
    assert berlin is not None
    metrics = {rule.metric: rule for rule in rules_of(berlin)["callee_in"]}
    assert metrics[490] == Rule(490, "^([1-9][0-9]{6,8})$", r"+4930\1")
    assert metrics[500].pattern.startswith("^(?:0)(")  # a number of nine digits could be one of the city
    assert rules_of(berlin)["callee_out"][0] == Rule(200, r"^\+4930([1-9][0-9]{6,8})$", r"\1")


@pytest.mark.parametrize(("country", "same"), [("AQ", "NF"), ("UM", "US"), ("BV", "NO")])
def test_territories_use_the_numbers_of_others(country: str, same: str) -> None:
    assert plan_of(country) == plan_of(same)


def test_no_country_no_plan() -> None:
    with pytest.raises(KeyError):
        plan_of("ZZ")
