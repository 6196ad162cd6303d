"""Plans as documents: what ``--json`` prints, ``plan -out`` writes and ``apply FILE`` holds against the present."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from trunkline.errors import ConfigurationError, PlatformError
from trunkline.plan._show import FORMAT, change_json

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import TextIO

    from trunkline.plan._changes import Change, Plan

_IN_MEMORY = 2**20  # characters


@dataclass(frozen=True)
class SavedPlan:
    """What a saved plan says of the time when it was made.

    Args:
        digest: Of what was wanted.
        revision: The newest one.
        state: Digest of what the database held.
        targets: What the plan was limited to.
        full: Whether every row was compared.
        allowed: What it may do, of `trunkline.plan.ALLOWANCES`.
    """

    digest: str
    revision: int
    state: str
    targets: tuple[str, ...]
    full: bool
    allowed: tuple[str, ...]

    def check(self, plan: Plan) -> None:
        """Refuse a database that moved on, or another inventory.

        Args:
            plan: Made anew, just now.

        Raises:
            PlatformError: One of the two.
        """
        if (plan.revision, plan.state) != (self.revision, self.state):
            now = f"it is at revision {plan.revision}" if plan.revision != self.revision else "its rows are others"
            raise PlatformError(
                f"the database moved on since the plan was made at revision {self.revision}: {now}, nothing changed",
                remedy="make a new plan and look at it",
            )
        if plan.digest != self.digest:
            raise PlatformError(
                "the inventory is not the one that this plan was made from, nothing was changed",
                remedy="check out the inventory of that time, or make a new plan and look at it",
            )


class Document:
    """A document with a list of changes that need not fit into memory; to be used as a context."""

    def __init__(self) -> None:
        self._changes = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, mode="w+", encoding="utf-8")  # noqa: SIM115

    def __enter__(self) -> Self:
        """Return the document."""
        return self

    def __exit__(self, *error: object) -> None:
        """Forget the changes."""
        self._changes.close()

    def clear(self) -> None:
        """Begin again."""
        self._changes.seek(0)
        self._changes.truncate()

    def add(self, change: Change) -> None:
        """Take a change."""
        self._changes.write(f"{json.dumps(change_json(change))}\n")

    def write(self, head: Mapping[str, Any], file: TextIO) -> None:
        """Write the document.

        Args:
            head: Everything but the changes.
            file: Where to.
        """
        file.write(json.dumps(head, indent=2)[: -len("\n}")] + ',\n  "changes": [')
        self._changes.seek(0)
        separator = ""
        for line in self._changes:
            file.write(f"{separator}\n    {line.rstrip()}")
            separator = ","
        file.write("\n  ]\n}\n" if separator else "]\n}\n")

    def save(self, head: Mapping[str, Any], path: Path) -> None:
        """Write the document to a file, all of it or nothing.

        Args:
            head: Everything but the changes.
            path: The file.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        try:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                self.write(head, file)
            Path(name).replace(path)
        except OSError as error:
            raise ConfigurationError(f"the plan cannot be written to {path}: {error.strerror}") from error


def saved_head(head: Mapping[str, Any], *, full: bool, allowed: Collection[str]) -> dict[str, Any]:
    """Return the head of a plan as a file holds it.

    Args:
        head: Of the plan.
        full: Whether every row was compared.
        allowed: What the plan may do, of `trunkline.plan.ALLOWANCES`.
    """
    return {**head, "full": full, "allowed": sorted(allowed)}


def load(path: Path) -> SavedPlan:
    """Read a plan from a file.

    Raises:
        ConfigurationError: It is none.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["format"] != FORMAT:
            raise ConfigurationError(
                f"{path} is a plan of another version of trunkline", remedy="make a new plan with this version"
            )
        return SavedPlan(
            str(document["digest"]),
            int(document["revision"]),
            str(document["state"]),
            tuple(document["targets"]),
            bool(document["full"]),
            tuple(document["allowed"]),
        )
    except OSError as error:
        raise ConfigurationError(f"the plan {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is not a saved plan", remedy="write one: trunkline plan -out FILE") from error
