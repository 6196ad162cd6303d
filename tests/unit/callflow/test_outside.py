"""The engine and the outside: who is called by which DDI, where calls go instead, whose call it is that goes out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.callflow.clients import CLIENT, DOMAIN, document
from tests.unit.callflow.test_agi import ARGUMENTS, Asterisk, Configurations, Numbers, service
from trunkline.callflow.configuration import ClientConfiguration, parse
from trunkline.callflow.engine import MAXIMUM_FORWARDS, decide
from trunkline.callflow.steps import (
    Arrived,
    CallState,
    Dialled,
    Outside,
    OutsideEnded,
    Party,
    Reject,
    Ring,
    RingEnded,
    Step,
)

DDI, MOBILE = "+34911000001", "+34600111222"
FROM = "+33612345678"


def forward(when: str, **more: object) -> dict[str, Any]:
    known = {"when": when, "calls": "all", "after": None, "extension": None, "number": None, "ddi": None}
    return {**known, **more}


def acme(
    ddi: tuple[str, str] = ("user", "alice"), direction: str = "both", **forwards: list[dict[str, Any]]
) -> ClientConfiguration:
    """Return the client with one DDI, and forwards of its users."""
    found = document()
    for name, each in forwards.items():
        found["users"][name]["forwards"] = each
    found["ddis"] = {DDI: {"direction": direction, "kind": ddi[0], "target": ddi[1]}}
    found["client"]["brand_id"] = "brand-id"
    found["extensions"]["105"] = {"id": "x105", "kind": "number", "user": None, "number": MOBILE}
    return parse(found)


def home(kind: str = "device", *forwards: dict[str, Any], called_number: bool = False) -> ClientConfiguration:
    """Return a residential client with one device, or a retail client with one account."""
    device = {
        "kind": kind,
        "name": "hall",
        "address": f"hall@{DOMAIN}",
        "called_number": called_number,
        "forwards": [*forwards],
    }
    return parse(
        {
            "client": {"id": CLIENT, "brand": "atlas", "name": "home", "domain": DOMAIN, "type": "residential"},
            "users": {},
            "extensions": {},
            "devices": {"hall-id": device},
            "ddis": {DDI: {"direction": "both", "kind": kind, "target": "hall-id"}},
        }
    )


def only(configuration: ClientConfiguration, event: Dialled | Arrived | RingEnded | OutsideEnded) -> Step:
    (step,) = decide(configuration, CallState(hops=2), event)
    return step


ARRIVED = Arrived(DDI, FROM)


def test_a_ddi_rings_its_user_with_the_number_of_the_caller() -> None:
    step = only(acme(), ARRIVED)
    assert isinstance(step, Ring)
    assert (step.address, step.caller) == (f"alice@{DOMAIN}", Party(FROM, "", outside=True))
    assert step.cause == f"atlas/acme/ddi/{DDI}"


def test_a_ddi_may_lead_to_an_extension_or_outside() -> None:
    step = only(acme(("extension", "102")), ARRIVED)
    assert isinstance(step, Ring)
    assert step.address == f"bob@{DOMAIN}"
    step = only(acme(("number", MOBILE)), ARRIVED)
    assert isinstance(step, Outside)
    assert (step.number, step.presented, step.diverted, step.endpoint, step.hops) == (MOBILE, DDI, DDI, "", 2)


@pytest.mark.parametrize(
    "configuration", [acme(("none", "")), acme(("user", "nobody")), acme(direction="out"), parse(document())]
)
def test_a_number_that_nothing_answers_is_refused(configuration: ClientConfiguration) -> None:
    step = only(configuration, ARRIVED)
    assert isinstance(step, Reject)
    assert step.code == 404


def test_what_is_no_extension_is_dialled_outside() -> None:
    step = only(acme(), Dialled("endpoint-bob", "102", "600111222", presented="+34600000000"))
    assert step == Outside("endpoint-bob", "600111222", "", "", 180, 2, "")


def test_a_client_without_numbers_outside_has_extensions_only() -> None:
    step = only(parse(document()), Dialled("endpoint-bob", "102", "600111222"))
    assert isinstance(step, Reject)
    assert step.code == 404


def test_an_extension_may_be_a_number_outside() -> None:
    step = only(acme(), Dialled("endpoint-bob", "102", "105"))
    assert isinstance(step, Outside)
    assert (step.number, step.endpoint, step.cause) == (MOBILE, "endpoint-bob", "atlas/acme/extension/105")


def test_a_device_presents_what_it_wants() -> None:
    step = only(home(), Dialled("hall-id", "hall", "600111222", presented=DDI))
    assert isinstance(step, Outside)
    assert (step.endpoint, step.presented, step.diverted) == ("hall-id", DDI, "")


def test_who_transfers_somebody_to_the_outside_pays() -> None:
    """Alice is transferred by bob; a party outside is transferred by bob; both calls are bob's."""
    for endpoint, caller in (("endpoint-alice", "101"), ("", FROM)):
        step = only(acme(), Dialled(endpoint, caller, "600111222", payer="endpoint-bob"))
        assert isinstance(step, Outside)
        assert step.endpoint == "endpoint-bob"


