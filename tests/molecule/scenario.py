"""The hosts of one Molecule scenario: ``scenario.py create|destroy|journal``, called by create.yml and destroy.yml.

Which scenario it is comes from Molecule's environment variables. Its lab is named after the role, the scenario and the
clone of the repository, so scenarios run side by side and next to anybody's lab.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from trunkline.errors import TrunklineError
from trunkline.lab import stack as lab
from trunkline.lab.names import NETWORKS, Network
from trunkline.model.hosts import Host, Platform
from trunkline.model.inventory import inventory
from trunkline.paths import outputs_file, stack_root

ROOT = Path(__file__).resolve().parents[2]


def stack_name() -> str:
    """Return the name of the scenario's lab."""
    role = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"]).name
    scenario = os.environ["MOLECULE_SCENARIO_NAME"]
    digest = hashlib.sha256(f"{ROOT}/{role}/{scenario}".encode()).hexdigest()[:8]
    return f"mol-{role.replace('_', '-')[:17]}-{digest}"


def create() -> None:
    """Create the lab, and write a platform that our inventory plugin reads like any other."""
    stack = stack_name()
    hosts = {
        platform["name"]: {key: platform[key] for key in platform.keys() & Host.model_fields.keys()}
        for platform in yaml.safe_load(Path(os.environ["MOLECULE_FILE"]).read_text())["platforms"]
    }
    document = {"platform": stack, "provider": "lab", "hosts": hosts}
    model = Platform.model_validate(document)
    made = lab.create(stack, {name: list(host.networks) for name, host in model.hosts.items()})
    outputs = {
        "stack": stack,
        "provider": "lab",
        "controllers": [f"{Network.of(stack, name).gateway}/32" for name in NETWORKS],
        "package_proxy": made["package_proxy"] or "",
        "networks": made["networks"],
        "hosts": {name: host["addresses"] for name, host in made["hosts"].items()},
    }
    outputs_file(stack).write_text(json.dumps(outputs, indent=2))
    folder = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "platform"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "platform.yml").write_text(yaml.safe_dump(document))
    (folder / "trunkline.yml").write_text("plugin: trunkline\n")
    # The wiring of playbooks/, beside the inventory, so that it holds for every playbook of a scenario.
    (folder / "group_vars").unlink(missing_ok=True)
    (folder / "group_vars").symlink_to(ROOT / "playbooks" / "group_vars")
    (folder / "testinfra.yml").write_text(yaml.safe_dump(plain_inventory(folder)))


def plain_inventory(folder: Path) -> dict[str, Any]:
    """Return the same platform as a plain YAML inventory.

    testinfra asks `ansible-inventory --list`, which marks all text of inventory plugins as unsafe (ansible-core 2.19),
    and testinfra 10.2 cannot read those marks.
    """
    found = inventory(folder)
    groups: dict[str, Any] = {name: {"hosts": {host: {} for host in members}} for name, members in found.groups.items()}
    return {"all": {"vars": found.variables, "hosts": found.hosts}, **groups}


def destroy() -> None:
    """Remove the lab, its secrets and its certificates."""
    stack = stack_name()
    lab.destroy(stack)
    shutil.rmtree(stack_root(stack), ignore_errors=True)


def journal() -> None:
    """Print what every host has to say about a failure: failed units and the warnings of its journal."""
    found = lab.describe(stack_name())
    for name, host in found["hosts"].items():
        sys.stdout.write(f"--- journal of {name}\n")
        sys.stdout.flush()
        messages = "journalctl -b -p warning -n 60 --no-pager -o short-iso | grep -v pam_env"
        command = f"systemctl --failed --no-pager --no-legend; {messages}"
        login = ["ssh", *found["ssh"]["arguments"], "-o", "ConnectTimeout=5", f"root@{host['ssh_address']}", command]
        subprocess.run(login, check=False, stdin=subprocess.DEVNULL, timeout=30)


if __name__ == "__main__":
    try:
        {"create": create, "destroy": destroy, "journal": journal}[sys.argv[1]]()
    except TrunklineError as problem:
        sys.exit(f"error: {problem}")
