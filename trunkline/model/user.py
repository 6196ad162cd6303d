"""A user: a person of a client, with a terminal to call from and an extension to be called on."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.fields import DisplayName, ExtensionNumber, Reference
from trunkline.model.item import Item


class User(Item):
    """A person of a vPBX client (seed 004 section 10.1.1). Its key is its name.

    Attributes:
        name: What the called phone shows.
        extension: Number that rings this user, and that the user presents when it calls (its screen extension). Further
            numbers for the same user are written under the client's `extensions`; without this one the user presents
            the lowest of those.
        terminal: The terminal whose phones are this user's; without it a terminal of the user's own name, which needs
            no entry under `terminals`.
    """

    name: DisplayName = Field(description="what the called phone shows", examples=["Alice Example"])
    extension: ExtensionNumber | None = Field(
        default=None, description="rings this user; is shown when the user calls", examples=["101"]
    )
    terminal: Reference | None = Field(
        default=None, description="the user's terminal; default: one of the user's own name", examples=["lobby"]
    )
