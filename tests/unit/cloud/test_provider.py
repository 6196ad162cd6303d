"""The provider plugin: values in both directions, differences, previews."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental import provider as api
from pulumi.provider.experimental.property_value import PropertyValue

from trunkline.cloud.provider import LabProvider, to_plain, to_property

HOST = "urn:pulumi:lab::trunkline::trunkline:cloud:Platform$trunkline:cloud:Host$trunkline:lab:Host::px1"
NETWORK = "urn:pulumi:lab::trunkline::trunkline:cloud:Platform$trunkline:lab:Network::public"
INPUTS: dict[str, Any] = {"stack": "lab", "name": "px1", "networks": {"public": "10.80.2.0/24"}, "package_proxy": ""}
plain = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def properties(values: dict[str, Any]) -> dict[str, Any]:
    return {key: to_property(value) for key, value in values.items()}


@given(plain)
def test_values_survive_the_way_there_and_back(value: Any) -> None:
    assert to_plain(to_property(value)) == value


async def diff(changes: dict[str, Any], *, health: str = "ok") -> api.DiffResponse:
    state = properties({**INPUTS, "addresses": {"public": "10.80.2.9"}, "health": health})
    return await LabProvider().diff(api.DiffRequest(HOST, "lab/px1", state, properties({**INPUTS, **changes}), []))


async def test_equal_inputs_of_a_healthy_host_are_no_difference() -> None:
    found = await diff({})
    assert (found.changes, found.replaces) == (False, [])


async def test_a_broken_host_is_repaired_in_place() -> None:
    found = await diff({}, health="it is not running")
    assert (found.changes, found.replaces, found.diffs) == (True, [], ["health"])


@pytest.mark.parametrize(
    ("changes", "replaces"),
    [
        ({"package_proxy": "http://10.64.0.1:3143"}, []),
        ({"networks": {"public": "10.80.2.0/24", "internal": "10.80.3.0/24"}}, ["networks"]),
        ({"name": "px2"}, ["name"]),
        ({"stack": "other"}, ["stack"]),
    ],
)
async def test_what_needs_a_new_host(changes: dict[str, Any], replaces: list[str]) -> None:
    found = await diff(changes)
    assert found.changes
    assert found.replaces == replaces
    assert found.delete_before_replace


async def test_a_preview_touches_nothing_and_says_what_is_not_known_yet() -> None:
    made = await LabProvider().create(api.CreateRequest(HOST, properties(INPUTS), 0, preview=True))
    assert made.resource_id == ""
    outputs = {key: to_plain(value) for key, value in made.properties.items()}
    assert outputs["name"] == "px1"
    assert outputs["addresses"] != INPUTS  # the protocol's mark of an unknown value


async def test_check_fills_in_the_range_of_a_network() -> None:
    inputs = properties({"stack": "lab", "name": "public", "cidr": ""})
    answer = await LabProvider().check(api.CheckRequest(NETWORK, {}, inputs, b""))
    assert answer.inputs is not None
    assert str(to_plain(answer.inputs["cidr"])).endswith(".0/24")
    assert not answer.failures


async def test_check_refuses_with_the_text_for_people() -> None:
    inputs = properties({"stack": "lab", "name": "public", "cidr": "8.8.8.0/24"})
    answer = await LabProvider().check(api.CheckRequest(NETWORK, {}, inputs, b""))
    assert answer.failures is not None
    assert "not a private /24" in answer.failures[0].reason


async def test_check_says_nothing_about_what_is_unknown() -> None:
    inputs = {**properties({"stack": "lab", "name": "public"}), "cidr": PropertyValue.computed()}
    answer = await LabProvider().check(api.CheckRequest(NETWORK, {}, inputs, b""))
    assert not answer.failures
