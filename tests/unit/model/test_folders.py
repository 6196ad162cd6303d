"""Files of tenants: a client in one file or in a folder with tables, and links that lead where they should not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trunkline.model.client import Client
from trunkline.model.item import Item
from trunkline.model.tables import columns_of, file_names, key_column, section_of, sections
from trunkline.model.units import find_units
from trunkline.pipeline import check_inventory

CLIENT = "type: vpbx\ndomain: acme.atlas.example\n"
USERS = "user,name,extension,terminal\nalice,Alice,101,\nbob,Bob,102,lobby\n"


def _write(inventory: Path, files: dict[str, str]) -> Path:
    for name, text in {"tenants/atlas/brand.yml": "", **files}.items():
        (inventory / name).parent.mkdir(parents=True, exist_ok=True)
        (inventory / name).write_text(text, encoding="utf-8")
    return inventory


def _client(inventory: Path) -> Client:
    report = check_inventory(inventory)
    assert report.problems == ()
    (client,) = report.tenants.clients()
    return client.declared


def _found(inventory: Path) -> list[str]:
    return [
        f"{str(problem.place).removeprefix('tenants/atlas/')} {problem.code}"
        for problem in check_inventory(inventory).problems
    ]


def test_a_folder_says_the_same_as_a_file(tmp_path: Path) -> None:
    folder = _write(
        tmp_path / "folder",
        {
            "tenants/atlas/acme/client.yml": f"{CLIENT}extensions:\n  180: {{user: alice}}\n",
            "tenants/atlas/acme/users.csv": USERS,
            "tenants/atlas/acme/endpoints.csv": "endpoint,ha1\nlobby,\n",
        },
    )
    text = f"""{CLIENT}
users:
  alice: {{name: Alice, extension: 101}}
  bob: {{name: Bob, extension: 102, terminal: lobby}}
