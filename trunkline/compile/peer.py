"""The columns that friends, residential devices and retail accounts have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.credentials import account_ha1
from trunkline.compile.table import Column
from trunkline.compile.transformation import own_set_id

if TYPE_CHECKING:
    from trunkline.compile.context import ClientContext
    from trunkline.compile.table import Row
    from trunkline.model.endpoint import Peer

PEER_COLUMNS = (
    Column("id"),
    Column("client_id"),
    Column("name"),
    Column("description", "description"),
    Column("ha1", "password", secret=True),
    Column("address", "address", read="host(address)"),
    Column("port", "port"),
    Column("transport", "transport"),
    Column("trusted", "trusted"),
    Column("outgoing_ddi_id", "outgoing DDI", references="ddi"),
    Column("from_domain", "domain of From"),
    Column("country", "country"),
    Column("multi_contact", "multi contact"),
    Column("encryption", "encryption"),
    Column("t38", "T.38"),
    Column("transformation_set_id", "transformation set", references="transformation_set"),
    Column("max_calls", "max calls"),
    Column("outgoing_ddi_rule_id", "outgoing DDI rule", references="outgoing_ddi_rule"),
)


def peer_values(context: ClientContext, kind: str, name: str, peer: Peer, *, authenticates: bool = True) -> Row:
    """Return the values of the common columns.

    Args:
        context: The client.
        kind: The kind of object, as in its id and in the name of its password.
        name: The object's name.
        peer: What the file says.
        authenticates: Whether it has a password at all.
    """
    direct = peer.direct
    where = (direct.address, direct.port, direct.transport, direct.trusted) if direct else (None, None, None, None)
    return (
        context.id_of(kind, name),
        context.id,
        name,
        peer.description,
        account_ha1(context, kind, name, peer.ha1) if authenticates else None,
        *where,
        context.id_or_none("ddi", peer.outgoing_ddi),
        peer.from_domain,
        peer.country,
        peer.multi_contact,
        peer.encryption,
        peer.t38,
        own_set_id(context, peer),
        peer.max_calls,
        context.id_or_none("outgoing_ddi_rule", peer.outgoing_ddi_rule),
    )
