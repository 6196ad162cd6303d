"""Passwords that carriers and DDI providers made and that nobody has told the vault yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile import peering_passwords
from trunkline.model.hosts import load
from trunkline.model.units import load_brand
from trunkline.model.walk import find_units
from trunkline.paths import stack_root
from trunkline.secrets import Secrets

if TYPE_CHECKING:
    from pathlib import Path

_WORDS = (b"credentials", b"registrations")
_OURS = "provider/"  # what a DDI provider has to show us may be made by us


def unset_passwords(inventory: Path) -> list[str]:
    """Return the names of secrets that others made and that are not in the vault; another one stands in for them.

    Args:
        inventory: Folder with ``platform.yml``.

    Raises:
        ConfigurationError: ``platform.yml`` is wrong.
        PlatformError: The secrets cannot be opened.
    """
    wanted = []
    for unit in find_units(inventory)[0]:
        if unit.kind == "brand" and any(word in (inventory / unit.file).read_bytes() for word in _WORDS):
            brand = load_brand(inventory, unit.without_tables()).named
            names = peering_passwords(brand) if brand is not None else ()
            wanted += [name for name in names if not name.startswith(_OURS)]
    known = set(Secrets.open(stack_root(load(inventory).stack)).names()) if wanted else set()
    return sorted(name for name in wanted if name not in known)
