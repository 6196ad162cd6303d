"""Calls per second and set-up times: our proxy against the stock one, our platform against a bare pair."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import time
from collections.abc import Callable, Iterator, Sequence

from tests.bench import baseline, sipp
from tests.bench.remote import BenchmarkError, Remote
from tests.bench.sipp import Account, Load
from tests.bench.table import Row
from tests.support.deployed import DeployedPlatform

OUR_UNIT = "kamailio@users"
ROUNDS = 3
SERVER_PORT = 6060
CALLEE_PORT = 6700
RELAY_PORT = 9900  # rtpengine_cli_port
CALLEE_UNIT = "trunkline-bench-callee"
PROXY_FIRST_RATE = 200.0
CALL_FIRST_RATE = 50.0
SETUP_RATE = 10.0
SETUP_CALLS = 100
READY_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class Scene:
    """The hosts of the measured platform, and the two accounts.

    Attributes:
        proxy: Users proxy.
        server: Application server.
        relay: Media relay.
        phones: Where sipp runs.
        caller: Account that calls; its target is the callee's extension.
        callee: Account that is called.
    """

    proxy: Remote
    server: Remote
    relay: Remote
    phones: Remote
    caller: Account
    callee: Account

    @classmethod
    def of(cls, platform: DeployedPlatform) -> Scene:
        """Return the scene of a platform that is up with the benchmarks' inventory."""
        first = {group: Remote(platform, platform.members(group)[0]) for group in
                 ("proxy_users", "application_servers", "media_relays", "phones")}  # fmt: skip
        caller, callee = platform.account("caller@load"), platform.account("callee@load")
        number = platform.number("callee@load")
        return cls(
            first["proxy_users"],
            first["application_servers"],
            first["media_relays"],
            first["phones"],
            Account(caller.username, caller.domain, caller.password, number),
            Account(callee.username, callee.domain, callee.password, ""),
        )

    @property
    def target(self) -> str:
        """Address and port of whatever proxy is there."""
        return f"{self.proxy.public}:5060"

    def load(self, rate: float, calls: int | None = None) -> Load:
        """Make calls from the phones' host for some seconds, or so many."""
        count = calls or int(rate * sipp.RUN_SECONDS)
        return sipp.run(self.phones, self.target, address=self.phones.public, rate=rate, calls=count)

    def prepare(self, caller: Account) -> None:
        """Put the caller's account in place."""
        sipp.prepare(self.phones, [caller])

    @contextlib.contextmanager
    def answering(self, account: Account) -> Iterator[None]:
        """Register an account through whatever proxy is there, and answer its calls as long as the block lasts.

        It is registered from the port on which it will answer: a proxy goes by where the REGISTER came from.
        """
        contact = f"sip:{account.user}@{self.phones.public}:{CALLEE_PORT}"
        sipp.prepare(self.phones, [dataclasses.replace(account, target=contact)], "contacts")
        done = sipp.run(
            self.phones, self.target, address=self.phones.public, rate=1, calls=1, scenario="register",
            accounts="contacts", port=CALLEE_PORT,
        )  # fmt: skip
        if done.failed:
            raise BenchmarkError(f"{account.user}@{account.domain} could not be registered")
        command = sipp.callee(self.phones, self.phones.public, CALLEE_PORT)
        with self.phones.service(CALLEE_UNIT, command, properties=baseline.FILES):
            yield

    def recover(self) -> None:
        """Leave nothing of an overload for the next run: lost calls would keep the relay's ports for a minute."""
        self.relay.run(f"exec 3<>/dev/tcp/127.0.0.1/{RELAY_PORT}; echo terminate all >&3; timeout 5 cat <&3 >/dev/null")
        self.wait_until_calls_work()

    def wait_until_calls_work(self) -> None:
        """Wait until three calls in a row succeed: services come up, and pings find that out, in their own time."""
        deadline = time.monotonic() + READY_SECONDS
        while self.load(5, 3).failed:
            if time.monotonic() > deadline:
                errors = self.phones.run(f"tail -n 12 {sipp.FOLDER}/caller.err 2>/dev/null || true")
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
        unit: The proxy's service.
        place: Puts it in place, and gives its scene.
        start: Rate at which its next search begins.
        found: Its capacity, round by round.
        times: Set-up times of calls at a low rate, of all rounds.
    """

    name: str
    unit: str
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
        before = scene.proxy.cpu_seconds(side.unit)
        done = scene.load(rate)
        spent[id(done)] = (scene.proxy.cpu_seconds(side.unit) - before) / max(done.calls, 1) * 1000
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


def proxy_alone(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare our users proxy with the distribution's configuration on the same host, the same callee behind both.

    Behind ours, the callee stands in the place of the application server; behind the other, it is a registered phone.
    """
    scene = Scene.of(platform)
    ours = Side("our users proxy", OUR_UNIT, functools.partial(without_server, scene), PROXY_FIRST_RATE)
    others = {
        name: Side(name, baseline.PROXY_UNIT, functools.partial(stock, scene, relay), PROXY_FIRST_RATE)
        for name, relay in (
            ("stock kamailio.cfg with authentication and relay", scene.relay.internal),
            ("stock kamailio.cfg with authentication", ""),
        )
    }
    machine = take_turns([ours, *others.values()], say)
    notes = (machine, "ours takes every call's media to a relay and records it, this one does neither")
    rows = []
    for (name, other), note in zip(others.items(), notes, strict=True):
        rows += rates(f"users proxy against {name}", ours, other, 0.8, note)
    return rows


