"""JSON Schema of the files of tenants, generated from the model: completion and hover texts in editors."""

from __future__ import annotations

from typing import Any

from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.item import Item
from trunkline.model.platform import Platform

KINDS: dict[str, type[Item]] = {"platform": Platform, "brand": Brand, "client": Client}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file.

    Args:
        kind: ``platform``, ``brand`` or ``client``.
    """
    return {"$schema": DIALECT, **KINDS[kind].model_json_schema()}
