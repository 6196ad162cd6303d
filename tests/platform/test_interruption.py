"""Interrupted anywhere and started again, everything works; taken away, nothing stays. On a small stack of its own."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.deployed import BIN, ROOT, Done, run
from tests.support.interruption import interrupted
from trunkline.lab._system import remove_cgroup
from trunkline.lab.names import NETWORKS, Host, Network, stack_cgroup
from trunkline.lab.stack import ssh_arguments
from trunkline.model.hosts import load
from trunkline.paths import outputs_file, stack_root

HOSTS = {"db1": {"groups": ["data"]}, "ua1": {"groups": ["phones"]}}
SECONDS = 300


class Small:
    """A platform of two hosts, in an inventory and a stack of its own.

    Args:
        folder: Where the inventory goes.
        stack: Name of the stack.
    """

    def __init__(self, folder: Path, stack: str) -> None:
        self.inventory, self.stack = folder, stack
        document = {"platform": stack, "provider": "lab", "hosts": HOSTS}
        (folder / "platform.yml").write_text(yaml.safe_dump(document))
        (folder / "trunkline.yml").write_text("plugin: trunkline\n")
        (folder / "tenants").mkdir()
        self.environment = {"TRUNKLINE_STACK": stack, "TRUNKLINE_INVENTORY": str(folder)}

    def command(self, *words: str) -> Done:
        """Run a program of ours to its end."""
        return run([BIN / words[0], *words[1:]], seconds=SECONDS, environment=self.environment)

    def killed(self, *words: str, at: str) -> str:
        """Run a program of ours until a line matches a pattern, then kill it with all of its processes."""
        return interrupted(words, at=at, signal=signal.SIGKILL, environment=self.environment)

    def up(self) -> dict[str, int]:
        """Make the machines, and return what was done."""
        changes: dict[str, int] = self.command("trunkline", "stack", "up", "-i", str(self.inventory), "--json").json()[
            "changes"
        ]
        return changes

    def addresses(self) -> dict[str, dict[str, str]]:
        """Return the addresses of the hosts."""
        hosts: dict[str, dict[str, str]] = json.loads(outputs_file(self.stack).read_text())["hosts"]
        return hosts

    def login(self, host: str) -> Done:
        """Log in to a host, see that it runs."""
        address = self.addresses()[host].get("internal") or self.addresses()[host]["public"]
        arguments = ["ssh", *ssh_arguments(self.stack), "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
        return run([*arguments, f"root@{address}", "systemctl is-system-running --wait"])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """Give the small platform; it is removed at the end, whatever happened."""
    declared = load(ROOT / os.environ.get("TRUNKLINE_INVENTORY", "inventories/lab")).stack
    made = Small(tmp_path_factory.mktemp("small"), f"{declared[:24]}-small")
    try:
        yield made
    finally:
        made.command("trunkline", "down", "--forget", "-i", str(made.inventory))
        assert not stack_root(made.stack).exists()


def test_interrupted_stack_goes_on(small: Small) -> None:
    up = ("trunkline", "stack", "up", "-i", str(small.inventory))
    small.killed(*up, at=r"create (Network|PackageCache)")
    small.killed(*up, at=r"create Host")
    small.up()
    assert set(small.addresses()) == set(HOSTS)
    for host in HOSTS:
        assert small.login(host).output.strip() == "running"
    assert set(small.up()) == {"same"}


def test_half_created_host_is_repaired(small: Small) -> None:
    """As after a crash: no record, no processes, files left."""
    host = Host(small.stack, "ua1")
    remove_cgroup(host.cgroup)
    (host.folder / "host.json").unlink()
    assert set(small.up()) - {"same"}, "nothing was repaired"
    assert small.login("ua1").output.strip() == "running"


def test_interrupted_playbook_goes_on(small: Small) -> None:
    playbook = ("ansible-playbook", "-i", str(small.inventory), "playbooks/base.yml")
    said = small.killed(*playbook, at=r"TASK \[firewall : ")
    assert "PLAY RECAP" not in said
    assert re.search(r"failed=0 .*", small.command(*playbook).output)
    again = small.command(*playbook).output
    assert set(re.findall(r"changed=(\d+)", again)) == {"0"}, again


def test_nothing_stays_behind(small: Small) -> None:
    small.killed("trunkline", "stack", "destroy", "-i", str(small.inventory), at=r"delete")
    small.command("trunkline", "stack", "destroy", "-i", str(small.inventory))
    networks = [Network.of(small.stack, name) for name in NETWORKS]
    links = run(["ip", "-brief", "link"]).output
    tables = run(["nft", "list", "tables"]).output
    assert [network.bridge for network in networks if network.bridge in links] == []
    assert [network.table for network in networks if network.table in tables] == []
    assert f"trunkline.{small.stack}." not in run(["ip", "netns"]).output
    assert not stack_cgroup(small.stack).exists()
    assert str(stack_root(small.stack)) not in Path("/proc/self/mountinfo").read_text()
    processes = run(["ps", "axww", "-o", "args="]).output.splitlines()
    assert [line for line in processes if f"trunkline.{small.stack}." in line] == []
