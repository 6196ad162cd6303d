"""``trunkline up`` is ended at every stage, begins again where it stopped, and has nothing to do in the end.

In the order of the file; the platform is the one that the environment names, and it stays.
"""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from tests.support.deployed import BIN, ROOT, run
from tests.support.interruption import interrupted

INVENTORY = os.environ.get("TRUNKLINE_INVENTORY", "inventories/lab")
UP = ("trunkline", "up", "-i", INVENTORY)
SECONDS = 1200


def up() -> Any:
    """Run it to its end, and return what it says as JSON."""
    return run([BIN / "trunkline", "up", "-i", ROOT / INVENTORY, "--json"], seconds=SECONDS).json()


@pytest.mark.parametrize(
    ("at", "by"),
    [
        (r"create Host", signal.SIGKILL),
        (r"Prepare every host", signal.SIGINT),
        (r"Set up the application servers", signal.SIGKILL),
        (r"Apply the tenants", signal.SIGTERM),
        (r"A call that proves it", signal.SIGINT),
    ],
)
def test_it_may_be_interrupted(at: str, by: signal.Signals) -> None:
    said = interrupted(UP, at=at, signal=by)
    assert "Traceback" not in said


def test_it_goes_on_and_proves_a_call() -> None:
    document = up()
    assert document["proof"]["proven"] is True
    assert document["record"]["reason"] == "answered"


def test_a_further_run_has_nothing_to_do() -> None:
    document = up()
    assert {host: count for host, count in document["changed"].items() if count} == {}
    assert set(document["changed"]) >= set(document["hosts"])
    assert document["proof"]["proven"] is True
