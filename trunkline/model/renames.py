"""Which clients of an inventory have another name now, without reading the clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.model.tenants import PLATFORM_FILE
from trunkline.model.units import load_brand, load_platform
from trunkline.model.walk import find_units

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trunkline.model.moved import Moved
    from trunkline.model.walk import Unit

_WORD = b"moved"


def clients_of(inventory: Path) -> set[str]:
    """Return every client of an inventory as ``<brand>/<client>``.

    Args:
        inventory: Its folder.
    """
    return {f"{unit.brand}/{unit.name}" for unit in find_units(inventory)[0] if unit.kind == "client"}


def moved_clients(inventory: Path) -> dict[str, str]:
    """Return the clients that have another name now, or whose brand has: ``<brand>/<client>`` -> the one before.

    Args:
        inventory: Its folder.
    """
    top = inventory / PLATFORM_FILE
    if not any(_mentions(file) for file in (top, *top.parent.glob("*/brand.yml"))):
        return {}
    units = find_units(inventory)[0]
    brands: Mapping[str, str] = {}
    clients: dict[str, Mapping[str, str]] = {}
    found: dict[str, str] = {}
    for unit in units:  # the platform first, and a brand before its clients
        if unit.kind == "client":
            before = f"{brands.get(unit.brand, unit.brand)}/{clients.get(unit.brand, {}).get(unit.name, unit.name)}"
            if before != f"{unit.brand}/{unit.name}":
                found[f"{unit.brand}/{unit.name}"] = before
        elif _mentions(inventory / unit.file):
            names = _moved(inventory, unit)
            if unit.kind == "platform":
                brands = _backwards(names, "brands")
            else:
                clients[unit.brand] = _backwards(names, "clients")
    return found


def _mentions(file: Path) -> bool:
    """Say whether a file is worth reading for this."""
    try:
        return _WORD in file.read_bytes()
    except OSError:
        return False


def _moved(inventory: Path, unit: Unit) -> Moved:
    """Return what a file declares; nothing where it has problems, which are told elsewhere."""
    loaded = load_platform(inventory, unit) if unit.kind == "platform" else load_brand(inventory, unit)
    return {} if loaded.named is None else loaded.named.declared.moved


def _backwards(names: Moved, key: str) -> Mapping[str, str]:
    return {new: old for old, new in names.get(key, {}).items()}
