"""What a rule is, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.model.tenants import Tenants
    from trunkline.source import Path, Severity


@dataclass(frozen=True)
class Finding:
    """One hit of a rule. The engine turns it into a problem: it knows the rule's code and finds the line.

    Args:
        file: Where the item is declared, relative to the inventory.
        path: Path of the item inside of the file.
        message: What is wrong, one sentence without a full stop.
        remedy: What to do about it.
        key: Whether the place of the item's key is meant, not that of its value.
    """

    file: str
    path: Path
    message: str
    remedy: str
    key: bool = False


class Rule(Protocol):
    """A rule: a module with these three names.

    Attributes:
        CODE: ``TL`` and four digits, never used again for anything else.
        SEVERITY: Whether a hit stops the pipeline.
    """

    CODE: str
    SEVERITY: Severity

    @staticmethod
    def check(tenants: Tenants) -> Iterator[Finding]:
        """Yield what is wrong with the tenants."""
        ...
