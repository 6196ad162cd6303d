"""Documentation of the action ``trunkline_tenants``; it runs on the controller, in plugins/action."""

from __future__ import annotations

DOCUMENTATION = """
module: trunkline_tenants
short_description: Make the tenants in the database equal to the inventory
description:
  - Checks, compiles, compares and applies every tenant of an inventory at once, as C(trunkline apply) does.
  - Runs on the controller; hosts are not touched. Supports check mode and diff.
options:
  inventory:
    description: Folder of the inventory, with C(platform.yml) and C(tenants/).
    type: path
    required: true
  tenants:
    description:
      - The tenants themselves, for platforms with a few of them. A mapping that mirrors the folder C(tenants), with a
        key for each file (C(platform), brands; in a brand C(brand) and clients). Every value is text, so numbers are
        quoted.
      - The inventory has no folder C(tenants) then.
    type: dict
  allow:
    description: What may be done although it removes much of a brand, or something that live state belongs to.
    type: list
    elements: str
    choices: [mass-deletion, live-state]
    default: []
  wait_seconds:
    description: How long to wait until proxies and call-flow services work with the new revision.
    type: float
    default: 10
"""

EXAMPLES = """
- name: Apply the inventory
  trunkline_tenants:
    inventory: "{{ trunkline_inventory_dir }}"

- name: Apply the tenants of a variable
  trunkline_tenants:
    inventory: "{{ trunkline_inventory_dir }}"
    tenants:
      atlas:
        acme:
          type: vpbx
          domain: acme.atlas.example
          users:
            alice: {name: Alice Example, extension: "101"}
"""

RETURN = """
revision:
  description: Number of the newest revision in the database.
  type: int
  returned: success
counts:
  description: How many objects are added, changed and removed.
  type: dict
  returned: success
unconfirmed:
  description: Healthy services that did not confirm the revision in time, as "service on host".
  type: list
  elements: str
  returned: success
"""
