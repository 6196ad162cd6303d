"""Live rows that belong to declared objects: they follow an object that moves, and hold one that is to be removed.

The one registry of such columns is `LIVE`. A table of schema `live` that refers to `config` gets a line here, and
``trunkline_apply`` the right to update these columns; a test finds those that were forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from trunkline.plan._connection import Connection


@dataclass(frozen=True)
class LiveTable:
    """A table of schema `live` with ids of declared objects.

    Args:
        name: Its name.
        columns: Column -> tables of schema `config` whose ids it may hold.
        state: What a row that holds its object is called; empty when none does.
        holds: SQL condition: which rows do.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    state: str = ""
    holds: str = ""


_ENDPOINTS = ("terminal", "device", "account", "friend")
# Of calls with the outside.
_OUTSIDE = {"ddi_id": ("ddi",), "carrier_id": ("carrier",), "ddi_provider_id": ("ddi_provider",)}
# Legs before calls: in this order the proxies' events lock them, too.
LIVE = (
    LiveTable(
        "call_leg",
        {
            "endpoint_id": _ENDPOINTS,
            "client_id": ("client",),
            "brand_id": ("brand",),
            **_OUTSIDE,
        },
        state="calls in progress",
        holds="ended_at is null",
    ),
    LiveTable(
        "call",
        {"client_id": ("client",), "brand_id": ("brand",), "endpoint_id": _ENDPOINTS, **_OUTSIDE},
        state="calls in progress",
        holds="ended_at is null",
    ),
    LiveTable("carrier_server", {"server_id": ("carrier_server",)}),
    LiveTable("registration", {"registration_id": ("ddi_provider_registration",)}),
)

States = Mapping[tuple[str, str], Mapping[str, int]]
"""(table of `config`, id) -> what holds the object, and how many of it."""


def holding(connection: Connection) -> States:
    """Return the declared objects that live state holds.

    Args:
        connection: To the database.
    """
    found: dict[tuple[str, str], dict[str, int]] = {}
    for table in LIVE:
        if not table.state:
            continue
        for column, kinds in table.columns.items():
            query = sql.SQL(
                "select {column}::text, count(*) from live.{table} where {column} is not null and ({holds}) group by 1"
            ).format(column=sql.Identifier(column), table=sql.Identifier(table.name), holds=sql.SQL(table.holds))
            for identity, count in connection.execute(query):
                for kind in kinds:
                    found.setdefault((kind, identity), {})[table.state] = int(count)
    return found


def follow(connection: Connection, revision: int) -> None:
    """Have live rows follow the objects that a revision moved, inside of the transaction at hand.

    Args:
        connection: In a transaction.
        revision: Its rows are in ``config.revision_moved``.
    """
    for table in LIVE:
        for column, kinds in table.columns.items():
            statement = sql.SQL(
                "update live.{table} as live set {column} = moved.new_id from config.revision_moved as moved"
                " where moved.revision = %s and moved.table_name = any(%s) and live.{column} = moved.old_id"
            ).format(table=sql.Identifier(table.name), column=sql.Identifier(column))
            connection.execute(statement, [revision, list(kinds)])
