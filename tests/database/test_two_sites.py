"""The same files end in the same rows, byte by byte: on any site, whatever its database held before."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import HOSTS, compiled, crowd, do_apply, do_plan, do_rollback, held
from trunkline.pipeline import Inputs, compile_inventory
from trunkline.secrets import Passwords

if TYPE_CHECKING:
    from tests.support.databases import Database
    from trunkline.compile import Compiled

INVENTORIES = sorted((Path(__file__).parents[2] / "inventories").glob("*/tenants"))


def _site(tenants: Path, folder: Path) -> Compiled:
    """Return the rows of a copy of an inventory, as another site has it: other place, other times, other order."""
    (folder / "tenants").mkdir(parents=True)
    for file in sorted(tenants.rglob("*"), reverse=True):
        if file.is_file():
            target = folder / "tenants" / file.relative_to(tenants)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    report = compile_inventory(folder, Inputs(HOSTS, Passwords("root key of the platform", {})))
    assert report.compiled is not None, report.problems
    return report.compiled


@pytest.mark.parametrize("tenants", INVENTORIES, ids=lambda path: path.parent.name)
def test_an_empty_and_an_old_database_hold_the_same(
    database: Database, empty_copy: Database, tenants: Path, tmp_path: Path
) -> None:
    for state in (crowd(30), {}, crowd(3)):
        do_apply(database, compiled(state))
    do_rollback(database, 1)
    one, other = _site(tenants, tmp_path / "one"), _site(tenants, tmp_path / "other")
    do_apply(database, one)
    do_apply(empty_copy, other)
    assert held(database) == held(empty_copy)
    assert held(database)["client"]
    assert not do_plan(database, other, full=True).changed
