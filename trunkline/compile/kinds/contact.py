"""Rows of contacts, of brands and of the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext, PlatformContext

TABLE = Table(
    name="contact",
    label="contact",
    columns=(
        Column("id"),
        Column("scope_id"),
        Column("name"),
        Column("email", "email"),
        Column("organisation", "organisation"),
        Column("person", "person"),
        Column("street", "street"),
        Column("postcode", "postcode"),
        Column("city", "city"),
        Column("country", "country"),
        Column("phone", "phone"),
        Column("tax_number", "tax number"),
        Column("external_id", "external id"),
    ),
    title="name",
    scope="scope_id",
)


def rows(context: BrandContext | PlatformContext) -> Iterator[Row]:
    """Yield a row for every contact of one level."""
    for name, contact in sorted(context.declared.contacts.items()):
        yield (
            context.id_of("contact", name),
            context.id,
            name,
            contact.email,
            contact.organisation,
            contact.person,
            contact.street,
            contact.postcode,
            contact.city,
            contact.country,
            contact.phone,
            contact.tax_number,
            contact.external_id,
        )
