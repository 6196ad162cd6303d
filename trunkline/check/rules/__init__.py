"""The rules, by code. To add one: a module here, a page in docs with a hit and a miss; the tests read the pages."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from trunkline.check.finding import BrandRule, ClientRule, EveryRule, FactsRule, PlatformRule, RoutesRule

    Rule = ClientRule | BrandRule | RoutesRule | PlatformRule | EveryRule | FactsRule

_MODULES = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
RULES = cast("tuple[Rule, ...]", tuple(sorted(_MODULES, key=lambda module: str(module.CODE))))

CLIENT_RULES = cast("list[ClientRule]", [rule for rule in RULES if rule.LEVEL in {"client", "every"}])
BRAND_RULES = cast("list[BrandRule]", [rule for rule in RULES if rule.LEVEL in {"brand", "every"}])
ROUTES_RULES = cast("list[RoutesRule]", [rule for rule in RULES if rule.LEVEL == "routes"])
PLATFORM_RULES = cast("list[PlatformRule]", [rule for rule in RULES if rule.LEVEL in {"platform", "every"}])
FACTS_RULES = cast("list[FactsRule]", [rule for rule in RULES if rule.LEVEL == "facts"])
