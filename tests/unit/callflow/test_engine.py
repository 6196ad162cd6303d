"""The engine: what happens to which call, and that nothing else can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.callflow.clients import DOMAIN, acme, document
from trunkline.callflow.configuration import parse
from trunkline.callflow.dry import Line, describe, walk
from trunkline.callflow.engine import MAXIMUM_TRANSFERS, decide
from trunkline.callflow.steps import CallState, Dialled, Outside, Party, Reject, Ring, RingEnded
from trunkline.errors import ConfigurationError

RING_BOB = Ring(
    endpoint="endpoint-bob",
    address=f"bob@{DOMAIN}",
    caller=Party("101", "Alice Adams"),
    callee=Party("102", "bob"),
    seconds=60,
    cause="atlas/acme/extension/102",
)
NUMBERS = st.one_of(st.text(max_size=40), st.sampled_from(sorted(document()["extensions"])))
EVENTS = st.builds(
    Dialled,
    endpoint=st.one_of(st.text(max_size=20), st.just("endpoint-alice")),
    caller=st.text(max_size=20),
    number=NUMBERS,
    domain=st.one_of(st.just(""), st.just(DOMAIN), st.text(max_size=30)),
)


def alice_dials(number: str, domain: str = "") -> Dialled:
    return Dialled("endpoint-alice", "101", number, domain)


def test_an_extension_rings_its_user() -> None:
    assert decide(acme(), CallState(), alice_dials("102")) == (RING_BOB,)


def test_the_users_own_extension_is_presented_whatever_was_dialled() -> None:
    (step,) = decide(acme(), CallState(), alice_dials("112"))
    assert isinstance(step, Ring)
    assert step.callee == Party("102", "bob")
    assert step.cause == "atlas/acme/extension/112"


def test_a_user_without_extension_presents_what_the_proxy_says() -> None:
    (step,) = decide(acme(), CallState(), Dialled("endpoint-carol", "carol", "101"))
    assert isinstance(step, Ring)
    assert step.caller == Party("carol", "Carol")


def test_an_endpoint_that_is_not_known_yet_may_call() -> None:
    (step,) = decide(acme(), CallState(), Dialled("new", "150", "101"))
    assert isinstance(step, Ring)
    assert step.caller == Party("150", "")


@pytest.mark.parametrize(
    ("number", "code", "cause"),
    [
        ("999", 404, "atlas/acme/extension/999"),
        ("", 404, "atlas/acme/extension/"),
        ("10", 404, "atlas/acme/extension/10"),
        ("alice", 404, "atlas/acme/extension/alice"),
        ("199", 404, "atlas/acme/extension/199"),
        ("104", 480, "atlas/acme/user/dave"),
    ],
)
def test_what_leads_to_no_telephone_is_refused(number: str, code: int, cause: str) -> None:
    (step,) = decide(acme(), CallState(), alice_dials(number))
    assert isinstance(step, Reject)
    assert (step.code, step.cause) == (code, cause)


@pytest.mark.parametrize(
    ("leg", "code"),
    [
        *[(0, 480), (404, 480), (480, 480), (486, 486), (600, 486), (603, 603), (488, 488), (415, 415), (406, 406)],
        *[(408, 480), (487, 480), (401, 480), (407, 480), (481, 480), (500, 480), (503, 480), (302, 480), (699, 480)],
    ],
)
def test_the_called_legs_status_reaches_the_caller(leg: int, code: int) -> None:
    (step,) = decide(acme(), CallState(), RingEnded(RING_BOB, code=leg))
    assert isinstance(step, Reject)
    assert (step.code, step.cause) == (code, "atlas/acme/extension/102")


@pytest.mark.parametrize("end", [RingEnded(RING_BOB, answered=True), RingEnded(RING_BOB, cancelled=True)])
def test_nothing_is_left_to_do_after_a_conversation_or_a_cancel(end: RingEnded) -> None:
    assert decide(acme(), CallState(), end) == ()


def test_a_transfer_stays_within_the_client() -> None:
    assert decide(acme(), CallState(1), alice_dials("102", DOMAIN)) == (RING_BOB,)
    (step,) = decide(acme(), CallState(1), alice_dials("102", "globex.example"))
    assert isinstance(step, Reject)
    assert step.code == 404


def test_endless_transfers_end() -> None:
    assert decide(acme(), CallState(MAXIMUM_TRANSFERS), alice_dials("102")) == (RING_BOB,)
    (step,) = decide(acme(), CallState(MAXIMUM_TRANSFERS + 1), alice_dials("102"))
    assert isinstance(step, Reject)
    assert step.code == 482


@given(event=EVENTS, transfers=st.integers(0, 50), codes=st.lists(st.integers(0, 699), min_size=1))
def test_every_call_ends_after_few_steps_and_leaves_the_client_never(
    event: Dialled, transfers: int, codes: list[int]
) -> None:
    left = iter(codes)

    def ended(step: Ring | Outside) -> RingEnded:
        assert isinstance(step, Ring)
        return RingEnded(step, code=next(left, 0))

    steps = list(walk(acme(), CallState(transfers), event, ended))
    assert 1 <= len(steps) <= 2
    last = steps[-1]
    assert isinstance(last, Reject)
    assert 400 <= last.code < 500 or last.code == 603
    for step in steps:
        assert step.cause.startswith("atlas/acme")
        assert all(line.text for line in describe(step))
        if isinstance(step, Ring):
            assert step.address.endswith(f"@{DOMAIN}")


@given(event=EVENTS, transfers=st.integers(0, 50))
def test_the_same_question_has_the_same_answer(event: Dialled, transfers: int) -> None:
    assert decide(acme(), CallState(transfers), event) == decide(acme(), CallState(transfers), event)


@given(number=NUMBERS.filter(lambda number: number not in document()["extensions"]))
def test_whatever_is_no_extension_is_not_found(number: str) -> None:
    (step,) = decide(acme(), CallState(), alice_dials(number))
    assert isinstance(step, Reject)
    assert step.code == 404


def test_the_dry_driver_tells_the_whole_call() -> None:
    lines = [line for step in walk(acme(), CallState(), alice_dials("102")) for line in describe(step)]
    assert lines == [
        Line("rings bob@acme.example for 60 s", "atlas/acme/extension/102"),
        Line("lets it show Alice Adams <101>", "atlas/acme/user/alice"),
        Line("refuses the call with 480: no answer", "atlas/acme/extension/102"),
    ]


@pytest.mark.parametrize("broken", [{}, {"client": {}}, {"client": None, "users": {}, "extensions": {}}])
def test_a_document_of_another_form_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        parse(broken)
