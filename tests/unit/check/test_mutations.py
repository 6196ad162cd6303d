"""10,000 broken inventories: each has an error with a place, or is right and compiles; never a traceback."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.support import mutations
from trunkline.compile import Infrastructure
from trunkline.pipeline import Inputs, compile_inventory
from trunkline.secrets import Passwords
from trunkline.source import Place, Problem

COUNT = 10_000
PORTION = 250
LONGEST = 1200  # characters of a message with its remedy


def test_each_has_a_located_error_or_is_right() -> None:
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        portions = [range(first, first + PORTION) for first in range(0, COUNT, PORTION)]
        found = list(pool.map(_portion, portions))
    wrong = [line for lines, _ in found for line in lines]
    assert wrong == []
    outcomes: Counter[str] = sum((counts for _, counts in found), Counter())
    assert outcomes.total() == COUNT
    # Both happen often, or the mutations are no test.
    assert min(outcomes["right"], outcomes["wrong"]) > COUNT // 10, outcomes


def _portion(numbers: range) -> tuple[list[str], Counter[str]]:
    """Return what is wrong with how some inventories are treated, and how many are right or wrong."""
    faults: list[str] = []
    outcomes: Counter[str] = Counter()
    for number in numbers:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            mutations.write(number, folder)
            try:
                outcomes[_treat(folder)] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, a person would see a traceback
                faults.append(f"inventory {number}: {type(error).__name__}: {error}")
    return faults, outcomes


def _treat(folder: Path) -> str:
    report = compile_inventory(folder, Inputs(Infrastructure(), Passwords("key", {})))
    for problem in report.problems:
        _look_at(folder, problem)
    if report.good:
        assert report.compiled is not None
        assert all(scope.rows.count() for scope in report.compiled.scopes.values())
        return "right"
    assert report.compiled is None
    return "wrong"


def _look_at(folder: Path, problem: Problem) -> None:
    """Assert that a problem can be read by a person, who then finds the place."""
    text = str(problem)
    assert problem.message, text
    assert len(text) < LONGEST, text
    assert text.replace("\n", "").isprintable(), text
    assert text.encode(), text
    assert _exists(folder, problem.place), text


def _exists(folder: Path, place: Place) -> bool:
    path = folder / place.file
    if not place.line:
        # A file that is missing is reported at its folder, one that cannot be read at its name.
        return os.path.lexists(path)
    raw = path.read_bytes()
    return 1 <= place.line <= raw.count(b"\n") + raw.count(b"\r") + 1 and place.column >= 1
