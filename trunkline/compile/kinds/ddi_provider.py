"""Rows of DDI providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.credentials import digest
from trunkline.compile.table import Column, Row, Table
from trunkline.compile.transformation import set_that_counts
from trunkline.model.locale import locale_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="ddi_provider",
    label="DDI provider",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("name"),
        Column("description", "description"),
        Column("contract", "contract"),
        Column("transformation_set_id", "transformation set", references="transformation_set"),
        Column("media_set", "media set"),
        Column("socket", "socket"),
        Column("max_calls", "max calls"),
        Column("plus", "plus", usual="true"),
        Column("auth_user", "user"),
        Column("auth_realm", "realm"),
        Column("auth_ha1", "password", secret=True),
    ),
    title="name",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every DDI provider.

    Raises:
        KeyError: A password is missing.
    """
    locale = locale_of(context.platform.declared, context.declared)
    for name, provider in sorted(context.declared.ddi_providers.items()):
        yield (
            context.id_of("ddi_provider", name),
            context.id,
            name,
            provider.description,
            provider.contract,
            set_that_counts(context, provider.transformation_set, locale),
            provider.media_set,
            context.declared.socket_of(provider),
            provider.max_calls,
            provider.plus,
            *digest(context, provider.credentials, "provider", name),
        )
