"""Where an inventory comes from."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from trunkline.plan import provenance_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Forget who we are outside of the test."""
    monkeypatch.delenv("TRUNKLINE_AUTHOR", raising=False)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-git-config"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "no-git-config"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Committer", "-c", "user.email=c@example.com")
    command = ["git", *identity, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_outside_of_git_the_login_name_is_the_author(tmp_path: Path) -> None:
    (tmp_path / "inventory").mkdir()
    provenance = provenance_of(tmp_path / "inventory")
    assert provenance.git_commit is None
    assert "@" in provenance.author


def test_the_commit_says_whether_it_is_the_whole_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = tmp_path / "repository" / "inventory"
    inventory.mkdir(parents=True)
    (inventory / "a.yml").write_text("a")
    _git(tmp_path, "init", "-q", "repository")
    _git(inventory, "config", "user.name", "Alice")
    _git(inventory, "config", "user.email", "alice@example.com")
    _git(inventory, "add", "a.yml")
    _git(inventory, "commit", "-qm", "one")
    commit = _git(inventory, "rev-parse", "HEAD")
    assert provenance_of(inventory).git_commit == commit
    assert provenance_of(inventory).author == "Alice <alice@example.com>"
    (inventory.parent / "elsewhere").write_text("not of the inventory")
    assert provenance_of(inventory).git_commit == commit
    (inventory / "a.yml").write_text("b")
    assert provenance_of(inventory).git_commit == f"{commit}+changes"
    monkeypatch.setenv("TRUNKLINE_AUTHOR", "pipeline 42")
    assert provenance_of(inventory).author == "pipeline 42"
