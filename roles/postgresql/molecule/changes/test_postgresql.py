"""What a server that is already there gets: new passwords, missing roles, the schema, settings that need a restart."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from testinfra.host import Host

from trunkline.secrets import Secrets


def log_in(host: Host, role: str, password: str) -> psycopg.Connection[tuple[str, ...]]:
    """Log in from the controller."""
    variables = host.ansible.get_variables()
    return psycopg.connect(
        host=variables["trunkline_internal_address"], dbname="trunkline", user=role, password=password,
        sslmode="verify-full", sslrootcert=str(Path(variables["trunkline_stack_root"]) / "ca" / "ca.crt"),
    )  # fmt: skip


@pytest.mark.parametrize("role", ["trunkline_owner", "trunkline_apply", "trunkline_monitor"])
def test_the_password_of_the_vault_is_in_force(host: Host, role: str) -> None:
    stack = Path(host.ansible.get_variables()["trunkline_stack_root"])
    with log_in(host, role, Secrets.open(stack).get(f"postgresql_{role}_password")) as database:
        assert database.execute("select session_user").fetchone() == (role,)


def test_the_old_password_is_not(host: Host) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        log_in(host, "trunkline_apply", "only-for-this-test-and-soon-replaced")


@pytest.mark.parametrize(("setting", "value"), [("max_connections", "60"), ("work_mem", "8MB")])
def test_settings_are_in_force(host: Host, setting: str, value: str) -> None:
    assert host.check_output(f"runuser -u postgres -- psql -XAtc 'show {setting}' trunkline") == value


def test_the_schema_came(host: Host) -> None:
    question = "select count(*) from migration.applied"
    assert int(host.check_output("runuser -u postgres -- psql -XAtc %s trunkline", question)) > 0
