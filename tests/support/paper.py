"""An inventory in files whose platform has machines on paper only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PLATFORM = """\
platform: paper
provider: lab
hosts:
  db1: {groups: [data]}
  as1: {groups: [application_servers]}
  as2: {groups: [application_servers]}
  mr1: {groups: [media_relays], relay: {weight: 3}}
  mr2: {groups: [media_relays]}
  as3: {groups: [application_servers]}  # not created yet
"""
OUTPUTS = {
    "stack": "paper",
    "provider": "lab",
    "networks": {"internal": "10.0.0.0/24", "public": "10.0.1.0/24"},
    "hosts": {
        "db1": {"internal": "10.0.0.2"},
        "as1": {"internal": "10.0.0.3"},
        "as2": {"internal": "10.0.0.4"},
        "mr1": {"internal": "10.0.0.5", "public": "10.0.1.5"},
        "mr2": {"internal": "10.0.0.6", "public": "10.0.1.6"},
    },
    "controllers": ["10.0.0.1/32"],
}
CLIENT = """
type: vpbx
domain: acme.example
users:
  alice: {name: Alice Example, extension: 101}
"""


def write_platform(inventory: Path, cache: Path) -> None:
    """Write the platform of an inventory, and what is kept of a platform whose machines are there.

    Args:
        inventory: Folder of the inventory.
        cache: The cache folder of Trunkline.
    """
    stack = cache / "stacks" / "paper"
    stack.mkdir(parents=True)
    (stack / "outputs.json").write_text(json.dumps(OUTPUTS))
    (inventory / "platform.yml").write_text(PLATFORM)


def make(folder: Path, dsn: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an inventory and the state of its platform; commands find both.

    Args:
        folder: An empty one.
        dsn: Data source name of the platform's database.
        monkeypatch: Sets the environment.

    Returns:
        The inventory's folder.
    """
    monkeypatch.setenv("TRUNKLINE_CACHE", str(folder / "cache"))
    monkeypatch.setenv("TRUNKLINE_DATABASE", dsn)
    monkeypatch.setenv("TRUNKLINE_AUTHOR", "Paper Clerk")
    monkeypatch.delenv("TRUNKLINE_STACK", raising=False)
    inventory = folder / "inventory"
    (inventory / "tenants" / "atlas").mkdir(parents=True)
    write_platform(inventory, folder / "cache")
    (inventory / "trunkline.yml").write_text("plugin: trunkline\n")
    (inventory / "tenants" / "atlas" / "brand.yml").write_text("")
    (inventory / "tenants" / "atlas" / "acme.yml").write_text(CLIENT)
    return inventory
