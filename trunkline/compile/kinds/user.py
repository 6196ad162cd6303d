"""Rows of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table
from trunkline.compile.transformation import own_set_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

# Language, time zone and country are null where the client's count: a client that changes its own changes one row.
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
        Column("lastname", "lastname"),
        Column("email", "email"),
        Column("language", "language"),
        Column("time_zone", "time zone"),
        Column("country", "country"),
        Column("location_id", "location", references="location"),
        Column("outgoing_ddi_id", "outgoing DDI", references="ddi"),
        Column("do_not_disturb", "do not disturb"),
        Column("call_waiting", "call waiting"),
        Column("calls_from_elsewhere", "calls from elsewhere"),
        Column("multi_contact", "multi contact", usual="true"),
        Column("rejection", "rejection", usual="code"),
        Column("assistant_id", "assistant", references="user"),
        Column("transformation_set_id", "transformation set", references="transformation_set"),
        Column("outgoing_ddi_rule_id", "outgoing DDI rule", references="outgoing_ddi_rule"),
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
            context.id_or_none("extension", numbers.get(name)),
            user.lastname,
            user.email,
            user.language,
            user.time_zone,
            user.country,
            context.id_or_none("location", user.location),
            context.id_or_none("ddi", user.outgoing_ddi or user.ddi),
            user.do_not_disturb,
            user.call_waiting,
            user.calls_from_elsewhere,
            user.multi_contact,
            user.rejection,
            context.id_or_none("user", user.boss.assistant if user.boss else None),
            own_set_id(context, user),
            context.id_or_none("outgoing_ddi_rule", user.outgoing_ddi_rule),
        )
