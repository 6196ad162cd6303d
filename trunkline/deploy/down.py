"""Take a platform away: its machines, networks and rules; the cache stays, secrets too unless told otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path

from trunkline.cloud.stack import Stack
from trunkline.deploy.progress import Stages
from trunkline.model.hosts import load
from trunkline.paths import stack_root


def take_down(inventory: Path, *, quiet: bool, forget: bool = False) -> None:
    """Remove the machines and networks of a platform, also of one that was interrupted anywhere.

    Args:
        inventory: Folder of the inventory.
        quiet: Print nothing.
        forget: Remove the platform's secrets, certificate authority and logs too.

    Raises:
        PlatformError: Something of it could not be removed; it is named.
    """
    platform = load(inventory)
    stages = Stages(1, stack_root(platform.stack) / "logs", quiet=quiet)
    with stages.stage(f"Removing the machines of the platform {platform.stack}"):
        Stack(platform, stages.detail).destroy()
    if forget and stack_root(platform.stack).exists():
        shutil.rmtree(stack_root(platform.stack))
