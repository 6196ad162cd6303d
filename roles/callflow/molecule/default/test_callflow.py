"""The call-flow service and its database: rights, news, an outage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
import testinfra
from testinfra.host import Host

from tests.support.proxy import Proxy, session
from tests.support.waiting import until

CLIENT = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> Host:
    return testinfra.get_host("ansible://db1", ansible_inventory=request.config.getoption("ansible_inventory"))


@pytest.fixture
def proxy(host: Host) -> Iterator[Proxy]:
    variables = host.ansible.get_variables()
    gateway = str(ip_network(variables["trunkline_networks"]["internal"])[1])
    with Proxy(gateway, 15060, (variables["trunkline_internal_address"], 6060)) as stand_in:
        yield stand_in


def outcome(proxy: Proxy, host: Host, number: str) -> int:
    """Dial a number; return the status of a refusal, or 180 when a telephone would ring (it is busy then)."""
    server = host.ansible.get_variables()["trunkline_internal_address"]
    headers = {"X-TL-Call": CLIENT, "X-TL-Client": CLIENT, "X-TL-Endpoint": CLIENT, "X-TL-Caller": "101"}
    call = proxy.request("INVITE", f"sip:{number}@{server}:6060", headers=headers, body=session(proxy.address))
    message = proxy.expect_any(("INVITE", 0), ("INVITE", 404), ("INVITE", 503))
    if message.status:
        proxy.acknowledge(message)
        return message.status
    proxy.reply(message, 486, "Busy Here")
    proxy.acknowledge(proxy.expect(status=486, method="INVITE", call=call))
    return 180


def sql(database: Host, statement: str) -> str:
    return str(database.check_output(f'runuser -u postgres -- psql -qAt trunkline -c "{statement}"'))


def test_runs_unprivileged_in_a_tight_sandbox(host: Host) -> None:
    unit = host.service("trunkline-callflow")
    assert unit.is_running
    assert unit.is_enabled
    owner = host.check_output("ps -o user= -p $(systemctl show -P MainPID trunkline-callflow)")
    assert owner.strip() not in {"root", ""}
    exposure = host.check_output("systemd-analyze security --no-pager trunkline-callflow | tail -1")
    found = re.search(r"([0-9.]+) ", exposure)
    assert found is not None
    assert float(found[1]) < 2.5, exposure


def test_listens_on_the_loopback_address_only(host: Host) -> None:
    assert host.socket("tcp://127.0.0.1:4573").is_listening
    listening = host.check_output("ss -Hlnt").splitlines()
    assert [line.split()[3] for line in listening if line.split()[3].endswith(":4573")] == ["127.0.0.1:4573"]


def test_the_password_is_nowhere_to_be_seen(host: Host) -> None:
    password = host.check_output("sed -n s/^password=//p /etc/trunkline/callflow.database")
    assert len(password) >= 16
    assert host.file("/etc/trunkline/callflow.database").mode == 0o600
    process = host.check_output("systemctl show -P MainPID trunkline-callflow")
    seen = host.check_output(
        f"cat /proc/{process}/cmdline /proc/{process}/environ /etc/systemd/system/trunkline-callflow.service;"
        " journalctl -b --no-pager; ps aux"
    )
    assert password not in seen


def test_the_connection_is_encrypted_and_has_few_rights(host: Host, database: Host) -> None:
    assert host.service("trunkline-callflow").is_running
    rows = sql(
        database,
        "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'trunkline_callflow'",
    )
    assert rows == "t"
    assert sql(database, "select has_column_privilege('trunkline_callflow', 'config.terminal', 'ha1', 'select')") == "f"


def test_it_confirms_and_gives_signs_of_life(host: Host, database: Host) -> None:
    name = host.ansible.get_variables()["inventory_hostname"]
    age = "select now() - heartbeat_at < '15 s' from live.confirmation"
    assert sql(database, f"{age} where service = 'callflow' and host = '{name}'") == "t"


def test_a_new_extension_works_within_two_seconds(host: Host, database: Host, proxy: Proxy) -> None:
    assert outcome(proxy, host, "150") == 404
    renumber(database)
    until(lambda: outcome(proxy, host, "150") == 180, 2, "the new extension rings")
    assert outcome(proxy, host, "103") == 404
    renumber(database)
    until(lambda: outcome(proxy, host, "103") == 180, 2, "the old extension rings again")


def renumber(database: Host) -> None:
    """Change carol's extension, to and fro, as `trunkline apply` would: rows and a revision in one transaction."""
    sql(
        database,
        "begin; update config.extension set number = case number when '103' then '150' else '103' end"
        " where number in ('103', '150');"
        " insert into config.revision (digest, author, duration_ms, counts, reload) select 'x', 'test', 1, '{}',"
        " jsonb_build_object('clients', jsonb_build_array(id)) from config.client; commit",
    )


def test_an_outage_of_the_database(host: Host, database: Host, proxy: Proxy) -> None:
    assert outcome(proxy, host, "102") == 180
    database.check_output("systemctl stop postgresql@17-main")
    try:
        assert outcome(proxy, host, "102") == 180
        host.check_output("systemctl restart trunkline-callflow")
        assert outcome(proxy, host, "102") == 503
        assert host.service("trunkline-callflow").is_running
    finally:
        database.check_output("systemctl start postgresql@17-main")
    until(lambda: outcome(proxy, host, "102") == 180, 15, "the service finds the database again")
