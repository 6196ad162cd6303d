"""Action ``trunkline_files``: render the templates of a role here, then hand all files to the host in one call."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template


class ActionModule(ActionBase):
    """Write many files of a host with one round trip. Documented in plugins/modules/trunkline_files.py."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Render every file, run the module, and build the diff from what it found."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        contents: dict[str, str] = {}
        files = [self._finish(dict(item), task_vars or {}, contents) for item in arguments.pop("files", [])]
        answer: dict[str, Any] = self._execute_module(
            module_name="trunkline_files", module_args={**arguments, "files": files}, task_vars=task_vars
        )
        answer.pop("invocation", None)
        answer["diff"] = [
            {
                "before_header": change["path"],
                "after_header": change["path"],
                "before": change["before"],
                "after": contents.get(change["path"], change["after"]) if change["content"] else change["after"],
            }
            for change in answer.pop("changes", [])
        ]
        return answer

    def _finish(self, item: dict[str, Any], task_vars: dict[str, Any], contents: dict[str, str]) -> dict[str, Any]:
        """Turn one entry of the task into one of the module: the text of a file instead of its template."""
        path, state = item.get("path"), item.get("state", "file")
        if not isinstance(path, str) or not path.startswith("/"):
            raise AnsibleActionFail(f"trunkline_files: each file needs an absolute path, not {path!r}")
        template = item.pop("template", None)
        text = item.pop("content", None)
        if state == "file":
            if text is None:
                text = self._render(template or f"{path.lstrip('/')}.j2", task_vars)
            contents[path] = str(text)
            item["payload"] = base64.b64encode(zlib.compress(str(text).encode())).decode()
        return item

    def _render(self, template: str, task_vars: dict[str, Any]) -> str:
        """Render a template of the role as ``ansible.builtin.template`` does; includes are found beside it."""
        source = self._find_needle("templates", template)
        folders = [str(Path(source).parent)]
        for folder in task_vars.get("ansible_search_path", []):
            folders += [f"{folder}/templates", folder]
        managed = f"Written by Ansible from the template {template}; changes here are lost."
        variables = {"ansible_managed": managed, **task_vars}
        templar = self._templar.copy_with_new_env(searchpath=folders, available_variables=variables)
        text = trust_as_template(self._loader.get_text_file_contents(source))
        return str(templar.template(text, escape_backslashes=False, overrides={"trim_blocks": True}))
