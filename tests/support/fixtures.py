"""Fixtures and hooks of all tests on a deployed platform; a conftest.py imports what it needs."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from tests.support.deployed import CommandFailedError, DeployedPlatform
from tests.support.phones import Phones, phones_of
from trunkline.plan import ALLOWANCES

# What a test made may go again, whatever it was and whoever still calls.
ALLOWED = tuple(word for allowance in ALLOWANCES for word in ("--allow", allowance))
BODY_LIMIT = 20000  # characters of a ladder in a report
_STARTED = pytest.StashKey[float]()


@pytest.fixture(scope="session")
def platform() -> DeployedPlatform:
    """Return the platform that the environment names; without one every test fails."""
    return DeployedPlatform.of_environment()


@pytest_asyncio.fixture
async def phones(platform: DeployedPlatform) -> AsyncIterator[Phones]:
    """Give a maker of phones."""
    async with phones_of(platform) as made:
        yield made


class Edited:
    """A copy of the inventory that a test edits, and that stands for the engineer's next version of it.

    Args:
        platform: The platform as it is declared.
        folder: Where the copy goes.
    """

    def __init__(self, platform: DeployedPlatform, folder: Path) -> None:
        self.folder = folder / "inventory"
        shutil.copytree(platform.inventory, self.folder)

    @property
    def platform(self) -> DeployedPlatform:
        """The same platform, seen through the copy as it is now."""
        return DeployedPlatform(self.folder)

    def edit(self, file: str, change: Callable[[Any], None]) -> DeployedPlatform:
        """Change a YAML file of the copy and return the platform seen through it."""
        self.write(file, change)
        return self.platform

    def write(self, file: str, change: Callable[[Any], None]) -> None:
        """Change a YAML file of the copy, also to something that is wrong."""
        path = self.folder / file
        data: MutableMapping[str, Any] = yaml.safe_load(path.read_text())
        change(data)
        path.write_text(yaml.safe_dump(data, sort_keys=False))


@pytest.fixture
def edited(platform: DeployedPlatform, tmp_path: Path) -> Iterator[Edited]:
    """Give an editable copy of the inventory; afterwards the declared one is applied again."""
    copy = Edited(platform, tmp_path)
    try:
        yield copy
    finally:
        platform.trunkline("apply", *ALLOWED)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember when a test began."""
    item.stash[_STARTED] = time.time()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Add the SIP ladder and the journals of the platform's services to the report of a failed test."""
    outcome: Any = yield
    report: pytest.TestReport = outcome.get_result()
    if not report.failed or call.when != "call":
        return
    arguments: dict[str, Any] = getattr(item, "funcargs", {})
    phones = arguments.get("phones")
    if isinstance(phones, Phones):
        report.sections.append(("SIP ladder", phones.ladder()[-BODY_LIMIT:]))
    platform = arguments.get("platform") or (phones.platform if isinstance(phones, Phones) else None)
    if isinstance(platform, DeployedPlatform):
        try:
            said = platform.journal(item.stash[_STARTED] - 1)
        except (CommandFailedError, OSError) as error:
            said = str(error)
        report.sections.append(("journals", said))
