"""Action ``trunkline_inputs``: a variable with a role's prefix that the role does not know is a mistake, so say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Compare the variables that begin with the role's name with its argument specification. Touches no host."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fail when an unknown variable is set; ``foreign`` lists names that belong to somebody else."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        role = self._task._role  # noqa: SLF001 - there is no public way to know the role of a task, or its folder
        if role is None:
            raise AnsibleActionFail("trunkline_inputs is a task of roles")
        name, folder = role.get_name(), Path(role._role_path)  # noqa: SLF001 - as above
        document = yaml.safe_load((folder / "meta" / "argument_specs.yml").read_text())
        known = {option for entry in document["argument_specs"].values() for option in entry.get("options", {})}
        known.update(self._task.args.get("foreign", []))
        unknown = sorted(key for key in (task_vars or {}) if key.startswith(f"{name}_") and key not in known)
        if unknown:
            raise AnsibleActionFail(f"role {name} does not know {', '.join(unknown)}; its README lists what it knows")
        return {**result, "changed": False}
