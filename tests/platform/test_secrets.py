"""No secret of the platform is anywhere but in the vault and in files that only its service reads."""

from __future__ import annotations

import hashlib

import psycopg
import pytest

from tests.support.deployed import DeployedPlatform, Done, run, unique
from tests.support.phones import Phones
from trunkline.phone.errors import RequestFailedError

# What people choose who choose nothing, and what other products ship with.
DEFAULT_PASSWORDS = (
    *("", "admin", "password", "postgres", "trunkline", "changeme", "secret", "1234", "123456", "default"),
    *("root", "toor", "asterisk", "kamailio", "kamailiorw", "kamailioro", "opensips", "ironsecret"),
)
# Shown on the screen of a phone and asked for by name; everything else is for machines.
MINIMUM_LENGTH = 16


@pytest.fixture(scope="module")
def passwords(platform: DeployedPlatform) -> list[str]:
    """Return every secret of the stack: stored ones, and those of all terminals."""
    terminals = [
        f"terminal/{client.brand}/{client.name}/{terminal}"
        for client in platform.tenants.clients()
        for terminal in client.declared.all_terminals()
    ]
    found = platform.secrets.get_many([*platform.secrets.names(), *terminals])
    assert found, "the vault is empty"
    assert [name for name, value in found.items() if len(value) < MINIMUM_LENGTH] == []
    assert len(set(found.values())) == len(found), "two names share a secret"
    return sorted(found.values())


@pytest.fixture(scope="module")
def hashes(platform: DeployedPlatform) -> list[str]:
    """Return the HA1 of every terminal: as good as a password for its domain."""
    return [
        hashlib.md5(f"{account.username}:{account.domain}:{account.password}".encode()).hexdigest()  # noqa: S324
        for client in platform.tenants.clients()
        for terminal in client.declared.all_terminals()
        if (account := platform.account(f"{terminal}@{client.name}"))
    ]


def test_playbook_output_shows_no_secret(checked_site: Done, passwords: list[str], hashes: list[str]) -> None:
    """Most verbose, with differences, and every file that holds a secret is compared."""
    assert "PLAY RECAP" in checked_site.output
    assert [secret[:4] + "..." for secret in [*passwords, *hashes] if secret in checked_site.all] == []


def test_repository_holds_no_secret(passwords: list[str], hashes: list[str]) -> None:
    found = run(["git", "grep", "--fixed-strings", "-l", "-f", "-"], text="\n".join([*passwords, *hashes]), check=False)
    assert (found.code, found.output) == (1, ""), found.all


# The secrets come over standard input, into memory that only root can read: never as an argument.
_PRELUDE = """
set -eu
umask 077
patterns=$(mktemp /run/patterns.XXXXXX)
trap 'rm -f "$patterns" "$patterns.ps"' EXIT
cat >"$patterns" <<'END'
{patterns}
END
"""
# Prints where a secret was found.
_SEARCH = """
if journalctl --no-pager -o cat | grep -qF -f "$patterns"; then echo "the journal"; fi
grep -rlsF -f "$patterns" /var/log --exclude-dir=journal || true
ps axww -o pid=,args= >"$patterns.ps"
grep -F -f "$patterns" "$patterns.ps" | awk '{print "process", $1, $2}' || true
# exactly the files that a user without any rights can read
{ setpriv --reuid=nobody --regid=nogroup --clear-groups find / \\
    '(' -path /proc -o -path /sys -o -path /usr/share -o -path /usr/lib ')' -prune -o -type f -readable -print0 \\
    2>/dev/null || true; } | xargs -0 -r grep -lsF -f "$patterns" || true
"""
_DUMP = 'runuser -u postgres -- pg_dumpall | grep -cF -f "$patterns" || true\n'


def _script(patterns: list[str], commands: str) -> str:
    return _PRELUDE.replace("{patterns}", "\n".join(patterns)) + commands


def test_hosts_show_no_secret(platform: DeployedPlatform, passwords: list[str], hashes: list[str]) -> None:
    """Neither in a log or journal, nor in a process list, nor in a file that others may read."""
    found = platform.everywhere("bash -s", text=_script([*passwords, *hashes], _SEARCH))
    assert {host: done.output for host, done in found.items() if done.output.strip()} == {}


def test_the_search_would_notice_a_secret(platform: DeployedPlatform) -> None:
    host = platform.database
    planted, file = unique("planted"), "/srv/planted"
    platform.ssh(host, f"umask 022; cat >{file}; logger -t planted <{file}; journalctl --sync", text=planted)
    try:
        found = platform.ssh(host, "bash -s", text=_script([planted], _SEARCH)).output.splitlines()
        assert found == ["the journal", file]
    finally:
        platform.ssh(host, f"rm {file}")


def test_database_holds_no_password(platform: DeployedPlatform, passwords: list[str], hashes: list[str]) -> None:
    """Nothing but HA1s; that those are found shows that the dump was searched."""
    host = platform.database
    assert platform.ssh(host, "bash -s", text=_script(passwords, _DUMP)).output.strip() == "0"
    assert int(platform.ssh(host, "bash -s", text=_script(hashes, _DUMP)).output) >= len(hashes)


@pytest.mark.parametrize(
    "role", ["postgres", "trunkline", "trunkline_owner", "trunkline_apply", "trunkline_proxy", "admin"]
)
def test_postgresql_has_no_default_password(platform: DeployedPlatform, role: str) -> None:
    for password in (*DEFAULT_PASSWORDS, role):
        with pytest.raises(psycopg.OperationalError, match=r"authentication failed|no pg_hba.conf entry|no password"):
            platform.connect(role, password).close()


@pytest.mark.parametrize("terminal", ["alice", "admin", "101", "test"])
async def test_sip_has_no_default_password(phones: Phones, terminal: str) -> None:
    """Few enough attempts that nobody is banned: a hundred in a row would be."""
    for password in (*DEFAULT_PASSWORDS[1:], terminal):
        phone = await phones.make(f"{terminal}@acme", password=password, register=False)
        with pytest.raises(RequestFailedError) as refused:
            await phone.register()
        assert refused.value.code == 403
        await phone.stop()
