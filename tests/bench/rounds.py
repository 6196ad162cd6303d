"""Sides that are measured in turn: what each can do, round by round."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Sequence

from tests.bench import sipp
from tests.bench.remote import BenchmarkError, Remote
from tests.bench.sipp import Load
from tests.bench.table import Row

ROUNDS = 3
RELAY_PORT = 9900  # rtpengine_cli_port
CALLEE_UNIT = "trunkline-bench-callee"
SETUP_RATE = 10.0
SETUP_CALLS = 100
READY_SECONDS = 60.0
READY_RATE = 5.0
RECOVERED_CALLS = 50  # ten seconds: twice as long as our proxies wait for an answer


@dataclasses.dataclass(frozen=True)
class Scene:
    """Where calls come from, and what they go through.

    Attributes:
        proxy: Host of whatever proxy is measured.
        relay: Media relay.
        origin: Where the callers' sipp runs.
        target: Address and port of the proxy.
        address: The callers' address.
        port: The callers' port.
        scenario: What a call is.
        calls: Name of the file that says who calls whom.
    """

    proxy: Remote
    relay: Remote
    origin: Remote
    target: str
    address: str
    port: int = sipp.CALLER_PORT
    scenario: str = "caller"
    calls: str = "accounts"

    def load(self, rate: float, calls: int | None = None) -> Load:
        """Make calls for some seconds, or so many."""
        count = calls or int(rate * sipp.RUN_SECONDS)
        return sipp.run(
            self.origin, self.target, address=self.address, rate=rate, calls=count, scenario=self.scenario,
            accounts=self.calls, port=self.port,
        )  # fmt: skip

    def recover(self) -> None:
        """Leave nothing of an overload for the next run: lost calls would keep the relay's ports for a minute.

        What a proxy still waits for makes it leave a server out a few seconds later, so calls have to work for longer.
        """
        self.relay.run(f"exec 3<>/dev/tcp/127.0.0.1/{RELAY_PORT}; echo terminate all >&3; timeout 5 cat <&3 >/dev/null")
        self.wait_until_calls_work(RECOVERED_CALLS)

    def wait_until_calls_work(self, calls: int = 3) -> None:
        """Wait until so many calls in a row succeed: services come up, and pings find that out, in their own time."""
        deadline = time.monotonic() + READY_SECONDS
        while self.load(READY_RATE, calls).failed:
            if time.monotonic() > deadline:
                errors = self.origin.run(f"tail -n 12 {sipp.FOLDER}/caller.err 2>/dev/null || true")
                raise BenchmarkError(f"no call succeeds within {READY_SECONDS:.0f} s; the last errors:\n{errors}")


@dataclasses.dataclass(frozen=True)
class Capacity:
    """The clean run at the highest rate, and the proxy's processor time per call at that rate in milliseconds."""

    load: Load
    milliseconds: float


@dataclasses.dataclass
class Side:
    """One side of a comparison, and what it came to.

    Attributes:
        name: For people.
        units: The proxy's services.
        place: Puts it in place, and gives its scene.
        start: Rate at which its next search begins.
        found: Its capacity, round by round.
        times: Set-up times of calls at a low rate, of all rounds.
    """

    name: str
    units: tuple[str, ...]
    place: Callable[[], contextlib.AbstractContextManager[Scene]]
    start: float
    found: list[Capacity] = dataclasses.field(default_factory=list)
    times: list[float] = dataclasses.field(default_factory=list)

    def repeated(self) -> str:
        """Return how many messages were repeated at the rates that count."""
        return ", ".join(f"{one.load.repeated} of {one.load.calls} calls" for one in self.found)


def capacity(scene: Scene, side: Side, say: Callable[[str], None]) -> Capacity:
    """Measure what a proxy that is there can do."""
    spent: dict[int, float] = {}

    def measure(rate: float) -> Load:
        before = scene.proxy.cpu_seconds(*side.units)
        done = scene.load(rate)
        spent[id(done)] = (scene.proxy.cpu_seconds(*side.units) - before) / max(done.calls, 1) * 1000
        say(f"    {rate:6.0f} calls/s: {done.calls} calls, {done.failed} failed, {done.repeated} messages repeated")
        if done.failed:
            scene.recover()
        return done

    best, _ = sipp.highest(measure, side.start)
    return Capacity(best, spent[id(best)])


def take_turns(sides: Sequence[Side], say: Callable[[str], None], *, setup: bool = False) -> str:
    """Measure the sides in turn, in several rounds, every other one backwards; return what the machine was doing.

    What else runs on the machine changes by the minute: only numbers of one round can be compared.

    Args:
        sides: What to measure; each gets one capacity per round.
        say: Takes what happens.
        setup: Whether to take set-up times too, before the search leaves anything behind.
    """
    machine = []
    for number in range(ROUNDS):
        for side in sides if number % 2 == 0 else reversed(sides):
            say(f"  round {number + 1}, load {os.getloadavg()[0]:.1f}: {side.name}")
            with side.place() as scene:
                scene.wait_until_calls_work()
                if setup:
                    side.times += scene.load(SETUP_RATE, SETUP_CALLS).times
                side.found.append(capacity(scene, side, say))
            side.start = max(sipp.LOWEST_RATE, round(side.found[-1].load.rate / sipp.STEP))
            machine.append(os.getloadavg()[0])
    return f"load average {min(machine):.0f} to {max(machine):.0f} on {os.cpu_count()} processors"


def rates(title: str, ours: Side, other: Side, aim: float, note: str) -> list[Row]:
    """Return the rows of two sides: calls per second without failure, and the proxy's processor time."""
    pairs = list(zip(ours.found, other.found, strict=True))
    repeated = f"messages repeated at these rates: ours {ours.repeated()}; the other {other.repeated()}"
    return [
        Row.of_rounds(
            title, [(one.load.rate, two.load.rate) for one, two in pairs], "calls/s", aim=aim,
            note="; ".join(filter(None, (note, repeated))),
        ),
        Row.of_rounds(
            "processor time of the proxy there", [(one.milliseconds, two.milliseconds) for one, two in pairs],
            "ms/call", more_is_better=False,
        ),
    ]  # fmt: skip


def added(ours: Side, other: Side, direct: Load) -> list[Row]:
    """Return the rows of two sides: what they add to the set-up time of two phones by themselves.

    Args:
        ours: With set-up times.
        other: The same.
        direct: Calls from phone to phone, nobody between.
    """
    rows = []
    for percent in (50, 95):
        alone = direct.percentile(percent)
        one, two = (sipp.percentile(sorted(side.times), percent) - alone for side in (ours, other))
        note = f"at {SETUP_RATE:g} calls/s, both without the {alone:g} ms of two phones by themselves"
        rows.append(Row(f"set-up time added, p{percent}", one, two, "ms", more_is_better=False, note=note))
    return rows
