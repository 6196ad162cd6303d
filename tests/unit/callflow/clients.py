"""A client to test with: three users with terminals, one without, one number that leads nowhere."""

from __future__ import annotations

from typing import Any

from trunkline.callflow.configuration import ClientConfiguration, parse

CLIENT = "11111111-1111-1111-1111-111111111111"
DOMAIN = "acme.example"


def document() -> dict[str, Any]:
    """Return the database's document of the client."""
    return {
        "client": {"id": CLIENT, "brand": "atlas", "name": "acme", "domain": DOMAIN, "language": "en"},
        "users": {
            "alice": user("alice", "101", "Alice Adams"),
            "bob": user("bob", "102", ""),
            "carol": user("carol", None, "Carol"),
            "dave": {"name": "dave", "display_name": "Dave", "extension": "104", "contact": None},
        },
        "extensions": {
            "101": {"id": "x101", "kind": "user", "user": "alice"},
            "102": {"id": "x102", "kind": "user", "user": "bob"},
            "112": {"id": "x112", "kind": "user", "user": "bob"},
            "103": {"id": "x103", "kind": "user", "user": "carol"},
            "104": {"id": "x104", "kind": "user", "user": "dave"},
            "199": {"id": "x199", "kind": "none", "user": None},
        },
    }


def user(name: str, extension: str | None, display_name: str) -> dict[str, Any]:
    """Return a user with a terminal of the same name."""
    contact = {"endpoint": f"endpoint-{name}", "address": f"{name}@{DOMAIN}"}
    return {"name": name, "display_name": display_name, "extension": extension, "contact": contact}


def acme() -> ClientConfiguration:
    """Return the client, parsed."""
    return parse(document())
