"""Rules about transformation sets beyond what their pages show: what they leave alone, and across files."""

from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.pipeline import check_inventory

OWN = {"TL0416", "TL0407", "TL0523", "TL0524", "TL0525", "TL0526"}


def _check(inventory: Path, **files: str) -> list[str]:
    """Return place and code of what is found."""
    paths = {
        "platform": "tenants/platform.yml",
        "atlas": "tenants/atlas/brand.yml",
        "boreas": "tenants/boreas/brand.yml",
    }
    for name, text in {"atlas": "", **files}.items():
        path = inventory / paths.get(name, f"tenants/atlas/{name}.yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    problems = check_inventory(inventory).problems
    return [f"{'.'.join(map(str, each.path))} {each.code}" for each in problems if each.code in OWN]


def _rule(key: str, pattern: str, replacement: str = "", name: str = "es", metric: int = 150) -> str:
    rule = f"{{pattern: '{pattern}', replacement: '{replacement}'}}"
    return f"transformation_sets: {{{name}: {{{key}: {{{metric}: {rule}}}}}}}"


def _client(name: str) -> str:
    return f"type: wholesale\ntransformation_set: {name}\nsources: {{192.0.2.1: }}\n"


def test_a_set_that_nobody_names(tmp_path: Path) -> None:
    text = "transformation_sets: {berlin: {country: DE}, de: {area_code: 30}}\n"
    assert _check(tmp_path, atlas=text) == ["transformation_sets.berlin TL0416"]


def test_a_set_that_somebody_names(tmp_path: Path) -> None:
    text = "transformation_sets: {berlin: {country: DE}}\n"
    assert _check(tmp_path, atlas=text, acme=_client("berlin")) == []
    assert _check(tmp_path, platform=text, atlas="", acme=_client("berlin")) == []


def test_a_set_of_another_brand_is_unknown(tmp_path: Path) -> None:
    found = _check(tmp_path, boreas="transformation_sets: {berlin: {country: DE}}\n", acme=_client("berlin"))
    assert found == ["transformation_set TL0407", "transformation_sets.berlin TL0416"]


@pytest.mark.parametrize("name", ["es", "us", "aq", "e164", "e164-bare"])
def test_sets_of_countries_need_no_entry(tmp_path: Path, name: str) -> None:
    assert _check(tmp_path, acme=_client(name)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (_rule("callee_in", "^00349", "9"), ""),
        (_rule("callee_in", "^00([1-9][0-9]{3,9})$", r"+\1", metric=250), "TL0523"),  # 200 of the country has them
        (_rule("callee_in", "^00([1-9][0-9]{3,15})$", r"+\1", metric=250), ""),  # too long for 200
        (_rule("callee_out", "^0034", ""), "TL0523"),
        (_rule("callee_out", r"^\+", ""), ""),
        (_rule("caller_in", "^anonymous$", "100"), ""),
        (_rule("caller_out", "^.*$", "+34911234567"), ""),
        (_rule("callee_out", "^.*$", "+34911234567"), "TL0525"),
        (_rule("callee_out", "^.*$", ""), "TL0524"),
        (_rule("callee_in", "^0[0-3][0-9]([0-9]+)$", r"+\1"), ""),  # a carrier's code
        (_rule("callee_in", r"^(0034|\+34)([0-9]+)$", r"+34\2"), ""),
        (_rule("callee_in", r"^(0034|\+34)([0-9]+)$", r"\1"), "TL0525"),
        ("transformation_sets: {own: {area_code: 30}}", "TL0526"),
        ("transformation_sets: {es: {area_code: 91}}", ""),
    ],
)
def test_what_rules_do(tmp_path: Path, text: str, code: str) -> None:
    found = [each.split()[-1] for each in _check(tmp_path, atlas=text) if not each.endswith("TL0416")]
    assert found == ([code] if code else [])
