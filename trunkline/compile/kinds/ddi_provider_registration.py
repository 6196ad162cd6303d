"""Rows of our registrations at DDI providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.credentials import digest
from trunkline.compile.table import Column, Row, Table
from trunkline.model.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import BrandContext

TABLE = Table(
    name="ddi_provider_registration",
    label="registration at DDI provider",
    columns=(
        Column("id"),
        Column("brand_id"),
        Column("ddi_provider_id", references="ddi_provider"),
        Column("name"),
        Column("user_name", "user"),
        Column("domain", "domain"),
        Column("auth_user", "user of password"),
        Column("auth_realm", "realm"),
        Column("auth_ha1", "password", secret=True),
        Column("registrar", "registrar"),
        Column("transport", "transport", usual="udp"),
        Column("contact_user", "contact user"),
        Column("expires_s", "expires", usual="3600"),
    ),
    title="ddi_provider_id",
    part="name",
    scope="brand_id",
)


def rows(context: BrandContext) -> Iterator[Row]:
    """Yield a row for every registration.

    Raises:
        KeyError: A password is missing.
    """
    for name, provider in sorted(context.declared.ddi_providers.items()):
        for own, registration in sorted(provider.registrations.items()):
            credentials = Credentials.model_construct(
                user=registration.auth_user or registration.user,
                realm=registration.realm or registration.domain,
                ha1=registration.ha1,
            )
            yield (
                context.id_of("ddi_provider", name, "registration", own),
                context.id,
                context.id_of("ddi_provider", name),
                own,
                registration.user,
                registration.domain,
                *digest(context, credentials, "registration", name, own),
                registration.registrar,
                registration.transport,
                registration.contact_user,
                registration.expires,
            )