def test_a_party_outside_that_is_transferred_inside_is_shown_with_its_number() -> None:
    step = only(acme(), Dialled("", FROM, "102", payer="endpoint-alice"))
    assert isinstance(step, Ring)
    assert step.caller == Party(FROM, "", outside=True)


@pytest.mark.parametrize(("called_number", "called"), [(False, ""), (True, DDI)])
def test_a_ddi_rings_its_device(called_number: bool, called: str) -> None:
    step = only(home(called_number=called_number), ARRIVED)
    assert isinstance(step, Ring)
    assert (step.endpoint, step.address, step.called, step.seconds) == ("hall-id", f"hall@{DOMAIN}", called, 60)


@pytest.mark.parametrize(
    ("when", "code"), [("no_answer", 0), ("busy", 486), ("busy", 600), ("not_registered", 480), ("not_registered", 404)]
)
def test_a_call_goes_on_when_its_forward_says_so(when: str, code: int) -> None:
    configuration = home("device", forward(when, number=MOBILE, after=15 if when == "no_answer" else None))
    ring = only(configuration, ARRIVED)
    assert isinstance(ring, Ring)
    assert ring.seconds == (15 if when == "no_answer" else 60)
    step = only(configuration, RingEnded(ring, code=code))
    assert isinstance(step, Outside)
    assert (step.endpoint, step.number, step.presented, step.diverted) == ("hall-id", MOBILE, DDI, DDI)
    assert step.cause == f"atlas/home/device/hall/forward/{when}"
    other = only(configuration, RingEnded(ring, code=603))
    assert isinstance(other, Reject)
    assert decide(configuration, CallState(), RingEnded(ring, answered=True)) == ()


def test_an_unconditional_forward_rings_nobody() -> None:
    step = only(
        home("device", forward("busy", number="+34600000000"), forward("unconditional", number=MOBILE)), ARRIVED
    )
    assert isinstance(step, Outside)
    assert step.number == MOBILE


@pytest.mark.parametrize("when", ["unconditional", "not_registered"])
def test_call_logic_is_asked_about_an_account_only_when_nobody_is_there(when: str) -> None:
    chosen = forward(when, number=MOBILE, ddi=DDI)
    step = only(home("account", forward(when, number="+34600000000"), chosen), ARRIVED)
    assert isinstance(step, Outside)
    assert (step.endpoint, step.number) == ("hall-id", MOBILE)
    nobody = only(home("account"), ARRIVED)
    assert isinstance(nobody, Reject)
    assert nobody.code == 480


def test_forwards_for_calls_from_outside_leave_others_alone() -> None:
    configuration = acme(alice=[forward("unconditional", calls="external", extension="102")])
    step = only(configuration, ARRIVED)
    assert isinstance(step, Ring)
    assert step.address == f"bob@{DOMAIN}"
    step = only(configuration, Dialled("endpoint-bob", "102", "101"))
    assert isinstance(step, Ring)
    assert step.address == f"alice@{DOMAIN}"


def test_users_that_forward_to_each_other_end() -> None:
    configuration = acme(
        alice=[forward("unconditional", extension="102")], bob=[forward("unconditional", extension="101")]
    )
    step = only(configuration, ARRIVED)
    assert isinstance(step, Reject)
    assert step.code == 482
    assert MAXIMUM_FORWARDS < 10


@pytest.mark.parametrize(
    ("code", "seen"), [(403, 403), (404, 404), (480, 480), (486, 486), (503, 502), (500, 502), (603, 603), (0, 480)]
)
def test_what_the_outside_says_reaches_the_caller(code: int, seen: int) -> None:
    outside = only(acme(), Dialled("endpoint-bob", "102", "600111222"))
    assert isinstance(outside, Outside)
    step = only(acme(), OutsideEnded(outside, code=code))
    assert isinstance(step, Reject)
    assert step.code == seen
    assert decide(acme(), CallState(), OutsideEnded(outside, cancelled=True)) == ()


class Home(Configurations):
    """Hands out one configuration."""

    def __init__(self, configuration: ClientConfiguration) -> None:
        super().__init__()
        self._configuration = configuration

    async def get(self, client: str) -> ClientConfiguration | None:
        """Return the client."""
        assert client
        return self._configuration


