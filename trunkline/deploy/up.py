"""Bring a platform up and prove it: every step may be repeated, and goes on where an interrupted run stopped."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from trunkline.cloud.stack import Stack
from trunkline.deploy.progress import Stages
from trunkline.deploy.records import CallRecord, record_of
from trunkline.errors import PlatformError
from trunkline.model.deployment import Deployment
from trunkline.model.hosts import Platform, load
from trunkline.paths import cache_root, stack_root
from trunkline.phone.directory import Directory
from trunkline.phone.proof import CallProof, synthetic_call

STAGES = 3
_SITE = "playbooks/site.yml"
_ROOT = Path(__file__).resolve().parents[2]
_PLAY = re.compile(r"^PLAY \[(.+)\] \**$")
_RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")


@dataclass(frozen=True)
class Proven:
    """What a platform is when it is up.

    Attributes:
        platform: The model of its hosts.
        deployment: Their addresses.
        directory: Its accounts.
        proof: The call.
        record: The record that the platform kept of it.
        changed: Host -> how many things the playbook changed.
        seconds: Stage -> wall time.
    """

    platform: Platform
    deployment: Deployment
    directory: Directory
    proof: CallProof
    record: CallRecord
    changed: dict[str, int]
    seconds: dict[str, float]


def bring_up(inventory: Path, *, quiet: bool) -> Proven:
    """Make the machines, configure the hosts, apply the tenants, place a call.

    Args:
        inventory: Folder of the inventory.
        quiet: Print nothing.

    Raises:
        ConfigurationError: The inventory says something that cannot be; nothing was changed then.
        PlatformError: Something could not be made, or the call was not proven.
    """
    platform = load(inventory)
    stages = Stages(STAGES, stack_root(platform.stack) / "logs", quiet=quiet)
    with stages.stage(f"Machines of the platform {platform.stack}"):
        Stack(platform, stages.detail).up()
    with stages.stage("Hosts and tenants"):
        changed = run_playbook(inventory, _SITE, stages)
    with stages.stage("A call that proves it"):
        directory = Directory(inventory)
        proof, record = prove(inventory, directory)
    deployment = Deployment.load(platform.stack)
    assert deployment is not None  # noqa: S101 - the first stage wrote it
    return Proven(platform, deployment, directory, proof, record, changed, stages.seconds)


def run_playbook(inventory: Path, playbook: str, stages: Stages) -> dict[str, int]:
    """Run a playbook, show its plays as they begin, and return host -> how many things it changed.

    Raises:
        PlatformError: It failed; the end of its output has been printed.
    """
    changed: dict[str, int] = {}

    def show(line: str) -> str | None:
        if play := _PLAY.match(line):
            return play[1]
        if recap := _RECAP.match(line):
            changed[recap[1]] = int(recap[2])
            return None
        return line if line.startswith(("fatal:", "[ERROR]")) else None

    program = Path(sys.executable).parent / "ansible-playbook"
    environment = {**os.environ, "ANSIBLE_CONFIG": str(_ROOT / "ansible.cfg"), "TRUNKLINE_CACHE": str(cache_root())}
    environment["PATH"] = f"{program.parent}:{os.environ.get('PATH', '')}"
    command = [str(program), "--inventory", str(inventory.absolute()), str(_ROOT / playbook)]
    stages.run(Path(playbook).stem, command, environment=environment, show=show)
    return changed


def prove(inventory: Path, directory: Directory) -> tuple[CallProof, CallRecord]:
    """Let two users of a client call each other, and find the record of that call.

    Raises:
        PlatformError: No client has two users, the two did not hear each other, or there is no record.
    """
    caller, callee = _pair(directory)
    proof = asyncio.run(synthetic_call(directory.phone(caller), callee.partition("@")[0], directory.phone(callee)))
    if not proof.proven:
        raise PlatformError(
            f"{proof.caller.account} called {proof.target}, and they did not hear each other"
            f" ({proof.code} {proof.reason})\n{proof.ladder}",
            remedy="docs/operations/troubleshooting.md goes through a call step by step",
        )
    return proof, record_of(inventory, proof.caller.sip_call_id)


def _pair(directory: Directory) -> tuple[str, str]:
    """Return two users of one client as ``extension@domain``."""
    for client in directory.tenants.clients():
        numbers = sorted(client.declared.all_extensions())
        if len(numbers) > 1:
            first, second = numbers[:2]
            return f"{first}@{client.declared.domain}", f"{second}@{client.declared.domain}"
    raise PlatformError("no client has two extensions that could call each other", remedy="declare a second user")
