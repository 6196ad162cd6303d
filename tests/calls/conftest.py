"""The platform, its records, and the batch that runs all chosen cases in one event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.calls.case import Batch, Case
from tests.calls.client_tenants import clients
from tests.calls.lab import Lab
from tests.calls.outside import Outside, OutsideBatch, OutsideCase, outside_of
from tests.calls.records import Records


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker for the few cases that every shape of a platform has to pass."""
    config.addinivalue_line("markers", "smoke: a case that every shape of a platform has to pass")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lab() -> Lab:
    """The platform of the inventory."""
    return await Lab.open()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def records(lab: Lab) -> AsyncIterator[Records]:
    """The call records of the platform."""
    made = Records(lab.dsn)
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def batch(lab: Lab, records: Records, request: pytest.FixtureRequest) -> AsyncIterator[Batch]:
    """All chosen cases, already running."""
    chosen = [
        case
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        if isinstance(case := item.callspec.params.get("case"), Case)
    ]
    made = Batch(lab, records, chosen)
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def outside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    """Scripted carriers and DDI providers, and the tenants that know them."""
    async with outside_of(tmp_path_factory.mktemp("outside"), clients) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def outside_batch(
    outside: Outside, records: Records, request: pytest.FixtureRequest
) -> AsyncIterator[OutsideBatch]:
    """All chosen cases with the outside, already running."""
    chosen = [
        case
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        if isinstance(case := item.callspec.params.get("outside_case"), OutsideCase)
    ]
    async with OutsideBatch(outside, records, chosen) as made:
        yield made