terminals: {{lobby: }}
extensions: {{180: {{user: alice}}}}
"""
    assert _client(folder) == _client(_write(tmp_path / "file", {"tenants/atlas/acme.yml": text}))


def test_errors_in_tables_have_the_place_of_the_cell(tmp_path: Path) -> None:
    users = "user,name,extension,terminal\nalice,Alice,1,\nBob,Bob,102,\ncarol,,103,lobby\n"
    files = {"tenants/atlas/acme/client.yml": CLIENT, "tenants/atlas/acme/users.csv": users}
    assert _found(_write(tmp_path, files)) == [
        "acme/users.csv:2:13 TL0206",
        "acme/users.csv:3:1 TL0204",
        "acme/users.csv:4:1 TL0202",
    ]
    (tmp_path / "tenants/atlas/acme/users.csv").write_text("user,name,terminal\nalice,Alice,loby\n")
    (tmp_path / "tenants/atlas/acme/client.yml").write_text(f"{CLIENT}terminals: {{lobby: }}\n")
    report = check_inventory(tmp_path)
    (reference,) = report.errors
    assert (str(reference.place), reference.code) == ("tenants/atlas/acme/users.csv:2:13", "TL0407")
    assert reference.remedy == "did you mean lobby?"


ALICE = "user,name,extension\nalice,Alice,101\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"users.csv": ALICE}, ["acme TL0110"]),
        ({"client.yml": CLIENT, "users.csv": ALICE, "../acme.yml": CLIENT}, ["acme.yml TL0109"]),
        ({"client.yml": CLIENT, "user.csv": "", "deep/x": ""}, ["acme/deep TL0109", "acme/user.csv TL0109"]),
        ({"client.yml": f"{CLIENT}users: {{alice: {{name: A}}}}", "users.csv": ALICE}, ["acme/users.csv:2:1 TL0104"]),
        ({"client.yml": f"{CLIENT}users: [a]", "users.csv": ALICE}, ["acme/client.yml:3:8 TL0203"]),
        ({"client.yml": "domain: a.example", "endpoints.csv": "endpoint\na\n"}, ["acme/endpoints.csv TL0109"]),
        ({"client.yml": CLIENT, "\x1b[2J.csv": ""}, ["acme/\x1b[2J.csv TL0109"]),
    ],
)
def test_folders_that_do_not_fit(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    found = _found(_write(tmp_path, {f"tenants/atlas/acme/{name}": text for name, text in files.items()}))
    assert [text for text in found if not text.endswith("TL0309")] == expected


def test_a_misspelt_table_is_recognised(tmp_path: Path) -> None:
    _write(tmp_path, {"tenants/atlas/acme/client.yml": CLIENT, "tenants/atlas/acme/user.csv": ""})
    assert check_inventory(tmp_path).errors[0].remedy == "did you mean users.csv?"


def test_links_out_of_the_tree_and_in_circles_are_not_followed(tmp_path: Path) -> None:
    outside = _write(tmp_path / "outside", {"tenants/boreas/brand.yml": "", "tenants/boreas/acme.yml": CLIENT})
    inventory = _write(tmp_path / "inventory", {"tenants/atlas/real.yml": CLIENT})
    tenants = inventory / "tenants"
    (tenants / "boreas").symlink_to(outside / "tenants/boreas")
    (tenants / "atlas/acme").symlink_to(outside / "tenants/boreas")
    (tenants / "atlas/acme.yml").symlink_to(outside / "tenants/boreas/acme.yml")
    (tenants / "atlas/circle").symlink_to("..")
    (tenants / "atlas/self").symlink_to("self")
    (tenants / "atlas/nowhere.yml").symlink_to("missing.yml")
    found = [text for text in _found(inventory) if not text.endswith("TL0309")]
    assert found == [
        "acme TL0108",
        "acme.yml TL0108",
        "circle TL0110",
        "circle/atlas TL0109",
        "circle/boreas TL0108",
        "nowhere.yml TL0108",
        "self TL0109",
        "tenants/boreas TL0108",
    ]
    assert len(find_units(inventory)[0]) < 10


def test_every_table_can_be_written_as_its_columns_say() -> None:
    assert {"users", "endpoints"} <= set(file_names())
    for stem in file_names():
        for client_type in ("vpbx", "residential", "retail", "wholesale"):
            section = section_of(stem, client_type)
            if section is None:
                continue
            columns = columns_of(stem, section)
            assert issubclass(sections()[section], Item)
            assert columns.key == key_column(stem)
            assert columns.key not in columns.fields
            assert columns.lists <= columns.fields


def test_a_name_that_is_no_text_cannot_hurt_a_terminal(tmp_path: Path) -> None:
    _write(tmp_path, {"tenants/atlas/\x1b[31mred.yml": CLIENT})
    (tmp_path / "tenants/atlas" / os.fsdecode(b"\xff.yml")).write_text(CLIENT)
    problems = check_inventory(tmp_path).problems
    assert [problem.code for problem in problems] == ["TL0204", "TL0204"]
    for problem in problems:
        str(problem).encode("ascii")
        json.dumps(problem.as_json()).encode("ascii")
        assert "\x1b" not in str(problem)


def test_a_change_in_a_table_is_seen_through_the_cache(tmp_path: Path) -> None:
    cache, users = tmp_path / "cache.sqlite", tmp_path / "inventory/tenants/atlas/acme/users.csv"
    inventory = _write(
        tmp_path / "inventory",
        {"tenants/atlas/acme/client.yml": CLIENT, "tenants/atlas/acme/users.csv": "user,name,extension\na,A,101\n"},
    )
    assert check_inventory(inventory, cache=cache).good
    for text, place in (("a,A,1\n", "2:5"), ("a,A,101\nb,B,101\n", "3:5")):
        users.write_text(f"user,name,extension\n{text}")
        (problem, *_) = check_inventory(inventory, cache=cache).problems
        assert str(problem.place) == f"tenants/atlas/acme/users.csv:{place}"
    users.unlink()
    assert [problem.code for problem in check_inventory(inventory, cache=cache).problems] == ["TL0309"]
    users.write_text("user,name,extension\na,A,101\n")
    assert check_inventory(inventory, cache=cache).problems == ()
