"""Rows of brands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table, words
from trunkline.model.features import features_of
from trunkline.model.locale import locale_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="brand",
    label="brand",
    columns=(
        Column("id"),
        Column("name"),
        Column("language", "language"),
        Column("time_zone", "time zone"),
        Column("country", "country"),
        Column("currency", "currency"),
        Column("features", "features"),
        Column("domain", "domain"),
        Column("contract", "contract"),
        Column("max_calls", "max calls"),
    ),
    title="name",
    scope="id",
    reload=frozenset({"identities"}),
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield the one row of a brand, with the language, time zone, country, currency and features that count for it."""
    declared = context.declared
    locale = locale_of(context.platform.declared, declared)
    yield (
        context.id,
        context.brand.name,
        locale.language,
        locale.time_zone,
        locale.country,
        locale.currency,
        words(features_of(declared.features)),
        declared.domain,
        declared.contract,
        declared.max_calls,
    )
