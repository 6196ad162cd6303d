"""Measure a platform that is up: ``python -m tests.bench``, called by ``make bench``.

    python -m tests.bench                 all comparisons
    python -m tests.bench proxy call ...  some of them: proxy call second first
    python -m tests.bench --keep          writes the table to tests/bench/RESULTS.md as well
    python -m tests.bench tenants ...     the engine of tenants, which needs no platform: see tests/bench/tenants.py
    python -m tests.bench routing ...     the selection of routes, which needs none either: see tests/bench/routing.py

The platform is the one of the environment (TRUNKLINE_INVENTORY, TRUNKLINE_STACK); services on its hosts are stopped and
started, and load goes to its own hosts only. Exit code 0 when everything could be measured, whatever came out.
"""

from __future__ import annotations

import argparse
import os
import platform as machine
import signal
import sys
import time
from pathlib import Path

import click

from tests.bench import calls, deployment, routing, tenants
from tests.bench.remote import BenchmarkError
from tests.bench.table import Row, table
from tests.support.deployed import CommandFailedError, DeployedPlatform

COMPARISONS = {
    "proxy": calls.proxy_alone,
    "call": calls.whole_call,
    "second": deployment.second_run,
    "first": deployment.first_run,
}
RESULTS = Path(__file__).parent / "RESULTS.md"


def say(text: str) -> None:
    """Print a line at once."""
    click.echo(text)
    sys.stdout.flush()


def main() -> int:
    """Run the command line; return the exit code."""
    if sys.argv[1:2] == ["tenants"]:
        return tenants.main(sys.argv[2:])
    if sys.argv[1:2] == ["routing"]:
        return routing.main(sys.argv[2:])
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("comparison", nargs="*", help=f"some of: {' '.join(COMPARISONS)}")
    parser.add_argument("--keep", action="store_true", help=f"write the table to {RESULTS.name} as well")
    options = parser.parse_args()
    unknown = set(options.comparison) - set(COMPARISONS)
    if unknown:
        parser.error(f"no comparison {', '.join(sorted(unknown))}; there are {', '.join(COMPARISONS)}")
    # Whoever ends us wants the platform's own services back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    measured = DeployedPlatform.of_environment()
    rows: list[Row] = []
    failed: list[str] = []
    for name in options.comparison or COMPARISONS:
        say(f"{name}:")
        begin = time.monotonic()
        try:
            rows += COMPARISONS[name](measured, say)
        except (BenchmarkError, CommandFailedError, AssertionError) as error:
            failed.append(name)
            say(f"  could not be measured: {error}")
        say(f"  {time.monotonic() - begin:.0f} s")
    text = table(rows)
    say(f"\n{text}")
    if options.keep and not failed:
        head = (
            f"# Results of one run\n\n{time.strftime('%Y-%m-%d')}, {os.cpu_count()} processors shared by all hosts and "
            f"the load, {machine.system()} {machine.release()}. A ratio says how many times as good ours is; compare "
            "ratios, not numbers: both sides were measured in turn, and a ratio is the median of those of the rounds. "
            "A rate counts when no call fails at it.\n\n"
        )
        RESULTS.write_text(head + text + "\n", encoding="utf-8")
    for name in failed:
        say(f"not measured: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
