"""A contact: whom to reach about a contract, a brand or a client."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.fields import DisplayName, Note
from trunkline.model.item import Item
from trunkline.model.locale import Country
from trunkline.model.telephony import Email, PhoneNumber


class Contact(Item):
    """Name and addresses of a person or an organisation (seed 002 section 5.1). Written once, referred to by name."""

    email: Email = Field(description="where notifications and invoices go", examples=["office@cheapcall.example"])
    organisation: DisplayName | None = Field(default=None, description="its name", examples=["Cheap Call GmbH"])
    person: DisplayName | None = Field(default=None, description="whom to ask for", examples=["Carla Example"])
    street: Note | None = Field(default=None, description="street and number", examples=["Zeil 1"])
    postcode: Note | None = Field(default=None, description="postal code", examples=["60313"])
    city: Note | None = Field(default=None, description="city", examples=["Frankfurt am Main"])
    country: Country | None = Field(default=None, description="two letters of ISO 3166", examples=["DE"])
    phone: PhoneNumber | None = Field(default=None, description="telephone number", examples=["+4969123456"])
    tax_number: Note | None = Field(default=None, description="as it stands on invoices", examples=["DE123456789"])
    external_id: Note | None = Field(
        default=None, description="what other systems call it; tells several from each other", examples=["crm-4711"]
    )
