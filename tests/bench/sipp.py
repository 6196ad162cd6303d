"""sipp on a host: one run at one rate, and the search for the highest rate without a failure."""

from __future__ import annotations

import csv
import dataclasses
import io
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.remote import BenchmarkError, Remote

SCENARIOS = Path(__file__).parent / "scenarios"
FOLDER = "/run/trunkline-bench"
CALLER_PORT = 6600
CALLEE_PORT = 6700
RUN_SECONDS = 6
# How long calls may take to end after the last one began; a call still open then has failed.
DRAIN_SECONDS = 6
HIGHEST_RATE = 2000
STEP = 1.5
# Rates closer than this (as a ratio) are not told apart: neighbours on the machine make more difference.
RESOLUTION = 1.1
# A run in which no more calls than this failed is made once more: a neighbour on the machine may have been busy.
UNLUCKY_SHARE = 0.01
LOWEST_RATE = 5


@dataclasses.dataclass(frozen=True)
class Load:
    """What one run came to.

    Attributes:
        rate: Calls per second that were asked for.
        calls: Calls that were begun.
        failed: Those that did not end as the scenario says.
        repeated: Messages sent again because no answer came in time.
        times: Set-up time of every answered call, in milliseconds, sorted.
    """

    rate: float
    calls: int
    failed: int
    repeated: int
    times: tuple[float, ...]

    @property
    def clean(self) -> bool:
        """Whether every call succeeded; repeated messages do not count, a call may need one."""
        return self.failed == 0

    def percentile(self, percent: float) -> float:
        """Return the set-up time that so many percent of the calls do not exceed, in milliseconds."""
        return percentile(self.times, percent)


def percentile(times: Sequence[float], percent: float) -> float:
    """Return the time of a sorted list that so many percent do not exceed."""
    if not times:
        raise BenchmarkError("no call was answered, so there is no set-up time")
    return times[min(len(times) - 1, int(len(times) * percent / 100))]


@dataclasses.dataclass(frozen=True)
class Account:
    """One line of the accounts' file: who, with which password, and the number to call or the contact to register."""

    user: str
    domain: str
    password: str
    target: str

    def line(self) -> str:
        """Return the line as sipp reads it."""
        credentials = f"[authentication username={self.user} password={self.password}]"
        return f"{self.user};{self.domain};{credentials};{self.target}"


@dataclasses.dataclass(frozen=True)
class Dialled:
    """The same for calls to the outside: the number, and for the trunks proxy the ids of client and brand."""

    number: str
    client: str = ""
    brand: str = ""

    def line(self) -> str:
        """Return the line as sipp reads it."""
        return f"{self.number};{self.client};{self.brand}"


def prepare(host: Remote, accounts: Sequence[Account | Dialled], name: str = "accounts") -> None:
    """Put the scenarios and an accounts' file on a host, which gets sipp if it has none."""
    host.run(
        "command -v sipp >/dev/null || DEBIAN_FRONTEND=noninteractive "
        "apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends sip-tester >/dev/null"
    )
    for scenario in sorted(SCENARIOS.glob("*.xml")):
        host.put(f"{FOLDER}/{scenario.name}", scenario.read_text(encoding="utf-8"))
    lines = ["SEQUENTIAL", *(account.line() for account in accounts)]
    host.put(f"{FOLDER}/{name}.csv", "\n".join(lines) + "\n")
    host.run(f"chmod 600 {FOLDER}/*.csv")


def callee(host: Remote, address: str, port: int) -> str:
    """Return the command of a sipp that answers every call, and the dispatcher's OPTIONS."""
    return (
        f"/usr/bin/sipp -sf {FOLDER}/callee.xml -i {address} -p {port} -aa -nostdin -nd -default_behaviors all "
        f"-buff_size 4000000 -max_socket 1000 -trace_err -error_file {FOLDER}/{host.name}-callee.err"
    )


def run(
    host: Remote,
    proxy: str,
    *,
    address: str,
    rate: float,
    calls: int,
    scenario: str = "caller",
    accounts: str = "accounts",
    port: int = CALLER_PORT,
) -> Load:
    """Make calls at a steady rate.

    Args:
        host: Where sipp runs.
        proxy: ``address:port`` the messages go to.
        address: Own address.
        rate: Calls per second.
        calls: How many.
        scenario: Name of the scenario's file.
        accounts: Name of the accounts' file.
        port: Own port.
    """
    seconds = calls / rate + DRAIN_SECONDS
    command = (
        f"cd {FOLDER} && rm -f stat.csv *_rtt.csv && ulimit -n 8192 && "
        f"timeout -k 5 {seconds + 5:.0f} sipp -sf {scenario}.xml -inf {accounts}.csv -i {address} -p {port} -nostdin "
        f"-r {rate:g} -m {calls} -l {max(100, int(rate * 10))} -buff_size 4000000 -timeout {seconds:.0f} "
        f"-trace_stat -stf stat.csv -fd 1 -timer_resol 1 -trace_rtt -rtt_freq 1000 -trace_err -error_file caller.err "
        f"{shlex.quote(proxy)} >/dev/null 2>&1 || true; cat stat.csv; echo; echo ---; cat *_rtt.csv 2>/dev/null || true"
    )
    stat, _, trips = host.run(command, seconds=seconds + 40).partition("\n---\n")
    rows = list(csv.DictReader(io.StringIO(stat.strip()), delimiter=";"))
    if not rows:
        errors = host.run(f"tail -n 5 {FOLDER}/caller.err 2>/dev/null || true")
        raise BenchmarkError(f"sipp on {host.name} made no statistics: {errors}")
    last = rows[-1]
    begun = int(last["OutgoingCall(C)"])
    times = sorted(float(line.split(";")[1]) for line in trips.splitlines() if line[:1].isdigit())
    # Calls that sipp could not even begin in time count as failed.
    failed = int(last["FailedCall(C)"]) + int(last["CurrentCall"]) + (calls - begun)
    return Load(rate, begun, failed, int(last["Retransmissions(C)"]), tuple(times))


def highest(measure: Callable[[float], Load], start: float) -> tuple[Load, list[Load]]:
    """Return the clean run at the highest rate, and every run on the way.

    The rate grows (or, when the first is too high, falls) by a factor until it is between a clean run and another, then
    the gap is halved until it is narrow.

    Args:
        measure: Makes one run at a rate.
        start: First rate.

    Raises:
        BenchmarkError: Even the lowest rate is too high.
    """
    runs: list[Load] = []

    def clean(rate: float) -> Load | None:
        for _ in range(2):
            runs.append(measure(rate))
            if runs[-1].clean:
                return runs[-1]
            if runs[-1].failed > runs[-1].calls * UNLUCKY_SHARE:
                break
        return None

    bad, best = 0.0, clean(start)
    while best is None:
        bad = runs[-1].rate
        rate = round(bad / STEP)
        if rate < LOWEST_RATE:
            raise BenchmarkError(
                f"{bad:g} calls per second are too many already: of {runs[-1].calls} calls {runs[-1].failed} failed"
            )
        best = clean(rate)
    while not bad and best.rate < HIGHEST_RATE:
        rate = round(min(best.rate * STEP, HIGHEST_RATE))
        found = clean(rate)
        best, bad = (found, 0.0) if found else (best, rate)
    while bad > best.rate * RESOLUTION:
        rate = round((bad * best.rate) ** 0.5)
        if rate in {best.rate, bad}:
            break
        found = clean(rate)
        best, bad = (found, bad) if found else (best, rate)
    return best, runs
