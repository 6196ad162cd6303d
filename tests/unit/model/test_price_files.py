"""Prices in CSV files of a brand's folder: read as if they stood in the brand's file, and found where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.compile import Infrastructure
from trunkline.model.units import find_units, load_brand
from trunkline.pipeline import Inputs, check_inventory, compile_inventory
from trunkline.secrets import Passwords

BRAND = "price_lists:\n  bestel: {currency: EUR, prices: {+33: {rate: 0.03}}}\n"
HEADER = "prefix,name,connection_fee,rate,interval\n"
INPUTS = Inputs(Infrastructure(), Passwords("key", {}))


def _write(inventory: Path, **files: str) -> None:
    folder = inventory / "tenants/atlas"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")


def _problems(inventory: Path) -> list[str]:
    return [f"{each.code} {each.place.file.removeprefix('tenants/atlas/')}:{each.place.line}"
            for each in check_inventory(inventory).problems if each.code != "TL0400"]  # fmt: skip


def test_prices_of_a_file_are_those_of_its_list(tmp_path: Path) -> None:
    prices = HEADER + '+34,"Spain, all",0.0100,0.0200,1\n+346,,,0.05,\n'
    _write(tmp_path, brand__yml=BRAND, bestel__prices__csv=prices, onda__prices__csv="prefix;rate\n+34;0.01\n")
    assert _problems(tmp_path) == []
    [unit] = [each for each in find_units(tmp_path)[0] if each.kind == "brand"]
    named = load_brand(tmp_path, unit).named
    assert named is not None
    found = {
        name: {prefix: (price.name, price.connection_fee, price.rate, price.interval)
               for prefix, price in price_list.prices.items()}
        for name, price_list in named.declared.price_lists.items()
    }  # fmt: skip
    assert found == {
        "bestel": {
            "+33": (None, "0", "0.03", 60),
            "+34": ("Spain, all", "0.01", "0.02", 1),
            "+346": (None, "0", "0.05", 60),
        },
        "onda": {"+34": (None, "0", "0.01", 60)},
    }
    assert named.declared.price_lists["bestel"].currency == "EUR"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"bestel__prices__csv": "prefix,rate\n+34,0.02\n+34,0.03\n"}, ["TL0104 bestel.prices.csv:3"]),
        ({"bestel__prices__csv": "prefix,rate\n+33,0.02\n"}, ["TL0104 bestel.prices.csv:2"]),
        ({"bestel__prices__csv": "prefix,rate\n34,0.02\n"}, ["TL0600 bestel.prices.csv:2"]),
        ({"bestel__prices__csv": 'prefix,rate\n+34,"0,02"\n'}, ["TL0602 bestel.prices.csv:2"]),
        ({"bestel__prices__csv": "prefix,price\n+34,0.02\n"}, ["TL0201 bestel.prices.csv:1"]),
        ({"bestel__prices__csv": "prefix,name\n+34,Spain\n"}, ["TL0202 bestel.prices.csv:2"]),
        ({"Bestel__prices__csv": "prefix,rate\n+34,0.02\n"}, ["TL0204 Bestel.prices.csv:0"]),
        ({"bestel__csv": "prefix,rate\n+34,0.02\n"}, ["TL0109 bestel.csv:0"]),
    ],
)
def test_what_is_wrong_has_its_line(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    _write(tmp_path, brand__yml=BRAND, **files)
    assert _problems(tmp_path) == expected


def test_a_list_may_stand_in_its_file_alone(tmp_path: Path) -> None:
    brand = (
        "carriers:\n  bestel: {prices: bestel, servers: {main: {address: 192.0.2.50}}}\n"
        "outgoing_routes:\n  spain: {pattern: es, carrier: bestel}\n"
    )
    _write(tmp_path, brand__yml=brand, bestel__prices__csv="prefix,rate\n+34,0.02\n")
    assert _problems(tmp_path) == []


def test_new_prices_are_read_and_clients_are_not(tmp_path: Path) -> None:
    acme = "type: vpbx\ndomain: acme.example\nusers: {alice: {name: Alice, extension: 101}}\n"
    _write(tmp_path, brand__yml=BRAND, acme__yml=acme, bestel__prices__csv="prefix,rate\n+34,0.02\n")
    cache = tmp_path / "cache" / "one.sqlite"
    read: list[int] = []
    before = compile_inventory(tmp_path, INPUTS, cache=cache).compiled
    _write(tmp_path, bestel__prices__csv="prefix,rate\n+34,0.03\n")
    after = compile_inventory(tmp_path, INPUTS, read.append, cache=cache).compiled
    assert len(read) == 1
    assert before is not None
    assert after is not None
    changed = [after.scopes[one].brand for one in after.scopes if after.scopes[one] != before.scopes[one]]
    assert changed == ["atlas"]
