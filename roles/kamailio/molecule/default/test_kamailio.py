"""Both proxies on one host with the database: what they listen to, whom they serve, and how they take changes."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest
from testinfra.host import Host

from trunkline.phone.core import Account
from trunkline.phone.ua import UserAgent

CHECK = "/usr/local/libexec/kamailio-check"
CONTROL = "/opt/trunkline/bin/python -m trunkline.reload.control /run/kamailio-users/control.sock"
TENANT = """
insert into config.brand values ('b0000000-0000-5000-8000-000000000001', 'atlas') on conflict (id) do nothing;
insert into config.client values ('c0000000-0000-5000-8000-000000000001', 'b0000000-0000-5000-8000-000000000001',
    'acme', 'vpbx', 'acme.example', 'en') on conflict (id) do nothing;
insert into config.terminal values ('{id}', 'c0000000-0000-5000-8000-000000000001', '{name}',
    md5('{name}:acme.example:secret'));
insert into config.revision (digest, author, duration_ms, counts, reload) values ('x', 'test', 1, '{{}}',
    '{{"identities": true, "relays": false, "application_servers": false,
       "clients": ["c0000000-0000-5000-8000-000000000001"]}}');
"""
ASK = """
import socket, sys
source, target, port, message = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(5)
    s.bind((source, 0))
    at = "%s:%d" % s.getsockname()
    lines = [f"{message} sip:x@{target} SIP/2.0", f"Via: SIP/2.0/UDP {at};branch=z9hG4bK1", "From: <sip:x@y>;tag=1",
             "To: <sip:x@y>", "Call-ID: x", f"CSeq: 1 {message}", "Max-Forwards: 70", "Content-Length: 0", "", ""]
    s.sendto("\\r\\n".join(lines).encode(), (target, port))
    print(s.recv(4096).decode().splitlines()[0])
"""


@pytest.fixture
def addresses(host: Host) -> tuple[str, str]:
    """Return the public and the internal address."""
    variables = host.ansible.get_variables()
    return variables["trunkline_public_address"], variables["trunkline_internal_address"]


def ask(host: Host, source: str, target: str, port: int, method: str) -> str:
    """Send one request from the host to itself; return the first line of the answer."""
    return str(host.check_output(f"python3 - {source} {target} {port} {method} <<'END'\n{ASK}\nEND"))


def sql(host: Host, statement: str) -> str:
    """Run a statement as the database's superuser."""
    command = "runuser -u postgres -- psql --no-psqlrc -qAt -v ON_ERROR_STOP=1 trunkline"
    return str(host.check_output(f"{command} <<'END'\n{statement}\nEND")).strip()


