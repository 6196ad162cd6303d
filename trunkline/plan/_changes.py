"""What a plan consists of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["add", "change", "remove"]
ACTIONS: tuple[Action, ...] = ("add", "change", "remove")


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
    """One object that will be added, changed or removed.

    Args:
        action: What happens to it.
        kind: What it is: ``user``, ``media relay``.
        table: Its table in schema `config`.
        brand: Name of its brand; empty for the platform's own.
        client: Name of its client; empty for what belongs to a brand or the platform.
        name: Its name or number.
        fields: What differs; of an added object what it says, of a removed one nothing.
        rows: How many rows of the table it stands for.
    """

    action: Action
    kind: str
    table: str
    brand: str
    client: str
    name: str
    fields: tuple[FieldChange, ...] = ()
    rows: int = 1


@dataclass(frozen=True)
class Plan:
    """What applying would do.

    Args:
        changes: Grouped by platform, brand and client, in the order of tables and names.
        scopes: Ids of what has to be merged; not empty also when only digests differ.
        unchanged: How many clients, brands and the platform itself stay as they are.
        reload: What proxies and call-flow services will read again, as ``config.revision.reload``.
        digest: Of the compiled rows.
        revision: The newest one in the database; 0 when there is none.
    """

    changes: tuple[Change, ...]
    scopes: tuple[str, ...]
    unchanged: int
    reload: dict[str, Any]
    digest: str
    revision: int

    @property
    def count(self) -> dict[str, int]:
        """Return how many objects are added, changed and removed."""
        found = Counter(change.action for change in self.changes)
        return {action: found[action] for action in ACTIONS}
