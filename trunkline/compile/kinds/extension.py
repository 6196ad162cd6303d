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
    ),
    title="number",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every extension: users' own and those with an entry."""
    for number, extension in context.declared.all_extensions().items():
        user = None if extension.user is None else context.id_of("user", extension.user)
        yield context.id_of("extension", number), context.id, number, user
