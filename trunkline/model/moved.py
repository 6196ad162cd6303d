"""Renames: ``moved:`` in a file says that an object of another name became this one, so that it keeps its live state.

moved:
  users: {alice: alicia}     # old name: new name, under the key of the file where such objects are declared
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from trunkline.model.fields import quoted, wrong

if TYPE_CHECKING:
    from trunkline.model.client import Client
    from trunkline.model.item import Item


def _check_names(names: Mapping[str, str]) -> Mapping[str, str]:
    """Check that every name is moved once, to a name of its own, and stays there.

    Raises:
        PydanticCustomError: TL0500, TL0501.
    """
    owners: dict[str, str] = {}
    for old, new in names.items():
        if new in names:
            what = "itself" if new == old else f"{quoted(new)}, which is moved on"
            raise wrong("TL0500", f"{quoted(old)} is moved to {what}", "say for each old name what it is called now")
        if owners.setdefault(new, old) != old:
            message = f"{quoted(old)} and {quoted(owners[new])} are both moved to {quoted(new)}"
            raise wrong("TL0501", message, "only one object can go on under a name; take the other line out")
    return names


_TEXTS = {"type": ["string", "integer"]}
Names = Annotated[
    Mapping[str, str],
    AfterValidator(_check_names),
    WithJsonSchema({"type": "object", "additionalProperties": _TEXTS, "description": "old name: new name"}),
]
Moved = Mapping[str, Names]


def moved_field(what: str, example: Mapping[str, Mapping[str, str]]) -> Moved:
    """Return the field ``moved`` of an object.

    Args:
        what: The objects that are declared below it.
        example: Of its value.
    """
    field: Moved = Field(
        default_factory=dict,
        description=f"{what} that have another name now, old name: new name; their live state follows",
        examples=[example],
    )
    return field


def collections(item: Item) -> dict[str, Mapping[str, object]]:
    """Return everything that is declared by name in a file: by its key there, then by name; with what is implied.

    Args:
        item: What the file says.
    """
    found: dict[str, Mapping[str, object]] = {}
    for key in type(item).model_fields:
        value = getattr(item, key)
        if isinstance(value, Mapping) and key != "moved":
            complete = getattr(item, f"all_{key}", None)
            found[key] = complete() if complete is not None else value
    return found


def moved_in(client: Client) -> dict[str, dict[str, str]]:
    """Return what moved inside of a client, by key of the file: old name -> new name.

    A user's default terminal bears the user's name, so it moves with the user.

    Args:
        client: What its file says.
    """
    found = {key: dict(names) for key, names in client.moved.items() if names}
    terminals = client.all_terminals()
    for old, new in found.get("users", {}).items():
        user = client.users.get(new)
        if user is not None and user.terminal is None and old not in terminals:
            found.setdefault("terminals", {}).setdefault(old, new)
    return found
