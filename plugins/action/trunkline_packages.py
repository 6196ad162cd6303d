"""Action ``trunkline_packages``: ask dpkg what is missing, and call apt only for that."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

LISTS_VALID_SECONDS = 86400


class ActionModule(ActionBase):
    """Install Debian packages. Documented in plugins/modules/trunkline_packages.py."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Look with the module of the same name, then install with ``ansible.builtin.apt`` if anything is missing."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        names = arguments.pop("name", None)
        if not isinstance(names, list):
            raise AnsibleActionFail("trunkline_packages: `name` is a list of packages")
        if not names:
            return {"changed": False, "missing": [], "versions": {}}
        found = self._look(names, task_vars)
        missing = found.get("missing", [])
        if found.get("failed") or not missing:
            return found
        before = "".join(f"{name}\n" for name in names if name not in missing)
        diff = {"before_header": "packages", "before": before, "after": "".join(f"{name}\n" for name in names)}
        if self._task.check_mode:
            return {**found, "changed": True, "diff": diff}
        age = found["lists_age_seconds"]
        options = {
            "install_recommends": False,
            "lock_timeout": 300,
            "update_cache": age is None or age > LISTS_VALID_SECONDS,
            **arguments,
        }
        done: dict[str, Any] = self._execute_module(
            module_name="ansible.builtin.apt", module_args={"name": names, **options}, task_vars=task_vars
        )
        versions = {} if done.get("failed") else self._look(names, task_vars)["versions"]
        return {**done, "missing": missing, "versions": versions, "diff": diff}

    def _look(self, names: list[str], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Ask dpkg on the host."""
        found: dict[str, Any] = self._execute_module(
            module_name="trunkline_packages", module_args={"name": names}, task_vars=task_vars
        )
        return found
