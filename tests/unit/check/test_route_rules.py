"""Rules about outgoing routes: which combinations are hits, and which are none."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from trunkline.pipeline import check_inventory

if TYPE_CHECKING:
    from pathlib import Path

NOT_HONOURED = "TL0400"
CARRIERS = (
    "carriers:\n"
    "  one: {prices: one, servers: {a: {address: 192.0.2.1}}}\n"
    "  two: {prices: two, servers: {a: {address: 192.0.2.2}}}\n"
    "  bare: {servers: {a: {address: 192.0.2.3}}}\n"
    "price_lists:\n"
    "  one: {prices: {+34: {rate: 0.01}}}\n"
    "  two: {currency: GBP, prices: {+34: {rate: 0.01}}}\n"
    "routing_patterns:\n"
    "  mobile: {prefixes: [+346, +347]}\n"
    "  vodafone: {prefixes: [+3460]}\n"
    "  all: {prefixes: [+]}\n"
    "routing_tags: {best: {tag: 12#}}\n"
    "outgoing_routes:\n"
)
RETAIL = "type: retail\naccounts: {a: {ddi: +34911234501}}\n"
LOOP = "type: retail\naccounts: {{a: {{ddi: {0}, forwards: [{{when: unconditional, number: {1}}}]}}}}\n"


def _problems(inventory: Path, routes: tuple[str, ...], files: dict[str, str]) -> list[str]:
    folder = inventory / "tenants" / "atlas"
    folder.mkdir(parents=True)
    brand = f"domain: phones.example\n{CARRIERS}" + "".join(f"  {route}\n" for route in routes)
    for name, text in {"brand.yml": brand, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    problems = check_inventory(inventory).problems
    return [f"{each.code} {'.'.join(map(str, each.path))}" for each in problems if each.code != NOT_HONOURED]


HITS = {
    "behind a stopper for more": (
        ("s: {pattern: es, carrier: one, stopper: yes}", "r: {pattern: mobile, carrier: two, priority: 2}"),
        ["TL0606 outgoing_routes.r"],
    ),
    "behind a stopper for every number": (
        ("s: {pattern: all, carrier: one, stopper: yes}", "r: {group: europe, carrier: two, priority: 2}"),
        ["TL0606 outgoing_routes.r"],
    ),
    "behind a stopper for a continent": (
        ("s: {group: europe, carrier: one, stopper: yes}", "r: {pattern: es, carrier: two, priority: 2}"),
        ["TL0606 outgoing_routes.r"],
    ),
    "of one client, behind a stopper for all": (
        (
            "s: {pattern: es, carrier: one, stopper: yes}",
            "r: {pattern: es, client: shop, carrier: two, priority: 2}",
        ),
        ["TL0606 outgoing_routes.r"],
    ),
    "blocked, whatever its priority": (
        ("r: {pattern: mobile, carrier: one}", "b: {pattern: es, block: yes, priority: 9}"),
        ["TL0606 outgoing_routes.r"],
    ),
    "a country without numbers": (("r: {pattern: bv, carrier: one}",), ["TL0606 outgoing_routes.r"]),
    "overlapping at one priority": (
        ("r: {pattern: mobile, carrier: one}", "s: {pattern: es, carrier: two}"),
        ["TL0607 outgoing_routes.r"],
    ),
    "overlapping over two": (
        (
            "r: {pattern: vodafone, carrier: one}",
            "s: {pattern: mobile, carrier: two}",
            "t: {pattern: es, carrier: one, priority: 2}",
        ),
        ["TL0607 outgoing_routes.r"],
    ),
    "a client that does not exist": (
        ("r: {pattern: es, client: nobody, carrier: one}",),
        ["TL0608 outgoing_routes.r.client"],
    ),
    "a tag that nobody may dial": (("r: {pattern: es, tag: best, carrier: one}",), ["TL0608 outgoing_routes.r.tag"]),
    "a tag that this client may not dial": (
        ("r: {pattern: es, client: shop, tag: best, carrier: one}",),
        ["TL0608 outgoing_routes.r.tag"],
    ),
    "no prices": (("r: {pattern: es, cheapest_of: [one, bare]}",), ["TL0609 outgoing_routes.r.cheapest_of.1"]),
    "two currencies": (("r: {pattern: es, cheapest_of: [one, two]}",), ["TL0609 outgoing_routes.r.cheapest_of.1"]),
    "a stopper without prices": (
        ("r: {pattern: es, cheapest_of: [bare], stopper: yes}", "t: {pattern: es, carrier: one, priority: 2}"),
        ["TL0606 outgoing_routes.t", "TL0609 outgoing_routes.r.cheapest_of.0", "TL0610 outgoing_routes.r.stopper"],
    ),
    "a stopper whose prices are for other numbers": (
        ("r: {pattern: fr, cheapest_of: [one], stopper: yes}", "t: {pattern: fr, carrier: one, priority: 2}"),
        ["TL0606 outgoing_routes.t", "TL0610 outgoing_routes.r.stopper", "TL0614 outgoing_routes.r.cheapest_of.0"],
    ),
    "prices for other numbers": (
        ("r: {pattern: fr, cheapest_of: [one]}",),
        ["TL0614 outgoing_routes.r.cheapest_of.0"],
    ),
    "overlapping, the longer one for one client": (
        ("r: {pattern: mobile, client: shop, carrier: one}", "s: {pattern: es, carrier: two}"),
        ["TL0607 outgoing_routes.r"],
    ),
    "overlapping, the shorter one for one client": (
        ("r: {pattern: mobile, carrier: one}", "s: {pattern: es, client: shop, carrier: two}"),
        ["TL0607 outgoing_routes.s"],
    ),
    "a carrier that is not there": (("r: {pattern: es, carrier: three}",), ["TL0407 outgoing_routes.r.carrier"]),
    "a country that is not there": (("r: {pattern: xx, carrier: one}",), ["TL0407 outgoing_routes.r.pattern"]),
    "a continent that is not there": (("r: {group: gondwana, carrier: one}",), ["TL0407 outgoing_routes.r.group"]),
}
MISSES = {
    "stoppers at its own priority": (
        "s: {pattern: es, carrier: one, stopper: yes}",
        "r: {pattern: es, carrier: two}",
        "t: {pattern: fr, carrier: two, priority: 2}",
    ),
    "a stopper of one client": (
        "s: {pattern: es, client: shop, carrier: one, stopper: yes}",
        "r: {pattern: es, carrier: two, priority: 2}",
    ),
    "a stopper for a part": (
        "s: {pattern: mobile, carrier: one, stopper: yes}",
        "r: {pattern: es, carrier: two, priority: 2}",
    ),
    "a stopper for faxes": (
        "s: {fax: yes, carrier: one, stopper: yes}",
        "r: {pattern: es, carrier: two, priority: 2}",
    ),
    "a longer pattern that comes first": (
        "r: {pattern: mobile, carrier: one}",
        "s: {pattern: es, carrier: two, priority: 2}",
    ),
    "a longer pattern to the same carrier": ("r: {pattern: mobile, carrier: one}", "s: {pattern: es, carrier: one}"),
    "a longer pattern that is blocked": ("r: {pattern: mobile, block: yes}", "s: {pattern: es, carrier: one}"),
    "countries of one calling code": ("us: {pattern: us, carrier: one}", "ca: {pattern: ca, carrier: two}"),
    "prices for a part of the numbers": ("r: {pattern: mobile, cheapest_of: [one]}",),
    "prices for some countries": ("r: {group: europe, cheapest_of: [one]}",),
    "overlapping, of two clients": (
        "r: {pattern: mobile, client: shop, carrier: one}",
        "s: {pattern: es, client: store, carrier: two}",
    ),
    "shared by weight": ("a: {pattern: es, carrier: one}", "b: {pattern: es, carrier: two, weight: 2}"),
    "a stopper whose own priority has another way": (
        "s: {pattern: es, cheapest_of: [one], stopper: yes}",
        "r: {pattern: es, carrier: two}",
    ),
}


@pytest.mark.parametrize("case", HITS)
def test_hits(tmp_path: Path, case: str) -> None:
    routes, expected = HITS[case]
    assert sorted(_problems(tmp_path, routes, {"shop.yml": RETAIL})) == expected


@pytest.mark.parametrize("case", MISSES)
def test_misses(tmp_path: Path, case: str) -> None:
    store = RETAIL.replace("{a:", "{b:").replace("4501", "4509")
    assert _problems(tmp_path, MISSES[case], {"shop.yml": RETAIL, "store.yml": store}) == []


@pytest.mark.parametrize(
    ("way", "hits"),
    [
        (["+34911234501", "+34911234501"], 1),
        (["+34911234501", "+34911234502", "+34911234501"], 2),
        (["+34911234501", "+34911234502", "+34911234503", "+34911234501"], 3),
        (["+34911234501", "+34911234502", "+34600000001"], 0),
        (["+34911234503", "+34911234501", "+34911234502", "+34911234501"], 2),
    ],
)
def test_numbers_in_circles(tmp_path: Path, way: list[str], hits: int) -> None:
    files = {f"c{place}.yml": LOOP.format(*pair).replace("{a:", f"{{a{place}:")
             for place, pair in enumerate(itertools.pairwise(way))}  # fmt: skip
    found = _problems(tmp_path, ("r: {pattern: es, carrier: one}",), files)
    assert [each.partition(" ")[0] for each in found] == ["TL0611"] * hits


A, B, FAR = "+34911234501", "+34911234502", "+34600000001"
HOME = "type: residential\ndevices:\n"
WAYS_ROUND = {
    "a DDI to itself": (f"type: retail\nddis: {{{A}: {{number: {A}}}}}\naccounts: {{a: {{ddi: {B}}}}}\n", 1),
    "a DDI to another one and back": (
        f"type: retail\nddis: {{{A}: {{number: {B}}}, {B}: {{number: {A}}}}}\naccounts: {{a: {{outgoing_ddi: {A}}}}}\n",
        2,
    ),
    "two devices, each to the other": (
        (
            f"{HOME}  a: {{ddi: {A}, forwards: [{{when: unconditional, number: {B}}}]}}\n"
            f"  b: {{ddi: {B}, forwards: [{{when: unconditional, number: {A}}}]}}\n"
        ),
        2,
    ),
    "a busy device to itself": (f"{HOME}  a: {{ddi: {A}, forwards: [{{when: busy, number: {A}}}]}}\n", 1),
    "a device that is not there, over another one": (
        (
            f"{HOME}  a: {{ddi: {A}, forwards: [{{when: not_registered, number: {B}}}]}}\n"
            f"  b: {{ddi: {B}, forwards: [{{when: unconditional, number: {A}}}]}}\n"
        ),
        1,
    ),
    "two lines that help each other": (
        (
            f"{HOME}  a: {{ddi: {A}, forwards: [{{when: busy, number: {B}}}]}}\n"
            f"  b: {{ddi: {B}, forwards: [{{when: busy, number: {A}}}]}}\n"
        ),
        0,
    ),
    "an unconditional forward before the one that leads back": (
        f"{HOME}  a: {{ddi: {A}, forwards: [{{when: unconditional, number: {FAR}}}, {{when: busy, number: {A}}}]}}\n",
        0,
    ),
    "over an extension, a user and its forward to another extension": (
        (
            f"type: vpbx\ndomain: acme.example\noutgoing_ddi: {A}\nddis: {{{A}: {{extension: 101}}}}\n"
            "users: {u: {name: U, extension: 101, forwards: [{when: unconditional, extension: 200}]}}\n"
            f"extensions: {{200: {{number: {A}}}}}\n"
        ),
        1,
    ),
    "only for calls from inside": (
        (
            f"type: vpbx\ndomain: acme.example\noutgoing_ddi: {A}\n"
            f"users: {{u: {{name: U, extension: 101, ddi: {A},"
            f" forwards: [{{when: unconditional, calls: internal, number: {A}}}]}}}}\n"
        ),
        0,
    ),
    "over another account": (
        (
            f"type: retail\naccounts:\n  a: {{ddi: {A}, forwards: [{{when: unconditional, account: b}}]}}\n"
            f"  b: {{ddi: {B}, forwards: [{{when: unconditional, number: {A}}}]}}\n"
        ),
        1,
    ),
    "an account whose forward for the DDI leads elsewhere": (
        (
            f"type: retail\naccounts:\n  a: {{ddi: {A}, forwards: [{{when: unconditional, ddi: {A}, number: {FAR}}},"
            f" {{when: unconditional, number: {A}}}]}}\n"
        ),
        0,
    ),
    "a DDI that is only presented": (
        f"type: retail\nddis: {{{A}: {{number: {A}, direction: out}}}}\naccounts: {{a: {{ddi: {B}}}}}\n",
        0,
    ),
}


@pytest.mark.parametrize("case", WAYS_ROUND)
def test_ways_round(tmp_path: Path, case: str) -> None:
    client, hits = WAYS_ROUND[case]
    found = _problems(tmp_path, ("r: {pattern: es, carrier: one}",), {"c.yml": client})
    assert [each.partition(" ")[0] for each in found].count("TL0611") == hits, found


def test_what_another_brand_has_cannot_be_named(tmp_path: Path) -> None:
    other = tmp_path / "tenants" / "boreas"
    other.mkdir(parents=True)
    (other / "brand.yml").write_text(
        "domain: other.example\nddi_providers: {theirs: {sources: {192.0.2.60: }}}\n"
        "carriers: {theirs: {servers: {a: {address: 192.0.2.9}}}}\n"
        "routing_patterns: {theirs: {prefixes: [+34]}}\n"
        "outgoing_routes: {r: {pattern: theirs, carrier: theirs}}\n",
        encoding="utf-8",
    )
    (other / "shop.yml").write_text("type: retail\naccounts: {a: {ddi: +34911234509}}\n", encoding="utf-8")
    shop = (
        "type: retail\noutgoing_ddi: +34911234509\naccounts: {a: }\n"
        "ddis: {+34911234501: {account: a, provider: theirs}}\n"
    )
    routes = ("r: {pattern: theirs, carrier: one}", "s: {pattern: es, carrier: theirs}")
    assert sorted(_problems(tmp_path, routes, {"shop.yml": shop})) == [
        "TL0407 ddis.+34911234501.provider",
        "TL0407 outgoing_ddi",
        "TL0407 outgoing_routes.r.pattern",
        "TL0407 outgoing_routes.s.carrier",
    ]
