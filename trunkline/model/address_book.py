"""The address book of a vPBX client, for what is connected to the platform."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from trunkline.model.fields import DisplayName, Note, wrong
from trunkline.model.item import Item
from trunkline.model.telephony import Email, PhoneNumber

_PHONES = ("work", "mobile", "other")


class AddressBookEntry(Item):
    """Somebody outside of the client (seed 004 section 10.1.12). Users are in the address book without an entry.

    It is information only: no call depends on it.
    """

    name: DisplayName = Field(description="given name, or the whole name", examples=["Wanda"])
    lastname: DisplayName | None = Field(default=None, description="family name", examples=["Example"])
    email: Email | None = Field(default=None, description="mail address", examples=["wanda@example.com"])
    work: PhoneNumber | None = Field(default=None, description="telephone at work", examples=["+34910000001"])
    mobile: PhoneNumber | None = Field(default=None, description="mobile telephone", examples=["+34600000001"])
    other: Note | None = Field(
        default=None, description="anything else to dial: an extension, a fax, free text", examples=["102"]
    )

    @model_validator(mode="after")
    def _can_be_called(self) -> Self:
        if all(getattr(self, phone) is None for phone in _PHONES) and self.email is None:
            message = f"{self.name} can be reached in no way"
            raise wrong("TL0412", message, f"add one of {', '.join(_PHONES)}, email")
        return self
