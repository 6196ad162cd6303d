"""Measure a platform that is up: ``python -m tests.bench``, called by ``make bench``.

    python -m tests.bench                 all comparisons
    python -m tests.bench proxy call ...  some of them: proxy call trunks wholesale second first
    python -m tests.bench --keep          writes the tables to tests/bench/RESULTS.md as well; of some comparisons it
                                          writes their sections and leaves the rest of the file as it is
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

from tests.bench import calls, deployment, outside, routing, tenants
from tests.bench.remote import BenchmarkError
from tests.bench.table import section, sections_replaced, table
from tests.support.deployed import CommandFailedError, DeployedPlatform

COMPARISONS = {
    "proxy": calls.proxy_alone,
    "call": calls.whole_call,
    "trunks": outside.trunks_proxy,
    "wholesale": outside.wholesale,
    "second": deployment.second_run,
    "first": deployment.first_run,
}
RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = (
    "# Results\n\nA ratio says how many times as good ours is; compare ratios, not numbers: both sides were measured "
    "in turn, and a ratio is the median of those of the rounds. A rate counts when no call fails at it.\n"
)


def say(text: str) -> None:
    """Print a line at once."""
    click.echo(text)
    sys.stdout.flush()


def _when() -> str:
    """Return the day and the machine."""
    processors = f"{os.cpu_count()} processors shared by all hosts and the load"
    return f"{time.strftime('%Y-%m-%d')}, {processors}, {machine.system()} {machine.release()}."


def main() -> int:
    """Run the command line; return the exit code."""
    if sys.argv[1:2] == ["tenants"]:
        return tenants.main(sys.argv[2:])
    if sys.argv[1:2] == ["routing"]:
        return routing.main(sys.argv[2:])
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("comparison", nargs="*", help=f"some of: {' '.join(COMPARISONS)}")
    parser.add_argument("--keep", action="store_true", help=f"write the tables to {RESULTS.name} as well")
    options = parser.parse_args()
    unknown = set(options.comparison) - set(COMPARISONS)
    if unknown:
        parser.error(f"no comparison {', '.join(sorted(unknown))}; there are {', '.join(COMPARISONS)}")
    # Whoever ends us wants the platform's own services back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    measured = DeployedPlatform.of_environment()
    sections: dict[str, str] = {}
    failed: list[str] = []
    try:
        for name in options.comparison or COMPARISONS:
            say(f"{name}:")
            begin = time.monotonic()
            try:
                text = table(COMPARISONS[name](measured, say))
            except (BenchmarkError, CommandFailedError, AssertionError) as error:
                failed.append(name)
                say(f"  could not be measured: {error}")
            else:
                sections[name] = section(name, text, _when())
            say(f"  {time.monotonic() - begin:.0f} s")
    finally:
        # Also for somebody who ended this: what was measured took an hour.
        say("\n" + "\n".join(sections.values()))
    if options.keep:
        whole = not options.comparison and not failed
        before = HEAD if whole or not RESULTS.exists() else RESULTS.read_text(encoding="utf-8")
        RESULTS.write_text(sections_replaced(before, sections), encoding="utf-8")
    for name in failed:
        say(f"not measured: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
