"""What a brand's file says about carriers, DDI providers and routes, for property tests: valid by construction."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_ADDRESSES = st.sampled_from(["192.0.2.50", "2001:db8::50", "sip.bestel.example"])
_LIMITS = st.sampled_from(["0", "60"])
_SERVER = st.fixed_dictionaries(
    {"address": _ADDRESSES},
    optional={
        "port": st.sampled_from(["5060", "5062"]),
        "transport": st.sampled_from(["udp", "tcp", "tls"]),
        "outbound_proxy": st.sampled_from(["192.0.2.51", "192.0.2.51:5070"]),
        "credentials": st.sampled_from([{"user": "trunk", "realm": "bestel"}, {"user": "a;b", "realm": "Zoë"}]),
        "from_user": st.just("trunk"),
        "identity": st.sampled_from(["from", "pai", "rpid", "both"]),
        "health": st.sampled_from(["yes", "no"]),
    },
)
_CARRIER = st.fixed_dictionaries(
    {"servers": st.dictionaries(st.sampled_from(["a", "b"]), _SERVER, min_size=1)},
    optional={
        "description": st.just("50% of all\\none"),
        "max_calls": _LIMITS,
        "transformation_set": st.sampled_from(["es", "fr"]),
        "prices": st.just("cheap"),
        "socket": st.just("second"),
        "media_set": st.just("far"),
    },
)
_REGISTRATION = st.fixed_dictionaries(
    {"user": st.just("34911234500"), "domain": st.sampled_from(["sip.numbers.example", "192.0.2.60"])},
    optional={"auth_user": st.just("a-1"), "registrar": st.just("192.0.2.60:5060"), "contact_user": st.just("me")},
)
_PROVIDER: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"sources": st.dictionaries(st.sampled_from(["192.0.2.60", "192.0.2.64/28"]), st.builds(dict), min_size=1)},
    optional={
        "plus": st.sampled_from(["yes", "no"]),
        "max_calls": _LIMITS,
        "credentials": st.just({"user": "numbers", "realm": "atlas"}),
        "registrations": st.dictionaries(st.sampled_from(["main", "spare"]), _REGISTRATION),
    },
)
_PRICE = st.fixed_dictionaries(
    {"rate": st.sampled_from(["0.01", "0.125", "0"])},
    optional={"connection_fee": st.just("0.05"), "interval": st.sampled_from(["1", "60"]), "name": st.just("Spain")},
)
_PREFIXES = ["+34", "+346", "+1", "+"]
_PATTERN = st.fixed_dictionaries({"prefixes": st.lists(st.sampled_from(_PREFIXES), min_size=1, unique=True)})


@st.composite
def routing(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the keys of a brand that calls with the outside need; routes name what is there."""
    carriers = draw(st.dictionaries(st.sampled_from(["bestel", "onda"]), _CARRIER))
    patterns = draw(st.dictionaries(st.sampled_from(["es", "mobile"]), _PATTERN))
    groups = draw(
        st.dictionaries(
            st.sampled_from(["europe", "mine"]),
            st.fixed_dictionaries(
                {"patterns": st.lists(st.sampled_from(["es", "pt", *patterns]), min_size=1, unique=True)}
            ),
        )
    )
    # With one for every number: a stopper by cost without a price for its numbers is an error.
    prices = {"+": draw(_PRICE), **draw(st.dictionaries(st.sampled_from(_PREFIXES), _PRICE))}
    tags = draw(st.dictionaries(st.just("best"), st.sampled_from([{"tag": "12#"}, {"tag": "1#"}])))
    found = {
        "carriers": carriers,
        "ddi_providers": draw(st.dictionaries(st.sampled_from(["numbers", "others"]), _PROVIDER)),
        "routing_patterns": patterns,
        "routing_groups": groups,
        "routing_tags": tags,
        "price_lists": {"cheap": {"prices": prices}},
        "outgoing_routes": draw(st.dictionaries(st.sampled_from(["one", "two"]), _routes(carriers))),
    }
    return {name: value for name, value in found.items() if value}


def _routes(carriers: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return routes to some carriers."""
    numbers = st.sampled_from([{"pattern": "es"}, {"pattern": "fr"}, {"group": "europe"}, {"fax": "yes"}])
    ways: list[st.SearchStrategy[dict[str, Any]]] = [st.just({"block": "yes"})]
    if carriers:
        ways.append(st.builds(lambda name: {"carrier": name}, st.sampled_from(sorted(carriers))))
    priced = sorted(name for name, carrier in carriers.items() if "prices" in carrier)
    if priced:
        some = st.lists(st.sampled_from(priced), min_size=1, unique=True)
        ways.append(st.builds(lambda names: {"cheapest_of": names}, some))
    optional = {
        "priority": st.sampled_from(["1", "5"]),
        "weight": st.sampled_from(["1", "2"]),
        "stopper": st.sampled_from(["yes", "no"]),
    }
    return st.builds(
        lambda number, way, more: {**number, **way, **more},
        numbers,
        st.one_of(ways),
        st.fixed_dictionaries({}, optional=optional),
    )
