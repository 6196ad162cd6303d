"""Rows of residential devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.peer import PEER_COLUMNS, peer_values
from trunkline.compile.table import Column, Row, Table, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="device",
    label="device",
    columns=(
        *PEER_COLUMNS,
        Column("language", "language"),
        Column("codecs", "codecs"),
        Column("called_number", "called number"),
        Column("call_waiting", "call waiting"),
    ),
    title="name",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every residential device."""
    for name, device in sorted(context.declared.devices.items()):
        yield (
            *peer_values(context, "device", name, device),
            device.language,
            words(device.codecs),
            device.called_number,
            device.call_waiting,
        )