@contextlib.contextmanager
def without_server(scene: Scene) -> Iterator[Scene]:
    """Put a callee in the place of the application server."""
    sipp.prepare(scene.server, [])
    scene.prepare(scene.caller)
    answering = sipp.callee(scene.server, scene.server.internal, SERVER_PORT)
    with scene.server.stopped("asterisk"), scene.server.service(CALLEE_UNIT, answering, properties=baseline.FILES):
        yield scene


@contextlib.contextmanager
def stock(scene: Scene, relay: str) -> Iterator[Scene]:
    """Put the distribution's configuration in the place of our users proxy."""
    caller = dataclasses.replace(scene.caller, domain=scene.proxy.public, target=scene.callee.user)
    callee = dataclasses.replace(scene.callee, domain=scene.proxy.public)
    with contextlib.ExitStack() as stack:
        stack.enter_context(scene.proxy.stopped(OUR_UNIT))
        stack.enter_context(baseline.stock_kamailio(scene.proxy, [caller, callee], relay=relay))
        stack.enter_context(scene.answering(callee))
        scene.prepare(caller)
        yield scene


def whole_call(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare whole calls through proxy, application server and relay with a bare pair doing the same signalling."""
    scene = Scene.of(platform)
    ours = Side("our platform", OUR_UNIT, functools.partial(whole, scene), CALL_FIRST_RATE)
    pair = Side("the bare pair", baseline.PROXY_UNIT, functools.partial(bare, scene), CALL_FIRST_RATE)
    machine = take_turns([ours, pair], say, setup=True)
    say("  from phone to phone, nobody between")
    with scene.answering(scene.callee):
        direct = sipp.run(
            scene.phones, f"{scene.phones.public}:{CALLEE_PORT}", address=scene.phones.public, rate=SETUP_RATE,
            calls=SETUP_CALLS * ROUNDS, scenario="direct",
        )  # fmt: skip
    title = "whole call against a bare pair of Kamailio and Asterisk, same relay"
    rows = rates(title, ours, pair, 1.0, machine)
    for percent in (50, 95):
        added, other = (
            sipp.percentile(sorted(side.times), percent) - direct.percentile(percent) for side in (ours, pair)
        )
        note = (
            f"at {SETUP_RATE:g} calls/s, both without the {direct.percentile(percent):g} ms of two phones by themselves"
        )
        rows.append(Row(f"set-up time added, p{percent}", added, other, "ms", more_is_better=False, note=note))
    return rows


@contextlib.contextmanager
def whole(scene: Scene) -> Iterator[Scene]:
    """Register the callee at our platform."""
    scene.prepare(scene.caller)
    with scene.answering(scene.callee):
        yield scene


@contextlib.contextmanager
def bare(scene: Scene) -> Iterator[Scene]:
    """Put the bare pair in the place of our proxy and server; the caller dials the callee's name there."""
    caller = dataclasses.replace(scene.caller, target=scene.callee.user)
    with contextlib.ExitStack() as stack:
        stack.enter_context(scene.proxy.stopped(OUR_UNIT))
        stack.enter_context(scene.server.stopped("asterisk"))
        stack.enter_context(baseline.bare_pair(scene.proxy, scene.server, scene.relay, [caller, scene.callee]))
        stack.enter_context(scene.answering(scene.callee))
        scene.prepare(caller)
        yield scene
