#!/usr/bin/env python3
"""Run the tests of the project: every stage, one summary, exit code 0 only if nothing failed.

    tools/run_tests.py            all stages but bench, which measures and does not test
    tools/run_tests.py STAGE ...  some of them, for example lint unit roles calls bench

A stage is a list of steps; a step is a command. What pytest runs is counted test by test (from its JUnit report),
any other step counts as one. A stage that builds a platform takes it away again, whatever happened. Logs of all steps
stay in ``build/test-logs``; of a failed step the end is shown. Only the standard library is used here: the runner must
be able to say what is wrong with the environment of the rest.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test-logs"
BIN = ROOT / ".venv" / "bin"
# Hosts of a test never meet those of a person or of another clone on the same machine.
STACK = "test-" + hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]
TAIL_LINES = 150
# Stages that run only when they are named.
NOT_TESTS = ("bench",)
# Stages that run side by side: each keeps one processor busy, and they have nothing in common.
TOGETHER = ("unit", "database")
_print_lock = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Step:
    """One command of a stage.

    Attributes:
        name: What a reader of the summary sees.
        command: The argument list, run in the root of the repository.
        environment: Variables on top of the runner's own.
        always: Run even when an earlier step of the stage failed (to take things away again).
        required: When it fails, the steps after it that are not ``always`` are not run and count as failed.
        shown: The end of its log is shown also when it did not fail: it is what the step is run for.
    """

    name: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    always: bool = False
    required: bool = False
    shown: bool = False


@dataclasses.dataclass
class Result:
    """What a step came to: counts of tests, seconds of wall time."""

    stage: str
    step: Step
    passed: int
    failed: int
    skipped: int
    seconds: float


def tool(name: str) -> str:
    """Return the path of a program of our Python environment."""
    return str(BIN / name)


def pytest(name: str, *paths: str) -> Step:
    """Return a step that runs pytest over some folders."""
    return Step(name, (tool("pytest"), "-q", *paths))


def scripts() -> tuple[str, ...]:
    """Return the shell scripts under version control, found by their first line."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = []
    for name in listed.splitlines():
        path = ROOT / name
        if path.is_file() and not path.suffix:
            with path.open("rb") as file:
                if file.readline().rstrip() in {b"#!/usr/bin/env bash", b"#!/bin/sh", b"#!/bin/bash"}:
                    found.append(name)
    return tuple(found)


def platform(inventory: str, suffix: str, *steps: Step, up: Step | None = None) -> list[Step]:
    """Return steps that bring a platform up, use it, and take it away, under a stack name of its own."""
    up = up or Step("up", (tool("trunkline"), "up", "-i", inventory))
    stack = (("TRUNKLINE_STACK", f"{STACK}-{suffix}"), ("TRUNKLINE_INVENTORY", inventory))
    own = [dataclasses.replace(step, environment=(*stack, *step.environment)) for step in steps]
    return [
        dataclasses.replace(up, environment=stack, required=True),
        *own,
        Step("down", (tool("trunkline"), "down", "--forget", "-i", inventory), stack, always=True),
    ]


def stages() -> dict[str, list[Step]]:
    """Return every stage in the order in which they run, what fails fastest first."""
    return {
        "lint": [
            Step("ruff check", (tool("ruff"), "check", ".")),
            Step("ruff format", (tool("ruff"), "format", "--check", ".")),
            Step("mypy --strict", (tool("mypy"),)),
            Step("yamllint", (tool("yamllint"), "--strict", ".")),
            Step("ansible-lint", (tool("ansible-lint"), "--offline", "--profile", "production")),
            Step("shellcheck", ("shellcheck", *scripts())),
        ],
        "unit": [pytest("unit and property tests", "tests/unit"), pytest("Pulumi mocks and policies", "tests/pulumi")],
        "database": [pytest("migrations, plan and apply", "tests/database")],
        "machines": [Step("Pulumi CLI and root file system", (tool("trunkline"), "stack", "prepare"), required=True)],
        "lab": [pytest("hosts on this machine", "tests/lab")],
        "render": [pytest("configurations and their binaries", "tests/render")],
        "roles": [Step("Molecule", (str(ROOT / "tools" / "molecule-all"),))],
        "calls": platform(
            "inventories/staging",
            "calls",
            pytest("platform", "tests/platform"),
            pytest("calls", "tests/calls"),
            pytest("faults", "tests/faults"),
            pytest("calls with another make of phone", "tests/interop"),
        ),
        "single": platform(
            "inventories/single",
            "single",
            pytest("calls on one host", "tests/calls", "-m", "smoke"),
            up=pytest("up, interrupted and repeated", "tests/interruption"),
        ),
        "bench": platform(
            "tests/bench/inventory", "bench", Step("ratios", (tool("python"), "-m", "tests.bench"), shown=True)
        ),
    }


