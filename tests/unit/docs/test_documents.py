"""Documents point at what is there: files, headings, make targets, commands and their options."""

from __future__ import annotations

import functools
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from trunkline.cli.main import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "roles/*/README.md",
        "inventories/**/*.md",
        "requirements/*.md",
        "tests/**/*.md",
    )
    for path in ROOT.glob(pattern)
)
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
# A command stands in a code block of its own lines, or between backticks in a sentence.
COMMAND = re.compile(r"(?:^(?: {4}|\$ )?|`)((?:make|trunkline) [^`\n]*)", re.MULTILINE)
PATH_IN_TEXT = re.compile(r"`([a-z_.]+/[\w./-]+)`")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub and most others make it."""
    text = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    return {slug(line.lstrip("#")) for line in text.splitlines() if line.startswith("#")}


def commands(path: Path) -> Iterator[list[str]]:
    """Yield every ``make`` and ``trunkline`` command shown in a document, comments and placeholders' line ends off."""
    text = path.read_text(encoding="utf-8")
    for match in COMMAND.finditer(text):
        words = shlex.split(match.group(1), comments=True)
        cut = next((index for index, word in enumerate(words) if word in {"|", "&&", ">", ";"}), len(words))
        yield words[:cut]


@functools.cache
def make_targets() -> frozenset[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def check_trunkline(words: list[str]) -> None:
    """Follow the words through the command tree; every option must exist where it stands."""
    command: click.Command = cli
    for word in words[1:]:
        if word.startswith("-"):
            option = word.split("=")[0]
            known = {text for parameter in command.params for text in (*parameter.opts, *parameter.secondary_opts)}
            assert option in known | {"--help", "-h"}, f"{' '.join(words)}: no option {option}"
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"{' '.join(words)}: no command {word}"
            command = found


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), f"{name(path)} links to {link}"
        assert file.is_relative_to(ROOT), f"{name(path)} links out of the repository: {link}"
        if anchor:
            assert anchor in anchors(file), f"{name(path)} links to {link}, there is no such heading"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_commands_exist(path: Path) -> None:
    for words in commands(path):
        if words[0] == "make":
            for word in words[1:]:
                if "=" not in word and not word.startswith("-"):
                    assert word in make_targets(), f"{name(path)} shows {' '.join(words)}"
        else:
            check_trunkline(words)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_files_named_in_the_text_exist(path: Path) -> None:
    for found in PATH_IN_TEXT.findall(path.read_text(encoding="utf-8")):
        first = found.split("/")[0]
        if (ROOT / first).is_dir() and first not in {"build", ".venv"}:
            assert (ROOT / found).exists(), f"{name(path)} names {found}"


def test_every_command_of_the_table_can_be_loaded() -> None:
    for module in COMMANDS.values():
        assert isinstance(importlib.import_module(f"trunkline.cli.{module}").command, click.Command)


def test_every_command_has_a_place_in_the_documents() -> None:
    shown = {words[1] for path in DOCUMENTS for words in commands(path) if words[0] == "trunkline" and len(words) > 1}
    assert set(COMMANDS) <= shown


def test_every_document_is_reached_from_the_first_page() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for link in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
            target = (path.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_file():
                waiting.append(target)
    wanted = {path for path in DOCUMENTS if path.is_relative_to(ROOT / "docs")}
    assert wanted <= reached, sorted(name(path) for path in wanted - reached)


def test_no_document_names_this_workplace() -> None:
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        assert "/work/" not in text, name(path)
        assert "/tmp/" not in text, name(path)  # noqa: S108 - looked for, not used
