"""Rows of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="user",
    label="user",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("name"),
        Column("display_name", "name"),
        Column("terminal_id", "terminal", references="terminal"),
        Column("screen_extension_id", "extension", references="extension"),
    ),
    title="name",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every user."""
    numbers = context.declared.screen_extensions()
    for name, user in sorted(context.declared.users.items()):
        yield (
            context.id_of("user", name),
            context.id,
            name,
            user.name,
            context.id_of("terminal", context.declared.terminal_of(name)),
            context.id_of("extension", numbers[name]) if name in numbers else None,
        )
