"""Rows of extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="extension",
    label="extension",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("number"),
        Column("user_id", "user", references="user"),
        Column("friends_number", "friends"),
        Column("outside_number", "number"),
    ),
    title="number",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every extension: users' own and those with an entry."""
    for number, extension in context.declared.all_extensions().items():
        yield (
            context.id_of("extension", number),
            context.id,
            number,
            context.id_or_none("user", extension.user),
            extension.friends,
            extension.number,
        )
