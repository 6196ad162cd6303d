"""Fields with few or countable values: yes or no, how many, one of some words. A document holds text only."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from trunkline.model.fields import one_of, quoted, wrong

_YES_NO = {"yes": True, "no": False}
_COUNT = re.compile(r"0|[1-9][0-9]{0,8}")


def check_yes_no(value: Any) -> bool:
    """Check and convert ``yes`` or ``no``; nothing else means either (``true``, ``on`` and ``1`` do not).

    Raises:
        PydanticCustomError: TL0451.
    """
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value not in _YES_NO:
        shown = quoted(value) if isinstance(value, str) else "this"
        raise wrong("TL0451", f"{shown} is neither yes nor no", "write yes or no")
    return _YES_NO[value]


YesNo = Annotated[
    bool,
    BeforeValidator(check_yes_no),
    # Editors that know YAML 1.1 read yes and no as true and false.
    WithJsonSchema({"anyOf": [{"enum": ["yes", "no"]}, {"type": "boolean"}], "description": "yes or no"}),
]


class Count:
    """A validator for a whole number within limits: ``Annotated[int, Count(1, 9)]``.

    Args:
        least: The lowest value.
        most: The highest value.
    """

    def __init__(self, least: int = 0, most: int = 999_999_999) -> None:
        self.least = least
        self.most = most

    def check(self, value: Any) -> int:
        """Check and convert a number that is written in digits, without sign, point or leading zeros.

        Raises:
            PydanticCustomError: TL0452.
        """
        if isinstance(value, int) and not isinstance(value, bool):
            number = value
        elif isinstance(value, str) and _COUNT.fullmatch(value):
            number = int(value)
        else:
            number = self.least - 1
        if not self.least <= number <= self.most:
            shown = quoted(value) if isinstance(value, str) else "this"
            remedy = f"write a number from {self.least} to {self.most}"
            raise wrong("TL0452", f"{shown} is not a number that fits here", remedy)
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Put the check before pydantic's own."""
        return BeforeValidator(self.check).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Return what editors check: they read digits as a number."""
        del core_schema, handler
        digits = {"type": "string", "pattern": "^[0-9]+$"}  # in quotes
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"anyOf": [number, digits], "description": f"a number, {self.least} to {self.most}"}


class OneOf:
    """A validator for one of some words: ``Annotated[str, OneOf("udp", "tcp")]``.

    Args:
        choices: The words.
    """

    def __init__(self, *choices: str) -> None:
        self.choices = choices

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Put the check (TL0207) behind pydantic's own."""
        return AfterValidator(one_of(self.choices)).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Return what editors check and complete."""
        del core_schema, handler
        return {"type": "string", "enum": list(self.choices)}
