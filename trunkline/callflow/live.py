"""The live driver: executes the engine's steps on a channel of Asterisk."""

from __future__ import annotations

import logging
import re
from typing import Protocol

from trunkline.callflow.agi import AgiError, AgiSession, ChannelGoneError
from trunkline.callflow.configuration import ClientConfiguration
from trunkline.callflow.engine import decide
from trunkline.callflow.numbers import Numbers, UnavailableError
from trunkline.callflow.steps import Arrived, CallState, Dialled, Event, Outside, OutsideEnded, Reject, Ring, RingEnded
from trunkline.errors import TrunklineError

_LOG = logging.getLogger(__name__)
CALLEE_CONTEXT = "trunkline-callee"
"""Context of the dialplan that gives a new leg its headers."""
OUTSIDE_CONTEXT = "trunkline-outside"
"""The same for a leg to the outside."""
# Everything that becomes part of a dial string; what the inventory allows is narrower.
_ADDRESS = re.compile(r"[A-Za-z0-9_.+-]{1,128}@[A-Za-z0-9.-]{1,253}")
_IDENTIFIER = re.compile(r"[A-Za-z0-9-]{1,64}")
_NUMBER = re.compile(r"[0-9A-Za-z_.+*#-]{0,64}")
_CHANNEL = re.compile(r"PJSIP/[A-Za-z0-9-]+-[0-9a-f]{8}")
_SIP_STATUS = re.compile(r"^SIP (?P<code>\d{3})")
_TARGET = re.compile(r"sips?:(?:[^@<>;?]*@)?(?P<host>[A-Za-z0-9.-]+)", re.IGNORECASE)
_IP = re.compile(r"[0-9.]+")
_FIRST_REFUSAL = 300
# DIALSTATUS where the called leg gave no final refusal of its own; a leg that answered with no usable codec is 488.
_CODES = {"NOANSWER": 0, "BUSY": 486, "CONGESTION": 488}
_UNHEARD = 500  # for any other: the called leg got no answer at all
# Causes of ITU-T Q.850 for a party that is in a conversation already (RFC 3398 section 7.2.4.1).
_Q850 = {404: 1, 480: 19, 482: 25, 486: 17, 502: 34, 503: 34, 603: 21}


class Configurations(Protocol):
    """Where the driver gets configurations from."""

    async def get(self, client: str) -> ClientConfiguration | None:
        """Return a client's configuration, None for an unknown client; raise UnavailableError."""


