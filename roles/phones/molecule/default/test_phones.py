"""Two phones run without rights and without sound card, and can call each other; sipp is there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

PHONES = {"one": 4441, "two": 4442}


def test_packages_come_from_debian_13(host: Host) -> None:
    assert host.package("baresip-core").version.startswith("1.1.")
    assert host.package("sip-tester").version.startswith("1:3.7.")


@pytest.mark.parametrize("name", PHONES)
def test_a_phone_runs_now_and_after_a_reboot(host: Host, name: str) -> None:
    service = host.service(f"baresip@{name}")
    assert service.is_running
    assert service.is_enabled
    process = host.process.get(comm="baresip", args=f"/usr/bin/baresip -f /etc/baresip/{name} -s")
    assert process.user != "root"


@pytest.mark.parametrize(("name", "port"), PHONES.items())
def test_the_control_port_is_on_the_loopback_address_only(host: Host, name: str, port: int) -> None:
    listening = [line.split()[3] for line in host.check_output("ss -Hlnt").splitlines()]
    assert [address for address in listening if address.endswith(f":{port}")] == [f"127.0.0.1:{port}"], name


def test_a_phone_keeps_no_account_on_the_host(host: Host) -> None:
    assert host.check_output("cat /etc/baresip/*/accounts") == ""


def command(host: Host, port: int, name: str, params: str = "") -> dict[str, Any]:
    """Run one command of a phone over its control port and return the answer."""
    body = json.dumps({"command": name, "params": params, "token": "1"})
    script = f"""
import json, socket, sys
sock = socket.create_connection(("127.0.0.1", {port}), timeout=5)
sock.sendall({f"{len(body)}:{body},".encode()!r})
stream = sock.makefile("rb")
while True:
    size = b""
    while not size.endswith(b":"):
        size += stream.read(1)
    message = json.loads(stream.read(int(size[:-1])))
    stream.read(1)
    if message.get("response"):
        print(json.dumps(message))
        break
"""
    answer: dict[str, Any] = json.loads(host.check_output("python3 -c %s", script))
    assert answer["ok"], answer
    return answer


def test_one_phone_hears_the_other(host: Host) -> None:
    """A call straight from phone to phone: the callee's file of what it heard grows."""
    address = host.check_output("hostname -I").split()[0]
    for name, port in PHONES.items():
        command(host, port, "uanew", f"<sip:{name}@{address}>;regint=0;audio_codecs=PCMA;answermode=auto")
    command(host, PHONES["one"], "dial", f"sip:two@{address}:5072")
    try:
        for name in PHONES:
            size = f"cat /var/lib/baresip/{name}/*-dec.wav 2>/dev/null | wc -c"
            host.run_expect([0], f"timeout 15 sh -c 'until [ $({size}) -gt 16000 ]; do sleep 0.2; done'")
    finally:
        command(host, PHONES["one"], "hangupall", "all")
        for port in PHONES.values():
            command(host, port, "uadelall")


def test_no_password_gets_into_the_journal(host: Host) -> None:
    command(host, PHONES["one"], "uanew", "<sip:three@192.0.2.1>;regint=0;auth_pass=not-to-be-seen")
    command(host, PHONES["one"], "uadelall")
    assert "not-to-be-seen" not in host.check_output("journalctl -o cat -u 'baresip@*'")


def test_sipp_runs(host: Host) -> None:
    assert "SIPp v3.7" in host.run("sipp -v").stdout
