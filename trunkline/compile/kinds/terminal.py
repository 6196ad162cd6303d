"""Rows of terminals. Only the hash of a password goes on from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile import credentials
from trunkline.compile.table import Column, Row, Table, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.compile.context import ClientContext
    from trunkline.model.tenants import NamedClient

TABLE = Table(
    name="terminal",
    label="terminal",
    columns=(
        Column("id"),
        Column("client_id"),
        Column("name"),
        Column("ha1", "password", secret=True),
        Column("codecs", "codecs"),
        Column("model", "model"),
        Column("mac", "hardware address", read="mac::text"),
        Column("update_method", "update method", usual="invite"),
        Column("encryption", "encryption"),
        Column("t38", "T.38"),
        Column("max_calls", "max calls"),
    ),
    title="name",
    scope="client_id",
    reload=frozenset({"identities", "clients"}),
)


def password_name(client: NamedClient, terminal: str) -> str:
    """Return the name of the secret that holds a terminal's generated password."""
    return credentials.password_name(client, "terminal", terminal)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every terminal, with an entry or by default.

    Raises:
        KeyError: when the password of a terminal without a HA1 is missing.
    """
    for name, terminal in context.declared.all_terminals().items():
        yield (
            context.id_of("terminal", name),
            context.id,
            name,
            credentials.account_ha1(context, "terminal", name, terminal.ha1),
            words(terminal.codecs),
            terminal.model,
            terminal.mac,
            terminal.update_method,
            terminal.encryption,
            terminal.t38,
            terminal.max_calls,
        )
