"""The inventories of the benchmark: right, the same every time, the same rows from YAML and from CSV, and skewed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import tenant_inventory
from tests.bench.tenant_inventory import MEAN_ENDPOINTS
from trunkline.compile import Infrastructure
from trunkline.pipeline import Inputs, compile_inventory
from trunkline.secrets import Passwords

ENDPOINTS = 2000


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the same inventory in YAML, in YAML again, and with tables."""
    found = {}
    for name in ("yaml", "again", "csv"):
        found[name] = tmp_path_factory.mktemp(name)
        tenant_inventory.write(found[name], ENDPOINTS, tables=name == "csv")
    return found


def test_yaml_and_tables_mean_the_same(folders: dict[str, Path]) -> None:
    inputs = Inputs(Infrastructure(), Passwords("root", {}))
    first, second = (compile_inventory(folders[name], inputs) for name in ("yaml", "csv"))
    assert first.good, first.errors[:3]
    assert first.compiled == second.compiled
    assert first.compiled is not None
    endpoints = sum(
        scope.rows.count().get(table, 0)
        for scope in first.compiled.scopes.values()
        for table in ("terminal", "device", "account", "source")
    )
    assert ENDPOINTS * 0.9 < endpoints < ENDPOINTS * 1.1


def test_every_run_measures_the_same_files(folders: dict[str, Path]) -> None:
    first, second = (
        {file.relative_to(folders[name]): file.read_bytes() for file in folders[name].rglob("*.yml")}
        for name in ("yaml", "again")
    )
    assert first == second


def test_most_clients_are_small_and_some_are_large(folders: dict[str, Path]) -> None:
    sizes = sorted(file.read_text("utf-8").count("{") for file in folders["yaml"].glob("tenants/*/*-*.yml"))
    assert sizes[len(sizes) // 2] < MEAN_ENDPOINTS
    assert sizes[-1] > 3 * MEAN_ENDPOINTS
