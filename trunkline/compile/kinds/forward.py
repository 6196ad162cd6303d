"""Rows of call forwards: of users, friends, residential devices and retail accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.table import Column, Row, Table
from trunkline.model.forward import AccountForward, DeviceForward, UserForward

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trunkline.compile.context import ClientContext

_OWNERS = ("user", "friend", "device", "account")

TABLE = Table(
    name="forward",
    label="forward",
    columns=(
        Column("id"),
        Column("client_id"),
        *(Column(f"{owner}_id", owner, references=owner) for owner in _OWNERS),
        Column("reason"),
        Column("calls", "calls"),
        Column("called_ddi_id", "DDI", references="ddi"),
        Column("after_seconds", "after seconds"),
        Column("to_extension_id", "to extension", references="extension"),
        Column("to_account_id", "to account", references="account"),
        Column("to_number", "to number"),
        Column("to_voicemail", "to voicemail"),
    ),
    title="reason",
    scope="client_id",
    reload=frozenset({"clients"}),
)


def rows(context: ClientContext) -> Iterator[Row]:
    """Yield a row for every call forward."""
    for kind in _OWNERS:
        for name, forwards in sorted((name, each) for name, each in _forwards(context, kind).items() if each):
            owners = [context.id_of(kind, name) if each == kind else None for each in _OWNERS]
            for forward in forwards:
                yield _row(context, kind, name, owners, forward)


def _forwards(
    context: ClientContext, kind: str
) -> Mapping[str, Sequence[UserForward] | Sequence[DeviceForward] | Sequence[AccountForward]]:
    declared = context.declared
    if kind == "user":
        return {name: user.forwards for name, user in declared.users.items()}
    if kind == "friend":
        return {name: friend.forwards for name, friend in declared.friends.items()}
    if kind == "device":
        return {name: device.forwards for name, device in declared.devices.items()}
    return {name: account.forwards for name, account in declared.accounts.items()}


def _row(
    context: ClientContext,
    kind: str,
    name: str,
    owners: Sequence[str | None],
    forward: UserForward | DeviceForward | AccountForward,
) -> Row:
    calls = forward.calls if isinstance(forward, UserForward) else "external"
    ddi = forward.ddi if isinstance(forward, AccountForward) else None
    timed = forward if not isinstance(forward, AccountForward) and forward.when == "no_answer" else None
    return (
        context.id_of(kind, name, "forward", *forward.natural_key),
        context.id,
        *owners,
        forward.when,
        calls,
        context.id_or_none("ddi", ddi),
        None if timed is None else timed.after,
        context.id_or_none("extension", forward.extension if isinstance(forward, UserForward) else None),
        context.id_or_none("account", forward.account if isinstance(forward, AccountForward) else None),
        forward.number,
        not isinstance(forward, AccountForward) and forward.voicemail,
    )