def say(text: str) -> None:
    """Print lines at once, and together: two stages may run side by side."""
    with _print_lock:
        print(text, flush=True)


def run(step: Step, stage: str) -> Result:
    """Run one step, show how it ended, and keep its output."""
    slug = "".join(c if c.isalnum() else "-" for c in f"{stage}-{step.name}".lower())
    log, report = LOGS / f"{slug}.log", LOGS / f"{slug}.xml"
    command = list(step.command)
    if command[0] == tool("pytest"):
        command.append(f"--junitxml={report}")
    environment = {**os.environ, **dict(step.environment), "PATH": f"{BIN}:{os.environ['PATH']}"}
    say(f"  {step.name} ...")
    start = time.monotonic()
    with log.open("wb") as output:
        code = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        ).returncode
    seconds = time.monotonic() - start
    passed, failed, skipped = count(report, code)
    said = [f"  {step.name}: {passed} passed, {failed} failed, {skipped} skipped in {seconds:.0f} s"]
    if failed or step.shown:
        lines = log.read_text(errors="replace").splitlines()
        said.append(f"--- {log.relative_to(ROOT)}, the last {min(TAIL_LINES, len(lines))} of {len(lines)} lines")
        said += [*lines[-TAIL_LINES:], "---"]
    say("\n".join(said))
    return Result(stage, step, passed, failed, skipped, seconds)


def count(report: Path, code: int) -> tuple[int, int, int]:
    """Return (passed, failed, skipped) of one step.

    A skipped test is shown; a pytest run that exits with an error although no test failed (nothing collected, a crash)
    counts as one failure.
    """
    if not report.exists():
        return (1, 0, 0) if code == 0 else (0, 1, 0)
    total = failed = skipped = 0
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - our own report
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    if code != 0 and failed == 0:
        failed, total = 1, total + 1
    return total - failed - skipped, failed, skipped


def run_stage(stage: str, steps: list[Step]) -> list[Result]:
    """Run the steps of one stage in order."""
    say(stage)
    results: list[Result] = []
    broken = False
    for step in steps:
        if broken and not step.always:
            results.append(Result(stage, step, 0, 1, 0, 0.0))
            say(f"  {step.name}: not run, a step before it failed")
            continue
        result = run(step, stage)
        results.append(result)
        broken = broken or (step.required and result.failed > 0)
    return results


def run_stages(chosen: list[str], known: dict[str, list[Step]]) -> list[Result]:
    """Run stages in order, neighbours of `TOGETHER` side by side; return the results in order."""
    results: list[Result] = []
    for together, names in itertools.groupby(chosen, key=TOGETHER.__contains__):
        with ThreadPoolExecutor(len(TOGETHER) if together else 1) as threads:
            for found in threads.map(lambda name: run_stage(name, known[name]), names):
                results += found
    return results


def main(arguments: list[str]) -> int:
    """Run the named stages, or all; print the summary; return the exit code."""
    known = stages()
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print(f"error: no stage {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    LOGS.mkdir(parents=True, exist_ok=True)
    for old in LOGS.iterdir():
        old.unlink()
    start = time.monotonic()
    chosen = arguments or [name for name in known if name not in NOT_TESTS]
    # Two runs on one machine clean each other's folders away when they share pytest's.
    with tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True) as temporary:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = temporary
        results = run_stages(chosen, known)
    print(f"\n{'stage':<10}{'step':<40}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}")
    for result in results:
        print(
            f"{result.stage:<10}{result.step.name:<40}{result.passed:>8}{result.failed:>8}{result.skipped:>8}"
            f"{result.seconds:>9.0f}"
        )
    passed, failed, skipped = (sum(getattr(r, key) for r in results) for key in ("passed", "failed", "skipped"))
    print(f"in all {time.monotonic() - start:.0f} s\n")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
