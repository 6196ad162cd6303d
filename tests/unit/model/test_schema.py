"""The JSON Schema that editors use agrees with the model."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given

from tests.support import inventories
from trunkline.cli.main import cli
from trunkline.model.schema import KINDS, schema_of
from trunkline.model.units import find_units
from trunkline.pipeline import check_inventory

ROOT = Path(__file__).parents[3]
FILES = sorted(ROOT.glob("inventories/*/tenants/*/*.yml"))


def _validator(kind: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(schema_of(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_one(kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema_of(kind))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_files_of_the_repository_fit(file: Path) -> None:
    # As an editor reads them: with YAML's own types. Keys are text to editors.
    data = yaml.safe_load(file.read_text("utf-8"))
    _validator("brand" if file.name == "brand.yml" else "client").validate(_keys_as_text(data))


@given(tree=inventories.trees())
def test_what_the_model_accepts_fits(tree: inventories.Tree) -> None:
    for parts in tree.values():
        _validator("brand").validate(parts["brand"])
        for client in parts["clients"].values():
            _validator("client").validate(client)


@pytest.mark.parametrize(
    "wrong",
    [
        "domain: a.example",
        "type: vpbx\ndomain: a.example\nusers: {a: {nmae: A}}",
        "type: vpbx\ndomain: UPPER.example",
        "type: vpxb\ndomain: a.example",
        "type: vpbx\ndomain: a.example\nusers: [a]",
        "type: vpbx\ndomain: a.example\nusers: {a: {name: A, extension: 1x}}",
        "type: vpbx\ndomain: a.example\nterminals: {a: {ha1: x}}",
        "type: vpbx\nusers: {a: {name: A}}",
        "type: vpbx\ndomain: a.example\nmax_calls: -1",
        "type: vpbx\ndomain: a.example\nsources: {192.0.2.1: }",
        "type: residential\nusers: {a: {name: A}}",
        "type: wholesale\ndomain: a.example",
    ],
)
def test_both_refuse(tmp_path: Path, wrong: str) -> None:
    assert not _validator("client").is_valid(_keys_as_text(yaml.safe_load(wrong)))
    (tmp_path / "tenants/atlas").mkdir(parents=True)
    (tmp_path / "tenants/atlas/brand.yml").write_text("")
    (tmp_path / "tenants/atlas/acme.yml").write_text(wrong)
    assert not check_inventory(tmp_path).good


def test_the_command_writes_what_it_prints_and_says_which_files_it_is_for(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    written = CliRunner().invoke(cli, ["schema", "--write", str(folder)])
    assert written.exit_code == 0
    patterns = json.loads(written.stdout)["yaml.schemas"]
    for kind in KINDS:
        printed = CliRunner().invoke(cli, ["schema", kind])
        assert (folder / f"{kind}.json").read_text("utf-8") == printed.stdout
        assert json.loads(printed.stdout) == schema_of(kind)
    assert CliRunner().invoke(cli, ["schema"]).exit_code == 2
    for unit in find_units(ROOT / "docs/reference/language/examples/corporation")[0]:
        fits = [schema for schema, globs in patterns.items() if _matches(PurePosixPath("x", unit.file), globs)]
        assert fits == [f"{folder}/{unit.kind}.json"]
    assert _matches(PurePosixPath("x/tenants/atlas/acme/client.yml"), patterns[f"{folder}/client.json"])


def _matches(file: PurePosixPath, globs: list[str]) -> bool:
    """Say whether a file matches: at least one pattern fits, and none of those that begin with an exclamation mark."""
    fits = [glob for glob in globs if file.match(glob.lstrip("!").removeprefix("**/"))]
    return bool(fits) and not any(glob.startswith("!") for glob in fits)


def test_hover_texts_say_what_a_key_is_and_what_it_needs() -> None:
    client = schema_of("client")["properties"]
    assert client["users"]["description"].startswith("people, by name")
    assert "Only in clients of type vpbx." in client["users"]["description"]
    assert "Needs the feature friends." in client["friends"]["description"]
    assert "Calls do not honour it yet." in client["friends"]["description"]
    for kind in KINDS:
        schema = schema_of(kind)
        for part in [schema, *schema.get("definitions", {}).values()]:
            assert part["description"]
            assert all(field.get("description") for field in part["properties"].values())
            assert part["additionalProperties"] is False


def _keys_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _keys_as_text(each) for key, each in value.items()}
    return value
