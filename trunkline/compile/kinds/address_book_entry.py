"""Rows of address books: people outside. Users stand in the address book without a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="address_book_entry",
    label="address book entry",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("name"),
        Column("display_name", "name"),
        Column("lastname", "lastname"),
        Column("email", "email"),
        Column("work", "work"),
        Column("mobile", "mobile"),
        Column("other", "other"),
    ),
    title="name",
    scope="client_id",
    collection="address_book",
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for everybody outside who stands in the address book."""
    for name, entry in sorted(context.declared.address_book.items()):
        yield (
            context.id_of("address_book", name),
            context.id,
            name,
            entry.name,
            entry.lastname,
            entry.email,
            entry.work,
            entry.mobile,
            entry.other,
        )
