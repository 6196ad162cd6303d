"""Rows of DDIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

TABLE = Table(
    name="ddi",
    label="DDI",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("number"),
        Column("description", "description"),
        Column("direction", "direction"),
        Column("user_id", "user", references="user"),
        Column("friends_number", "friends"),
        Column("device_id", "device", references="device"),
        Column("account_id", "account", references="account"),
        Column("brand_id"),
        Column("ddi_provider_id", "provider", references="ddi_provider"),
        Column("extension_id", "extension", references="extension"),
        Column("outside_number", "number"),
        Column("max_calls", "max calls"),
    ),
    title="number",
    scope="client_id",
    reload=frozenset({"clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every DDI: those with an entry, and those that users, devices and accounts name as their own."""
    brand_id = object_id("brand", context.brand.name)
    for number, ddi in context.declared.all_ddis().items():
        yield (
            context.id_of("ddi", number),
            context.id,
            number,
            ddi.description,
            ddi.direction,
            context.id_or_none("user", ddi.user),
            ddi.friends,
            context.id_or_none("device", ddi.device),
            context.id_or_none("account", ddi.account),
            brand_id,
            None if ddi.provider is None else object_id("brand", context.brand.name, "ddi_provider", ddi.provider),
            context.id_or_none("extension", ddi.extension),
            ddi.number,
            ddi.max_calls,
        )
