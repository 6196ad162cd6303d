"""The live driver: executes the engine's steps on a channel of Asterisk."""

from __future__ import annotations

import logging
import re
from typing import Protocol

from trunkline.callflow.agi import AgiError, AgiSession, ChannelGoneError
from trunkline.callflow.configuration import ClientConfiguration
from trunkline.callflow.engine import CallState, Dialled, Event, Reject, Ring, RingEnded, decide
from trunkline.errors import TrunklineError

_LOG = logging.getLogger(__name__)
CALLEE_CONTEXT = "trunkline-callee"
"""Context of the dialplan that gives a new leg its headers."""
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
_CODES = {"NOANSWER": 0, "BUSY": 486, "CONGESTION": 488, "CHANUNAVAIL": 500}
# Causes of ITU-T Q.850 for a party that is in a conversation already (RFC 3398 section 7.2.4.1).
_Q850 = {404: 1, 480: 19, 482: 25, 486: 17, 503: 34, 603: 21}


class UnavailableError(TrunklineError):
    """A client's configuration can be had neither from the database nor from memory."""


class Configurations(Protocol):
    """Where the driver gets configurations from."""

    async def get(self, client: str) -> ClientConfiguration | None:
        """Return a client's configuration, None for an unknown client; raise UnavailableError."""


class LiveDriver:
    """Handles one event of one call per connection.

    Args:
        configurations: Where configurations come from.
        ring_seconds: How long a user's telephone rings.
    """

    def __init__(self, configurations: Configurations, ring_seconds: int) -> None:
        self._configurations = configurations
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
        transfers = session.argument(6)
        state = CallState(int(transfers) if transfers.isdecimal() else 0, self._ring_seconds)
        event: Event | None = Dialled(
            endpoint=session.argument(4),
            caller=session.argument(5),
            number=session.environment.get("agi_extension", ""),
            domain=transfer_domain(session.argument(7)),
        )
        while event is not None:
            steps, event = decide(configuration, state, event), None
            for step in steps:
                if isinstance(step, Reject):
                    await self._reject(session, step, call)
                else:
                    event = await self._ring(session, step, call)

    async def _ring(self, session: AgiSession, step: Ring, call: str) -> RingEnded | None:
        proxy = session.argument(3)
        safe = _ADDRESS.fullmatch(step.address) and _NUMBER.fullmatch(step.callee.number)
        if not (safe and _IDENTIFIER.fullmatch(step.endpoint) and _IDENTIFIER.fullmatch(proxy)):
            await self._reject(session, Reject(500, "a name cannot be dialled", step.cause), call)
            return None
        _LOG.info("call %s: ring %s for %d s (%s)", call, step.address, step.seconds, step.cause)
        await session.set_variable("CALLERID(num)", step.caller.number)
        await session.set_variable("CALLERID(name)", step.caller.name)
        before = f"b({CALLEE_CONTEXT}^s^1({step.endpoint}^{step.callee.number}))"
        await session.execute("Dial", f"PJSIP/{proxy}/sip:{step.address},{step.seconds},i{before}")
        return await self._ring_ended(session, step)

    async def _ring_ended(self, session: AgiSession, step: Ring) -> RingEnded:
        status = await session.expression("${DIALSTATUS}")
        if status == "ANSWER":
            return RingEnded(step, answered=True)
        if status == "CANCEL":
            return RingEnded(step, cancelled=True)
        code = await self._leg_status(session)
        if code < _FIRST_REFUSAL:
            code = _CODES.get(status, 500)
        return RingEnded(step, code=code)

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


def transfer_domain(refer_to: str) -> str:
    """Return the domain of a Refer-To header; empty for none, or when the target's host is an address (the proxy's)."""
    found = _TARGET.search(refer_to)
    if found is None or _IP.fullmatch(found["host"]):
        return ""
    return found["host"].lower()
