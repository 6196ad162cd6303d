"""Asterisk as it stands on a host of its own: what it loads, where it listens, whom it answers.

Calls with the call-flow service are tested in the scenario of the role callflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from testinfra.host import Host

from tests.support.proxy import Proxy, session


@pytest.fixture
def server(host: Host) -> tuple[str, int]:
    return (host.ansible.get_variables()["trunkline_internal_address"], 6060)


@pytest.fixture
def proxy(host: Host, server: tuple[str, int]) -> Iterator[Proxy]:
    network = ip_network(host.ansible.get_variables()["trunkline_networks"]["internal"])
    with Proxy(str(network[1]), 15060, server) as stand_in:
        yield stand_in


def test_runs_unprivileged(host: Host) -> None:
    assert host.service("asterisk").is_running
    assert host.service("asterisk").is_enabled
    assert {process.user for process in host.process.filter(comm="asterisk")} == {"asterisk"}


def test_every_module_of_the_list_runs_and_no_other(host: Host) -> None:
    wanted = set(host.check_output("sed -n 's/^load = //p' /etc/trunkline/asterisk/modules.conf").split())
    shown = host.check_output("asterisk -rx 'module show like .so'")
    running = {line.split()[0] for line in shown.splitlines() if re.search(r"\.so .* Running ", line)}
    assert running == wanted


def test_listens_on_the_internal_network_only(host: Host, server: tuple[str, int]) -> None:
    lines = host.check_output("ss -Hlntup | grep asterisk").splitlines()
    assert [line for line in lines if line.startswith("tcp")] == []
    # two more: pjproject's sockets for asking name servers, on ports of the kernel's choice; the firewall closes them
    known = [line for line in lines if line.split()[4] == f"{server[0]}:{server[1]}"]
    assert len(known) == 1
    assert all(int(line.split()[4].rsplit(":", 1)[1]) >= 32768 for line in lines if line not in known)


def test_answers_the_proxys_options(proxy: Proxy, server: tuple[str, int]) -> None:
    proxy.request("OPTIONS", f"sip:{server[0]}:{server[1]}")
    assert proxy.expect(status=200, method="OPTIONS")["server"] == "Trunkline"


def test_says_503_at_once_while_the_service_is_down(proxy: Proxy, server: tuple[str, int]) -> None:
    headers = {"X-TL-Call": "0", "X-TL-Client": "0"}
    call = proxy.request("INVITE", f"sip:102@{server[0]}:{server[1]}", headers=headers, body=session(proxy.address))
    answer = proxy.expect(status=503, method="INVITE", call=call)
    proxy.acknowledge(answer)


def test_takes_no_call_of_anybody_else(host: Host, server: tuple[str, int]) -> None:
    invite = (
        f"INVITE sip:102@{server[0]} SIP/2.0\\r\\nVia: SIP/2.0/UDP {server[0]}:15099;branch=z9hG4bKx\\r\\n"
        f"From: <sip:x@y>;tag=1\\r\\nTo: <sip:102@y>\\r\\nCall-ID: x\\r\\nCSeq: 1 INVITE\\r\\nMax-Forwards: 70\\r\\n"
        f"Contact: <sip:x@{server[0]}:15099>\\r\\nContent-Length: 0\\r\\n\\r\\n"
    )
    send = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3); "
        f"s.bind(('{server[0]}', 15099)); s.sendto(b'{invite}', ('{server[0]}', 6060)); print(s.recv(4096).decode())"
    )
    answered = host.run(f'python3 -c "{send}"')
    assert answered.rc != 0 or answered.stdout.startswith("SIP/2.0 401 ")


def test_a_change_is_loaded_without_a_new_process(host: Host) -> None:
    before = host.check_output("systemctl show -P MainPID asterisk")
    host.check_output("systemctl reload asterisk")
    assert host.check_output("systemctl show -P MainPID asterisk") == before


def test_comes_back_after_a_crash(host: Host) -> None:
    before = host.check_output("systemctl show -P MainPID asterisk")
    host.check_output(f"kill -KILL {before}")
    again = "for i in $(seq 50); do asterisk -rx 'core waitfullybooted' 2>/dev/null && exit 0; sleep 0.2; done; exit 1"
    assert host.run(again).rc == 0
    assert host.check_output("systemctl show -P MainPID asterisk") != before


def test_the_log_is_free_of_errors(host: Host) -> None:
    lines = host.check_output("journalctl -u asterisk -b -o cat --no-pager").splitlines()
    assert [line for line in lines if line.startswith("ERROR")] == []


def test_sandbox_is_tight(host: Host) -> None:
    exposure = host.check_output("systemd-analyze security --no-pager asterisk | tail -1")
    found = re.search(r"([0-9.]+) ", exposure)
    assert found is not None
    assert float(found[1]) < 4.0, exposure
