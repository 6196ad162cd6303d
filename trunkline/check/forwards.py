"""The call forwards of a client, for the rules about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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


class Way(NamedTuple):
    """A way on which calls to a DDI go on to a number outside.

    Args:
        ddi: The DDI.
        number: The number outside.
        place: Where it is written.
        always: Whether every call goes on; otherwise those for which one forward has its reason.
    """

    ddi: str
    number: str
    place: Path
    always: bool


def ways_outside(client: Client) -> Iterator[Way]:
    """Yield every way on which calls to a DDI go on to a number outside: itself, by extensions, by forwards.

    Of forwards with a reason, such as busy, a way has one at most: nobody knows whether two have theirs at once.
    """
    for number, ddi in client.all_ddis().items():
        if ddi.direction == "out":
            continue
        if ddi.number is not None:
            yield Way(number, ddi.number, ("ddis", number, "number"), always=True)
        for kind, name in (
            ("extension", ddi.extension),
            ("user", ddi.user),
            ("device", ddi.device),
            ("account", ddi.account),
        ):
            if name is not None:
                yield from _ways(client, number, (kind, name), frozenset(), always=True)


def _ways(
    client: Client, ddi: str, at: tuple[str, str], before: frozenset[tuple[str, str]], *, always: bool
) -> Iterator[Way]:
    """Yield the ways outside of calls to a DDI that have come to an object of the client."""
    kind, name = at
    if at in before:
        return
    if kind == "extension":
        extension = client.all_extensions().get(name)
        if extension is not None and extension.number is not None:
            yield Way(ddi, extension.number, ("extensions", name, "number"), always)
        if extension is not None and extension.user is not None:
            yield from _ways(client, ddi, ("user", extension.user), before | {at}, always=always)
        return
    objects: Mapping[str, User | Device | Account] = getattr(client, f"{kind}s")
    if name not in objects:
        return
    for position, forward in _taken(objects[name].forwards, ddi):
        unconditional = forward.when == "unconditional"
        if not always and not unconditional:
            continue
        number, to = _destination(forward)
        if number is not None:
            place = (f"{kind}s", name, "forwards", position)
            yield Way(ddi, number, place, always and unconditional)
        elif to is not None:
            yield from _ways(client, ddi, to, before | {at}, always=always and unconditional)


def _taken(forwards: Sequence[Forward], ddi: str) -> list[tuple[int, Forward]]:
    """Return the forwards that calls from outside to a DDI may take, each with its position."""
    found = [
        (position, forward)
        for position, forward in enumerate(forwards)
        if "external" in calls_of(forward) and ddi_of(forward) in {None, ddi}
    ]
    always = [(position, forward) for position, forward in found if forward.when == "unconditional"]
    return [each for each in always if ddi_of(each[1])] or always or found


def _destination(forward: Forward) -> tuple[str | None, tuple[str, str] | None]:
    """Return where a forward leads: to a number outside, or to an object of the client."""
    if isinstance(forward, UserForward) and forward.extension is not None:
        return None, ("extension", forward.extension)
    if isinstance(forward, AccountForward) and forward.account is not None:
        return None, ("account", forward.account)
    return (forward.number if isinstance(forward, UserForward | DeviceForward | AccountForward) else None), None
