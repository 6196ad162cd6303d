"""The call forwards of a client, for the rules about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.model.forward import AccountForward, UserForward

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trunkline.model.account import Account
    from trunkline.model.client import Client
    from trunkline.model.device import Device
    from trunkline.model.forward import Forward
    from trunkline.model.friend import Friend
    from trunkline.model.user import User
    from trunkline.source import Path


def forwards_of(client: Client) -> Iterator[tuple[Path, Sequence[Forward]]]:
    """Yield the forwards of every object of a client that has any, each with the path of its list."""
    owners: tuple[tuple[str, Mapping[str, User | Friend | Device | Account]], ...] = (
        ("users", client.users),
        ("friends", client.friends),
        ("devices", client.devices),
        ("accounts", client.accounts),
    )
    for section, objects in owners:
        for name, owner in objects.items():
            if owner.forwards:
                yield (section, name, "forwards"), owner.forwards


def calls_of(forward: Forward) -> set[str]:
    """Return the kinds of calls that a forward is for."""
    calls = forward.calls if isinstance(forward, UserForward) else "external"
    return {"internal", "external"} if calls == "all" else {calls}


def ddi_of(forward: Forward) -> str | None:
    """Return the one DDI whose calls a forward is for; None when it is for all."""
    return forward.ddi if isinstance(forward, AccountForward) else None
