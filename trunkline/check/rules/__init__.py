"""The rules by code. To add one: a module, a line here, a page in docs, a hit and a miss in the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from trunkline.check.rules import (
    duplicate_domain,
    duplicate_extension,
    empty_client,
    shared_terminal,
    unassigned_extension,
    unknown_terminal,
    unknown_user,
    unreachable_user,
    unused_terminal,
)

if TYPE_CHECKING:
    from trunkline.check.finding import Rule

RULES = cast(
    "tuple[Rule, ...]",
    (
        duplicate_extension,
        duplicate_domain,
        unknown_user,
        unknown_terminal,
        shared_terminal,
        unreachable_user,
        unused_terminal,
        unassigned_extension,
        empty_client,
    ),
)
