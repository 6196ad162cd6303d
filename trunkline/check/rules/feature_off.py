"""TL0401: a section whose feature is off (seed 004 section 8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.features import FEATURES, is_off
from trunkline.model.tenants import NamedBrand, NamedClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedPlatform
    from trunkline.source import Severity

CODE = "TL0401"
SEVERITY: Severity = "error"
LEVEL: Level = "every"


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every field of a client or a brand that needs a feature which one of the two does not have."""
    holders = [holder for holder in (*above, named) if isinstance(holder, NamedBrand | NamedClient)]
    for use in named.declared.marked:
        off = [holder for holder in holders if use.feature and _is_off(use.feature, holder)]
        if off:
            who = " and ".join(f"{_kind(holder)} {holder.name}" for holder in off)
            where = " and in ".join(holder.file for holder in off)
            message = f"{use.shown} needs the feature {use.feature}, which is off for {who}"
            yield Finding(named.file, use.path, message, f"add {use.feature} to features in {where}", key=True)


def _is_off(feature: str, holder: NamedBrand | NamedClient) -> bool:
    has_flag = isinstance(holder, NamedBrand) or FEATURES[feature].of_clients
    return has_flag and is_off(feature, holder.declared.features)


def _kind(holder: NamedBrand | NamedClient) -> str:
    return "brand" if isinstance(holder, NamedBrand) else "client"
