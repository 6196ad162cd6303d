"""Rows of retail accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.peer import PEER_COLUMNS, peer_values
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="account",
    label="account",
    columns=(*PEER_COLUMNS, Column("called_number", "called number")),
    title="name",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every retail account."""
    for name, account in sorted(context.declared.accounts.items()):
        yield (*peer_values(context, "account", name, account), account.called_number)
