"""Passwords that stay with clients that got another name: what is kept for it among the secrets.

The secret ``moved/<brand>/<client>`` holds the names, ``<brand>/<client>``, by which a client's passwords are still
computed. So a rename reaches no telephone, and a new client of the old name gets passwords of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

_PREFIX = "moved/"
_PARTS = 4  # kind/brand/client/name


def is_moved(name: str) -> bool:
    """Say whether a secret is not a password but says where passwords come from."""
    return name.startswith(_PREFIX)


def clients_moved(values: Mapping[str, str]) -> dict[str, str]:
    """Return the clients that go by another name: ``<brand>/<client>`` -> the one that their passwords come from."""
    return {name.removeprefix(_PREFIX): value for name, value in values.items() if is_moved(name)}


def origin(name: str, moved: Mapping[str, str]) -> str:
    """Return the name from which a password is computed.

    Args:
        name: Of the password: ``<kind>/<brand>/<client>/<name>``.
        moved: As `clients_moved` returns it.
    """
    parts = name.split("/", _PARTS - 1)
    if len(parts) != _PARTS or not moved:
        return name
    kind, brand, client, own = parts
    path = f"{brand}/{client}"
    if path in moved:
        return f"{kind}/{moved[path]}/{own}"
    return f"{name}#anew" if path in moved.values() else name


def followed(values: Mapping[str, str], moved: Mapping[str, str], there: Collection[str]) -> dict[str, str] | None:
    """Return secrets after clients got other names; None when nothing changes.

    Args:
        values: All secrets.
        moved: What files declare: ``<brand>/<client>`` -> the one before.
        there: Every ``<brand>/<client>`` that exists.
    """
    known = clients_moved(values)
    fresh = {new: old for new, old in moved.items() if new in there and old not in there and new not in known}
    gone = known.keys() - set(there)
    if not fresh and not gone:
        return None
    came_from = {new: known.get(old, old) for new, old in fresh.items()}
    kept = {path: source for path, source in {**known, **came_from}.items() if path not in gone and path != source}
    # Passwords that were rotated one by one go along; of a rename that was taken back, they go back.
    renamed = {path: known[path] for path in gone} | {old: new for new, old in fresh.items()}
    found = {_renamed(name, renamed): value for name, value in values.items() if not is_moved(name)}
    return found | {f"{_PREFIX}{path}": source for path, source in kept.items()}


def _renamed(name: str, renamed: Mapping[str, str]) -> str:
    parts = name.split("/", _PARTS - 1)
    if len(parts) != _PARTS:
        return name
    path = renamed.get(f"{parts[1]}/{parts[2]}")
    return name if path is None else f"{parts[0]}/{path}/{parts[3]}"
