"""Say which Debian packages are missing, by one question to dpkg."""

from __future__ import annotations

import fnmatch
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: trunkline_packages
short_description: Install Debian packages, quickly when they are there
description:
  - M(ansible.builtin.apt) reads the lists of all packages of Debian to find out that nothing has to be done, half a
    second of work on every host. This action asks dpkg, and calls M(ansible.builtin.apt) only for what is missing.
  - Fetches the package lists when something is missing and there are none, or they are older than a day.
  - In check mode nothing is fetched or installed, so it works on a host without package lists.
options:
  name:
    description: Names of packages, also with a version, for example C(asterisk=22.*).
    required: true
    type: list
    elements: str
notes:
  - Other options (I(default_release), I(install_recommends), I(update_cache), ...) are those of M(ansible.builtin.apt);
    recommended packages are not installed unless asked for.
"""

RETURN = r"""
missing:
  description: What was not installed before, in the words of the task.
  type: list
  returned: always
versions:
  description: Installed version of each package after the task; empty for one that is not installed (check mode).
  type: dict
  returned: always
"""

LISTS = Path("/var/lib/apt/lists")


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"name": {"type": "list", "elements": "str", "required": True}}, supports_check_mode=True
    )
    wanted = {text: text.partition("=") for text in module.params["name"]}
    command = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status} ${Version}\n"]
    # Exit code 1 says that some are unknown; those have no line.
    _, out, _ = module.run_command([*command, *sorted({name for name, _, _ in wanted.values()})])
    installed = {}
    for line in out.splitlines():
        name, status, version = (*line.split(" "), "")[:3]
        if status == "installed":
            installed[name] = version
    missing = [
        text
        for text, (name, _, version) in wanted.items()
        if name not in installed or not fnmatch.fnmatchcase(installed[name], version or "*")
    ]
    times = [path.stat().st_mtime for path in LISTS.glob("*Packages*")]
    age = max(0, int(time.time() - max(times))) if times else None
    versions = {name: installed.get(name, "") for name, _, _ in wanted.values()}
    module.exit_json(changed=False, missing=missing, lists_age_seconds=age, versions=versions)


if __name__ == "__main__":
    main()
