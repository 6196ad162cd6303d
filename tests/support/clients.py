"""What a client's file says, for property tests: all types, valid by construction, alike enough that two overlap."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from trunkline.model.fields import LANGUAGES

USERS = ("alice", "bob", "carol", "dave", "erin")
NUMBERS = ("101", "102", "103", "104", "180", "181")
DISPLAY_NAMES = ("Alice Example", "Bob O'Example", 'Zoë, 50% \\ "quoted"', "名前", "null")
OUTSIDE = "+34611223344"

_YES_NO = st.sampled_from(["yes", "no"])
_ENDPOINT: dict[str, st.SearchStrategy[Any]] = {
    "ha1": st.sampled_from(["0" * 32, "f" * 32]),
    "encryption": _YES_NO,
    "t38": _YES_NO,
}
_PEER: dict[str, st.SearchStrategy[Any]] = {
    **_ENDPOINT,
    "description": st.sampled_from(DISPLAY_NAMES),
    "direct": st.fixed_dictionaries(
        {"address": st.sampled_from(["192.0.2.10", "2001:db8::1"])},
        optional={"port": st.just("5070"), "transport": st.sampled_from(["udp", "tls"])},
    ),
    "multi_contact": _YES_NO,
    "called_number": _YES_NO,
    "from_domain": st.just("pbx.example"),
    "country": st.sampled_from(["ES", "PT"]),
}
_CODECS = st.sampled_from([["alaw"], ["opus", "alaw"]])
_TERMINAL: dict[str, st.SearchStrategy[Any]] = {
    **_ENDPOINT,
    "codecs": _CODECS,
    "update_method": st.sampled_from(["invite", "update"]),
}
_USER_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "lastname": st.sampled_from(DISPLAY_NAMES),
    "email": st.sampled_from(["a@acme.example", "b@acme.example"]),
    "time_zone": st.sampled_from(["UTC", "Europe/Madrid"]),
    "do_not_disturb": _YES_NO,
    "call_waiting": st.sampled_from(["0", "2"]),
    "rejection": st.sampled_from(["code", "all"]),
    "forwards": st.sampled_from(
        [
            [{"when": "busy", "number": OUTSIDE}],
            [{"when": "no_answer", "after": "15", "number": OUTSIDE}, {"when": "not_registered", "number": OUTSIDE}],
        ]
    ),
}
_COMMON: dict[str, st.SearchStrategy[Any]] = {
    "language": st.sampled_from(LANGUAGES),
    "country": st.sampled_from(["ES", "PT"]),
    "max_calls": st.sampled_from(["0", "10", "30"]),
}
_FILTERED: dict[str, st.SearchStrategy[Any]] = {
    **_COMMON,
    "address_filter": st.sampled_from([{"sources": ["192.0.2.0/24"]}, {"countries": ["ES"]}]),
}


@st.composite
def some(draw: st.DrawFn, options: Mapping[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """Draw up to three of some keys, each with a value."""
    return {
        key: draw(options[key]) for key in draw(st.lists(st.sampled_from(sorted(options)), max_size=3, unique=True))
    }


@st.composite
def vpbx(draw: st.DrawFn, domain: str, brand: Mapping[str, Any], ddis: Iterator[str]) -> dict[str, Any]:
    """Draw a vPBX client.

    Args:
        draw: Of Hypothesis.
        domain: Its SIP domain.
        brand: What the file of its brand says.
        ddis: Numbers that nobody has.
    """
    names = draw(st.lists(st.sampled_from(USERS), unique=True))
    numbers = draw(st.permutations(NUMBERS))
    spare = draw(st.permutations(("desk1", "desk2", "fax")))
    users, terminals, own = {}, {}, draw(some(_FILTERED))
    for index, name in enumerate(names):
        users[name] = {
            "name": draw(st.sampled_from(DISPLAY_NAMES)),
            **draw(some(_USER_OPTIONS)),
        }
        if draw(st.booleans()):
            users[name]["extension"] = numbers[index]
        if draw(st.integers(0, 2)) == 0:
            users[name]["ddi"] = next(ddis)
        if index < len(spare) and draw(st.integers(0, 3)) == 0:
            users[name]["terminal"] = spare[index]
            terminals[spare[index]] = draw(some(_TERMINAL))
    extensions: dict[str, Any] = {}
    if draw(st.booleans()):
        target = draw(st.sampled_from(names)) if names else None
        extensions[numbers[-1]] = draw(st.sampled_from([{"user": target}, {"number": OUTSIDE}])) if target else {}
    if draw(st.booleans()):
        own["ddis"] = {next(ddis): {"user": names[0]} if names else {"direction": "out"}}
        own["outgoing_ddi"] = next(iter(own["ddis"]))
    if draw(st.booleans()):
        optional = {**_PEER, "priority": st.just("2"), "codecs": _CODECS, "from_user": st.just("pbx")}
        own["friends"] = {"pbx": {"patterns": ["2[0-9]{3}", r"\d{4}"], **draw(some(optional))}}
    if brand.get("corporations") and draw(st.booleans()):
        own["corporation"] = draw(st.sampled_from(sorted(brand["corporations"])))
    return {
        "type": "vpbx",
        "domain": domain,
        "users": users,
        "terminals": terminals,
        "extensions": extensions,
        **own,
    }


@st.composite
def residential(draw: st.DrawFn, ddis: Iterator[str]) -> dict[str, Any]:
    """Draw a residential client."""
    optional = {
        **_PEER,
        "language": st.sampled_from(LANGUAGES),
        "call_waiting": st.just("1"),
        "codecs": _CODECS,
        "forwards": st.just([{"when": "busy", "number": OUTSIDE}]),
    }
    devices = {}
    for ddi in itertools.islice(ddis, draw(st.integers(0, 2))):
        devices[f"home-{ddi[-2:]}"] = {
            **draw(some(optional)),
            "ddi": ddi,
        }
    return {"type": "residential", **draw(some(_FILTERED)), "devices": devices}


@st.composite
def retail(draw: st.DrawFn, ddis: Iterator[str]) -> dict[str, Any]:
    """Draw a retail client."""
    accounts: dict[str, Any] = {}
    for ddi in itertools.islice(ddis, draw(st.integers(0, 2))):
        other = next(iter(accounts), None)
        name = f"shop-{ddi[-2:]}"
        accounts[name] = {**draw(some(_PEER)), "ddi": ddi}
        if other is not None:
            accounts[name]["forwards"] = [{"when": "unconditional", "ddi": ddi, "account": other}]
    optional = {**_FILTERED, "transcoding": _CODECS}
    return {"type": "retail", **draw(some(optional)), "accounts": accounts}


@st.composite
def wholesale(draw: st.DrawFn, networks: Iterator[str]) -> dict[str, Any]:
    """Draw a wholesale client."""
    taken = itertools.islice(networks, draw(st.integers(0, 2)))
    found = {network: {"description": draw(st.sampled_from(DISPLAY_NAMES))} for network in taken}
    return {"type": "wholesale", **draw(some(_COMMON)), "sources": found}


@st.composite
def clients(
    draw: st.DrawFn, domain: str, brand: Mapping[str, Any], ddis: Iterator[str], networks: Iterator[str]
) -> dict[str, Any]:
    """Draw what a client's file says.

    Args:
        draw: Of Hypothesis.
        domain: A SIP domain that nobody has.
        brand: What the file of its brand says; only one with a domain gets residential and retail clients.
        ddis: Numbers that nobody has.
        networks: Ranges that nobody has.
    """
    kinds = [vpbx(domain, brand, ddis)] * 3 + [wholesale(networks)]
    if "domain" in brand:
        kinds += [residential(ddis), retail(ddis)]
    return draw(st.one_of(kinds))
