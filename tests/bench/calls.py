"""Calls per second and set-up times: our proxy against the stock one, our platform against a bare pair."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator

from tests.bench import baseline, sipp
from tests.bench.remote import BenchmarkError, Remote
from tests.bench.rounds import CALLEE_UNIT, ROUNDS, SETUP_CALLS, SETUP_RATE, Scene, Side, added, rates, take_turns
from tests.bench.sipp import Account
from tests.bench.table import Row
from tests.support.deployed import DeployedPlatform

OUR_UNIT = "kamailio@users"
SERVER_PORT = 6060
PROXY_FIRST_RATE = 200.0
CALL_FIRST_RATE = 50.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Phones(Scene):
    """Calls from phone to phone: all phones are one host, which has two accounts.

    Attributes:
        server: Application server.
        caller: Account that calls; its target is the callee's extension.
        callee: Account that is called.
    """

    server: Remote
    caller: Account
    callee: Account

    @classmethod
    def of(cls, platform: DeployedPlatform) -> Phones:
        """Return the scene of a platform that is up with the benchmarks' inventory."""
        first = {group: Remote(platform, platform.members(group)[0]) for group in
                 ("proxy_users", "application_servers", "media_relays", "phones")}  # fmt: skip
        caller, callee = platform.account("caller@load"), platform.account("callee@load")
        number = platform.number("callee@load")
        return cls(
            first["proxy_users"],
            first["media_relays"],
            first["phones"],
            f"{first['proxy_users'].public}:5060",
            first["phones"].public,
            server=first["application_servers"],
            caller=Account(caller.username, caller.domain, caller.password, number),
            callee=Account(callee.username, callee.domain, callee.password, ""),
        )

    def prepare(self, caller: Account) -> None:
        """Put the caller's account in place."""
        sipp.prepare(self.origin, [caller])

    @contextlib.contextmanager
    def answering(self, account: Account) -> Iterator[None]:
        """Register an account through whatever proxy is there, and answer its calls as long as the block lasts.

        It is registered from the port on which it will answer: a proxy goes by where the REGISTER came from.
        """
        contact = f"sip:{account.user}@{self.origin.public}:{sipp.CALLEE_PORT}"
        sipp.prepare(self.origin, [dataclasses.replace(account, target=contact)], "contacts")
        done = sipp.run(
            self.origin, self.target, address=self.origin.public, rate=1, calls=1, scenario="register",
            accounts="contacts", port=sipp.CALLEE_PORT,
        )  # fmt: skip
        if done.failed:
            raise BenchmarkError(f"{account.user}@{account.domain} could not be registered")
        command = sipp.callee(self.origin, self.origin.public, sipp.CALLEE_PORT)
        with self.origin.service(CALLEE_UNIT, command, properties=baseline.FILES):
            yield


def proxy_alone(platform: DeployedPlatform, say: Callable[[str], None]) -> list[Row]:
    """Compare our users proxy with the distribution's configuration on the same host, the same callee behind both.

    Behind ours, the callee stands in the place of the application server; behind the other, it is a registered phone.
    """
    scene = Phones.of(platform)
    ours = Side("our users proxy", (OUR_UNIT,), functools.partial(without_server, scene), PROXY_FIRST_RATE)
    others = {
        name: Side(name, (baseline.PROXY_UNIT,), functools.partial(stock, scene, relay), PROXY_FIRST_RATE)
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
def without_server(scene: Phones) -> Iterator[Phones]:
    """Put a callee in the place of the application server."""
    sipp.prepare(scene.server, [])
    scene.prepare(scene.caller)
    answering = sipp.callee(scene.server, scene.server.internal, SERVER_PORT)
    with scene.server.stopped("asterisk"), scene.server.service(CALLEE_UNIT, answering, properties=baseline.FILES):
        yield scene


@contextlib.contextmanager
def stock(scene: Phones, relay: str) -> Iterator[Phones]:
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
    scene = Phones.of(platform)
    ours = Side("our platform", (OUR_UNIT,), functools.partial(whole, scene), CALL_FIRST_RATE)
    pair = Side("the bare pair", (baseline.PROXY_UNIT,), functools.partial(bare, scene), CALL_FIRST_RATE)
    machine = take_turns([ours, pair], say, setup=True)
    say("  from phone to phone, nobody between")
    with scene.answering(scene.callee):
        direct = sipp.run(
            scene.origin, f"{scene.origin.public}:{sipp.CALLEE_PORT}", address=scene.origin.public, rate=SETUP_RATE,
            calls=SETUP_CALLS * ROUNDS, scenario="direct",
        )  # fmt: skip
    title = "whole call against a bare pair of Kamailio and Asterisk, same relay"
    return [*rates(title, ours, pair, 1.0, machine), *added(ours, pair, direct)]


@contextlib.contextmanager
def whole(scene: Phones) -> Iterator[Phones]:
    """Register the callee at our platform."""
    scene.prepare(scene.caller)
    with scene.answering(scene.callee):
        yield scene


@contextlib.contextmanager
def bare(scene: Phones) -> Iterator[Phones]:
    """Put the bare pair in the place of our proxy and server; the caller dials the callee's name there."""
    caller = dataclasses.replace(scene.caller, target=scene.callee.user)
    with contextlib.ExitStack() as stack:
        stack.enter_context(scene.proxy.stopped(OUR_UNIT))
        stack.enter_context(scene.server.stopped("asterisk"))
        stack.enter_context(baseline.bare_pair(scene.proxy, scene.server, scene.relay, [caller, scene.callee]))
        stack.enter_context(scene.answering(scene.callee))
        scene.prepare(caller)
        yield scene
