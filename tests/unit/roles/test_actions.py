"""Our own actions, run by Ansible on this machine: files are checked before any changes, secrets stay out of diffs.

Ansible takes seconds to start, so all tasks run in two plays, one of them in check mode, before the tests look.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
OWNER = {"owner": Path.home().owner(), "group": Path.home().group()}
KEY = {"path": "key", "secret": True, "mode": "0600"}
SEVERAL: list[dict[str, Any]] = [
    {"path": "a.conf"},
    {"path": "deep/er/b.conf", "content": "b\n", "mode": "0640"},
    {"path": "folder", "state": "directory", "mode": "0750"},
]


@dataclass(frozen=True)
class Run:
    """What a play left: results by the name of the task, everything Ansible printed, the folder with the files."""

    results: dict[str, dict[str, Any]]
    output: str
    target: Path

    def changed(self, name: str) -> list[str]:
        """Return the changed paths of a task, relative to the folder."""
        return [str(Path(path).relative_to(self.target)) for path in self.results[name]["changed_paths"]]


def run(folder: Path, tasks: dict[str, dict[str, Any]], *options: str) -> Run:
    """Run tasks (name -> action and arguments) in one play on this machine."""
    target = folder / "target"
    template = folder / "templates" / str(target).lstrip("/") / "a.conf.j2"
    template.parent.mkdir(parents=True)
    template.write_text("# {{ ansible_managed }}\nhost {{ inventory_hostname }}\n")
    steps: list[dict[str, Any]] = []
    for name, action in tasks.items():
        for item in action.get("trunkline_files", {}).get("files", []):
            item["path"] = item["path"].replace("TARGET", str(target))
        steps.append({"name": name, **action, "register": name, "ignore_errors": True})
    content = "{{ {" + ", ".join(f"'{name}': {name}" for name in tasks) + "} | to_json }}"
    keep = {"content": content, "dest": str(folder / "results.json"), "mode": "0600"}
    steps.append({"name": "Keep", "ansible.builtin.copy": keep, "check_mode": False, "diff": False})
    play = [{"name": "Test", "hosts": "localhost", "gather_facts": False, "connection": "local", "tasks": steps}]
    (folder / "play.yml").write_text(yaml.safe_dump(play))
    ansible = str(Path(sys.executable).parent / "ansible-playbook")
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "TRUNKLINE_CACHE": str(folder / "cache"),
    }
    command = [ansible, "-i", "localhost,", "--diff", *options, str(folder / "play.yml")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert (folder / "results.json").exists(), output
    return Run(json.loads((folder / "results.json").read_text()), output, target)


def files(*items: dict[str, Any]) -> dict[str, Any]:
    """Return a task that writes files below the folder of the test."""
    return {"trunkline_files": {"files": [{**OWNER, **item, "path": f"TARGET/{item['path']}"} for item in items]}}


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return what a play that may change things did."""
    bad = {"path": "bad", "content": "bad\n", "validate": "grep -q good %s"}
    tasks = {
        "first": files(*SEVERAL),
        "again": files(*SEVERAL),
        "rejected": files({"path": "good", "content": "good\n"}, bad),
        "secret": files({**KEY, "content": "first-hidden\n"}),
        "other_secret": files({**KEY, "content": "other-hidden\n"}),
        "mode": files({**SEVERAL[1], "mode": "0600"}),
        "absent": files(
            {"path": "a.conf", "state": "absent"},
            {"path": "folder", "state": "absent"},
            {"path": "c", "state": "absent"},
        ),
        "relative": {"trunkline_files": {"files": [{"path": "etc/x", "content": ""}]}},
        "packages": {"trunkline_packages": {"name": ["dpkg", "dpkg=1.*"]}},
    }
    return run(tmp_path_factory.mktemp("play"), tasks)


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return what a play in check mode said."""
    tasks = {
        "files": files(*SEVERAL),
        "packages": {"trunkline_packages": {"name": ["dpkg", "dpkg=0.*", "no-such-package-of-debian"]}},
    }
    return run(tmp_path_factory.mktemp("check"), tasks, "--check")


def test_files_are_written_once(play: Run) -> None:
    assert play.changed("first") == ["a.conf", "deep/er/b.conf", "folder"]
    assert play.changed("again") == []
    assert not play.results["again"]["changed"]


def test_a_template_of_the_same_path_is_rendered(play: Run) -> None:
    assert "+host localhost" in play.output
    assert "+# Written by Ansible from the template" in play.output


def test_one_file_that_is_not_accepted_changes_none(play: Run) -> None:
    assert play.results["rejected"]["failed"]
    assert "nothing was changed" in play.results["rejected"]["msg"]
    assert not (play.target / "good").exists()


def test_a_secret_is_written_and_nowhere_else(play: Run) -> None:
    assert (play.target / "key").read_text() == "other-hidden\n"
    assert (play.target / "key").stat().st_mode & 0o777 == 0o600
    assert play.changed("other_secret") == ["key"]
    assert "-hidden" not in json.dumps(play.results) + play.output


def test_a_mode_that_differs_is_a_change(play: Run) -> None:
    assert play.changed("mode") == ["deep/er/b.conf"]
    assert (play.target / "deep/er/b.conf").stat().st_mode & 0o777 == 0o600


def test_what_is_to_be_absent_goes(play: Run) -> None:
    assert play.changed("absent") == ["a.conf", "folder"]
    assert sorted(path.name for path in play.target.iterdir()) == ["deep", "key"]


def test_a_relative_path_is_refused(play: Run) -> None:
    assert "absolute path" in play.results["relative"]["msg"]


def test_packages_that_are_there_are_left_alone(play: Run) -> None:
    assert not play.results["packages"]["changed"]
    assert play.results["packages"]["versions"]["dpkg"].startswith("1.")


def test_check_mode_shows_the_difference_and_writes_nothing(check: Run) -> None:
    assert check.results["files"]["changed"]
    assert "+host localhost" in check.output
    assert not check.target.exists()


def test_check_mode_names_the_packages_that_are_missing(check: Run) -> None:
    assert check.results["packages"]["changed"]
    assert check.results["packages"]["missing"] == ["dpkg=0.*", "no-such-package-of-debian"]
