"""Names and ranges come from the stack's name alone, and no two labs share any."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import ConfigurationError, TrunklineError
from trunkline.lab import package_cache
from trunkline.lab.__main__ import parse_hosts
from trunkline.lab.names import FIRST_HOST, LAST_HOST, NETWORKS, POOL, Host, Network, default_range, preferred_offset

stacks = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)


@given(stacks)
def test_ranges_are_in_the_pool_and_apart(stack: str) -> None:
    public, internal = (default_range(stack, name) for name in NETWORKS)
    assert public.subnet_of(POOL)
    assert internal.subnet_of(POOL)
    assert not public.overlaps(internal)
    assert IPv4Address(package_cache.ADDRESS) not in public
    assert default_range(stack, "public") == public


@given(stacks, stacks)
def test_two_stacks_share_no_name(one: str, other: str) -> None:
    def names(stack: str) -> set[str]:
        networks = [Network.of(stack, name) for name in NETWORKS]
        host = Host(stack, "db1")
        found = {host.machine, str(host.folder), *(host.veth(name) for name in NETWORKS), host.mac("public")}
        return found | {network.bridge for network in networks} | {network.table for network in networks}

    assert (names(one) & names(other) == set()) == (one != other)


@given(stacks, stacks)
def test_interfaces_fit_into_fifteen_characters(stack: str, host: str) -> None:
    for name in NETWORKS:
        assert len(Network.of(stack, name).bridge) <= 15
        assert len(Host(stack, host).veth(name)) <= 15


@given(stacks)
def test_a_host_prefers_an_address_for_hosts(host: str) -> None:
    assert FIRST_HOST <= preferred_offset(host) <= LAST_HOST


def test_hardware_addresses_are_local() -> None:
    first = int(Host("lab", "db1").mac("internal").split(":")[0], 16)
    assert first & 0b11 == 0b10


@pytest.mark.parametrize("name", ["", "Lab", "1lab", "a/b", "a.b", "../x", "a_b", "x" * 32, "a b", "lab\n"])
def test_names_that_could_escape_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError):
        Network.of(name, "public")
    with pytest.raises(ConfigurationError):
        Host("lab", name)


@pytest.mark.parametrize("cidr", ["10.80.4.0/23", "10.80.4.1/24", "8.8.8.0/24", "x"])
def test_ranges_that_are_no_private_24_are_refused(cidr: str) -> None:
    with pytest.raises(ConfigurationError, match="network public"):
        Network.of("lab", "public", cidr)


def test_hosts_on_the_command_line() -> None:
    assert parse_hosts("px1:public+internal, db1:internal") == {"px1": ["public", "internal"], "db1": ["internal"]}


@pytest.mark.parametrize("text", ["px1", "px1:", "px1:outside", "px1:public+"])
def test_wrong_hosts_on_the_command_line(text: str) -> None:
    with pytest.raises(TrunklineError, match="names no network"):
        parse_hosts(text)
