"""Lists in which every value stands once."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from trunkline.model.fields import quoted, wrong

_Value = TypeVar("_Value")


def check_listing(values: list[_Value]) -> list[_Value]:
    """Check that no value of a list stands in it twice.

    Raises:
        PydanticCustomError: TL0406.
    """
    for value, count in Counter(str(value) for value in values).items():
        if count > 1:
            raise wrong("TL0406", f"{quoted(value)} stands in this list {count} times", "leave one of them")
    return values
