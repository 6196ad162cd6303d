"""Where an inventory comes from: the git commit, and who applies it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

AUTHOR_VARIABLE = "TRUNKLINE_AUTHOR"


@dataclass(frozen=True)
class Provenance:
    """Where a revision comes from.

    Args:
        git_commit: Hash of the inventory's commit, with ``+changes`` when files of it differ from that; None when it is
            not in a git repository.
        author: Who applies it.
    """

    git_commit: str | None
    author: str


def provenance_of(inventory: Path) -> Provenance:
    """Return the provenance of an inventory.

    The author is ``TRUNKLINE_AUTHOR``, else git's user, else the login name: in that order, because CI knows best.

    Args:
        inventory: Its folder.
    """
    commit = _git(inventory, "rev-parse", "HEAD")
    if commit and _git(inventory, "status", "--porcelain", "--", "."):
        commit += "+changes"
    return Provenance(commit or None, os.environ.get(AUTHOR_VARIABLE) or _git_user(inventory) or _login())


def _git_user(inventory: Path) -> str:
    name, mail = (_git(inventory, "config", f"user.{key}") for key in ("name", "email"))
    return f"{name} <{mail}>" if name and mail else name or mail


def _login() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _git(inventory: Path, *arguments: str) -> str:
    """Return what git says about a folder; empty when it has nothing to say, or is not installed."""
    if shutil.which("git") is None:
        return ""
    command = ["git", "-C", str(inventory), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout.strip() if done.returncode == 0 else ""
