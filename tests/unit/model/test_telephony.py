"""Fields of telephony, one by one: what is accepted stays as it is, what is not says what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from trunkline.model import telephony
from trunkline.model.values import Count, OneOf, YesNo, check_yes_no

Check = Callable[[Any], Any]

GOOD: dict[Check, list[str]] = {
    telephony.check_number: ["+34911234567", "+2901234", "+123456789012345"],
    telephony.check_address: ["192.0.2.10", "2001:db8::1", "10.0.0.1"],
    telephony.check_network: ["192.0.2.10", "192.0.2.0/24", "2001:db8::/32", "2001:db8::1"],
    telephony.check_mac: ["00:1a:2b:3c:4d:5e"],
    telephony.check_email: ["a@b.example", "first.last+tag@sub.example.com"],
    telephony.check_service_code: ["*94", "94", "**1", "#31", "*0"],
}
BAD: dict[Check, list[str]] = {
    telephony.check_number: [
        "",
        "911234567",
        "0034911234567",
        "+034911234567",
        "+34 911",
        "+1234567890123456",
        "+34911a",
    ],
    telephony.check_address: [
        "",
        "192.0.2.256",
        "192.0.2.0/24",
        "::ffff:192.0.2.1",
        "fe80::1%eth0",
        "::1",
        "2001:DB8::1",
    ],
    telephony.check_network: ["", "192.0.2.10/24", "0.0.0.0/0", "::/0", "192.0.2.10/32", "a.example", "192.0.2.0/33"],
    telephony.check_mac: ["", "001a2b3c4d5e", "00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d", "00:1a:2b:3c:4d:5g"],
    telephony.check_email: ["", "a", "a@b", "a b@c.example", "@b.example", "a@-b.example", "a@b.example\n"],
    telephony.check_service_code: ["", "*", "*12345", "94*", "*a", "***1"],
}
REMEDIES: dict[tuple[Check, str], str] = {
    (telephony.check_number, "0034 911 234 567"): "write +34911234567",
    (telephony.check_number, "+34 (911) 234-567"): "write +34911234567",
    (telephony.check_network, "192.0.2.10/24"): "write 192.0.2.0/24",
    (telephony.check_network, "192.0.2.10/32"): "write 192.0.2.10",
    (telephony.check_address, "2001:DB8:0:0::1"): "write 2001:db8::1",
    (telephony.check_mac, "001A.2B3C.4D5E"): "write 00:1a:2b:3c:4d:5e",
}


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, values in GOOD.items() for value in values])
def test_accepted_as_it_stands(check: Check, value: str) -> None:
    assert check(value) == value


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, values in BAD.items() for value in values])
def test_refused_with_a_remedy(check: Check, value: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        check(value)
    assert caught.value.type.startswith("TL045")
    assert (caught.value.context or {})["remedy"]


@pytest.mark.parametrize(("check", "value"), REMEDIES)
def test_a_remedy_is_the_value_in_normal_form(check: Check, value: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        check(value)
    assert (caught.value.context or {})["remedy"] == REMEDIES[check, value]


@given(st.text())
def test_no_text_breaks_a_check(value: str) -> None:
    for check in (*GOOD, check_yes_no, Count(1, 9).check):
        try:
            check(value)
        except PydanticCustomError as error:
            assert error.message()  # noqa: PT017 - either outcome is right, an error has to say something


@given(st.ip_addresses())
def test_every_address_is_accepted_in_one_form_or_refused(address: object) -> None:
    try:
        assert telephony.check_address(str(address)) == str(address)
        assert telephony.check_network(str(address)) == str(address)
    except PydanticCustomError as error:
        assert "packets" in (error.context or {})["remedy"]  # noqa: PT017 - see above


def test_codecs_stand_once() -> None:
    assert telephony.check_codecs(["opus", "alaw"]) == ["opus", "alaw"]
    for wrong in (["opus", "opus"], ["mp3"], []):
        with pytest.raises(PydanticCustomError):
            telephony.check_codecs(wrong)


@pytest.mark.parametrize(("value", "expected"), [("yes", True), ("no", False), (True, True)])
def test_yes_and_no(value: Any, expected: bool) -> None:
    assert TypeAdapter(YesNo).validate_python(value) is expected


@pytest.mark.parametrize("value", ["on", "true", "Yes", "1", "", 1, None])
def test_nothing_else_is_yes_or_no(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(YesNo).validate_python(value)


@pytest.mark.parametrize("value", ["0", "10", "1.0", "+3", "03", "٣", "three", "", True, None, 12])
def test_a_number_within_limits(value: Any) -> None:
    with pytest.raises(PydanticCustomError):
        Count(1, 9).check(value)
    assert Count(1, 9).check("3") == Count(1, 9).check(3) == 3


def test_one_of_some_words() -> None:
    adapter: TypeAdapter[str] = TypeAdapter(Annotated[str, OneOf("udp", "tcp")])
    assert adapter.validate_python("udp") == "udp"
    assert adapter.json_schema() == {"type": "string", "enum": ["udp", "tcp"]}
    with pytest.raises(ValidationError, match="none of the choices"):
        adapter.validate_python("sctp")
