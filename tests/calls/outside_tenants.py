"""Tenants of the calls to the outside and from it: a brand of their own, with scripted carriers and DDI providers.

Which carriers a call is tried at follows from what it calls: +34 900 and three digits, see `ROUTES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BRAND = "outer"
CLIENT = "caller"
DDI = "+34911000001"  # what the client presents for users without a DDI of their own
USERS = 12
FAR = "far"  # the set of the last media relay while these tests run

# Names of addresses of the host in the group `carriers`; what listens there is in tests/calls/outside.py.
SERVERS: Mapping[str, Mapping[str, str]] = {
    "one": {},
    "two": {},
    "three": {},
    "four": {"transport": "tcp"},
    "five": {"transport": "tcp"},
    "six": {"transport": "tls"},
    "seven": {"transport": "tls"},
}
# Carrier -> its fields; `at` are the addresses of its servers.
CARRIERS: Mapping[str, Mapping[str, Any]] = {
    "one": {"at": ("one",)},
    "two": {"at": ("two",)},
    "three": {"at": ("three",)},
    "pair": {"at": ("two", "three")},
    "tcp": {"at": ("four",)},
    "reset": {"at": ("five",), "server": {"health": "no"}},
    "tls": {"at": ("six",)},
    "forged": {"at": ("seven",), "server": {"health": "no"}},
    "asking": {"at": ("one",), "server": {"credentials": {"user": "outer-trunk", "realm": "carriers.test"}}},
    "second": {"at": ("two",), "socket": "second"},
    "narrow": {"at": ("one",), "max_calls": "1"},
    "french": {"at": ("one",), "transformation_set": "fr"},
    "plain": {"at": ("one",), "server": {"identity": "from"}},
    "rpid": {"at": ("one",), "server": {"identity": "rpid"}},
    "both": {"at": ("one",), "server": {"identity": "both"}},
    "account": {
        "at": ("one",),
        "server": {"from_user": "acct-7", "from_domain": "sip.carrier.test", "identity": "pai"},
    },
    "behind": {"at": (), "server": {"address": "192.0.2.55"}, "through": "one"},
    "mute": {"at": ("one",), "server": {"health": "no"}},
    "distant": {"at": ("two",), "media_set": FAR},
    "dying": {"at": ("three",)},  # left out by its case, so no other case may call it
}
# Three digits -> the carriers of the routes, first one first.
ROUTES: Mapping[str, tuple[str, ...]] = {
    "101": ("one",),
    "102": ("one", "two"),
    "103": ("one", "two", "three"),
    "104": ("pair",),
    "105": ("tcp",),
    "106": ("reset", "two"),
    "107": ("tls",),
    "108": ("forged", "two"),
    "109": ("asking", "two"),
    "110": ("second",),
    "111": ("narrow", "two"),
    "112": ("french",),
    "113": ("plain",),
    "114": ("rpid",),
    "115": ("both",),
    "116": ("account",),
    "117": ("behind",),
    "118": ("tcp", "tls", "one"),
    "119": ("asking", "asking", "two"),
    "120": ("mute", "two"),
    "121": ("dying", "two"),
    "122": ("one", "distant"),
    "123": ("distant", "one"),
    "124": ("two",),
}
BLOCKED = "199"


def inbound(number: int) -> str:
    """Return the DDI of the user with a number."""
    return f"+349111{number:05d}"


def tenants(addresses: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the files of the brand, by their names.

    Args:
        addresses: Of the host in the group `carriers`, by name; the main one is ``main``.
    """
    users = {f"u{number}": {"name": f"User {number}", "extension": str(number)} for number in range(201, 201 + USERS)}
    return {
        "brand.yml": {
            "language": "en",
            "country": "ES",
            "carriers": {name: _carrier(dict(fields), addresses) for name, fields in CARRIERS.items()},
            "ddi_providers": _providers(addresses),
            "routing_patterns": {f"p{key}": {"prefixes": [f"+34900{key}"]} for key in (*ROUTES, BLOCKED)},
            "outgoing_routes": {
                **{
                    f"r{key}-{place}": {"pattern": f"p{key}", "carrier": carrier, "priority": str(place)}
                    for key, carriers in ROUTES.items()
                    for place, carrier in enumerate(carriers, 1)
                },
                "blocked": {"pattern": f"p{BLOCKED}", "block": "yes"},
            },
        },
        f"{CLIENT}.yml": {
            "type": "vpbx",
            "domain": "caller.outer.test",
            "outgoing_ddi": DDI,
            "users": users,
            "ddis": {
                DDI: {},
                "+34911000002": {"direction": "out"},
                **{inbound(number): {"user": f"u{number}"} for number in range(201, 201 + USERS)},
            },
        },
    }


def _carrier(fields: dict[str, Any], addresses: Mapping[str, str]) -> dict[str, Any]:
    own = fields.pop("server", {})
    through = fields.pop("through", "")
    named = {name: {"address": addresses[name], **SERVERS[name], **own} for name in fields.pop("at")}
    if through:
        named = {"main": {**own, "outbound_proxy": addresses[through]}}
    return {**fields, "servers": named}


def _providers(addresses: Mapping[str, str]) -> dict[str, Any]:
    return {
        "numbers": {"sources": {addresses["eight"]: {}}},
        "no-plus": {"sources": {addresses["nine"]: {}}, "plus": "no", "transformation_set": "fr"},
        "asked": {
            "sources": {addresses["main"]: {}},
            "credentials": {"user": "asked", "realm": "platform"},
            "registrations": {"main": {"user": "outer-account", "domain": addresses["main"]}},
        },
    }
