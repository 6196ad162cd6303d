"""Every object of the language survives the way into a file and back, and the way between processes."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from tests.support import inventories
from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.item import Item
from trunkline.model.units import find_units, load_brand, load_client, load_platform
from trunkline.source import read_file

ROOT = Path(__file__).parents[3]
INVENTORIES = sorted(
    {file.parents[1] for file in ROOT.glob("inventories/*/tenants/*/")}
    | {file for file in ROOT.glob("docs/reference/language/examples/*") if file.is_dir()}
)


def _written(value: Any) -> Any:
    """Return what a file says of a value: text, lists and mappings of what is set."""
    if isinstance(value, Item):
        return {
            name: _written(getattr(value, name)) for name in type(value).model_fields if name in value.model_fields_set
        }
    if isinstance(value, Mapping):
        return {key: _written(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if value is None else str(value)


def _survives(item: Item, folder: Path) -> None:
    text = yaml.dump(_written(item), Dumper=inventories.Dumper, allow_unicode=True, sort_keys=False)
    (folder / "x.yml").write_text(text, encoding="utf-8")
    document, problems = read_file(folder, "x.yml")
    assert document is not None, problems
    again = type(item).model_validate(document.data)
    assert again == item
    assert again.model_fields_set == item.model_fields_set
    assert pickle.loads(pickle.dumps(item)) == item  # noqa: S301 - our own bytes


def _declared(inventory: Path) -> Iterator[Item]:
    for unit in find_units(inventory)[0]:
        if unit.kind == "client":
            yield getattr(load_client(inventory, unit).named, "declared")  # noqa: B009 - fails if there is none
        elif unit.kind == "brand":
            yield getattr(load_brand(inventory, unit).named, "declared")  # noqa: B009 - as above
        else:
            yield getattr(load_platform(inventory, unit).named, "declared")  # noqa: B009 - as above


@pytest.mark.parametrize("inventory", INVENTORIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_written_in_the_repository(inventory: Path, tmp_path: Path) -> None:
    for item in _declared(inventory):
        _survives(item, tmp_path)


@given(tree=inventories.trees())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_can_be_written(tree: inventories.Tree, tmp_path: Path) -> None:
    for parts in tree.values():
        _survives(Brand.model_validate(parts["brand"]), tmp_path)
        for client in parts["clients"].values():
            _survives(Client.model_validate(client), tmp_path)
