"""Removing a relay: drained before, left alone when it still carries calls. A program of ours stands in for ssh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trunkline.cloud.drain import drain_leaving
from trunkline.errors import PlatformError
from trunkline.model.hosts import Platform
from trunkline.paths import outputs_file

PLATFORM = Platform.model_validate(
    {"platform": "draintest", "provider": "lab", "hosts": {"mr1": {"groups": ["media_relays"]}}}
)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three hosts are up, one of them declared; ssh ends with the code in a file named after host and verb."""
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    monkeypatch.delenv("TRUNKLINE_STACK", raising=False)
    outputs = {
        "stack": "draintest",
        "provider": "lab",
        "networks": {},
        "hosts": {name: {"internal": f"192.0.2.{number}"} for number, name in enumerate(("mr1", "mr2", "ua1"), 1)},
        "controllers": [],
    }
    outputs_file("draintest").parent.mkdir(parents=True)
    outputs_file("draintest").write_text(json.dumps(outputs))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ssh").write_text(
        "#!/bin/sh\n"
        'for last; do :; done; for word; do case "$word" in root@*) host="${word#root@}";; esac; done\n'
        f'verb="$(echo "$last" | sed "s/.*relay //; s/ .*//")"; echo "$host $verb" >> {tmp_path}/asked\n'
        f'exit "$(cat "{tmp_path}/$host-$verb" 2>/dev/null || echo 0)"\n'
    )
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    (tmp_path / "192.0.2.3-refuse").write_text("127")  # the phones' host has no relay
    return tmp_path / "asked"


def test_a_relay_that_leaves_is_drained_and_others_are_not_asked(asked: Path) -> None:
    said: list[str] = []
    drain_leaving(PLATFORM, said.append, 5)
    assert asked.read_text().splitlines() == ["192.0.2.2 refuse", "192.0.2.2 wait", "192.0.2.3 refuse"]
    assert said == ["drain mr2: no new calls, waiting up to 5 s for the last one"]


def test_calls_that_are_left_keep_the_machine(asked: Path) -> None:
    (asked.parent / "192.0.2.2-wait").write_text("3")
    with pytest.raises(PlatformError, match="mr2 still carries calls after 5 seconds"):
        drain_leaving(PLATFORM, lambda _line: None, 5)


def test_a_host_that_is_gone_is_no_obstacle(asked: Path) -> None:
    for host in ("192.0.2.2", "192.0.2.3"):
        (asked.parent / f"{host}-refuse").write_text("255")
    drain_leaving(PLATFORM, lambda _line: None, 5)
    assert asked.read_text().splitlines() == ["192.0.2.2 refuse", "192.0.2.3 refuse"]


def test_a_stack_that_is_not_up_has_nothing_to_drain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path))
    drain_leaving(PLATFORM, lambda _line: None)
