"""The call-flow engine: (configuration, state of the call, event) -> steps.

Pure: no clock, no input or output, no memory. A driver reports what happened to the call as an event, executes the
steps it is given in order, and reports the end of a `Ring` or `Outside` as the next event. No steps means: nothing is
left to do.

What is dialled towards the outside is not understood here: the database function ``routing.dial`` says for the users
proxy, for this service and for `trunkline explain` what an endpoint's number means and what it presents.
"""

from __future__ import annotations

from dataclasses import replace

from trunkline.callflow.configuration import ClientConfiguration, Contact, Ddi, Device, Extension, Forward, User
from trunkline.callflow.steps import (
    Arrived,
    CallState,
    Dialled,
    Event,
    Outside,
    OutsideEnded,
    Party,
    Reject,
    Ring,
    RingEnded,
    Step,
    Way,
)

MAXIMUM_TRANSFERS = 10
"""A call that was transferred more often is ended: two telephones that transfer to each other never stop otherwise."""
MAXIMUM_FORWARDS = 5
"""A call that went on more often is ended: two users may forward to each other."""
_FIRST_SERVER_FAILURE = 500


def decide(configuration: ClientConfiguration, state: CallState, event: Event) -> tuple[Step, ...]:
    """Return what has to happen next, in order; nothing when the call is over."""
    if isinstance(event, RingEnded):
        return _after_ring(configuration, state, event)
    if isinstance(event, OutsideEnded):
        return _after_outside(event)
    if isinstance(event, Arrived):
        return _arrived(configuration, state, event)
    return _dialled(configuration, state, event)


def _dialled(configuration: ClientConfiguration, state: CallState, event: Dialled) -> tuple[Step, ...]:
    if state.transfers > MAXIMUM_TRANSFERS:
        return (Reject(482, f"transferred more than {MAXIMUM_TRANSFERS} times", configuration.path),)
    if event.domain and event.domain != configuration.domain:
        return (Reject(404, f"{event.domain} is not the client's domain", configuration.path),)
    presented = event.presented if configuration.type == "residential" else ""
    way = Way(
        caller=_caller(configuration, event),
        external=not event.endpoint,
        presented=presented,
        payer=event.payer or event.endpoint,
    )
    extension = configuration.extensions.get(event.number)
    if extension is not None:
        return _extension(configuration, state, extension, way)
    if not configuration.ddis:
        return (Reject(404, "no such extension", f"{configuration.path}/extension/{event.number}"),)
    return (_outside(state, event.number, way, ""),)


def _arrived(configuration: ClientConfiguration, state: CallState, event: Arrived) -> tuple[Step, ...]:
    """Return what happens to a call from outside to a DDI (seed 004 section 10.1.4)."""
    path = f"{configuration.path}/ddi/{event.ddi}"
    ddi = configuration.ddis.get(event.ddi)
    if ddi is None or not ddi.incoming:
        return (Reject(404, "no such number", path),)
    way = Way(caller=Party(event.caller, "", outside=True), external=True, ddi=ddi.number)
    return _ddi(configuration, state, ddi, way, path)


def _ddi(configuration: ClientConfiguration, state: CallState, ddi: Ddi, way: Way, path: str) -> tuple[Step, ...]:
    if ddi.kind == "user" and ddi.target in configuration.users:
        return _ring(configuration, state, configuration.users[ddi.target], way, path)
    if ddi.kind in {"device", "account"} and ddi.target in configuration.devices:
        return _ring(configuration, state, configuration.devices[ddi.target], way, path)
    if ddi.kind == "extension" and ddi.target in configuration.extensions:
        return _extension(configuration, state, configuration.extensions[ddi.target], way)
    if ddi.kind == "number":
        return (_outside(state, ddi.target, way, path),)
    return (Reject(404, "nothing answers this number", path),)


def _extension(
    configuration: ClientConfiguration, state: CallState, extension: Extension, way: Way
) -> tuple[Step, ...]:
    path = f"{configuration.path}/extension/{extension.number}"
    if extension.outside:
        return (_outside(state, extension.outside, way, path),)
    if extension.user is None:
        return (Reject(404, f"nothing answers an extension of kind {extension.kind}", path),)
    return _ring(configuration, state, extension.user, replace(way, dialled=extension.number), path)


def _ring(
    configuration: ClientConfiguration, state: CallState, owner: User | Device, way: Way, path: str
) -> tuple[Step, ...]:
    """Return the steps that ring a user, a device or an account, or what happens instead."""
    instead = _forward(owner, "unconditional", way)
    contact = _contact(owner)
    if instead is None and contact is None:
        instead = _forward(owner, "not_registered", way)
    if instead is not None:
        return _go_on(configuration, state, owner, instead, way)
    if contact is None:
        what = "the user has no terminal" if isinstance(owner, User) else "no telephone of the account is registered"
        return (Reject(480, what, configuration.path_of(owner)),)
    timed = _forward(owner, "no_answer", way)
    if isinstance(owner, Device):
        number, name, called = way.ddi or owner.name, "", way.ddi if owner.called_number else ""
    else:
        number, name, called = owner.extension or way.dialled or way.ddi, owner.display_name, ""
    return (
        Ring(
            endpoint=contact.endpoint,
            address=contact.address,
            caller=way.caller,
            callee=Party(number, name, configuration.path_of(owner)),
            seconds=min(timed.after, state.ring_seconds) if timed is not None else state.ring_seconds,
            cause=path,
            called=called,
            way=way,
            owner=owner,
        ),
    )


