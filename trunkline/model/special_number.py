"""Special numbers: those whose calls leave no trace, such as emergency numbers and helplines."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from trunkline.model.fields import Note, digits_schema, quoted, wrong
from trunkline.model.item import Item
from trunkline.model.values import YesNo

_NUMBER = re.compile(r"\+[1-9][0-9]{2,14}")


def check_special_number(value: str) -> str:
    """Check a number that may exist inside of one country only: plus, country code, and what is dialled there.

    Raises:
        PydanticCustomError: TL0522.
    """
    if not _NUMBER.fullmatch(value):
        remedy = "write it with plus and country code: +34112 is what people dial as 112 in Spain"
        raise wrong("TL0522", f"{quoted(value)} is not a number with country code", remedy)
    return value


SpecialNumberKey = Annotated[
    str, AfterValidator(check_special_number), digits_schema(_NUMBER, "a number with plus and country code")
]


class SpecialNumber(Item):
    """A number outside whose calls are treated in another way (seed 004 sections 8.9 and 9.7.2). Its key is the number.

    Calls to it from the platform to the outside leave no record, cost nothing and are not recorded, unless it says
    otherwise. A brand's entry for a number hides the platform's.
    """

    description: Note | None = Field(default=None, description="for people", examples=["Emergencies"])
    emergency: YesNo = Field(
        default=False, description="somebody's life may depend on the call: no extension may hide it (TL0468)"
    )
    call_record: YesNo = Field(default=False, description="calls to it have a call record")
    rating: YesNo = Field(default=False, description="calls to it are rated, and refused when nothing says their price")
    recording: YesNo = Field(default=False, description="calls to it are recorded where calls are")
