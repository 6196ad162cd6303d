"""A terminal model: how telephones of one make get their settings."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from trunkline.model.fields import DisplayName, Note, quoted, wrong
from trunkline.model.item import Item

_MAC = "{mac}"
_FILE_LENGTH = 128


def check_file(value: str) -> str:
    """Check the name of a file that telephones ask for: a relative path of plain characters.

    Raises:
        PydanticCustomError: TL0408.
    """
    plain = value.replace(_MAC, "mac")
    steps = plain.split("/")
    good = all(step.strip(".") and step.isascii() and step.replace("-", "").replace("_", "").replace(".", "").isalnum()
               for step in steps)  # fmt: skip
    if not good or len(value) > _FILE_LENGTH:
        remedy = "write a name such as y000000000044.cfg or t23/{mac}.cfg"
        raise wrong("TL0408", f"{quoted(value)} cannot be the name of a file of settings", remedy)
    return value


FileName = Annotated[
    str, AfterValidator(check_file), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _FILE_LENGTH})
]


class TerminalModel(Item):
    """A make of telephones, and the files of settings they ask for (seed 004 section 8.4).

    A telephone fresh from the box asks for `generic_file`, the same for the whole make, which tells it where to ask for
    `specific_file`, its own: ``{mac}`` in that name stands for its hardware address.
    """

    manufacturer: DisplayName = Field(description="who makes it", examples=["Yealink"])
    name: DisplayName | None = Field(default=None, description="its name in a catalogue", examples=["T23G"])
    description: Note | None = Field(default=None, description="for people", examples=["Desk phone with two lines"])
    generic_file: FileName | None = Field(
        default=None, description="asked for by every telephone of the make", examples=["y000000000044.cfg"]
    )
    specific_file: FileName | None = Field(
        default=None,
        description="asked for by a single telephone; {mac} is its hardware address",
        examples=["{mac}.cfg"],
    )

    @model_validator(mode="after")
    def _files_differ(self) -> Self:
        if self.generic_file is not None and _MAC in self.generic_file:
            raise wrong("TL0408", "the file of a whole make cannot hold {mac}", "that is specific_file")
        if self.specific_file is not None and _MAC not in self.specific_file:
            raise wrong(
                "TL0408", "the file of a single telephone must hold {mac}", "write {mac} where its address goes"
            )
        return self
