"""A client's compiled configuration: the declared facts that decide about its calls.

The document comes from the database function ``callflow.client_configuration``; it is parsed once, when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a user can be rung.

    Attributes:
        endpoint: Id of the terminal.
        address: ``terminal@domain``: the address of record that the users proxy resolves.
    """

    endpoint: str
    address: str


@dataclass(frozen=True, slots=True)
class User:
    """A person of a vPBX client (seed 004 section 10.1.2).

    Attributes:
        id: Id of the user.
        name: Name in the inventory.
        display_name: What the other side's telephone shows.
        extension: The extension this user presents in internal calls ("screen extension"), empty when there is none.
        contact: The user's terminal, None when no terminal is assigned.
    """

    id: str
    name: str
    display_name: str
    extension: str
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Extension:
    """An internal number with an assigned logic (seed 004 section 10.1.3).

    Attributes:
        number: The digits that are dialled.
        kind: What the number leads to; ``user`` is the only kind the engine knows.
        user: The user, for kind ``user``.
    """

    number: str
    kind: str
    user: User | None


@dataclass(frozen=True, slots=True)
class ClientConfiguration:
    """Everything that decides about calls inside one client.

    Attributes:
        id: Id of the client.
        brand: Name of the brand.
        name: Name of the client.
        domain: The client's SIP domain.
        extensions: By number.
        users_by_endpoint: Users by the id of their terminal, also by one that it had before it moved.
    """

    id: str
    brand: str
    name: str
    domain: str
    extensions: Mapping[str, Extension]
    users_by_endpoint: Mapping[str, User] = field(repr=False)

    @property
    def path(self) -> str:
        """Return the natural key path of the client, ``brand/client``."""
        return f"{self.brand}/{self.name}"

    def path_of(self, user: User) -> str:
        """Return the natural key path of a user."""
        return f"{self.path}/user/{user.name}"


def parse(document: Mapping[str, Any]) -> ClientConfiguration:
    """Turn the database's document into a configuration.

    Args:
        document: ``{"client": {...}, "users": {id: {...}}, "extensions": {number: {"kind", "user"}},
            "moved_endpoints": {id: id}}``; see the migrations that define ``callflow.client_configuration``.

    Raises:
        ConfigurationError: The document has not that form.
    """
    try:
        client = document["client"]
        users = {id_: _user(id_, body) for id_, body in document["users"].items()}
        extensions = {
            number: Extension(number, body["kind"], users.get(body["user"]) if body["kind"] == "user" else None)
            for number, body in document["extensions"].items()
        }
        by_endpoint = {user.contact.endpoint: user for user in users.values() if user.contact is not None}
        moved = {
            old: by_endpoint[new] for old, new in document.get("moved_endpoints", {}).items() if new in by_endpoint
        }
        return ClientConfiguration(
            id=client["id"],
            brand=client["brand"],
            name=client["name"],
            domain=client["domain"],
            extensions=extensions,
            users_by_endpoint={**moved, **by_endpoint},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"the compiled configuration of a client cannot be read: {type(error).__name__}: {error}",
            remedy="bring database and call-flow service to the same release: run the playbook site.yml",
            location="callflow.client_configuration",
        ) from error


def _user(id_: str, body: Mapping[str, Any]) -> User:
    contact = body["contact"]
    return User(
        id=id_,
        name=body["name"],
        display_name=body["display_name"] or body["name"],
        extension=body["extension"] or "",
        contact=Contact(contact["endpoint"], contact["address"]) if contact is not None else None,
    )
