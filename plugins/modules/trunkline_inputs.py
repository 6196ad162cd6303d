"""Documentation of the action ``trunkline_inputs``; all of it runs on the controller, in plugins/action/."""

from __future__ import annotations

DOCUMENTATION = r"""
module: trunkline_inputs
short_description: Refuse variables that carry a role's prefix and that the role does not know
description:
  - Ansible's argument specification does not notice a misspelled variable; this task, the first of every role, does.
options:
  foreign:
    description: Names that begin like the role's variables and belong to somebody else.
    type: list
    elements: str
    default: []
"""
