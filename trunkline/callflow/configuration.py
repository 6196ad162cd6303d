"""A client's compiled configuration: the declared facts that decide about its calls.

The document comes from the database function ``callflow.client_configuration``; it is parsed once, when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class Forward:
    """Where a call goes instead (seed 004 sections 10.1.1, 10.2.1 and 10.3.1).

    Attributes:
        when: ``unconditional``, ``no_answer``, ``busy`` or ``not_registered``.
        calls: ``all``, ``internal`` or ``external``: which calls it is for.
        after: With ``no_answer``: seconds of ringing; else 0.
        extension: An extension of the client, else empty.
        number: A number outside, else empty.
        ddi: Only calls to this DDI; empty for all.
    """

    when: str
    calls: str = "all"
    after: int = 0
    extension: str = ""
    number: str = ""
    ddi: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A person of a vPBX client (seed 004 section 10.1.2).

    Attributes:
        id: Id of the user.
        name: Name in the inventory.
        display_name: What the other side's telephone shows.
        extension: The extension this user presents in internal calls ("screen extension"), empty when there is none.
        contact: The user's terminal, None when no terminal is assigned.
        forwards: Where its calls go instead.
    """

    id: str
    name: str
    display_name: str
    extension: str
    contact: Contact | None
    forwards: Sequence[Forward] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A residential device, or a retail account where its calls go on to a number outside (seed 004 section 10.2.1).

    Attributes:
        id: Its id.
        kind: ``device`` or ``account``.
        name: Name in the inventory, and SIP user name.
        address: ``name@domain`` of the brand.
        called_number: Whether it is called by the DDI that was called.
        forwards: Where its calls go instead.
    """

    id: str
    kind: str
    name: str
    address: str
    called_number: bool = False
    forwards: Sequence[Forward] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """An internal number with an assigned logic (seed 004 section 10.1.3).

    Attributes:
        number: The digits that are dialled.
        kind: What the number leads to: ``user``, ``number``, or ``none`` for what the engine does not know.
        user: The user, for kind ``user``.
        outside: The number outside, for kind ``number``.
    """

    number: str
    kind: str
    user: User | None
    outside: str = ""


@dataclass(frozen=True, slots=True)
class Ddi:
    """A number outside that belongs to the client (seed 004 section 10.1.4).

    Attributes:
        number: E.164, with plus.
        incoming: Whether calls to it come in.
        kind: What it leads to: ``user``, ``extension``, ``device``, ``account``, ``number`` or ``none``.
        target: Id of the user, the device or the account, the extension, or the number outside.
    """

    number: str
    incoming: bool
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class ClientConfiguration:
    """Everything that decides about the calls of one client.

    Attributes:
        id: Id of the client.
        brand: Name of the brand.
        name: Name of the client.
        domain: The SIP domain of its endpoints.
        extensions: By number.
        users_by_endpoint: Users by the id of their terminal, also by one that it had before it moved.
        type: ``vpbx``, ``residential`` or ``retail``.
        brand_id: Id of the brand.
        users: By id.
        devices: Residential devices and retail accounts, by id.
        ddis: By number.
    """

    id: str
    brand: str
    name: str
    domain: str
    extensions: Mapping[str, Extension]
    users_by_endpoint: Mapping[str, User] = field(repr=False)
    type: str = "vpbx"
    brand_id: str = ""
    users: Mapping[str, User] = field(default_factory=dict, repr=False)
    devices: Mapping[str, Device] = field(default_factory=dict)
    ddis: Mapping[str, Ddi] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Return the natural key path of the client, ``brand/client``."""
        return f"{self.brand}/{self.name}"

    def path_of(self, owner: User | Device) -> str:
        """Return the natural key path of a user or a device."""
        kind = owner.kind if isinstance(owner, Device) else "user"
        return f"{self.path}/{kind}/{owner.name}"


def parse(document: Mapping[str, Any]) -> ClientConfiguration:
    """Turn the database's document into a configuration.

    Args:
        document: ``{"client": {...}, "users": {id: {...}}, "devices": {id: {...}}, "extensions": {number: {...}},
            "ddis": {number: {...}}, "moved_endpoints": {id: id}}``; see the migrations that define
            ``callflow.client_configuration``.

    Raises:
        ConfigurationError: The document has not that form.
    """
    try:
        client = document["client"]
        users = {id_: _user(id_, body) for id_, body in document["users"].items()}
        by_endpoint = {user.contact.endpoint: user for user in users.values() if user.contact is not None}
        moved = {
            old: by_endpoint[new] for old, new in document.get("moved_endpoints", {}).items() if new in by_endpoint
        }
        return ClientConfiguration(
            id=client["id"],
            brand=client["brand"],
            name=client["name"],
            domain=client["domain"],
            extensions={number: _extension(number, body, users) for number, body in document["extensions"].items()},
            users_by_endpoint={**moved, **by_endpoint},
            type=client.get("type", "vpbx"),
            brand_id=client.get("brand_id", ""),
            users=users,
            devices={id_: _device(id_, body) for id_, body in document.get("devices", {}).items()},
            ddis={number: _ddi(number, body) for number, body in document.get("ddis", {}).items()},
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
        forwards=_forwards(body),
    )


def _device(id_: str, body: Mapping[str, Any]) -> Device:
    return Device(
        id=id_,
        kind=body["kind"],
        name=body["name"],
        address=body["address"],
        called_number=body["called_number"],
        forwards=_forwards(body),
    )


def _extension(number: str, body: Mapping[str, Any], users: Mapping[str, User]) -> Extension:
    user = users.get(body["user"]) if body["kind"] == "user" else None
    return Extension(number, body["kind"], user, body.get("number") or "")


def _ddi(number: str, body: Mapping[str, Any]) -> Ddi:
    return Ddi(number, body["direction"] != "out", body["kind"], body["target"] or "")


def _forwards(body: Mapping[str, Any]) -> tuple[Forward, ...]:
    return tuple(
        Forward(
            when=each["when"],
            calls=each["calls"],
            after=each["after"] or 0,
            extension=each["extension"] or "",
            number=each["number"] or "",
            ddi=each["ddi"] or "",
        )
        for each in body.get("forwards", ())
    )
