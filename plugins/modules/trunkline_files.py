"""Write many files of a host in one call: rendered by the action plugin of the same name, staged, checked, renamed."""

from __future__ import annotations

import base64
import shlex
import zlib
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: trunkline_files
short_description: Write the files of a role to a host, all in one call
description:
  - A task of its own per file costs half a second per host even when nothing changes. This action renders any number
    of templates on the controller and compares, checks and writes all of them in one call.
  - All files are staged and checked by their validators before the first one is put in place, so a broken
    file changes nothing. Every file is replaced by a rename.
options:
  files:
    description:
      - The files, in the order in which they are put in place.
      - The text of C(/etc/x/y.conf) comes from the role's template C(templates/etc/x/y.conf.j2), or from I(template)
        or I(content).
    required: true
    type: list
    elements: dict
    suboptions:
      path: {description: Absolute path on the host., required: true, type: path}
      template: {description: Path of the template below the role's templates folder., type: path}
      content: {description: The text itself., type: str}
      state:
        description: C(absent) removes a file, a link or an empty folder.
        choices: [file, directory, absent]
        default: file
        type: str
      owner: {description: Name of the owner., default: root, type: str}
      group: {description: Name of the group., default: root, type: str}
      mode: {description: Octal text; 0644 for files and 0755 for folders when it is not given., type: str}
      validate: {description: Command that checks the staged file, C(%s) is its path., type: str}
      secret: {description: Whether the text is kept out of diffs., default: false, type: bool}
"""

RETURN = r"""
changed_paths:
  description: What was written, changed or removed; handlers use it to find out whom it concerns.
  type: list
  returned: always
"""

FILE_OPTIONS = {
    "path": {"type": "path", "required": True},
    "payload": {"type": "str", "no_log": True},
    "state": {"type": "str", "choices": ["file", "directory", "absent"], "default": "file"},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
    "mode": {"type": "str"},
    "validate": {"type": "str"},
    "secret": {"type": "bool", "default": False},
}
HIDDEN = "(secret)\n"


class Files:
    """One call of the module: stage and check everything, then put it in place."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.changes: list[dict[str, Any]] = []
        self.changed_paths: list[str] = []
        self.staged: dict[str, Path] = {}

    def run(self, files: list[dict[str, Any]]) -> None:
        """Bring all files into their state, or fail before the first of them was touched."""
        for number, item in enumerate(files):
            if item["state"] == "file":
                self._stage(item, number)
        for item in files:
            getattr(self, f"_{item['state']}")(item, Path(item["path"]))

    def _stage(self, item: dict[str, Any], number: int) -> None:
        """Write the text next to nothing else and run its validator, when the host has another text or none."""
        text = zlib.decompress(base64.b64decode(item["payload"]))
        path = Path(item["path"])
        if path.is_dir():
            self.module.fail_json(msg=f"{path} is a folder, not a file")
        if path.is_file() and path.read_bytes() == text:
            return
        # A name of its own, with the ending of the target: some validators look at it.
        staged = Path(self.module.tmpdir) / f"{number}-{path.name}"
        staged.touch(mode=0o600)
        staged.write_bytes(text)
        self.staged[item["path"]] = staged
        if item["validate"]:
            self._validate(item, staged)

    def _validate(self, item: dict[str, Any], staged: Path) -> None:
        command = shlex.split(item["validate"])
        if "%s" not in item["validate"]:
            self.module.fail_json(msg=f"validate of {item['path']} has no %s: {item['validate']}")
        if self.module.check_mode and self.module.get_bin_path(command[0]) is None:
            return  # a first run in check mode: the package that brings the validator is not installed
        code, out, err = self.module.run_command([part.replace("%s", str(staged)) for part in command])
        if code != 0:
            self.module.fail_json(
                msg=f"{item['path']} is not accepted by `{item['validate']}`, nothing was changed:\n{out}{err}"
            )

    def _file(self, item: dict[str, Any], path: Path) -> None:
        staged = self.staged.get(item["path"])
        before = ""
        if staged is not None:
            if path.is_file() and not item["secret"]:
                before = path.read_text(errors="replace")
            if not self.module.check_mode:
                self._put(item, staged, path)
            self._changed(item, before, content=not item["secret"])
        elif self._attributes(item, path, "0644"):
            self._changed(item, "(attributes)\n", content=False)

    def _put(self, item: dict[str, Any], staged: Path, path: Path) -> None:
        """Copy the staged text beside its target, closed to others until owner and mode are right, and rename it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        try:
            new.write_bytes(staged.read_bytes())
            self._attributes(item, new, "0644")
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)

    def _directory(self, item: dict[str, Any], path: Path) -> None:
        new = not path.is_dir()
        if new and not self.module.check_mode:
            path.mkdir(parents=True)
        if (new and self.module.check_mode) or self._attributes(item, path, "0755") or new:
            self._changed(item, "(absent)\n" if new else "(attributes)\n", content=False)

    def _absent(self, item: dict[str, Any], path: Path) -> None:
        if not path.exists() and not path.is_symlink():
            return
        before = path.read_text(errors="replace") if path.is_file() and not item["secret"] else "(present)\n"
        if not self.module.check_mode:
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()
        self._changed(item, before, content=False, after="")

    def _attributes(self, item: dict[str, Any], path: Path, mode: str) -> bool:
        wanted = {"path": str(path), "owner": item["owner"], "group": item["group"], "mode": item["mode"] or mode}
        return bool(self.module.set_fs_attributes_if_different(self.module.load_file_common_arguments(wanted), False))

    def _changed(self, item: dict[str, Any], before: str, *, content: bool, after: str = "(written)\n") -> None:
        self.changed_paths.append(item["path"])
        self.changes.append(
            {
                "path": item["path"],
                "before": HIDDEN if item["secret"] else before,
                "after": "(new secret)\n" if item["secret"] else after,
                "content": content,
            }
        )


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"files": {"type": "list", "elements": "dict", "required": True, "options": FILE_OPTIONS}},
        supports_check_mode=True,
    )
    files = Files(module)
    try:
        files.run(module.params["files"])
    except OSError as error:
        module.fail_json(msg=str(error), changed_paths=files.changed_paths)
    module.exit_json(changed=bool(files.changed_paths), changed_paths=files.changed_paths, changes=files.changes)


if __name__ == "__main__":
    main()
