"""Marks of fields: found where they are used, and never about features that do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel, Field

from trunkline.model.features import ALL, OF_CLIENTS, features_of, features_of_client
from trunkline.model.item import Item
from trunkline.model.marks import FEATURE, HONOURED, REFERS, marks, models_in
from trunkline.model.schema import KINDS


class Lamp(Item):
    colour: str = Field(default="white", json_schema_extra=marks(honoured=["white", "red"]))
    kind: str | None = Field(default=None, json_schema_extra=marks(feature={"laser": "lasers"}))
    watts: str = ""


class Room(Item):
    lamps: Mapping[str, Lamp] = Field(default_factory=dict)
    spare: list[Lamp] = Field(default_factory=list)
    desk: Lamp | None = None
    doors: list[str] = Field(default_factory=list, json_schema_extra=marks(refers="doors", honoured=False))
    name: str = ""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"name": "x"}, []),
        ({"lamps": {"a": {"watts": "5"}}}, []),
        ({"lamps": {"a": {"colour": "white"}}}, []),  # what it would be anyway
        ({"doors": []}, []),
        ({"lamps": {"a": {"colour": "red"}}}, [("lamps.a.colour", True, "")]),
        ({"lamps": {"a": {"colour": "blue"}}}, [("lamps.a.colour", False, "")]),
        ({"spare": [{}, {"kind": "laser"}]}, [("spare.1.kind", True, "lasers")]),
        ({"desk": {"kind": "candle"}}, [("desk.kind", True, "")]),
        ({"doors": ["front"]}, [("doors", False, "")]),
    ],
)
def test_uses_are_found(said: dict[str, Any], found: list[tuple[str, bool, str]]) -> None:
    uses = Room.model_validate(said).marked
    assert [(".".join(map(str, use.path)), use.honoured, use.feature) for use in uses] == found


def test_references_have_paths() -> None:
    (use,) = Room.model_validate({"doors": ["front", "back"]}).marked
    assert use.references == [(("doors", 0), "front"), (("doors", 1), "back")]


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for below in models_in(field.annotation):
            yield from _models(below)


def test_marks_of_the_language_mean_something() -> None:
    kinds: list[type[BaseModel]] = list(KINDS.values())
    models = {below for model in kinds for below in _models(model)}
    keys = {key for model in kinds for key in model.model_fields}
    seen = set()
    for model in models:
        for name, field in model.model_fields.items():
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            feature = extra.get(FEATURE, [])
            features = feature.values() if isinstance(feature, dict) else [feature] if feature else []
            assert set(features) <= set(ALL), (model, name)
            assert extra.get(REFERS, "users") in keys, (model, name)
            seen |= extra.keys() & {FEATURE, HONOURED, REFERS}
    assert seen == {FEATURE, HONOURED, REFERS}


def test_features_go_down() -> None:
    assert features_of(None) == list(ALL)
    assert features_of([]) == []
    assert features_of_client(None, None) == list(OF_CLIENTS)
    assert features_of_client(["vpbx"], None) == []
    assert features_of_client(["vpbx"], ["friends"]) == []
    assert features_of_client(["friends", "vpbx"], ["friends"]) == ["friends"]
    assert features_of_client(None, []) == []