def _contact(owner: User | Device) -> Contact | None:
    """Return where an owner is rung; None where nobody can be.

    A retail account is none of call logic's: the users proxy has found nobody there, or call logic would not be asked.
    """
    if isinstance(owner, User):
        return owner.contact
    return Contact(owner.id, owner.address) if owner.kind == "device" else None


def _forward(owner: User | Device, when: str, way: Way) -> Forward | None:
    """Return the forward that is for this call: for its DDI before for any, for its kind of call before for all."""
    calls = "external" if way.external else "internal"
    found = [
        forward
        for forward in owner.forwards
        if forward.when == when and forward.calls in {"all", calls} and forward.ddi in {"", way.ddi}
    ]
    return min(found, key=lambda forward: (not forward.ddi, forward.calls == "all"), default=None)


def _go_on(
    configuration: ClientConfiguration, state: CallState, owner: User | Device, forward: Forward, way: Way
) -> tuple[Step, ...]:
    path = f"{configuration.path_of(owner)}/forward/{forward.when}"
    if way.forwards >= MAXIMUM_FORWARDS:
        return (Reject(482, f"forwarded more than {MAXIMUM_FORWARDS} times", path),)
    contact = _contact(owner)
    endpoint = owner.id if isinstance(owner, Device) else contact.endpoint if contact else ""
    onward = replace(way, forwards=way.forwards + 1, payer=endpoint)
    if forward.extension:
        extension = configuration.extensions.get(forward.extension)
        if extension is None:
            return (Reject(404, "the forward leads to no extension", path),)
        return _extension(configuration, state, extension, onward)
    return (_outside(state, forward.number, onward, path),)


def _outside(state: CallState, number: str, way: Way, path: str) -> Outside:
    """Return the step that calls a number outside: the payer's call, which presents what it may.

    What goes on because of a DDI presents that DDI (seed 003), and says that it was diverted.
    """
    return Outside(
        endpoint=way.payer,
        number=number,
        presented=way.ddi or way.presented,
        diverted=way.ddi,
        seconds=state.outside_seconds,
        hops=state.hops,
        cause=path,
    )


def _caller(configuration: ClientConfiguration, event: Dialled) -> Party:
    user = configuration.users_by_endpoint.get(event.endpoint)
    if user is None:
        return Party(event.caller, "", outside=not event.endpoint)
    return Party(user.extension or event.caller, user.display_name, configuration.path_of(user))


def _after_ring(configuration: ClientConfiguration, state: CallState, event: RingEnded) -> tuple[Step, ...]:
    if event.answered or event.cancelled:
        return ()
    ring = event.ring
    if ring.owner is not None:
        forward = _forward(ring.owner, _ending(event.code), ring.way)
        if forward is not None:
            return _go_on(configuration, state, ring.owner, forward, ring.way)
    code, reason = _refusal(event.code)
    return (Reject(code, reason, ring.cause),)


def _ending(code: int) -> str:
    """Return which kind of forward the end of a ring calls for; empty for none."""
    if code == 0:
        return "no_answer"
    if code in {404, 480, 408}:
        return "not_registered"
    return "busy" if code in {486, 600} else ""


def _after_outside(event: OutsideEnded) -> tuple[Step, ...]:
    """Return the end of a call to the outside: the outside's answer is handed back.

    A failure of the whole outside becomes 502: the users proxy says 503 to the telephone, and tries no other server,
    which would only try the same carriers again.
    """
    if event.answered or event.cancelled:
        return ()
    code = event.code or 480
    if code >= _FIRST_SERVER_FAILURE and code < 600:  # noqa: PLR2004 - class 5xx
        code = 502
    return (Reject(code, event.reason or "refused outside", event.outside.cause),)


def _refusal(code: int) -> tuple[int, str]:
    """Return the status for the caller, given the called leg's (RFC 3261 section 21; 0: time ran out).

    A failure of the called leg is never handed back as one of the whole server, or the proxy would try the next one.
    """
    if code == 0:
        return 480, "no answer"
    if code in {404, 480}:
        return 480, "no telephone of the user is registered"
    if code in {486, 600}:
        return 486, "busy"
    if code == 603:  # noqa: PLR2004 - Decline
        return 603, "declined"
    if 400 <= code < 500 and code not in {401, 407, 408, 481, 487}:  # noqa: PLR2004 - class 4xx
        return code, "refused by the called telephone"
    return 480, f"the called leg failed with {code}"
