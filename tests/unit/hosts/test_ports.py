"""Who may reach which port."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from trunkline.model import ports
from trunkline.model.deployment import Addresses, Deployment, firewall_rules
from trunkline.model.hosts import GROUPS, Host, Platform, load

ROOT = Path(__file__).parents[3]


def deployment(platform: Platform) -> Deployment:
    hosts = {
        name: Addresses(
            public=f"10.64.2.{number}" if "public" in host.networks else None,
            internal=f"10.64.3.{number}" if "internal" in host.networks else None,
        )
        for number, (name, host) in enumerate(platform.hosts.items(), start=10)
    }
    networks = {"public": "10.64.2.0/24", "internal": "10.64.3.0/24"}
    return Deployment(platform.stack, "lab", networks, hosts, ("10.64.2.1/32", "10.64.3.1/32"))


@st.composite
def platforms(draw: st.DrawFn) -> Platform:
    groups = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=len(GROUPS), unique=True)
    hosts = draw(st.dictionaries(st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True), groups, min_size=1, max_size=6))
    document = {
        "platform": "x",
        "provider": "lab",
        "hosts": {name: {"groups": chosen} for name, chosen in hosts.items()},
    }
    return Platform.model_validate(document)


def test_no_control_flow_is_open_to_the_world() -> None:
    for shared in (True, False):
        assert not [flow for flow in ports.flows(shared_address=shared) if flow.control and ports.WORLD in flow.sources]


def test_every_source_and_target_is_a_group() -> None:
    for flow in ports.flows(shared_address=False):
        assert {flow.target} <= {"", *GROUPS}
        assert set(flow.sources) <= {ports.WORLD, ports.CONTROLLER, *GROUPS}


def test_flows_of_one_group_do_not_overlap_on_one_host() -> None:
    every = [flow for flow in ports.flows(shared_address=True) if flow.target not in {"phones", "carriers"}]
    used: dict[tuple[str, int], str] = {}
    for flow in every:
        for span in flow.ports:
            for number in range(span.first, span.last + 1):
                assert used.setdefault((flow.protocol, number), flow.name) == flow.name


@given(platforms())
def test_rules_name_only_members_controllers_or_the_world(platform: Platform) -> None:
    known = deployment(platform)
    for name, host in platform.hosts.items():
        rules = {rule.name: rule for rule in firewall_rules(host, platform, known)}
        assert rules["ssh"].sources == known.controllers
        flows = {flow.name: flow for flow in ports.flows(shared_address=host.shares_address)}
        for rule in rules.values():
            assert flows[rule.name].target in {"", *host.groups}, name
            allowed = set(known.controllers) if ports.CONTROLLER in flows[rule.name].sources else set()
            for group in GROUPS:
                if group in flows[rule.name].sources:
                    allowed |= {f"{known.hosts[member].inside}/32" for member in platform.members(group)}
            assert set(rule.sources) == allowed or rule.sources == ("0.0.0.0/0",)
            assert (rule.sources == ("0.0.0.0/0",)) == (ports.WORLD in flows[rule.name].sources)


def test_the_lab_has_exactly_these_rules_on_its_proxy_and_relay() -> None:
    platform = load(ROOT / "inventories/lab")
    known = deployment(platform)

    def rules(name: str) -> dict[tuple[str, ...], tuple[str, ...]]:
        found = firewall_rules(platform.hosts[name], platform, known)
        return {(rule.protocol, *rule.ports): rule.sources for rule in found}

    controllers, world, proxy = ("10.64.2.1/32", "10.64.3.1/32"), ("0.0.0.0/0",), ("10.64.3.11/32",)
    inside = ("10.64.3.11/32", "10.64.3.12/32", "10.64.3.13/32")
    assert rules("px1") == {
        ("tcp", "22"): controllers,
        ("udp", "5060"): world,
        ("tcp", "5060", "5061", "10080", "10081"): world,
        ("udp", "7060"): world,
        ("udp", "7062"): inside,
        ("tcp", "7060", "7061"): world,
    }
    assert rules("mr1") == {("tcp", "22"): controllers, ("udp", "2223"): proxy, ("udp", "13000-19000"): world}


def test_a_host_that_is_not_up_is_no_source() -> None:
    platform = load(ROOT / "inventories/lab")
    known = deployment(platform)
    gone = Deployment(known.stack, "lab", known.networks, {"mr1": known.hosts["mr1"]}, known.controllers)
    names = {rule.name for rule in firewall_rules(Host(groups=("media_relays",)), platform, gone)}
    assert "relay-control" not in names