def eventually(question: Callable[[], object], seconds: float = 30) -> None:
    """Ask until the answer is yes."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.3)


def ready(host: Host) -> bool:
    return bool(host.run(f"{CONTROL} core.uptime").succeeded)


def process(host: Host, instance: str = "users") -> str:
    return str(host.check_output(f"systemctl show -P MainPID kamailio@{instance}"))


@pytest.fixture
def erin(host: Host) -> Iterator[str]:
    """Add a terminal to the configuration, as an applied revision does; return its name."""
    sql(host, TENANT.format(id="e0000000-0000-5000-8000-000000000001", name="erin"))
    yield "erin"
    sql(host, "delete from config.terminal where name = 'erin'")


@pytest.fixture
def outside(host: Host) -> str:
    """Return the address that the machine of the tests has in the public network."""
    return str(ip_network(host.ansible.get_variables()["trunkline_networks"]["public"])[1])


def test_both_run_unprivileged(host: Host) -> None:
    for service in ("kamailio@users", "kamailio@trunks", "trunkline-reloader"):
        assert host.service(service).is_running, service
        assert host.service(service).is_enabled, service
    assert {process.user for process in host.process.filter(comm="kamailio")} == {"kamailio"}
    assert not host.service("kamailio").is_running


def test_they_listen_where_the_port_table_says(host: Host, addresses: tuple[str, str]) -> None:
    public, internal = addresses
    lines = [line.split() for line in host.check_output("ss -Hlntup | grep '\"kamailio\"'").splitlines()]
    assert {(line[0], line[4]) for line in lines} == {
        ("udp", f"{internal}:5060"),
        ("udp", f"{internal}:7062"),
        *((protocol, f"{public}:{port}") for protocol in ("udp", "tcp") for port in (5060, 7060)),
        *(("tcp", f"{public}:{port}") for port in (5061, 7061, 10080, 10081)),
    }


def test_the_trunks_proxy_refuses_everybody(host: Host, addresses: tuple[str, str]) -> None:
    public, internal = addresses
    assert ask(host, internal, internal, 7062, "OPTIONS") == "SIP/2.0 200 OK"
    assert ask(host, public, public, 7060, "OPTIONS") == "SIP/2.0 403 Forbidden"
    assert ask(host, public, public, 7060, "INVITE") == "SIP/2.0 403 Forbidden"
    assert ask(host, internal, internal, 7062, "INVITE") == "SIP/2.0 403 Not From Inside"


def test_the_internal_socket_is_for_application_servers(host: Host, addresses: tuple[str, str]) -> None:
    _, internal = addresses
    assert ask(host, internal, internal, 5060, "OPTIONS") == "SIP/2.0 200 OK"
    assert ask(host, internal, internal, 5060, "INVITE") == "SIP/2.0 403 Not an Application Server"


def test_a_new_terminal_registers_within_two_seconds(
    host: Host, addresses: tuple[str, str], erin: str, outside: str
) -> None:
    newest = sql(host, "select max(id) from config.revision")
    confirmed = "select revision from live.confirmation where service = 'kamailio@users'"
    eventually(lambda: sql(host, confirmed) == newest, 2)

    async def register() -> None:
        account = Account(erin, "acme.example", "secret")
        async with UserAgent(account, ip=outside, proxy=(addresses[0], 5060)) as phone:
            await phone.register()

    asyncio.run(register())


def test_registrations_outlive_a_crash(host: Host, addresses: tuple[str, str], erin: str, outside: str) -> None:
    account = Account(erin, "acme.example", "secret")

    async def crash() -> None:
        async with UserAgent(account, ip=outside, proxy=(addresses[0], 5060)) as phone:
            await phone.register()
            eventually(lambda: sql(host, "select count(*) from live.location where username = 'erin'") != "0")
            before = process(host)
            host.check_output("systemctl kill --signal=KILL kamailio@users")
            eventually(lambda: process(host) not in {before, "0"} and ready(host))
            known = host.check_output(f"{CONTROL} ul.lookup location {erin}@acme.example")
            assert str(phone.contact.uri) in known

    asyncio.run(crash())


def test_it_comes_back_with_the_database(host: Host) -> None:
    host.check_output("systemctl stop postgresql@17-main && systemctl restart --no-block kamailio@users")
    eventually(lambda: "connection" in host.check_output("journalctl -u kamailio@users -n 40 -o cat"))
    host.check_output("systemctl start postgresql@17-main")
    eventually(lambda: ready(host), 60)


def test_a_broken_configuration_changes_nothing(host: Host) -> None:
    path, other = "/etc/kamailio/users/kamailio.cfg", "/root/broken.cfg"
    host.check_output(f"sed 's/^request_route/request_rout/' {path} > {other}")
    refused = host.run(f"{CHECK} users {other}")
    assert refused.rc == 1
    assert "parse error" in refused.stdout
    # the parser is content with it, a real start is not
    host.check_output(f'sed \'s/"table_name", "dispatcher"/"table_name", "missing"/\' {path} > {other}')
    refused = host.run(f"{CHECK} users {other}")
    assert refused.rc == 1
    assert "ERROR" in refused.stdout
    assert host.run(f"{CHECK} users {path}").rc == 0
    host.check_output(f"rm {other}")


def test_certificates_are_read_without_a_new_process(host: Host) -> None:
    for instance in ("users", "trunks"):
        before = process(host, instance)
        host.check_output(f"systemctl reload kamailio@{instance}")
        assert process(host, instance) == before


def test_the_password_is_nowhere_to_be_seen(host: Host) -> None:
    password = host.check_output("sed -n 's/^password=//p' /etc/trunkline/kamailio.database")
    assert len(password) > 10
    assert host.file("/etc/trunkline/kamailio.database").mode == 0o600
    assert password not in host.check_output("ps axeww -o args --no-headers")
    assert host.run(f"grep -rF -e '{password}' /etc/kamailio /etc/systemd/system").rc == 1
    assert password not in host.check_output("journalctl -b -o cat -u 'kamailio@*' -u trunkline-reloader")


def test_sandboxes_are_tight(host: Host) -> None:
    for service in ("kamailio@users", "kamailio@trunks", "trunkline-reloader"):
        found = re.search(r"([0-9.]+) ", host.check_output(f"systemd-analyze security --no-pager {service} | tail -1"))
        assert found is not None
        assert float(found[1]) < 4.0, service


def test_limits_and_memory_are_those_of_the_role(host: Host) -> None:
    assert host.check_output("systemctl show -P LimitNOFILE kamailio@users") == "20000"
    shared = json.loads(host.check_output(f"{CONTROL} core.shmmem"))
    assert round(shared["total"] / 1024**2) == 256  # but for what the allocator itself needs