class LiveDriver:
    """Handles one event of one call per connection.

    The arguments of a session, counted from 1: call, client, proxy, endpoint, caller, transfers, DDI, hops, payer,
    endpoints of trunks proxies (between them ``&``), presented number, target of a transfer (last: it may hold commas).

    Args:
        configurations: Where configurations come from.
        numbers: Who knows what numbers mean.
        ring_seconds: How long a user's telephone rings.
    """

    def __init__(self, configurations: Configurations, numbers: Numbers, ring_seconds: int) -> None:
        self._configurations = configurations
        self._numbers = numbers
        self._ring_seconds = ring_seconds

    async def handle(self, session: AgiSession) -> None:
        """Run one call until it ends or is transferred; never raises for what a call or a caller does."""
        try:
            await session.start()
            await self._run(session)
        except ChannelGoneError:
            _LOG.debug("channel ended: %s", session.environment.get("agi_channel", "?"))
        except AgiError as error:
            _LOG.warning("call %s: %s", session.argument(1) or "?", error)

    async def _run(self, session: AgiSession) -> None:
        call, client = session.argument(1), session.argument(2)
        try:
            configuration = await self._configurations.get(client)
        except TrunklineError as error:
            _LOG.warning("call %s: %s", call, error.message)
            await self._reject(session, Reject(503, "configuration unavailable", client), call)
            return
        if configuration is None:
            await self._reject(session, Reject(404, "unknown client", client), call)
            return
        state = CallState(
            transfers=_count(session.argument(6)), ring_seconds=self._ring_seconds, hops=_count(session.argument(8))
        )
        event: Event | None = _first(session)
        while event is not None:
            steps, event = decide(configuration, state, event), None
            for step in steps:
                if isinstance(step, Reject):
                    await self._reject(session, step, call)
                elif isinstance(step, Outside):
                    event = await self._outside(session, configuration, step, call)
                else:
                    event = await self._ring(session, configuration, step, call)

    async def _ring(
        self, session: AgiSession, configuration: ClientConfiguration, step: Ring, call: str
    ) -> RingEnded | None:
        proxy, caller, called = session.argument(3), step.caller.number, step.called
        if step.caller.outside or called:
            caller, called = await self._shown(configuration, step)
        safe = _ADDRESS.fullmatch(step.address) and _NUMBER.fullmatch(step.callee.number) and _NUMBER.fullmatch(called)
        if not (safe and _IDENTIFIER.fullmatch(step.endpoint) and _IDENTIFIER.fullmatch(proxy)):
            await self._reject(session, Reject(500, "a name cannot be dialled", step.cause), call)
            return None
        _LOG.info("call %s: ring %s for %d s (%s)", call, step.address, step.seconds, step.cause)
        await session.set_variable("CALLERID(num)", caller)
        await session.set_variable("CALLERID(name)", step.caller.name)
        await session.set_variable("TL_PAYER", step.endpoint)
        payer = session.argument(4) if _IDENTIFIER.fullmatch(session.argument(4)) else ""
        before = f"b({CALLEE_CONTEXT}^s^1({step.endpoint}^{step.callee.number}^{payer}^{called}))"
        await session.execute("Dial", f"PJSIP/{proxy}/sip:{step.address},{step.seconds},i{before}")
        answered, cancelled, code = await self._ended(session)
        return RingEnded(step, answered, cancelled, code)

    async def _shown(self, configuration: ClientConfiguration, step: Ring) -> tuple[str, str]:
        """Return caller and called number as the endpoint wants them; as they are while the database is away."""
        caller = step.caller.number if step.caller.outside else ""
        try:
            shown, called = await self._numbers.shown(configuration.id, step.endpoint, caller, step.called)
        except UnavailableError as error:
            _LOG.warning("client %s: numbers are shown as they are: %s", configuration.id, error.message)
            shown, called = caller, step.called
        return shown or step.caller.number, called

    async def _outside(
        self, session: AgiSession, configuration: ClientConfiguration, step: Outside, call: str
    ) -> OutsideEnded | None:
        try:
            dial = await self._numbers.dial(configuration.id, step.endpoint, step.number, step.presented)
        except UnavailableError as error:
            _LOG.warning("call %s: %s", call, error.message)
            await self._reject(session, Reject(503, "numbers outside cannot be looked up", step.cause), call)
            return None
        if dial.code:
            return OutsideEnded(step, code=dial.code, reason=dial.sentence)
        trunks = session.argument(10).split("&")
        numbers = (dial.caller, dial.callee, dial.ddi, step.diverted)
        names = (step.endpoint or "none", configuration.id, configuration.brand_id, *trunks)
        address = f"{dial.callee}@{configuration.domain}"
        safe = _ADDRESS.fullmatch(address) and all(_NUMBER.fullmatch(number) for number in numbers)
        if not (safe and all(_IDENTIFIER.fullmatch(name) for name in names)):
            await self._reject(session, Reject(500, "a number cannot be dialled", step.cause), call)
            return None
        _LOG.info("call %s: outside %s as %s for %d s (%s)", call, dial.callee, dial.caller, step.seconds, step.cause)
        await session.set_variable("CALLERID(num)", dial.caller)
        await session.set_variable("CALLERID(name)", "")
        headers = f"{step.endpoint}^{configuration.brand_id}^{configuration.id}^{step.hops}^{'^'.join(numbers)}"
        headers += "^1" if dial.fax else "^"
        before = f"b({OUTSIDE_CONTEXT}^s^1({headers}))"
        for proxy in await self._alive_first(session, trunks):
            if len(trunks) > 1:
                await session.execute("HangupCauseClear")  # what it says afterwards is this proxy's
            await session.execute("Dial", f"PJSIP/{proxy}/sip:{address},{step.seconds},i{before}")
            answered, cancelled, code = await self._ended(session)
            if code != _UNHEARD or await self._leg_status(session):
                break
            _LOG.warning("call %s: %s does not answer", call, proxy)
        return OutsideEnded(step, answered, cancelled, code)

    async def _alive_first(self, session: AgiSession, trunks: list[str]) -> list[str]:
        """Return trunks proxies in the order to try them: those go last that Asterisk knows to be silent."""
        if len(trunks) == 1:
            return trunks
        alive = {name: await session.expression(f"${{PJSIP_DIAL_CONTACTS({name})}}") for name in trunks}
        return sorted(trunks, key=lambda name: not alive[name])

    async def _ended(self, session: AgiSession) -> tuple[bool, bool, int]:
        """Return how a dialled leg ended: answered, cancelled, and its SIP status, 0 when time ran out."""
        status = await session.expression("${DIALSTATUS}")
        if status in {"ANSWER", "CANCEL"}:
            return status == "ANSWER", status == "CANCEL", 0
        code = await self._leg_status(session)
        if code < _FIRST_REFUSAL:
            code = _CODES.get(status, _UNHEARD)
        return False, False, code

    async def _leg_status(self, session: AgiSession) -> int:
        """Return the SIP status of the newest called leg; 0 when it gave none.

        A transferred channel also remembers legs of before. Names of channels end in a number that counts up.
        """
        keys = [
            key for key in (await session.expression("${HANGUPCAUSE_KEYS()}")).split(",") if _CHANNEL.fullmatch(key)
        ]
        if not keys:
            return 0
        newest = max(keys, key=lambda key: key.rpartition("-")[2])
        found = _SIP_STATUS.match(await session.expression(f"${{HANGUPCAUSE({newest},tech)}}"))
        return int(found["code"]) if found is not None else 0

    async def _reject(self, session: AgiSession, step: Reject, call: str) -> None:
        _LOG.info("call %s: reject %d, %s (%s)", call, step.code, step.reason, step.cause)
        if session.argument(6) == "0":
            await session.execute("PJSIPHangup", str(step.code))
        else:  # the transferred party is in a conversation: there is no answer to give any more, only an end
            await session.execute("Hangup", str(_Q850.get(step.code, 31)))


def _first(session: AgiSession) -> Event:
    """Return what begins the call: it came in by a DDI, or somebody dialled, or transferred."""
    ddi, transferred = session.argument(7), session.argument(6) != "0"
    if ddi and not transferred:
        return Arrived(ddi, session.argument(5))
    return Dialled(
        endpoint=session.argument(4),
        caller=session.argument(5),
        number=session.environment.get("agi_extension", ""),
        domain=transfer_domain(session.argument(12)),
        presented=session.argument(11),
        payer=session.argument(9) if transferred else "",
    )


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def transfer_domain(refer_to: str) -> str:
    """Return the domain of a Refer-To header; empty for none, or when the target's host is an address (the proxy's)."""
    found = _TARGET.search(refer_to)
    if found is None or _IP.fullmatch(found["host"]):
        return ""
    return found["host"].lower()
