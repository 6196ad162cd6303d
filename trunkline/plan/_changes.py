"""What a plan consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Action = Literal["add", "change", "move", "remove"]
ACTIONS: tuple[Action, ...] = ("add", "change", "move", "remove")


@dataclass(frozen=True)
class FieldChange:
    """One field of a change.

    Args:
        label: For people; empty when the object has only this one.
        old: Before; None when there was nothing.
        new: After; None when there will be nothing.
        secret: The values are not here and must not be shown.
    """

    label: str
    old: str | None
    new: str | None
    secret: bool = False


@dataclass(frozen=True)
class Change:
    """One object that will be added, changed, moved or removed.

    Args:
        action: What happens to it.
        kind: What it is: ``user``, ``media relay``.
        table: Its table in schema `config`.
        brand: Name of its brand; empty for the platform's own.
        client: Name of its client; empty for what belongs to a brand or the platform.
        name: Its name or number.
        fields: What differs; of an added object what it says, of a removed one nothing.
        rows: How many rows of the table it stands for.
        was: Of a moved object, the name that it had.
    """

    action: Action
    kind: str
    table: str
    brand: str
    client: str
    name: str
    fields: tuple[FieldChange, ...] = ()
    rows: int = 1
    was: str = ""


@dataclass(frozen=True, order=True)
class Excess:
    """A brand of which a plan removes more than its guard lets pass.

    Args:
        brand: Its name.
        removed: Objects that would go.
        objects: Objects that it has.
        percent: The share that may go without being asked for.
    """

    brand: str
    removed: int
    objects: int
    percent: int

    def __str__(self) -> str:
        """Say it to a person."""
        return (
            f"brand {self.brand} loses {self.removed} of its {self.objects} objects, more than {self.percent} % of them"
        )


@dataclass(frozen=True, order=True)
class Held:
    """An object that would be removed and that live state still belongs to.

    Args:
        brand: Name of its brand.
        client: Name of its client.
        kind: What it is.
        name: Its name or number.
        state: What belongs to it: ``calls in progress``.
        count: How many of that.
    """

    brand: str
    client: str
    kind: str
    name: str
    state: str
    count: int

    def __str__(self) -> str:
        """Say it to a person."""
        where = f"brand {self.brand}, client {self.client}" if self.client else f"brand {self.brand}"
        return f"{where}: {self.kind} {self.name} still has {self.count} {self.state}"


@dataclass(frozen=True)
class Plan:
    """What applying would do.

    Args:
        changes: Grouped by platform, brand and client, in the order of tables and names; the first ones, where a limit
            was given.
        count: How many objects are added, changed, moved and removed: of all changes.
        scopes: Ids of what has to be merged; not empty also when only digests differ.
        unchanged: How many clients, brands and the platform itself stay as they are.
        reload: What proxies and call-flow services will read again, as ``config.revision.reload``.
        digest: Of what is wanted.
        revision: The newest one in the database; 0 when there is none.
        state: Digest of what the database holds, as far as the engine knows.
        restored: The revision that the newest one brought back, when that was a rollback.
        targets: What the plan is limited to; empty for everything.
        moved: Ids of objects that go on under another one: by table, old -> new.
        excesses: Brands that would lose more than their guard lets pass.
        held: Objects that would be removed in spite of live state.
    """

    changes: tuple[Change, ...]
    count: Mapping[str, int]
    scopes: tuple[str, ...]
    unchanged: int
    reload: Mapping[str, Any]
    digest: str
    revision: int
    state: str = ""
    restored: int | None = None
    targets: tuple[str, ...] = ()
    moved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    excesses: tuple[Excess, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def changed(self) -> bool:
        """Say whether there is anything to do."""
        return any(self.count.values())
