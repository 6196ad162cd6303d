"""JSON Schema of the files of tenants, generated from the model: completion and hover texts in editors.

Draft 7, which every editor knows. A schema is a little more generous than the model where editors read YAML's own types
(``101`` is a number to them), and knows nothing of other files; `trunkline check` has the last word.
"""

from __future__ import annotations

import re
from typing import Any

from trunkline.model.brand import Brand
from trunkline.model.client import NEEDED, Client
from trunkline.model.fields import CLIENT_TYPES
from trunkline.model.item import Item
from trunkline.model.marks import FEATURE, HONOURED, REFERS, TYPES
from trunkline.model.platform import Platform

DIALECT = "http://json-schema.org/draft-07/schema#"
KINDS: dict[str, type[Item]] = {"platform": Platform, "brand": Brand, "client": Client}
# Which files of an inventory each kind is. Later patterns take away from earlier ones where they begin with "!".
FILES = {
    "platform": ["tenants/platform.yml"],
    "brand": ["tenants/*/brand.yml"],
    "client": ["tenants/*/*.yml", "tenants/*/*/client.yml", "!tenants/*/brand.yml"],
}
_MARKS = {FEATURE, HONOURED, TYPES, REFERS}
_DIGITS = [("1234567890" * 7)[:length] for length in range(1, 65)]
_ABOUT_THE_FIELD = {"default", "description", "examples", *_MARKS}
_VALUES = {"const", "default", "enum", "examples", "required"}


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file.

    Args:
        kind: ``platform``, ``brand`` or ``client``.
    """
    made = KINDS[kind].model_json_schema(ref_template="#/definitions/{model}")
    definitions = made.pop("$defs", {})
    if kind == "client":
        made["allOf"] = _by_type({name: _hoisted(field) for name, field in made["properties"].items()})
    schema = {"$schema": DIALECT, **_plain(made), "title": f"trunkline {kind}"}
    if definitions:
        schema["definitions"] = {name: _plain(each) for name, each in sorted(definitions.items())}
    return schema


def settings_of(folder: str) -> dict[str, Any]:
    """Return the settings of editors that work with the YAML language server: which schema is for which files.

    Args:
        folder: Where the schemas are, relative to the settings' project, with forward slashes.
    """
    return {"yaml.schemas": {f"{folder}/{kind}.json": [_anywhere(each) for each in FILES[kind]] for kind in FILES}}


def _anywhere(pattern: str) -> str:
    return f"!**/{pattern[1:]}" if pattern.startswith("!") else f"**/{pattern}"


def marks_text(marks: Any) -> str:
    """Return the sentences that say what the marks of a field mean; nothing for a field without.

    Args:
        marks: See `trunkline.model.marks`.
    """
    if not isinstance(marks, dict):
        return ""
    found = []
    if TYPES in marks:
        found.append(f"Only in clients of type {', '.join(marks[TYPES])}.")
    feature = marks.get(FEATURE)
    if isinstance(feature, str):
        found.append(f"Needs the feature {feature}.")
    elif feature:
        found.append(f"Needs the feature of the same name: {', '.join(sorted(feature.values()))}.")
    if HONOURED in marks:
        only = marks[HONOURED]
        found.append(f"Calls honour only {', '.join(only)} yet." if only else "Calls do not honour it yet.")
    return " ".join(found)


def _by_type(properties: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the conditions that take away what a type of client does not have."""
    found = []
    for each in CLIENT_TYPES:
        others = {name: field for name, field in properties.items() if each not in field.get(TYPES, CLIENT_TYPES)}
        without = {name: {"enum": _nothing(field.get("default"))} for name, field in others.items()}
        condition = {"properties": {"type": {"const": each}}, "required": ["type"]}
        found.append({"if": condition, "then": {"properties": without, "required": list(NEEDED.get(each, ()))}})
    return found


def _takes_digits(pattern: str | None) -> bool:
    return pattern is None or any(re.search(pattern, digits) for digits in _DIGITS)


def _nothing(default: Any) -> list[Any]:
    """Return what says no more than leaving the key out."""
    spelt = {True: ["yes"], False: ["no"]}.get(default, []) if isinstance(default, bool) else [str(default)]
    return [None, {}, [], *([default, *spelt] if default is not None else [])]


def _plain(node: Any) -> Any:
    """Return a part of a schema as editors want it: marks as sentences, no titles, nothing beside a reference."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, each in node.items():
        if key == "properties":
            found[key] = {name: _property(field) for name, field in each.items()}
        elif key not in _MARKS:
            found[key] = each if key in _VALUES else _plain(each)
    if found.get("type") == "string" and "enum" not in found and _takes_digits(found.get("pattern")):
        text = {key: found.pop(key) for key in ("type", "pattern", "minLength", "maxLength") if key in found}
        found["anyOf"] = [text, {"type": "integer", "minimum": 0}]  # to an editor, digits without quotes
    if "patternProperties" in found:  # pydantic leaves other keys open, and says so with names of properties
        found.pop("propertyNames", None)
        found["additionalProperties"] = False
    if "$ref" in found and len(found) > 1:  # draft 7 ignores what stands beside a reference
        found = {"allOf": [{"$ref": found.pop("$ref")}], **found}
    return found


def _property(node: Any) -> Any:
    """Return the schema of a field: its key is title enough."""
    if not isinstance(node, dict):
        return node
    node = _hoisted(node)
    found = _plain(node)
    found.pop("title", None)
    if found.get("default", ...) is None:
        del found["default"]
    sentences = marks_text(node)
    if sentences:
        description = found.get("description", "").rstrip(".")
        found["description"] = f"{description}. {sentences}" if description else sentences
    return found


def _hoisted(node: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema with what is said about the field beside, not inside of, "this or nothing"."""
    if "description" in node or "anyOf" not in node:
        return node
    first, *others = node["anyOf"]
    about = {key: each for key, each in first.items() if key in _ABOUT_THE_FIELD}
    value = {key: each for key, each in first.items() if key not in _ABOUT_THE_FIELD}
    return {**node, "anyOf": [value, *others], **about}
