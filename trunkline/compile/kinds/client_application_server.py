"""Rows of the order in which a client's calls try the application servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.infrastructure import preference
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

# Their calls go straight from the users proxy to the trunks proxy, none come to them (seed 004 section 9.1.4). Those of
# retail clients go straight too, but what comes in and goes on to a number outside needs a server to make that call.
_DIRECT = frozenset({"wholesale"})

TABLE = Table(
    name="client_application_server",
    label="application servers",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("position"),
        Column("application_server_id", references="application_server"),
    ),
    title="application_server_id",
    scope="client_id",
    ordered_by="position",
    reload=frozenset({"identities"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every application server, first choice first; calls of some types of clients pass none."""
    if context.declared.type in _DIRECT:
        return
    for position, server in enumerate(preference(context.id, context.application_servers)):
        own_id = context.id_of("application_server", server.name)
        yield own_id, context.id, position, object_id("application_server", server.name)
