"""The deployed platform that tests use: its hosts, secrets, database, and the commands an engineer gives.

Which one it is comes from the environment: ``TRUNKLINE_INVENTORY`` (default ``inventories/lab``) and
``TRUNKLINE_STACK``. Without a platform that is up, tests fail; they are never skipped.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from trunkline.compile.kinds.terminal import password_name
from trunkline.lab.names import Network
from trunkline.lab.stack import ssh_arguments
from trunkline.model import ports
from trunkline.model.deployment import Addresses, Deployment
from trunkline.model.hosts import Platform
from trunkline.model.tenants import Tenants
from trunkline.phone.core import Account
from trunkline.phone.directory import Directory

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"
COMMAND_SECONDS = 60
PLAYBOOK_SECONDS = 600
# group of hosts -> services that its hosts run
SERVICES: Mapping[str, tuple[str, ...]] = {
    "data": ("postgresql@17-main",),
    "proxy_users": ("kamailio@users", "trunkline-reloader"),
    "proxy_trunks": ("kamailio@trunks",),
    "application_servers": ("asterisk", "trunkline-callflow"),
    "media_relays": ("rtpengine-daemon",),
}


class CommandFailedError(AssertionError):
    """A command on this machine or on a host failed; the text has everything it wrote."""


@dataclass(frozen=True)
class Done:
    """What a command came to: exit code, standard output, standard error, wall time in seconds."""

    code: int
    output: str
    errors: str
    seconds: float

    @property
    def all(self) -> str:
        """Everything it wrote."""
        return f"{self.output}\n{self.errors}"

    def json(self) -> Any:
        """Return its standard output as JSON."""
        return json.loads(self.output)


def run(
    command: Iterable[str | Path],
    *,
    text: str = "",
    check: bool = True,
    seconds: float = COMMAND_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> Done:
    """Run a program of this machine in the root of the repository.

    Raises:
        CommandFailedError: It failed and ``check`` is set, or did not end in time.
    """
    words = [str(word) for word in command]
    variables = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **(environment or {})}
    begin = time.monotonic()
    try:
        done = subprocess.run(
            words, input=text, capture_output=True, text=True, check=False, timeout=seconds, cwd=ROOT, env=variables
        )
    except subprocess.TimeoutExpired as error:
        said = "\n".join(part.decode(errors="replace") for part in (error.stdout, error.stderr) if part)
        raise CommandFailedError(f"{' '.join(words)}: still running after {seconds:g} s\n{said[-8000:]}") from None
    result = Done(done.returncode, done.stdout, done.stderr, time.monotonic() - begin)
    if check and result.code != 0:
        raise CommandFailedError(f"{' '.join(words)}: exit code {result.code}\n{result.all[-8000:]}")
    return result


class DeployedPlatform:
    """A platform that is up.

    Args:
        inventory: Its inventory: the declared one, or a copy that a test edited.

    Attributes:
        inventory: As given.
        model: What ``platform.yml`` declares.
        deployment: Hosts that exist, with their addresses.
    """

    def __init__(self, inventory: Path) -> None:
        self.inventory = inventory
        self.directory = Directory(inventory)
        self.model: Platform = self.directory.platform
        self.deployment: Deployment = self.directory.deployment
        self.secrets = self.directory.secrets

    @classmethod
    def of_environment(cls) -> DeployedPlatform:
        """Return the platform that the environment names."""
        return cls(ROOT / os.environ.get("TRUNKLINE_INVENTORY", "inventories/lab"))

    @property
    def stack(self) -> str:
        """Name of the stack."""
        return self.model.stack

    # ------------------------------------------------------------- hosts

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names of all hosts."""
        return tuple(self.model.hosts)

    def members(self, group: str) -> tuple[str, ...]:
        """Return the names of a group's hosts."""
        return self.model.members(group)

    def addresses(self, host: str) -> Addresses:
        """Return the addresses of a host."""
        return self.deployment.hosts[host]

    def public(self, host: str) -> str:
        """Return the public address of a host that has one."""
        address = self.addresses(host).public
        assert address, f"{host} has no public address"
        return address

    @property
    def controller(self) -> str:
        """This machine's address in the public network: where the tests' phones are."""
        return str(Network.of(self.stack, "public", self.deployment.networks["public"]).gateway)

    @property
    def users_proxy(self) -> tuple[str, int]:
        """Where phones send their requests."""
        return self.directory.proxy("udp")

    @property
    def relay_addresses(self) -> dict[str, str]:
        """Public address of every media relay -> its name."""
        return {
            str(addresses.public): name
            for name, addresses in self.deployment.hosts.items()
            if name in self.model.members("media_relays")
        }

    def services(self, host: str) -> tuple[str, ...]:
        """Return the services that a host has to run."""
        return tuple(
            unit for group, units in SERVICES.items() if group in self.model.hosts[host].groups for unit in units
        )

    def ssh(self, host: str, command: str, *, text: str = "", check: bool = True, seconds: float = 30) -> Done:
        """Run a shell command on a host, as an engineer would.

        Args:
            host: Its name.
            command: A shell line.
            text: Its standard input; what must not appear in a process list goes here.
            check: Whether a failure of the command is one of the test.
            seconds: Deadline.
        """
        login = ["ssh", *ssh_arguments(self.stack), "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
        login += ["-o", "ControlPath=none", "-o", "LogLevel=ERROR", f"root@{self.deployment.address_of(host)}", command]
        return run(login, text=text, check=check, seconds=seconds)

    def everywhere(
        self, command: str, hosts: Iterable[str] = (), *, text: str = "", check: bool = True
    ) -> dict[str, Done]:
        """Run a shell command on several hosts at once; on all when none is named."""
        names = list(hosts) or list(self.hosts)
        with ThreadPoolExecutor(max_workers=8) as pool:
            jobs = {name: pool.submit(self.ssh, name, command, text=text, check=check) for name in names}
        return {name: job.result() for name, job in jobs.items()}

    def processes(self, hosts: Iterable[str] = ()) -> dict[str, str]:
        """Return ``host/service`` -> identity of its running process; a restart or a crash changes it."""
        found = {}
        names = list(hosts) or list(self.hosts)
        for name, done in self.everywhere(
            "systemctl show --property=Id,ActiveState,MainPID,ActiveEnterTimestamp '*'", names
        ).items():
            for block in done.output.split("\n\n"):
                facts = dict(line.partition("=")[::2] for line in block.splitlines())
                unit = facts.get("Id", "").removesuffix(".service")
                if unit in self.services(name):
                    found[f"{name}/{unit}"] = (
                        f"{facts['ActiveState']} {facts['MainPID']} {facts['ActiveEnterTimestamp']}"
                    )
        return found

    def journal(self, since: float, lines: int = 60) -> str:
        """Return what the platform's services wrote since a time (seconds since 1970), host by host."""
        parts = []
        for name in self.hosts:
            units = " ".join(f"-u {unit}" for unit in self.services(name))
            if units:
                command = f"journalctl --no-pager -o short-precise --since @{since:.0f} {units} | tail -n {lines}"
                try:
                    said = self.ssh(name, command, check=False, seconds=15).all.strip()
                except CommandFailedError as error:
                    said = str(error)
                parts.append(f"--- {name}\n{said}")
        return "\n".join(parts)

    # ---------------------------------------------------------- commands

    def trunkline(self, *arguments: str, check: bool = True, seconds: float = PLAYBOOK_SECONDS) -> Done:
        """Run ``trunkline`` with this inventory."""
        return run([BIN / "trunkline", *arguments, "-i", self.inventory], check=check, seconds=seconds)

    def playbook(self, name: str, *arguments: str, check: bool = True, seconds: float = PLAYBOOK_SECONDS) -> Playbook:
        """Run a playbook with this inventory; its result can be read task by task."""
        done = run(
            [BIN / "ansible-playbook", "-i", self.inventory, f"playbooks/{name}.yml", *arguments],
            check=False,
            seconds=seconds,
            environment={"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        )
        try:
            # before and behind it stands what the callbacks of ansible.cfg print
            found, _ = json.JSONDecoder().raw_decode(done.output[done.output.index("\n{\n") :].lstrip())
            result = Playbook(done, found)
        except ValueError:
            raise CommandFailedError(f"{name}.yml: exit code {done.code}\n{done.all[-8000:]}") from None
        if check and done.code != 0:
            raise CommandFailedError(f"{name}.yml: exit code {done.code}\n{result.failures()}\n{done.errors[-4000:]}")
        return result

    # ---------------------------------------------------------- database

    @property
    def database(self) -> str:
        """Name of the host of the database."""
        return self.members("data")[0]

    def connect(
        self, role: str = "trunkline_monitor", password: str | None = None
    ) -> psycopg.Connection[dict[str, Any]]:
        """Open a connection to the platform's database."""
        return psycopg.connect(
            host=self.database,
            hostaddr=self.addresses(self.database).inside,
            port=ports.POSTGRESQL,
            dbname="trunkline",
            user=role,
            password=self.secrets.get(f"postgresql_{role}_password") if password is None else password,
            sslmode="verify-full",
            sslrootcert=str(self.directory.ca_file),
            connect_timeout=5,
            autocommit=True,
            row_factory=dict_row,
        )

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query, read as trunkline_monitor."""
        with self.connect() as connection:
            return connection.execute(query.encode(), values).fetchall()

    # ----------------------------------------------------------- tenants

    @property
    def tenants(self) -> Tenants:
        """What the inventory declares."""
        return self.directory.tenants

    def account(self, address: str, *, password: str | None = None) -> Account:
        """Return the account of ``terminal@client``, for example ``alice@acme``; also of one that does not exist."""
        terminal, _, name = address.partition("@")
        client = self.directory.client(name)
        known = self.secrets.get(password_name(client, terminal))
        return Account(terminal, client.declared.domain, known if password is None else password)

    def number(self, address: str) -> str:
        """Return the extension of ``user@client``."""
        person = self.directory.person(address)
        extension = person.client.declared.users[person.user].extension
        assert extension, f"{address} has no extension"
        return extension


@dataclass(frozen=True)
class Playbook:
    """The result of a playbook, as the callback ``ansible.posix.json`` writes it."""

    done: Done
    result: Mapping[str, Any]

    @property
    def changed(self) -> dict[str, int]:
        """Number of changed tasks by host."""
        return {host: numbers["changed"] for host, numbers in self.result["stats"].items()}

    def tasks(self, key: str) -> list[str]:
        """Return ``host: task`` for every result with a key that is true, and what it says of the change."""
        found = []
        for play in self.result["plays"]:
            for task in play["tasks"]:
                for host, outcome in task["hosts"].items():
                    if outcome.get(key):
                        detail = {name: outcome[name] for name in ("msg", "diff", "stderr") if outcome.get(name)}
                        found.append(f"{host}: {task['task']['name']} {json.dumps(detail)[:1500]}")
        return found

    def failures(self) -> str:
        """Return the failed tasks and unreachable hosts, for people."""
        return "\n".join([*self.tasks("failed"), *self.tasks("unreachable")])


def unique(prefix: str) -> str:
    """Return a name that nobody had before."""
    return f"{prefix}{secrets.token_hex(4)}"