async def commands(
    configuration: ClientConfiguration, number: str, arguments: tuple[str, ...], *, away: bool = False
) -> list[str]:
    asterisk = Asterisk({"GET FULL VARIABLE": "200 result=1 (ANSWER)"})
    async with service(Home(configuration), Numbers(away)) as port:
        await asterisk.call(port, number, arguments)
    return asterisk.commands


OUT = (*ARGUMENTS, "", "1", "", "px1-trunks", "")


async def test_a_call_outside_bears_what_the_trunks_proxy_has_to_know() -> None:
    headers = f"endpoint-alice^brand-id^{CLIENT}^1^{DDI}^{MOBILE}^{DDI}^^"
    assert await commands(acme(), "600111222", OUT) == [
        f'SET VARIABLE "CALLERID(num)" "{DDI}"',
        'SET VARIABLE "CALLERID(name)" ""',
        f'EXEC Dial "PJSIP/px1-trunks/sip:{MOBILE}@{DOMAIN},180,ib(trunkline-outside^s^1({headers}))"',
        'GET FULL VARIABLE "${DIALSTATUS}"',
    ]


ALIVE, DEAD = "200 result=1 (PJSIP/x/sip:x)", "200 result=1 ()"
TWO = (*OUT[:9], "px1-trunks&px2-trunks", "")


@pytest.mark.parametrize(
    ("alive", "status", "refusal", "dialled"),
    [
        ({"px1": ALIVE, "px2": ALIVE}, "ANSWER", "", ["px1"]),
        ({"px1": DEAD, "px2": ALIVE}, "ANSWER", "", ["px2"]),
        ({"px1": DEAD, "px2": DEAD}, "ANSWER", "", ["px1"]),
        ({"px1": ALIVE, "px2": ALIVE}, "CHANUNAVAIL", "", ["px1", "px2"]),
        ({"px1": DEAD, "px2": ALIVE}, "CHANUNAVAIL", "", ["px2", "px1"]),
        ({"px1": ALIVE, "px2": ALIVE}, "CHANUNAVAIL", "SIP 500 Server Error", ["px1"]),
        ({"px1": ALIVE, "px2": ALIVE}, "CONGESTION", "SIP 503 No Carrier Left", ["px1"]),
        ({"px1": ALIVE, "px2": ALIVE}, "NOANSWER", "", ["px1"]),
        ({"px1": ALIVE, "px2": ALIVE}, "CANCEL", "", ["px1"]),
    ],
)
async def test_the_next_trunks_proxy_gets_what_one_before_was_silent_about(
    alive: dict[str, str], status: str, refusal: str, dialled: list[str]
) -> None:
    asterisk = Asterisk(
        {
            **{f'GET FULL VARIABLE "${{PJSIP_DIAL_CONTACTS({name}-trunks)}}"': said for name, said in alive.items()},
            'GET FULL VARIABLE "${HANGUPCAUSE_KEYS()}"': f"200 result=1 ({'PJSIP/px-0000000a' if refusal else ''})",
            'GET FULL VARIABLE "${HANGUPCAUSE(': f"200 result=1 ({refusal})",
            'GET FULL VARIABLE "${DIALSTATUS}"': f"200 result=1 ({status})",
        }
    )
    async with service(Home(acme()), Numbers()) as port:
        await asterisk.call(port, "600111222", TWO)
    found = [line for line in asterisk.commands if line.startswith("EXEC Dial")]
    assert [line.partition("PJSIP/")[2].partition("-")[0] for line in found] == dialled
    assert asterisk.commands.count('EXEC HangupCauseClear ""') == len(dialled)


async def test_a_number_that_is_none_is_refused_with_the_code_of_the_database() -> None:
    assert (await commands(acme(), "*94", OUT))[-1] == 'EXEC PJSIPHangup "404"'
    assert (await commands(acme(), "600111222", (*OUT[:3], "endpoint-bob", *OUT[4:])))[-1] == 'EXEC PJSIPHangup "403"'


async def test_a_call_from_outside_shows_numbers_as_the_endpoint_wants_them() -> None:
    arguments = (ARGUMENTS[0], CLIENT, "px1", "", "+34600123456", "0", DDI, "0", "", "px1-trunks", "")
    found = await commands(home(called_number=True), DDI, arguments)
    assert found[0] == 'SET VARIABLE "CALLERID(num)" "600123456"'
    assert "(trunkline-callee^s^1(hall-id^+34911000001^^911000001))" in found[3]
    away = await commands(home(called_number=True), DDI, arguments, away=True)
    assert away[0] == 'SET VARIABLE "CALLERID(num)" "+34600123456"'


async def test_nobody_calls_outside_while_the_database_is_away() -> None:
    assert await commands(acme(), "600111222", OUT, away=True) == ['EXEC PJSIPHangup "503"']
