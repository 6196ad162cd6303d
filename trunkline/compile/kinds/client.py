"""Rows of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.compile.table import Column, Row, Table, words
from trunkline.compile.transformation import set_that_counts
from trunkline.model.features import features_of_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext

DEFAULT_SET = "default"

TABLE = Table(
    name="client",
    label="client",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("name"),
        Column("type", "type"),
        Column("domain", "domain"),
        Column("language", "language"),
        Column("time_zone", "time zone"),
        Column("country", "country"),
        Column("currency", "currency"),
        Column("features", "features"),
        Column("contact", "contact"),
        Column("corporation", "corporation"),
        Column("max_calls", "max calls"),
        Column("transformation_set_id", "transformation set", references="transformation_set"),
        Column("outgoing_ddi_id", "outgoing DDI", references="ddi"),
        Column("voice_notifications", "voice notifications"),
        Column("transcoding", "transcoding"),
        Column("media_set", "media set", usual=DEFAULT_SET),
        Column("outgoing_ddi_rule_id", "outgoing DDI rule", references="outgoing_ddi_rule"),
    ),
    title="name",
    scope="id",
    reload=frozenset({"identities", "clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield the one row of a client, with the language, time zone, country and currency that count for it."""
    declared, locale = context.declared, context.locale
    yield (
        context.id,
        object_id("brand", context.brand.name),
        context.client.name,
        declared.type,
        declared.domain or None,
        locale.language,
        locale.time_zone,
        locale.country,
        locale.currency,
        words(features_of_client(context.brand.declared.features, declared.features)),
        declared.contact,
        declared.corporation,
        declared.max_calls,
        set_that_counts(context, declared.transformation_set, locale),
        context.id_or_none("ddi", declared.outgoing_ddi),
        declared.voice_notifications,
        words(declared.transcoding),
        declared.media_set or DEFAULT_SET,
        context.id_or_none("outgoing_ddi_rule", declared.outgoing_ddi_rule),
    )
