"""Whose passwords there are in an inventory, and who of them has another name now; without reading the clients.

Owners are written as paths: a client is ``<brand>/<client>``; a carrier or DDI provider, whose passwords somebody else
made, is ``<brand>/carriers/<carrier>`` or ``<brand>/ddi_providers/<provider>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trunkline.model.tenants import PLATFORM_FILE
from trunkline.model.units import load_brand, load_platform
from trunkline.model.walk import find_units

if TYPE_CHECKING:
    from pathlib import Path

    from trunkline.model.brand import Brand
    from trunkline.model.walk import Unit

_WORD = b"moved"
_PEERS = ("carriers", "ddi_providers")
_NOTHING: Mapping[str, str] = {}


def owners_of(inventory: Path) -> set[str] | None:
    """Return the path of everybody who may have passwords; None when the file of a brand has problems.

    Args:
        inventory: Its folder.
    """
    found = set()
    for unit in find_units(inventory)[0]:
        if unit.kind == "client":
            found.add(f"{unit.brand}/{unit.name}")
        elif unit.kind == "brand":
            brand = _brand(inventory, unit)
            if brand is None:
                return None
            found |= {f"{unit.brand}/{key}/{name}" for key in _PEERS for name in getattr(brand, key)}
    return found


def moved_owners(inventory: Path) -> dict[str, str]:
    """Return the owners that have another name now, or whose brand has: path -> the one before.

    Args:
        inventory: Its folder.
    """
    top = inventory / PLATFORM_FILE
    if not any(_mentions(file) for file in (top, *top.parent.glob("*/brand.yml"))):
        return {}
    brands: Mapping[str, str] = _NOTHING
    clients: Mapping[str, str] = _NOTHING
    found: dict[str, str] = {}
    for unit in find_units(inventory)[0]:  # the platform first, and a brand before its clients
        before = brands.get(unit.brand, unit.brand)
        if unit.kind == "platform":
            platform = load_platform(inventory, unit).named if _mentions(inventory / unit.file) else None
            brands = _NOTHING if platform is None else _backwards(platform.declared.moved, "brands")
        elif unit.kind == "client":
            found[f"{unit.brand}/{unit.name}"] = f"{before}/{clients.get(unit.name, unit.name)}"
        else:
            clients = _NOTHING
            brand = _brand(inventory, unit) if before != unit.brand or _mentions(inventory / unit.file) else None
            if brand is not None:
                clients = _backwards(brand.moved, "clients")
                found |= _peers(unit.brand, before, brand)
    return {now: old for now, old in found.items() if now != old}


def _peers(name: str, before: str, brand: Brand) -> dict[str, str]:
    """Return the paths of a brand's carriers and DDI providers, each with the one before."""
    found = {}
    for key in _PEERS:
        moved = _backwards(brand.moved, key)
        for own in getattr(brand, key):
            found[f"{name}/{key}/{own}"] = f"{before}/{key}/{moved.get(own, own)}"
    return found


def _mentions(file: Path) -> bool:
    """Say whether a file is worth reading for this."""
    try:
        return _WORD in file.read_bytes()
    except OSError:
        return False


def _brand(inventory: Path, unit: Unit) -> Brand | None:
    """Return what the file of a brand says; None where it has problems, which are told elsewhere."""
    named = load_brand(inventory, unit.without_tables()).named
    return None if named is None else named.declared


def _backwards(names: Mapping[str, Mapping[str, str]], key: str) -> Mapping[str, str]:
    return {new: old for old, new in names.get(key, {}).items()}
