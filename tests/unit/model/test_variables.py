"""Tenants in Ansible's variables: the same engine, and errors that name the part of the variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings

from tests.support import inventories
from trunkline.model.variables import tenants_source
from trunkline.pipeline import check_inventory

if TYPE_CHECKING:
    from pathlib import Path

USERS = "{type: vpbx, domain: a.example, users: {alice: {name: Al, extension: '101'}}}"


def _found(inventory: Path, text: str) -> list[str]:
    """Return what is found in a variable, as Ansible reads it."""
    with tenants_source(inventory, yaml.safe_load(text)) as source:
        problems = [*source.problems, *check_inventory(source.folder).problems]
        return [str(source.shown(problem)).partition("\n")[0] for problem in problems]


def test_a_good_variable_is_a_good_inventory(tmp_path: Path) -> None:
    text = (
        f"{{platform: {{time_zone: Europe/Madrid}}, atlas: {{brand: {{currency: EUR}}, acme: {USERS}}}, boreas: null}}"
    )
    with tenants_source(tmp_path, yaml.safe_load(text)) as source:
        assert source.problems == ()
        assert check_inventory(source.folder).good
        files = {path.relative_to(source.folder).as_posix() for path in source.folder.rglob("*.yml")}
        folder = source.folder
    assert files == {
        "tenants/platform.yml",
        "tenants/atlas/brand.yml",
        "tenants/atlas/acme.yml",
        "tenants/boreas/brand.yml",
    }
    assert not folder.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{atlas: {acme: {type: vpbx, domain: a.example, users: {alice: {name: Al, extention: '101'}}}}}",
            ["TL0201: there is no key 'extention' (atlas.acme.users.alice.extention)"],
        ),
        (
            "{atlas: {acme: {type: vpbx, domain: a.example, users: {alice: {name: Al, extension: 101}}}}}",
            ["TL0114: Ansible read '101' as something else than text (atlas.acme.users.alice.extension)"],
        ),
        (
            "{atlas: {acme: {type: vpbx, domain: a.example, extensions: {180: {}}, users: {a: {name: no}}}}}",
            [
                "TL0114: Ansible read '180' as something else than text (atlas.acme.extensions)",
                "TL0114: Ansible read 'False' as something else than text (atlas.acme.users.a.name)",
            ],
        ),
        ("[atlas]", ["TL0203: this is no mapping"]),
        ("{atlas: [acme]}", ["TL0203: this is no mapping (atlas)"]),
        ("{Atlas: {}}", ["TL0204: 'Atlas' cannot be a name (Atlas)"]),
        ("{atlas: {../acme: {}}}", ["TL0204: '../acme' cannot be a name (atlas.../acme)"]),
        ("{atlas: {brand: {langauge: es}}}", ["TL0201: there is no key 'langauge' (atlas.brand.langauge)"]),
        ("{platform: {moved: 1.5}}", ["TL0114: Ansible read '1.5' as something else than text (platform.moved)"]),
    ],
)
def test_errors_name_the_part_of_the_variable(tmp_path: Path, text: str, expected: list[str]) -> None:
    wanted = [f"trunkline_tenants: error {each}" for each in expected]
    assert [each for each in _found(tmp_path, text) if ": error " in each] == wanted


def test_a_bomb_of_aliases_is_cut_short(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (found,) = _found(tmp_path, "atlas: {acme: {" + ", ".join(lines) + "}}")
    assert found.startswith("trunkline_tenants: error TL0107: the variable has more than 200,000 values (atlas.acme.a")


def test_an_inventory_has_one_place_for_its_tenants(tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    with tenants_source(tmp_path, {}) as source:
        assert [problem.code for problem in source.problems] == ["TL0115"]
    with tenants_source(tmp_path) as source:
        assert source.folder == tmp_path


@given(tree=inventories.trees())
@settings(max_examples=30, deadline=None)
def test_variables_and_files_say_the_same(tmp_path_factory: pytest.TempPathFactory, tree: inventories.Tree) -> None:
    folder = tmp_path_factory.mktemp("files")
    (folder / "tenants").mkdir()
    inventories.write(tree, folder)
    value: dict[str, Any] = {
        brand: {"brand": parts["brand"], **parts["clients"]} for brand, parts in sorted(tree.items())
    }
    with tenants_source(tmp_path_factory.mktemp("empty"), value) as source:
        assert source.problems == ()
        ours = [(problem.code, problem.path) for problem in check_inventory(source.folder).problems]
    assert ours == [(problem.code, problem.path) for problem in check_inventory(folder).problems]
