"""The call forwards of a client, for the rules about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.model.forward import AccountForward, DeviceForward, UserForward

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


def leads_outside(client: Client) -> Iterator[tuple[str, str, Path]]:
    """Yield every DDI whose calls always go on to a number outside: the DDI, that number, and where that is written."""
    for number, ddi in client.all_ddis().items():
        if ddi.number is not None:
            yield number, ddi.number, ("ddis", number, "number")
        extension = client.extensions.get(ddi.extension or "")
        if extension is not None and extension.number is not None:
            yield number, extension.number, ("extensions", ddi.extension or "", "number")
        owners: tuple[tuple[str, Mapping[str, User | Device | Account], str | None], ...] = (
            ("users", client.users, ddi.user or (extension.user if extension is not None else None)),
            ("devices", client.devices, ddi.device),
            ("accounts", client.accounts, ddi.account),
        )
        for section, objects, name in owners:
            owner = objects.get(name or "")
            if owner is None:
                continue
            for position, forward in enumerate(owner.forwards):
                always = forward.when == "unconditional" and "external" in calls_of(forward)
                to = forward.number if isinstance(forward, UserForward | DeviceForward | AccountForward) else None
                if always and to is not None and ddi_of(forward) in {None, number}:
                    yield number, to, (section, name or "", "forwards", position)
