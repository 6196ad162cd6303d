"""The example pipelines are YAML, and what they run exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.docs.test_documents import check_trunkline

FOLDER = Path(__file__).parents[3] / "docs/examples"
PIPELINES = sorted(FOLDER.glob("*.yml"))
_COMMAND = re.compile(r"\btrunkline [^|>&;\n]*")


def _scripts(value: Any) -> list[str]:
    """Return every text that a runner would execute, wherever it stands."""
    if isinstance(value, dict):
        own = [text for key in ("run", "script") for text in _lines(value.get(key))]
        return own + [text for inner in value.values() for text in _scripts(inner)]
    return [text for inner in value for text in _scripts(inner)] if isinstance(value, list) else []


def _lines(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.name)
def test_commands_of_example_pipelines_exist(pipeline: Path) -> None:
    scripts = _scripts(yaml.safe_load(pipeline.read_text("utf-8")))
    commands = [shlex.split(found) for text in scripts for found in _COMMAND.findall(text)]
    assert {words[1] for words in commands} == {"check", "plan", "apply", "drift"}
    assert any("--json" in words for words in commands if words[1] == "plan")
    for words in commands:
        check_trunkline(words)
    assert any("comment" in text for text in scripts)
