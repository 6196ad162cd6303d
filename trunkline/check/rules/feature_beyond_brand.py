"""TL0402: a brand hands on to its clients only what it has itself (seed 004 section 8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.features import is_off

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.source import Severity

CODE = "TL0402"
SEVERITY: Severity = "error"
LEVEL: Level = "client"


def check(client: NamedClient, brand: NamedBrand, platform: NamedPlatform) -> Iterator[Finding]:
    """Yield every feature in a client's list that its brand does not have."""
    for position, feature in enumerate(client.declared.features or ()):
        if is_off(feature, brand.declared.features):
            message = f"the feature {feature} is off for brand {brand.name}"
            yield Finding(client.file, ("features", position), message, f"add {feature} to features in {brand.file}")
