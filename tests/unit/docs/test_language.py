"""The reference of the language is fresh, and every example in it and in the how-tos passes the check."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from trunkline.model.item import Item
from trunkline.model.units import find_units, load_brand, load_client, load_platform
from trunkline.pipeline import check_inventory

ROOT = Path(__file__).parents[3]
# A whole file begins with three hyphens, a part of one does not.
FENCE = re.compile(r"```yaml\n---\n# (tenants/\S+)\n(.*?)```", re.DOTALL)
HOW_TOS = sorted(page for page in (ROOT / "docs/how-to").glob("*.md") if FENCE.search(page.read_text("utf-8")))
# What calls do not honour yet is in the language all the same.
EXPECTED = {"TL0400"}
LOAD: dict[str, Any] = {"platform": load_platform, "brand": load_brand, "client": load_client}


def _tool() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("language_reference", str(ROOT / "tools/language-reference"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    return module


TOOL = _tool()
OBJECTS: dict[str, type[Item]] = {TOOL.page_name(model): model for model in TOOL.objects()}


def _declared(inventory: Path) -> Iterator[Item]:
    for unit in find_units(inventory)[0]:
        named = LOAD[unit.kind](inventory, unit).named
        assert named is not None
        yield from _items(named.declared)


def _items(value: Any) -> Iterator[Item]:
    """Yield every object in a value."""
    if isinstance(value, Item):
        yield value
        for name in value.model_fields_set:
            yield from _items(getattr(value, name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _items(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _items(each)


def test_the_pages_are_fresh() -> None:
    texts = TOOL.pages()
    stale = [file.name for file, text in texts.items() if not file.exists() or file.read_text("utf-8") != text]
    assert stale == [], "run `make reference`"
    assert set(TOOL.PAGES.glob("*.md")) == set(texts)


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_every_object_has_an_example_that_passes(name: str) -> None:
    folder = TOOL.EXAMPLES / name
    assert folder.is_dir(), f"no example: write one below {folder.relative_to(ROOT)}"
    report = check_inventory(folder)
    assert [str(problem) for problem in report.problems if problem.code not in EXPECTED] == []
    found = [each for each in _declared(folder) if type(each) is OBJECTS[name]]
    assert any(each.model_fields_set for each in found), f"the example has no {name}"


def test_there_is_no_example_of_nothing() -> None:
    assert {folder.name for folder in TOOL.EXAMPLES.iterdir()} == set(OBJECTS)


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: page.stem)
def test_the_examples_of_a_how_to_pass(tmp_path: Path, page: Path) -> None:
    for file, text in FENCE.findall(page.read_text("utf-8")):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")
        for parent in (tmp_path / file).relative_to(tmp_path / "tenants").parents:
            if len(parent.parts) == 1:
                (tmp_path / "tenants" / parent / "brand.yml").touch()
    assert [str(problem) for problem in check_inventory(tmp_path).problems if problem.code not in EXPECTED] == []


def test_every_key_is_described() -> None:
    without = [
        f"{name}.{key}"
        for name, model in OBJECTS.items()
        for key, field in model.model_fields.items()
        if not field.description
    ]
    assert without == []
    assert all(TOOL.prose(model) for model in OBJECTS.values())
