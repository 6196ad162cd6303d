"""What a brand's file says, for property tests: valid by construction, and alike enough that two of them overlap."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.routing import routing
from trunkline.model.features import ALL
from trunkline.model.fields import LANGUAGES
from trunkline.model.services import OFF

_LOCALE = {
    "language": st.sampled_from(LANGUAGES),
    "time_zone": st.sampled_from(["UTC", "Europe/Madrid", "America/Bogota"]),
    "country": st.sampled_from(["ES", "CO"]),
    "currency": st.sampled_from(["EUR", "USD"]),
}
_PATTERNS = st.sampled_from([r"^\+34", r"^\+34[67]\d{8}$", "(?:1|2)3"])
_NUMBERS = st.sampled_from(["+34600000001", "+34600000002"])
MATCH_LISTS = st.dictionaries(
    st.sampled_from(["spain", "friends"]),
    st.fixed_dictionaries(
        {"patterns": st.lists(_PATTERNS, min_size=1, unique=True)},
        optional={"numbers": st.lists(_NUMBERS, unique=True), "description": st.just("Zoë, 50%")},
    ),
)
SERVICES = st.fixed_dictionaries(
    {}, optional={"voicemail": st.sampled_from(["*96", OFF]), "open_lock": st.sampled_from(["*97", OFF])}
)
_CONTACTS = st.dictionaries(
    st.sampled_from(["carrier", "office"]),
    st.fixed_dictionaries(
        {"email": st.sampled_from(["a@b.example", "c@d.example"])},
        optional={"organisation": st.sampled_from(["null", "Cheap; Call"]), "country": _LOCALE["country"]},
    ),
)
_CONTRACTS = st.dictionaries(
    st.sampled_from(["carrier", "rates"]),
    st.fixed_dictionaries({"type": st.sampled_from(["reseller", "peering"]), "contact": st.just("carrier")}),
)


def brands(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return what the file of a brand may say.

    Args:
        name: Of the brand; its SIP domain is its own.
    """
    optional = {
        **_LOCALE,
        "features": st.permutations(ALL),
        "max_calls": st.sampled_from(["0", "30"]),
        "services": SERVICES,
        "match_lists": MATCH_LISTS,
        "corporations": st.dictionaries(st.sampled_from(["umbrella", "hive"]), st.builds(dict)),
        "contacts": _CONTACTS,
        "contracts": _CONTRACTS,
    }
    own = st.fixed_dictionaries({"domain": st.just(f"phones.{name}.example")}, optional=optional).map(_consistent)
    return st.builds(lambda fields, more: {**fields, **more}, own, routing())


def _consistent(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a brand that has the contact that its contracts name."""
    if fields.get("contracts"):
        fields["contacts"] = {"carrier": {"email": "a@b.example"}, **fields.get("contacts", {})}
    return fields
