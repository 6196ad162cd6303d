"""Only the ports of the host's groups answer, only to those who need them; established connections stay."""

from __future__ import annotations

import socket

import pytest
from testinfra.host import Host


def address_of(host: Host) -> str:
    """Return the address the controller uses."""
    return str(host.ansible.get_variables()["ansible_host"])


def answers(host: Host, port: int) -> bool:
    """Return whether the host accepts a TCP connection from this machine, which is the controller."""
    address = address_of(host)
    try:
        with socket.create_connection((address, port), timeout=1) as connection:
            return bool(connection.recv(10))
    except TimeoutError:
        return False


@pytest.fixture
def group(host: Host) -> str:
    """Return what the host is for."""
    names = {"mr1": "media_relays", "px1": "proxy_users", "as1": "application_servers"}
    return names[host.check_output("hostname")]


def test_ssh_is_open_to_the_controller(host: Host) -> None:
    assert answers(host, 22)


def test_the_port_of_sip_is_open_on_the_proxy_only(host: Host, group: str) -> None:
    assert answers(host, 5060) == (group == "proxy_users")


@pytest.mark.parametrize("port", [8080, 5432])
def test_a_port_that_is_not_in_the_table_does_not_answer(host: Host, port: int) -> None:
    assert host.socket(f"tcp://0.0.0.0:{port}").is_listening
    assert not answers(host, port)


def test_a_source_that_is_not_named_is_dropped(host: Host, group: str) -> None:
    rules = host.check_output("nft list chain inet trunkline input")
    control = [line for line in rules.splitlines() if "relay-control" in line]
    assert bool(control) == (group == "media_relays")
    assert all("ip saddr" in line for line in control)


def test_media_is_not_tracked(host: Host, group: str) -> None:
    tables = host.check_output("nft list table inet trunkline")
    assert ("udp dport 13000-19000 notrack" in tables) == (group == "media_relays")


def test_the_table_of_somebody_else_is_still_there(host: Host) -> None:
    assert host.check_output("nft list tables inet").splitlines() == [
        "table inet somebody_else",
        "table inet trunkline",
    ]


def test_a_reload_keeps_established_connections(host: Host, group: str) -> None:
    if group != "proxy_users":
        return
    with socket.create_connection((address_of(host), 22), timeout=5) as connection:
        assert connection.recv(4) == b"SSH-"
        host.check_output("systemctl reload trunkline-firewall")
        connection.sendall(b"SSH-2.0-test\r\n")
        assert connection.recv(200)


def test_rules_that_do_not_parse_are_never_loaded(host: Host) -> None:
    before = host.check_output("nft list table inet trunkline")
    host.check_output("cp /etc/trunkline/firewall.nft /root/broken.nft && echo nonsense >> /root/broken.nft")
    assert host.run("nft -f /root/broken.nft").rc != 0

    def strip(text: str) -> list[str]:
        return [line.split("counter")[0] for line in text.splitlines()]

    assert strip(host.check_output("nft list table inet trunkline")) == strip(before)


def test_the_rules_are_loaded_at_boot(host: Host) -> None:
    assert host.service("trunkline-firewall").is_enabled
    assert host.service("trunkline-firewall").is_running


def test_an_internal_host_reaches_the_world_over_the_host_that_masquerades(host: Host, group: str) -> None:
    """The other side has no way back to the internal address: it answers the proxy's public one."""
    if group == "application_servers":
        assert host.run("ping -c 1 -W 2 $(cat /root/outside)").rc == 0
    rules = host.check_output("nft list table inet trunkline")
    assert ("masquerade" in rules) == (group == "proxy_users")
