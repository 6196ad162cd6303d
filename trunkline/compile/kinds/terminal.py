"""Rows of terminals. Only the hash of a password goes on from here."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext
    from trunkline.model.tenants import NamedClient

TABLE = Table(
    name="terminal",
    label="terminal",
    columns=(Column("id"), Column("client_id"), Column("name"), Column("ha1", "password", secret=True)),
    title="name",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def password_name(client: NamedClient, terminal: str) -> str:
    """Return the name of the secret that holds a terminal's generated password."""
    return f"terminal/{client.brand}/{client.name}/{terminal}"


def ha1(name: str, domain: str, password: str) -> str:
    """Return the hash that digest authentication checks (RFC 2617 section 3.2.2.2; the realm is the SIP domain)."""
    return hashlib.md5(f"{name}:{domain}:{password}".encode(), usedforsecurity=False).hexdigest()


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every terminal, with an entry or by default.

    Raises:
        KeyError: when the password of a terminal without a HA1 is missing.
    """
    for name, terminal in context.declared.all_terminals().items():
        hashed = terminal.ha1
        if hashed is None:
            hashed = ha1(name, context.declared.domain, context.passwords[password_name(context.client, name)])
        yield context.id_of("terminal", name), context.id, name, hashed
