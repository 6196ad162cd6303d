"""Tenants and numbers of the comparisons with the outside: as many as the titles say, and every number has a route."""

from __future__ import annotations

import csv
from pathlib import Path

import yaml

from tests.bench import outside
from trunkline.compile import Infrastructure
from trunkline.model.countries import country_patterns, prefixes_of_pattern
from trunkline.pipeline import Inputs, compile_inventory
from trunkline.secrets import Passwords

SERVER = {"address": "192.0.2.1", "port": "6700"}


def test_every_number_that_is_called_has_a_country() -> None:
    numbers = outside.numbers(500)
    known = tuple(prefix for name in country_patterns() for prefix in prefixes_of_pattern(name))
    assert len(set(numbers)) > 450
    assert all(number.startswith(known) and len(number) == 12 for number in numbers)
    assert numbers == outside.numbers(500)


def test_the_tenants_are_what_the_titles_say(tmp_path: Path) -> None:
    outside.write({**outside.single(SERVER, "192.0.2.2"), **outside.many(SERVER)}, tmp_path / "tenants")
    report = compile_inventory(tmp_path, Inputs(Infrastructure(), Passwords("root", {})))
    assert report.good, report.errors[:3]
    assert report.compiled is not None
    counts = [scope.rows.count() for scope in report.compiled.scopes.values()]
    routes = {(rows.get("outgoing_route", 0), rows.get("price", 0)) for rows in counts if rows.get("brand")}
    assert routes == {(1, 0), (10_000, 100_000)}
    assert sum(rows.get("client", 0) for rows in counts) == 1000 + 2


def test_prices_stand_in_tables_beside_the_brand(tmp_path: Path) -> None:
    brand = {"language": "en", "price_lists": {"c0": {"prices": {"+34": {"rate": "0.01"}, "+33": {"rate": "0.2"}}}}}
    outside.write({"some/brand": brand, "some/t0": {"type": "retail"}}, tmp_path)
    written = {file.name: file.read_text("utf-8") for file in (tmp_path / "some").iterdir()}
    assert yaml.safe_load(written.pop("brand.yml")) == {"language": "en", "price_lists": {"c0": {}}}
    assert yaml.safe_load(written.pop("t0.yml")) == {"type": "retail"}
    rows = list(csv.reader(written.pop("c0.prices.csv").splitlines()))
    assert rows == [["prefix", "rate"], ["+34", "0.01"], ["+33", "0.2"]]
    assert not written
