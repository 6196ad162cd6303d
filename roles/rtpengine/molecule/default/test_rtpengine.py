"""A media relay takes calls on both networks, refuses them when drained, and comes back after a crash."""

from __future__ import annotations

import re

from testinfra.host import Host

# Runs on the host: one ng command per line of arguments (bencoded dictionaries over UDP, RTPengine's documentation).
NG = r"""
import socket, sys, time
address, *commands = sys.argv[1:]
def encode(text): return f"{len(text.encode())}:{text}".encode()
def ask(pairs):
    parts = [encode(k) + (v if isinstance(v, bytes) else encode(v)) for k, v in sorted(pairs.items())]
    body = b"d" + b"".join(parts) + b"e"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.sendto(f"{time.time_ns()} ".encode() + body, (address, 2223))  # the number is new: equal ones are repetitions
        return s.recv(65535).decode()
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
places = b"l" + encode("public") + encode("internal") + b"e"
call = commands[1] if len(commands) > 1 else "x"
pairs = {"command": commands[0]}
if commands[0] == "offer":
    pairs |= {"call-id": call, "from-tag": "a", "sdp": SDP, "direction": places}
if commands[0] == "delete":
    pairs |= {"call-id": call}
print(ask(pairs))
"""


def ng(host: Host, *command: str) -> str:
    """Send one control command over the internal network; return the bencoded answer."""
    address = host.ansible.get_variables()["trunkline_internal_address"]
    return str(host.check_output(f"python3 - {address} {' '.join(command)} <<'END'\n{NG}\nEND"))


def test_runs_unprivileged_and_answers(host: Host) -> None:
    assert host.service("rtpengine-daemon").is_running
    assert host.service("rtpengine-daemon").is_enabled
    assert [process.user for process in host.process.filter(comm="rtpengine")] == ["rtpengine"]
    assert "pong" in ng(host, "ping")


def test_control_is_on_the_internal_network_only(host: Host) -> None:
    address = host.ansible.get_variables()["trunkline_internal_address"]
    listening = host.check_output("ss -Hlntup | grep rtpengine")
    places = {line.split()[4] for line in listening.splitlines()}
    assert places == {f"{address}:2223", f"{address}:2225", "127.0.0.1:9900"}


def test_an_offer_of_the_outside_gets_an_inside_address(host: Host) -> None:
    inside = host.ansible.get_variables()["trunkline_internal_address"]
    answer = ng(host, "offer", "test-offer")
    port = re.search(r"m=audio (\d+) ", answer)
    assert f"c=IN IP4 {inside}" in answer
    assert port is not None
    assert 13000 <= int(port[1]) <= 19000
    assert host.check_output("trunkline-relay sessions") == "1"
    assert "ok" in ng(host, "delete", "test-offer")
    assert host.check_output("trunkline-relay sessions") == "0"


def test_a_drained_relay_refuses_new_calls_and_keeps_those_it_has(host: Host) -> None:
    ng(host, "offer", "test-kept")
    assert host.check_output("trunkline-relay refuse") == "changed"
    assert "Parallel session limit reached" in ng(host, "offer", "test-refused")
    assert host.check_output("trunkline-relay sessions") == "1"
    waited = host.run("trunkline-relay wait 1")
    assert waited.rc == 3
    assert "1 calls are left" in waited.stdout
    ng(host, "delete", "test-kept")
    assert host.run("trunkline-relay wait 5").rc == 0
    assert host.check_output("trunkline-relay accept") == "changed"
    assert host.check_output("trunkline-relay accept") == "unchanged"


def test_metrics_are_there(host: Host) -> None:
    address = host.ansible.get_variables()["trunkline_internal_address"]
    fetch = f"import urllib.request as u; print(u.urlopen('http://{address}:2225/metrics').read().decode())"
    assert "rtpengine_sessions" in host.check_output(f'python3 -c "{fetch}"')


def test_comes_back_after_a_crash(host: Host) -> None:
    before = host.check_output("systemctl show -P MainPID rtpengine-daemon")
    host.check_output(f"kill -KILL {before}")
    again = "for i in $(seq 50); do trunkline-relay sessions 2>/dev/null && exit 0; sleep 0.2; done; exit 1"
    assert host.run(again).rc == 0
    assert host.check_output("systemctl show -P MainPID rtpengine-daemon") != before


def test_sandbox_is_tight(host: Host) -> None:
    exposure = host.check_output("systemd-analyze security --no-pager rtpengine-daemon | tail -1")
    found = re.search(r"([0-9.]+) ", exposure)
    assert found is not None
    assert float(found[1]) < 4.5, exposure
