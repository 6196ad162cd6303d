"""Clients without a PBX for the call tests: residential, retail and wholesale, in the brand of `outside_tenants`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DOMAIN = "phones.outer.test"
HOME, SHOP, GATE, CROWD, TIGHT, FENCED = "home", "shop", "gate", "crowd", "tight", "fenced"
OFFICE, OFFICE_USER, OFFICE_DDI = "office", "scanner", "+34911208001"  # a vPBX client whose only user sends faxes
DEVICES = tuple(f"h{number}" for number in range(1, 7))
ACCOUNTS = tuple(f"s{number}" for number in range(1, 7))
# Device -> when its calls go on to the number outside that `forward_of` names.
FORWARDS: Mapping[str, str] = {
    "f1": "unconditional",
    "f2": "no_answer",
    "f3": "busy",
    "f4": "not_registered",
}
# The same of accounts.
ACCOUNT_FORWARDS: Mapping[str, str] = {"g1": "unconditional", "g2": "not_registered"}
TAG = "12#"
PBX, WITHOUT_DDI = "pbx", "mute"
PBX_PORT = 5071
LIMIT, CROWD_LIMIT = 2, 20


def ddi_of(name: str) -> str:
    """Return the DDI of a device or an account."""
    return f"+3491120{'hsfgt'.index(name[0])}00{name[1:]}"


def forward_of(name: str) -> str:
    """Return the number outside to which the calls of a device or an account go."""
    return f"+3490010199{'fg'.index(name[0]) * 5 + int(name[1:])}"


def clients(addresses: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the files to merge into the brand's.

    Args:
        addresses: Of the host `carriers`, by name.
    """
    return {
        "brand.yml": {
            "domain": DOMAIN,
            "routing_tags": {"premium": {"tag": TAG}, "cheap": {"tag": "7#"}},
            "outgoing_routes": {
                "premium": {"tag": "premium", "pattern": "p101", "carrier": "two"},
                "faxes": {"fax": "yes", "pattern": "p101", "carrier": "two"},
            },
        },
        f"{HOME}.yml": {
            "type": "residential",
            "devices": {
                **{name: {"ddi": ddi_of(name)} for name in DEVICES},
                **{name: {"ddi": ddi_of(name), "forwards": [_forward(name, when)]} for name, when in FORWARDS.items()},
                "h7": {"ddi": ddi_of("h7"), "t38": "yes"},
                "h8": {"ddi": ddi_of("h8"), "multi_contact": "no"},
                "h9": {"ddi": ddi_of("h9"), "called_number": "yes", "from_domain": "pbx.home.test"},
            },
        },
        f"{SHOP}.yml": {
            "type": "retail",
            "routing_tags": ["premium"],
            "transcoding": ["alaw"],
            "accounts": {
                **{name: {"ddi": ddi_of(name)} for name in ACCOUNTS},
                **{
                    name: {"ddi": ddi_of(name), "forwards": [_forward(name, when)]}
                    for name, when in ACCOUNT_FORWARDS.items()
                },
                PBX: {
                    "ddi": ddi_of("s9"),
                    "direct": {"address": addresses["two"], "port": str(PBX_PORT), "trusted": "yes"},
                },
                WITHOUT_DDI: {},
                "s7": {"ddi": ddi_of("s7"), "t38": "yes"},
            },
        },
        f"{OFFICE}.yml": {
            "type": "vpbx",
            "domain": "office.outer.test",
            "users": {OFFICE_USER: {"name": "Scanner", "extension": "301", "terminal": OFFICE_USER}},
            "terminals": {OFFICE_USER: {"t38": "yes"}},
            "ddis": {OFFICE_DDI: {"user": OFFICE_USER}},
        },
        f"{GATE}.yml": {
            "type": "wholesale",
            "routing_tags": ["premium"],
            "sources": {addresses["three"]: {}},
        },
        f"{CROWD}.yml": {"type": "wholesale", "max_calls": str(CROWD_LIMIT), "sources": {addresses["four"]: {}}},
        f"{FENCED}.yml": {
            "type": "retail",
            "address_filter": {"sources": ["192.0.2.0/24"]},
            "accounts": {"x1": {}},
        },
        f"{TIGHT}.yml": {
            "type": "residential",
            "max_calls": str(LIMIT),
            "devices": {f"t{number}": {"ddi": ddi_of(f"t{number}")} for number in range(1, LIMIT + 2)},
        },
    }


def _forward(name: str, when: str) -> dict[str, str]:
    after = {"after": "3"} if when == "no_answer" else {}
    return {"when": when, "number": forward_of(name), **after}
