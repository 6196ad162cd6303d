"""What all objects of the language have in common."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, model_validator

from trunkline.model.marks import Marked, marked

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class Item(BaseModel):
    """An object of the language: frozen, strict, without unknown keys.

    A key without a value counts as not given, and an item without any key as an item with its defaults.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_what_is_not_given(cls, value: Any) -> Any:
        if value is None:
            return {}
        if isinstance(value, dict) and None in value.values():
            return {key: each for key, each in value.items() if each is not None or key not in cls.model_fields}
        return value

    @cached_property
    def marked(self) -> tuple[Marked, ...]:
        """The marked fields that the item and what is in it use (`trunkline.model.marks`)."""
        return tuple(marked(self))

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Let editors accept what the validator above accepts: nothing in place of a value."""
        schema = handler.resolve_ref_schema(handler(core_schema))
        # Editors show the first sentence, without the reference to where the rule comes from.
        schema["description"] = re.sub(r" \([^)]*\)", "", (cls.__doc__ or "").partition("\n")[0])
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        for name, field in properties.items():
            if name not in required and {"type": "null"} not in field.get("anyOf", []):
                properties[name] = {"anyOf": [field, {"type": "null"}]}
        if not required:
            schema["type"] = ["object", "null"]
        return schema
