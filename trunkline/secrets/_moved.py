"""Passwords that stay with owners that got another name: what is kept for it among the secrets.

Owners are clients, ``<brand>/<client>``, carriers, ``<brand>/carriers/<carrier>``, and DDI providers. The secret
``moved/<path>`` holds the path by which an owner's passwords are still computed; those that are stored get another
name. So a rename reaches no telephone and no carrier, and a new owner of the old name gets passwords of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# What carriers and DDI providers know us by, and we them, `<kind>/<brand>/<name>...`, and under which key they stand.
PEERING_KINDS = {"carrier": "carriers", "provider": "ddi_providers", "registration": "ddi_providers"}
_PREFIX = "moved/"


def is_moved(name: str) -> bool:
    """Say whether a secret is not a password but says where passwords come from."""
    return name.startswith(_PREFIX)


def owners_moved(values: Mapping[str, str]) -> dict[str, str]:
    """Return the owners that go by another name: path -> the one that their passwords come from."""
    return {name.removeprefix(_PREFIX): value for name, value in values.items() if is_moved(name)}


def origin(name: str, moved: Mapping[str, str]) -> str:
    """Return the name from which a password is computed.

    Args:
        name: Of the password: ``<kind>/<brand>/<client>/<name>``, or of a carrier or DDI provider.
        moved: As `owners_moved` returns it.
    """
    path = owner(name) if moved else ""
    if path in moved:
        return _of(name, moved[path])
    return f"{name}#anew" if path and path in moved.values() else name


def owner(name: str) -> str:
    """Return the path of the owner of a password; empty when it is none of a tenant.

    Args:
        name: Of the password.
    """
    kind, *parts = name.split("/")
    if kind in PEERING_KINDS and len(parts) > 1:
        return f"{parts[0]}/{PEERING_KINDS[kind]}/{parts[1]}"
    return "/".join(parts[:2]) if kind not in PEERING_KINDS and len(parts) > 2 else ""  # noqa: PLR2004


def followed(values: Mapping[str, str], moved: Mapping[str, str], there: Collection[str]) -> dict[str, str] | None:
    """Return secrets after owners got other names; None when nothing changes.

    Args:
        values: All secrets.
        moved: What files declare: path -> the one before.
        there: The path of every owner that exists.
    """
    known = owners_moved(values)
    fresh = {new: old for new, old in moved.items() if new in there and old not in there and new not in known}
    gone = known.keys() - set(there)
    if not fresh and not gone:
        return None
    came_from = {new: known.get(old, old) for new, old in fresh.items()}
    kept = {path: source for path, source in {**known, **came_from}.items() if path not in gone and path != source}
    # Passwords that were rotated or set one by one go along; of a rename that was taken back, they go back.
    renamed = {path: known[path] for path in gone} | {old: new for new, old in fresh.items()}
    found = {_renamed(name, renamed): value for name, value in values.items() if not is_moved(name)}
    return found | {f"{_PREFIX}{path}": source for path, source in kept.items()}


def _renamed(name: str, renamed: Mapping[str, str]) -> str:
    path = owner(name)
    return _of(name, renamed[path]) if path in renamed else name


def _of(name: str, path: str) -> str:
    """Return the name that a password of one owner has when it is that of another one."""
    kind, _, _, *parts = name.split("/")
    brand, *_, own = path.split("/")
    return "/".join([kind, brand, own, *parts])
