"""Every object of the language survives a round trip: written as a file and read again, it is the same."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import language
from trunkline.model.marks import TYPES
from trunkline.model.schema import KINDS, schema_of
from trunkline.model.tables import columns_of, file_names, key_column, section_of, sections
from trunkline.source import read_file, read_table

if TYPE_CHECKING:
    from trunkline.model.item import Item

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
TABLES = [
    pytest.param(stem, section, id=f"{stem} as {section}")
    for stem in file_names()
    for section in sorted({section_of(stem, kind) for kind in ("vpbx", "residential", "retail")} - {None})  # type: ignore[type-var]
]
VALIDATORS = {kind: jsonschema.Draft7Validator(schema_of(kind)) for kind in KINDS}


@pytest.mark.parametrize("model", language.objects(), ids=lambda model: model.__name__)
@QUICK
@given(data=st.data())
def test_an_object_in_yaml(tmp_path_factory: pytest.TempPathFactory, model: type[Item], data: st.DataObject) -> None:
    item = model.model_validate(data.draw(language.documents(model)))
    root = tmp_path_factory.mktemp("yaml")
    text = yaml.safe_dump(
        language.document_of(item), allow_unicode=True, default_style=data.draw(st.sampled_from(["", '"']))
    )
    (root / "f.yml").write_text(text, encoding="utf-8")
    document, problems = read_file(root, "f.yml")
    assert problems == []
    assert document is not None
    assert model.model_validate(document.data) == item


@pytest.mark.parametrize("kind", KINDS)
@QUICK
@given(data=st.data())
def test_what_the_model_accepts_an_editor_accepts(kind: str, data: st.DataObject) -> None:
    document = data.draw(language.documents(KINDS[kind]))
    others = [name for name in document if document.get("type") not in _types(KINDS[kind], name, document)]
    for name in others:  # a rule, not the model, knows what belongs to which type of client
        del document[name]
    VALIDATORS[kind].validate(document)
    VALIDATORS[kind].validate(_as_read(document))


@pytest.mark.parametrize("kind", KINDS)
@QUICK
@given(data=st.data())
def test_what_has_another_key_both_refuse(kind: str, data: st.DataObject) -> None:
    document = {**data.draw(language.documents(KINDS[kind])), "nonsense": "1"}
    assert not VALIDATORS[kind].is_valid(document)


@pytest.mark.parametrize(("stem", "section"), TABLES)
@QUICK
@given(data=st.data())
def test_objects_in_a_table(
    tmp_path_factory: pytest.TempPathFactory, stem: str, section: str, data: st.DataObject
) -> None:
    model, columns = sections()[section], columns_of(stem, section)
    item = model.model_validate(data.draw(language.documents(model)))
    cells = dict(_cells(language.document_of(item)))
    lists = [name for name in columns.lists if any(" " in each or not each for each in cells.get(name, []))]
    if cells.keys() - columns.fields or lists or "" in cells.values() or None in cells.values():
        return  # said in YAML only
    names = [key_column(stem), *sorted(cells)]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=data.draw(st.sampled_from([",", ";", "\t"])), lineterminator="\r\n")
    row = [" ".join(each) if isinstance(each, list) else each for each in (cells[name] for name in names[1:])]
    writer.writerows([names, ["key", *row]])
    root = tmp_path_factory.mktemp("csv")
    (root / "t.csv").write_text(stream.getvalue(), encoding="utf-8", newline="")
    table, problems = read_table(root, "t.csv", columns)
    assert problems == []
    assert table is not None
    assert model.model_validate(table.data["key"]) == model.model_validate(_without_empty(language.document_of(item)))


def _cells(document: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in document.items():
        if isinstance(value, dict):
            found += _cells(value, f"{prefix}{name}.")
        elif value:
            found.append((f"{prefix}{name}", value))
    return found


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without what an empty cell cannot say: lists and objects with nothing in them."""
    inner = {name: _without_empty(value) if isinstance(value, dict) else value for name, value in document.items()}
    return {name: value for name, value in inner.items() if value or not isinstance(value, dict | list)}


def _types(model: type[Item], name: str, document: dict[str, Any]) -> list[Any]:
    """Return the types of client that may have a key; that of the document where all may."""
    extra = model.model_fields[name].json_schema_extra
    return list(extra.get(TYPES, [document.get("type")])) if isinstance(extra, dict) else [document.get("type")]


def _as_read(value: Any) -> Any:
    """Return a document as an editor reads it when nothing is quoted: digits are numbers to it, but as keys text."""
    if isinstance(value, dict):
        return {key: _as_read(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_read(each) for each in value]
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
