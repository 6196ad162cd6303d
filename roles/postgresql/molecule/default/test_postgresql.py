"""The server: who gets in and how, what it holds, and that it comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from testinfra.host import Host

from trunkline.secrets import Secrets

ROLES = ["trunkline_owner", "trunkline_apply", "trunkline_proxy", "trunkline_callflow", "trunkline_monitor"]


def connection(host: Host, role: str, **changes: Any) -> psycopg.Connection[tuple[Any, ...]]:
    """Log in to the server from this machine, the controller, as the platform's own programs do."""
    variables = host.ansible.get_variables()
    stack = Path(variables["trunkline_stack_root"])
    parameters: dict[str, Any] = {
        "host": variables["trunkline_internal_address"],
        "dbname": "trunkline",
        "user": role,
        "password": Secrets.open(stack).get(f"postgresql_{role}_password"),
        "sslmode": "verify-full",
        "sslrootcert": str(stack / "ca" / "ca.crt"),
        "connect_timeout": 5,
        **changes,
    }
    return psycopg.connect(**parameters)


def ask(host: Host, question: str) -> str:
    """Run one statement on the host as the server's user."""
    return host.check_output("runuser -u postgres -- psql -XAtc %s trunkline", question)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_logs_in_over_tls_with_its_password(host: Host, role: str) -> None:
    with connection(host, role) as database:
        row = database.execute("select version, cipher from pg_stat_ssl where pid = pg_backend_pid()").fetchone()
    assert row is not None
    assert row[0] == "TLSv1.3"


def test_without_tls_nobody_gets_in(host: Host) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        connection(host, "trunkline_apply", sslmode="disable", sslrootcert=None)


def test_a_wrong_password_is_refused(host: Host) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connection(host, "trunkline_apply", password="x" * 20)


def test_the_superuser_does_not_log_in_from_outside(host: Host) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        connection(host, "trunkline_apply", user="postgres")


def test_no_role_is_more_than_it_should_be(host: Host) -> None:
    question = """
        select rolname from pg_roles where rolname like 'trunkline%'
        and (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)"""
    assert not ask(host, question)


def test_passwords_are_kept_as_scram_verifiers(host: Host) -> None:
    kept = ask(host, "select rolpassword from pg_authid where rolname like 'trunkline%'").splitlines()
    assert len(kept) == len(ROLES)
    assert all(verifier.startswith("SCRAM-SHA-256$") for verifier in kept)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("server_encoding", "UTF8"),
        ("data_checksums", "on"),
        ("max_connections", "300"),
        ("password_encryption", "scram-sha-256"),
        ("ssl_min_protocol_version", "TLSv1.3"),
    ],
)
def test_settings_are_in_force(host: Host, setting: str, value: str) -> None:
    assert ask(host, f"show {setting}") == value


def test_nothing_waits_for_a_restart(host: Host) -> None:
    assert ask(host, "select count(*) from pg_settings where pending_restart") == "0"


def test_the_server_listens_inside_only(host: Host) -> None:
    inside = host.ansible.get_variables()["trunkline_internal_address"]
    listening = {line.split()[3] for line in host.check_output("ss -Hlnt").splitlines()}
    found = {address for address in listening if address.endswith(":5432")}
    assert found == {f"{inside}:5432", "127.0.0.1:5432", "[::1]:5432"}


def test_the_schema_is_there_and_belongs_to_its_owner(host: Host) -> None:
    assert int(ask(host, "select count(*) from migration.applied")) > 0
    assert ask(host, "select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'config'") == "trunkline_owner"


def test_no_password_is_in_the_journal(host: Host) -> None:
    stack = Path(host.ansible.get_variables()["trunkline_stack_root"])
    journal = host.check_output("journalctl -o cat --no-pager")
    for value in Secrets.open(stack).get_many([f"postgresql_{role}_password" for role in ROLES]).values():
        assert value not in journal


def test_the_journal_has_what_the_server_says(host: Host) -> None:
    assert "database system is ready" in host.check_output("journalctl -o cat -t postgres --no-pager")


def test_the_server_comes_back_when_it_is_killed(host: Host) -> None:
    unit = "postgresql@17-main"
    assert host.service(unit).is_enabled
    before = host.check_output(f"systemctl show -P MainPID {unit}")
    host.check_output(f"kill -KILL {before}")
    changed = f"until [ $(systemctl show -P MainPID {unit}) -gt 0 -a $(systemctl show -P MainPID {unit}) != {before} ]"
    for condition in (changed, "until runuser -u postgres -- psql -XAtc 'select 1' trunkline"):
        host.check_output("timeout 30 sh -c %s", f"{condition}; do sleep 0.2; done")
