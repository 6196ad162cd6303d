"""TL0415: a brand resells under a contract of the platform for resellers (seed 002 section 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.contract import RESELLER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0415"
SEVERITY: Severity = "error"
LEVEL: Level = "brand"


def check(brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield the contract of a brand that is its own, or not one for resellers."""
    name = brand.declared.contract
    if name is None:
        return
    contract = platform.declared.contracts.get(name)
    if contract is None and name in brand.declared.contracts:
        message = f"{name} is a contract of the brand itself, with somebody else"
        yield Finding(brand.file, ("contract",), message, f"name a contract of {platform.file}")
    elif contract is not None and contract.type != RESELLER:
        message = f"the contract {name} is of type {contract.type}"
        yield Finding(brand.file, ("contract",), message, f"name one of type {RESELLER}")
