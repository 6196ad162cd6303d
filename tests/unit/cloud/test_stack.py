"""What a killed run leaves in the state, and how the next one goes on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trunkline.cloud.stack import Stack, _without_traceback
from trunkline.model.hosts import load

ROOT = Path(__file__).parents[3]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    monkeypatch.setenv("TRUNKLINE_STACK", "torn")
    return Stack(load(ROOT / "inventories/lab"), lambda _line: None)


def state(tmp_path: Path) -> Path:
    folder = tmp_path / "stacks/torn/pulumi/.pulumi/stacks/trunkline"
    folder.mkdir(parents=True)
    return folder


def test_a_torn_checkpoint_is_replaced_by_the_one_before(stack: Stack, tmp_path: Path) -> None:
    folder = state(tmp_path)
    (folder / "torn.json").write_text('{"version": 3, "chec')
    (folder / "torn.json.bak").write_text('{"version": 3}')
    (folder / "torn.json.attrs").touch()
    (folder / "torn.json.18ea.tmp").touch()
    stack._clear_torn_files()
    assert json.loads((folder / "torn.json").read_text()) == {"version": 3}
    assert sorted(path.name for path in folder.iterdir()) == ["torn.json", "torn.json.bak"]


def test_a_good_checkpoint_is_left_alone(stack: Stack, tmp_path: Path) -> None:
    folder = state(tmp_path)
    (folder / "torn.json").write_text('{"version": 3, "new": true}')
    (folder / "torn.json.bak").write_text('{"version": 3}')
    stack._clear_torn_files()
    assert json.loads((folder / "torn.json").read_text()) == {"version": 3, "new": True}


@pytest.mark.parametrize("content", ["", "{}", json.dumps({"pid": 4194304}), json.dumps({"pid": os.getpid()})])
def test_locks_of_dead_processes_and_of_strangers_are_removed(stack: Stack, tmp_path: Path, content: str) -> None:
    lock = tmp_path / "stacks/torn/pulumi/.pulumi/locks/organization/trunkline/torn/1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(content)
    stack._clear_locks()
    assert not lock.exists()


def test_the_passphrase_is_made_once_and_for_us_only(stack: Stack) -> None:
    file = Path(stack.environment()["PULUMI_CONFIG_PASSPHRASE_FILE"])
    first = file.read_text()
    assert len(first) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    stack.environment()
    assert file.read_text() == first


def test_errors_of_our_provider_lose_the_frames_around_them() -> None:
    raw = "Unexpected <class 'Exception'>: taken\n  remedy: choose:\n  File \"/x/server.py\", line 76, in w\n"
    assert _without_traceback(f"<{{%reset%}}>{raw}") == "taken\n  remedy: choose"
