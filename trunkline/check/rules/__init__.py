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
    from trunkline.check.finding import BrandRule, ClientRule, FactsRule, PlatformRule

    Rule = ClientRule | BrandRule | PlatformRule | FactsRule

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

CLIENT_RULES = cast("list[ClientRule]", [rule for rule in RULES if rule.LEVEL == "client"])
BRAND_RULES = cast("list[BrandRule]", [rule for rule in RULES if rule.LEVEL == "brand"])
PLATFORM_RULES = cast("list[PlatformRule]", [rule for rule in RULES if rule.LEVEL == "platform"])
FACTS_RULES = cast("list[FactsRule]", [rule for rule in RULES if rule.LEVEL == "facts"])
