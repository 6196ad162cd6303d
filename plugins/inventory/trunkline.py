"""Ansible's door to the model of hosts: a few lines over :mod:`trunkline.model.inventory`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin

from trunkline.errors import TrunklineError
from trunkline.model.inventory import inventory as read_inventory

DOCUMENTATION = """
name: trunkline
short_description: Hosts of a Trunkline platform
description:
  - Groups and options come from C(platform.yml) beside the configuration, addresses from the outputs of the stack.
  - A declared host that does not exist yet is left out, with a warning.
options:
  plugin:
    description: Always C(trunkline).
    required: true
    choices: [trunkline]
"""


class InventoryModule(BaseInventoryPlugin):
    """Gives Ansible the hosts, groups and variables of a platform."""

    NAME = "trunkline"

    def verify_file(self, path: str) -> bool:
        """Take files of the name trunkline.yml only."""
        return bool(super().verify_file(path)) and Path(path).name == "trunkline.yml"

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill Ansible's inventory.

        Raises:
            AnsibleParserError: ``platform.yml`` is wrong; carries the text for people.
        """
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            found = read_inventory(Path(path).parent)
        except TrunklineError as error:
            raise AnsibleParserError(str(error)) from error
        for key, value in found.variables.items():
            self.inventory.set_variable("all", key, value)
        for group in found.groups:
            self.inventory.add_group(group)
        for name, variables in found.hosts.items():
            self.inventory.add_host(name)
            for key, value in variables.items():
                self.inventory.set_variable(name, key, value)
        for group, members in found.groups.items():
            for name in members:
                self.inventory.add_child(group, name)
        if found.missing:
            self.display.warning(f"not up yet, so left out: {', '.join(found.missing)} (run `trunkline stack up`)")
