"""Rules about clients where one page is not enough: which combinations are hits, and which are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trunkline.pipeline import check_inventory

if TYPE_CHECKING:
    from pathlib import Path

NOT_HONOURED = "TL0400"
VPBX = (
    "type: vpbx\ndomain: {}.example\nusers:\n  alice: {{name: A, extension: 101}}\n  bob: {{name: B, extension: 102}}\n"
)
ACME, GLOBEX = VPBX.format("acme"), VPBX.format("globex")
BRAND = "domain: phones.example\n"


def _problems(inventory: Path, files: dict[str, str]) -> list[str]:
    for name, text in {"atlas/brand.yml": BRAND, **files}.items():
        file = inventory / "tenants" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    found = check_inventory(inventory).problems
    return [f"{each.code} {each.place.file.removeprefix('tenants/')}:{each.place.line}" for each in found
            if each.code != NOT_HONOURED]  # fmt: skip


def _users(**users: str) -> str:
    return "type: vpbx\ndomain: acme.example\nusers:\n" + "".join(
        f"  {name}: {{name: N, {rest}}}\n" for name, rest in users.items()
    )


HITS = {
    "a DDI of a user that has an entry too": (
        {
            "atlas/acme.yml": _users(alice="extension: 101, ddi: +34911234501")
            + "ddis:\n  +34911234501: {user: alice}\n"
        },
        ["TL0460 atlas/acme.yml:4"],
    ),
    "a DDI of two brands": (
        {
            "boreas/brand.yml": "",
            "atlas/acme.yml": _users(alice="extension: 101, ddi: +34911234501"),
            "boreas/acme.yml": _users(alice="extension: 101, ddi: +34911234501").replace("acme.", "other."),
        },
        ["TL0460 boreas/acme.yml:4"],
    ),
    "a domain of a client and of its brand": (
        {"atlas/acme.yml": ACME.replace("acme.example", "phones.example")},
        ["TL0302 atlas/brand.yml:1"],
    ),
    "a source inside of one of the same client": (
        {"atlas/acme.yml": "type: wholesale\nsources:\n  192.0.2.0/24:\n  192.0.2.7:\n"},
        ["TL0463 atlas/acme.yml:4"],
    ),
    "sources of IPv6, three deep": (
        {
            "atlas/acme.yml": 'type: wholesale\nsources:\n  "2001:db8:1::/48":\n',
            "atlas/globex.yml": 'type: wholesale\nsources:\n  "2001:db8::/32":\n  "2001:db8:1::7":\n',
        },
        ["TL0463 atlas/acme.yml:3", "TL0463 atlas/globex.yml:4"],
    ),
    "an account that forwards to itself": (
        {
            "atlas/acme.yml": (
                "type: retail\naccounts:\n"
                "  shop: {ddi: +34911234501, forwards: [{when: unconditional, account: shop}]}\n"
            )
        },
        ["TL0473 atlas/acme.yml:3"],
    ),
    "forwards for all calls and for some": (
        {
            "atlas/acme.yml": _users(
                alice="extension: 101, forwards: [{when: busy, calls: internal, number: +34611223344},"
                " {when: busy, number: +34611223344}]"
            )
        },
        ["TL0471 atlas/acme.yml:4"],
    ),
    "two unconditional forwards that take everything together": (
        {
            "atlas/acme.yml": _users(
                alice="extension: 101, forwards: [{when: unconditional, calls: internal, number: +34611223344},"
                " {when: unconditional, calls: external, number: +34611223344}, {when: busy, number: +34611223344}]"
            )
        },
        ["TL0472 atlas/acme.yml:4"],
    ),
    "a limit of a device above that of its client": (
        {"atlas/acme.yml": "type: residential\nmax_calls: 2\ndevices:\n  home: {ddi: +34911234501, call_waiting: 2}\n"},
        ["TL0475 atlas/acme.yml:4"],
    ),
    "an emergency number of the country": (
        {"atlas/acme.yml": "country: DE\n" + _users(alice="extension: 110")},
        ["TL0468 atlas/acme.yml:5"],
    ),
    "an emergency number that the metadata does not have": (
        {"atlas/acme.yml": "country: ES\n" + _users(alice="extension: 091")},
        ["TL0468 atlas/acme.yml:5"],
    ),
    "emergency numbers of brand and platform": (
        {
            "platform.yml": "special_numbers: {+34900: {emergency: yes}, +34901: {emergency: yes}}\n",
            "atlas/brand.yml": f"{BRAND}special_numbers: {{+34901: {{emergency: no}}, +34902: {{emergency: yes}}}}\n",
            "atlas/acme.yml": "country: ES\n" + _users(a="extension: 900", b="extension: 901", c="extension: 902"),
        },
        ["TL0468 atlas/acme.yml:5", "TL0468 atlas/acme.yml:7"],
    ),
    "an extension behind a code that a number follows": (
        {"atlas/acme.yml": ACME + "services: {direct_pickup: 1}\n"},
        ["TL0469 atlas/acme.yml:4", "TL0469 atlas/acme.yml:5"],
    ),
    "bosses in a circle of three": (
        {
            "atlas/acme.yml": _users(
                a="extension: 101, boss: {assistant: b}",
                b="extension: 102, boss: {assistant: c}",
                c="extension: 103, boss: {assistant: a}",
            )
        },
        ["TL0478 atlas/acme.yml:4", "TL0478 atlas/acme.yml:5", "TL0478 atlas/acme.yml:6"],
    ),
    "a device address of two clients": (
        {
            "atlas/acme.yml": ACME + "terminals: {alice: {mac: 00:1a:2b:3c:4d:5e}}\n",
            "atlas/globex.yml": GLOBEX + "terminals: {bob: {mac: 00:1a:2b:3c:4d:5e}}\n",
        },
        ["TL0464 atlas/globex.yml:6"],
    ),
    "a route of a DDI that another type has": (
        {"atlas/acme.yml": ACME + "outgoing_ddi: +34911234501\nddis: {+34911234501: {device: home}}\n"},
        ["TL0450 atlas/acme.yml:7", "TL0407 atlas/acme.yml:7"],
    ),
    "an outgoing DDI that is not the client's": (
        {"atlas/acme.yml": ACME + "outgoing_ddi: +34911234501\n"},
        ["TL0407 atlas/acme.yml:6"],
    ),
    "a wholesale client that nobody can call from": (
        {"atlas/acme.yml": "type: wholesale\n"},
        ["TL0309 atlas/acme.yml:1"],
    ),
}
MISSES = {
    "a chain of bosses that ends": {
        "atlas/acme.yml": _users(
            a="extension: 101, boss: {assistant: b}",
            b="extension: 102, boss: {assistant: alice}",
            alice="extension: 103",
        )
    },
    "a number that perhaps a friend of the platform takes": {
        "atlas/brand.yml": BRAND + "corporations: {umbrella: }\n",
        "atlas/acme.yml": (
            ACME + "corporation: umbrella\nfriends: {globex: {client: globex}}\nextensions: {501: {friends: 301}}\n"
        ),
        "atlas/globex.yml": GLOBEX + "corporation: umbrella\n",
    },
    "an account that only another one forwards to": {
        "atlas/acme.yml": (
            "type: retail\naccounts:\n"
            "  shop: {ddi: +34911234501, forwards: [{when: not_registered, account: other}]}\n"
            "  other: {outgoing_ddi: +34911234501}\n"
        )
    },
    "forwards of an account, one for a DDI": {
        "atlas/acme.yml": (
            "type: retail\naccounts:\n"
            "  shop: {ddi: +34911234501, forwards: [{when: unconditional, ddi: +34911234501, number: +34611223344},"
            " {when: not_registered, number: +34611223344}]}\n"
        )
    },
    "neighbouring sources": {
        "atlas/acme.yml": "type: wholesale\nsources:\n  192.0.2.0/25:\n  192.0.2.128/25:\n  198.51.100.1:\n",
        "atlas/globex.yml": "type: wholesale\nsources:\n  198.51.100.2:\n",
    },
    "the emergency number of another country": {"atlas/acme.yml": "country: ES\n" + _users(alice="extension: 110")},
    "the same names of terminals in two domains": {"atlas/acme.yml": ACME, "atlas/globex.yml": GLOBEX},
}


@pytest.mark.parametrize("case", HITS)
def test_hits(tmp_path: Path, case: str) -> None:
    files, expected = HITS[case]
    assert _problems(tmp_path, files) == expected


@pytest.mark.parametrize("case", MISSES)
def test_misses(tmp_path: Path, case: str) -> None:
    assert _problems(tmp_path, MISSES[case]) == []
