"""Fixtures of this folder: those of all tests on a deployed platform, and phones of another make."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.interop.second_opinion import Maker, SecondPhones
from tests.support.deployed import DeployedPlatform
from tests.support.fixtures import phones, platform, pytest_runtest_makereport, pytest_runtest_setup

__all__ = ["phones", "platform", "pytest_runtest_makereport", "pytest_runtest_setup", "second_phone"]


@pytest_asyncio.fixture
async def second_phone(platform: DeployedPlatform) -> AsyncIterator[Maker]:
    """Give a maker of registered baresip phones; they are let go at the end."""
    made = SecondPhones(platform)
    try:
        yield made.make
    finally:
        await made.stop()
