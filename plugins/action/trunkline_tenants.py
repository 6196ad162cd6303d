"""Action ``trunkline_tenants``: the tenants of an inventory or of a variable, all at once, by `trunkline.plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from trunkline.errors import TrunklineError
from trunkline.model.variables import Source, tenants_source
from trunkline.plan import (
    ALLOWANCES,
    LINES,
    Guards,
    Options,
    apply,
    data_source_of,
    database,
    make_plan,
    plan_lines,
    provenance_of,
    read_inventory,
    wait_for_confirmations,
)


class ActionModule(ActionBase):
    """Plan in check mode, apply otherwise. Documented in plugins/modules/trunkline_tenants.py."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the pipeline on the controller.

        Raises:
            AnsibleActionFail: The inventory has errors, or the platform cannot be used.
        """
        super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec(
            {
                "inventory": {"type": "path", "required": True},
                "tenants": {"type": "raw"},
                "allow": {"type": "list", "elements": "str", "choices": list(ALLOWANCES), "default": []},
                "wait_seconds": {"type": "float", "default": 10.0},
            }
        )
        inventory = Path(arguments["inventory"])
        try:
            with tenants_source(inventory, arguments["tenants"]) as source:
                return self._run(inventory, source, set(arguments["allow"]), arguments["wait_seconds"])
        except TrunklineError as error:
            raise AnsibleActionFail(str(error)) from error

    def _run(self, inventory: Path, source: Source, allowed: set[str], wait_s: float) -> dict[str, Any]:
        report, absent = read_inventory(inventory, folder=source.folder if source.variable else None)
        problems = source.texts(inventory, [*source.problems, *report.problems])
        if source.problems or report.compiled is None:
            raise AnsibleActionFail("the tenants have errors, nothing was changed\n" + "\n".join(problems))
        if absent:
            problems.append(f"left out, because they do not exist yet: {', '.join(absent)}")
        missing: list[str] = []
        check = bool(self._task.check_mode)
        with database(data_source_of(inventory), "trunkline_tenants", read_only=check) as connection:
            if check:
                plan = make_plan(connection, report.compiled, keep=LINES)
                revision = plan.revision
            else:
                options = Options(guards=Guards.of_tenants(report.tenants), allowed=allowed, keep=LINES)
                applied = apply(connection, report.compiled, provenance_of(inventory), options)
                plan, revision = applied.plan, applied.revision
                if applied.changed:
                    _, late = wait_for_confirmations(connection, revision, deadline_s=wait_s)
                    missing = [str(service) for service in late]
        if missing:
            problems.append(f"revision {revision} was not confirmed by {', '.join(missing)}")
        return {
            "changed": plan.changed,
            "revision": revision,
            "counts": plan.count,
            "unconfirmed": missing,
            "warnings": problems,
            "diff": {"prepared": "\n".join(plan_lines(plan)) + "\n"} if plan.changed else {},
        }
