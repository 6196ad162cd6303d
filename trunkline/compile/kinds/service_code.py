"""Rows of service codes, of every level: what each says itself. The platform says something about every service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.context import PlatformContext
from trunkline.compile.table import Column, Row, Table
from trunkline.model.services import DEFAULT_CODES, OFF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import Context

TABLE = Table(
    name="service_code",
    label="service",
    columns=(Column("id"), Column("scope_id"), Column("service"), Column("code", "code")),
    title="service",
    scope="scope_id",
    collection="services",
)


def rows(context: Context) -> Iterator[Row]:
    """Yield a row for every service that one level says something about."""
    codes = {**(DEFAULT_CODES if isinstance(context, PlatformContext) else {}), **context.declared.services}
    for service, code in sorted(codes.items()):
        yield context.id_of("service", service), context.id, service, None if code == OFF else code
