"""Filter ``trunkline_changed_roles``: see :func:`trunkline.secrets.scram.changed_roles`."""

from __future__ import annotations

from typing import Any

from trunkline.secrets.scram import changed_roles


class FilterModule:
    """The door for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"trunkline_changed_roles": changed_roles}
