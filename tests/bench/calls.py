"""Calls per second and set-up times: our proxy against the stock one, our platform against a bare pair."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections.abc import Callable, Iterator

from tests.bench import baseline, sipp
from tests.bench.remote import BenchmarkError, Remote
from tests.bench.sipp import Account, Load
from tests.bench.table import Row
from tests.support.deployed import DeployedPlatform

SERVER_PORT = 6060
CALLEE_PORT = 6700
CALLEE_UNIT = "trunkline-bench-callee"
PROXY_FIRST_RATE = 100.0
CALL_FIRST_RATE = 30.0
SETUP_RATE = 10.0
SETUP_CALLS = 300
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


def capacity(scene: Scene, unit: str, first_rate: float, say: Callable[[str], None]) -> Capacity:
    """Measure what a proxy that is there can do."""
    scene.wait_until_calls_work()
    spent: dict[int, float] = {}

    def measure(rate: float) -> Load:
        before = scene.proxy.cpu_seconds(unit)
        done = scene.load(rate)
        spent[id(done)] = (scene.proxy.cpu_seconds(unit) - before) / max(done.calls, 1) * 1000
        say(f"    {rate:6.0f} calls/s: {done.calls} calls, {done.failed} failed, {done.repeated} messages repeated")
        return done

    best, _ = sipp.highest(measure, first_rate)
    return Capacity(best, spent[id(best)])


def proxy_alone(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare our users proxy with the distribution's configuration on the same host, the same callee behind both.

    Behind ours, the callee stands in the place of the application server; behind the other, it is a registered phone.
    """
    scene = Scene.of(platform)
    sipp.prepare(scene.server, [])
    answering = sipp.callee(scene.server, scene.server.internal, SERVER_PORT)
    with scene.server.stopped("asterisk"), scene.server.service(CALLEE_UNIT, answering, properties=baseline.FILES):
        say("  our users proxy")
        scene.prepare(scene.caller)
        ours = capacity(scene, "kamailio@users", PROXY_FIRST_RATE, say)
    others = {True: _stock(scene, scene.relay.internal, say), False: _stock(scene, "", say)}
    rows = []
    for relayed, name in (
        (True, "stock kamailio.cfg with authentication and relay"),
        (False, "the same without relay"),
    ):
        other = others[relayed]
        note = "" if relayed else "ours takes every call's media to a relay, this one leaves media alone"
        rows += [
            Row(f"users proxy against {name}", ours.load.rate, other.load.rate, "calls/s", aim=0.8, note=note),
            Row("its processor time", ours.milliseconds, other.milliseconds, "ms/call", more_is_better=False),
        ]
    return rows


def _stock(scene: Scene, relay: str, say: Callable[[str], None]) -> Capacity:
    """Measure the stock configuration in the place of our users proxy."""
    say(f"  the stock configuration with authentication{' and a media relay' if relay else ''}")
    caller = dataclasses.replace(scene.caller, domain=scene.proxy.public, target=scene.callee.user)
    callee = dataclasses.replace(scene.callee, domain=scene.proxy.public)
    with contextlib.ExitStack() as stack:
        stack.callback(functools.partial(scene.prepare, scene.caller))
        stack.enter_context(scene.proxy.stopped("kamailio@users"))
        stack.enter_context(baseline.stock_kamailio(scene.proxy, [caller, callee], relay=relay))
        stack.enter_context(scene.answering(callee))
        scene.prepare(caller)
        return capacity(scene, baseline.PROXY_UNIT, PROXY_FIRST_RATE, say)


def whole_call(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare whole calls through proxy, application server and relay with a bare pair doing the same signalling."""
    scene = Scene.of(platform)
    scene.prepare(scene.caller)
    say("  our platform")
    with scene.answering(scene.callee):
        ours = capacity(scene, "kamailio@users", CALL_FIRST_RATE, say)
        time.sleep(sipp.DRAIN_SECONDS)  # what an overloaded run left behind is over
        scene.wait_until_calls_work()
        our_setup = scene.load(SETUP_RATE, SETUP_CALLS)
        say("  from phone to phone, nobody between")
        direct = sipp.run(
            scene.phones, f"{scene.phones.public}:{CALLEE_PORT}", address=scene.phones.public, rate=SETUP_RATE,
            calls=SETUP_CALLS, scenario="direct",
        )  # fmt: skip
    say("  the bare pair")
    with bare(scene) as pair, pair.answering(pair.callee):
        theirs = capacity(pair, baseline.PROXY_UNIT, CALL_FIRST_RATE, say)
        time.sleep(sipp.DRAIN_SECONDS)
        pair_setup = pair.load(SETUP_RATE, SETUP_CALLS)
    title = "whole call against a bare pair of Kamailio and Asterisk, same relay"
    rows = [Row(title, ours.load.rate, theirs.load.rate, "calls/s", aim=1.0)]
    for percent in (50, 95):
        added, other = (load.percentile(percent) - direct.percentile(percent) for load in (our_setup, pair_setup))
        note = f"both without the {direct.percentile(percent):g} ms that two phones need by themselves"
        rows.append(
            Row(
                f"set-up time added, p{percent}",
                added,
                other,
                "ms",
                more_is_better=False,
                note=note if percent == 50 else "",
            )
        )
    return rows


@contextlib.contextmanager
def bare(scene: Scene) -> Iterator[Scene]:
    """Put the bare pair in the place of our proxy and server; the caller dials the callee's name there."""
    caller = dataclasses.replace(scene.caller, target=scene.callee.user)
    with contextlib.ExitStack() as stack:
        stack.callback(functools.partial(scene.prepare, scene.caller))
        stack.enter_context(scene.proxy.stopped("kamailio@users"))
        stack.enter_context(scene.server.stopped("asterisk"))
        stack.enter_context(baseline.bare_pair(scene.proxy, scene.server, scene.relay, [caller, scene.callee]))
        scene.prepare(caller)
        yield dataclasses.replace(scene, caller=caller)
