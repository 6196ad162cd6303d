"""The program that makes a platform's machines: ``pulumi up`` here, or ``trunkline stack up`` without a language host.

The stack's name is the inventory's folder, unless the configuration says ``inventory`` (a path from this folder).
"""

from __future__ import annotations

from pathlib import Path

import pulumi

from trunkline.cloud.platform import declare
from trunkline.model.hosts import load

inventory = pulumi.Config().get("inventory") or f"../inventories/{pulumi.get_stack()}"
declare(load(Path(__file__).parent / inventory))
