"""Who stands outside reaches the ports of the table, and nothing else. Measured from a host outside, not from rules."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.deployed import DeployedPlatform
from trunkline.model import ports
from trunkline.model.hosts import flows_of

SCANNER = Path(__file__).with_name("scanner.py").read_text()
SECONDS = 0.5  # how long a port may be silent; the hosts are one bridge away
# what daemons, their consoles and their exporters listen on by default, beside the table
SUSPECTS = {
    *range(1, 1025), 1443, 2223, 2224, 2225, 2443, 3142, 3306, 3443, 4569, 4573, 5000, 5038, 5060, 5061, 5080, 5432,
    5433, 6060, 6379, 6432, 7060, 7061, 7062, 7722, 8021, 8080, 8088, 8089, 9090, 9100, 9121, 9187, 9494, 9900, 9901,
    *range(10070, 10090), 11211, 13000, 19000, 20000,
}  # fmt: skip
OPTIONS = (
    "OPTIONS sip:ADDRESS:PORT SIP/2.0\r\nVia: SIP/2.0/UDP OWN;rport;branch=z9hG4bKscanPORT\r\nMax-Forwards: 70\r\n"
    "From: <sip:scan@example.com>;tag=1\r\nTo: <sip:ADDRESS>\r\nCall-ID: scan-ADDRESS-PORT\r\nCSeq: 1 OPTIONS\r\n"
    "Content-Length: 0\r\n\r\n"
)
PING = "0_1 d7:command4:pinge"  # RTPengine's control protocol


@cache
def scan(platform: DeployedPlatform) -> tuple[set[tuple[str, int]], dict[tuple[str, int], str]]:
    """Return what answers to the host outside: TCP (address, port), and UDP (address, port) -> how."""
    outside = platform.members("phones")[0]
    hosts = [host for host in platform.hosts if host != outside]
    tcp = SUSPECTS.union(*(listening(platform, host, "t") for host in hosts))
    udp = {port for port in SUSPECTS if port > 1024}.union(*(listening(platform, host, "u") for host in hosts))
    every = [platform.addresses(host) for host in hosts]
    wanted = {
        "addresses": [address for found in every for address in (found.public, found.internal) if address],
        "tcp": sorted(tcp),
        "udp": {port: PING if port == ports.RTPENGINE_CONTROL else OPTIONS for port in sorted(udp)},
        "seconds": SECONDS,
    }
    command = f"ulimit -n 8192; exec python3 - {shlex.quote(json.dumps(wanted))}"
    answered = platform.ssh(outside, command, text=SCANNER, seconds=90).json()
    return {tuple(found) for found in answered["tcp"]}, {(address, port): how for address, port, how in answered["udp"]}


def listening(platform: DeployedPlatform, host: str, kind: str) -> set[int]:
    """Return the ports on which a host's programs listen (kind t or u), except the many of media."""
    lines = platform.ssh(host, f"ss -Hln{kind}").output.splitlines()
    found = {int(match[1]) for line in lines if (match := re.search(r":(\d+)\s+\S+:\S+\s*$", line.strip()))}
    media = range(ports.RELAY_MEDIA.first, ports.ASTERISK_MEDIA.last + 1)
    return {port for port in found if port not in media}


def allowed(platform: DeployedPlatform, host: str, protocol: str) -> Iterator[range]:
    """Yield the ranges of ports of a host that the table opens to the world."""
    for flow in flows_of(platform.model.hosts[host]):
        if ports.WORLD in flow.sources and flow.protocol == protocol:
            yield from (range(part.first, part.last + 1) for part in flow.ports)


def test_tcp_answers_on_the_ports_of_the_table_and_on_no_other(platform: DeployedPlatform) -> None:
    open_tcp, _ = scan(platform)
    wanted = {
        (address, port)
        for host in platform.hosts
        if host not in {*platform.members("phones"), *platform.members("carriers")}
        if (address := platform.addresses(host).public)
        for numbers in allowed(platform, host, "tcp")
        for port in numbers
    }
    assert wanted, "the table opens no port"
    assert open_tcp == wanted


def test_udp_answers_on_the_ports_of_the_table_and_on_no_other(platform: DeployedPlatform) -> None:
    _, answered = scan(platform)
    permitted: dict[str, list[range]] = {
        address: list(allowed(platform, host, "udp"))
        for host in platform.hosts
        if (address := platform.addresses(host).public)
    }
    forbidden = {
        target: how
        for target, how in answered.items()
        if not any(target[1] in numbers for numbers in permitted.get(target[0], []))
    }
    assert forbidden == {}
    proxy = platform.users_proxy
    assert answered.get(proxy) == "answer", f"the users proxy is silent; what came back: {answered}"


@pytest.mark.parametrize("port", [ports.SSH, ports.RTPENGINE_CONTROL, ports.POSTGRESQL, ports.ASTERISK_SIP, 9900])
def test_control_ports_are_closed_to_the_world(platform: DeployedPlatform, port: int) -> None:
    open_tcp, answered = scan(platform)
    assert [target for target in [*open_tcp, *answered] if target[1] == port] == []


def test_internal_addresses_cannot_be_reached(platform: DeployedPlatform) -> None:
    open_tcp, answered = scan(platform)
    internal = {addresses.internal for addresses in platform.deployment.hosts.values() if addresses.internal}
    assert [target for target in [*open_tcp, *answered] if target[0] in internal] == []
    outside = platform.members("phones")[0]
    for address in sorted(internal):
        done = platform.ssh(outside, f"ping -c 1 -W 1 {address} || python3 -c 'exit(7)'", check=False)
        assert done.code == 7, f"{address} answers: {done.all}"
