"""What the text of a field may look like, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from trunkline.model import fields
from trunkline.model.client import Client

GOOD = {
    fields.check_name: ["a", "0", "alice", "front-desk", "a.b_c", "x" * 64],
    fields.check_domain: ["acme.atlas.example", "a.b", "xn--bcher-kva.example", "1.2.example"],
    fields.check_extension: ["10", "012", "123456789012345"],
    fields.check_ha1: ["0123456789abcdef" * 2],
    fields.check_display_name: ["A", "José Núñez", "名前", "a b", "x" * 80],
}
BAD = {
    fields.check_name: ["", "A", "a b", "-a", "a-", "a/b", "ä", "x" * 65, "a\n", "..", "٣"],
    fields.check_domain: [
        "",
        "acme",
        "Acme.example",
        "a..b",
        ".a.b",
        "a.b.",
        "10.0.0.1",
        "a_b.example",
        "bücher.example",
        "-a.example",
        f"{'x' * 64}.example",
        "a." * 130 + "b",
        "a.example\n",
    ],
    fields.check_extension: ["", "1", "1a", "+10", "1234567890123456", "٣٣", "10\n", " 10"],
    fields.check_ha1: ["", "0" * 31, "0" * 33, "G" * 32, "ABCDEF01" * 4],
    fields.check_display_name: ["", " ", " a", "a ", "x" * 81, "a\tb", "a\nb", "a\u202eb", "a\u200bb"],
}


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, values in GOOD.items() for value in values])
def test_accepted(check: object, value: str) -> None:
    assert callable(check)
    assert check(value) == value


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, values in BAD.items() for value in values])
def test_refused_with_a_remedy(check: object, value: str) -> None:
    assert callable(check)
    with pytest.raises(PydanticCustomError) as caught:
        check(value)
    assert caught.value.type.startswith("TL02")
    assert (caught.value.context or {})["remedy"]
    assert len(caught.value.message()) < 200


def test_a_wrong_ha1_is_not_repeated() -> None:
    with pytest.raises(PydanticCustomError) as caught:
        fields.check_ha1("hunter2")
    assert "hunter2" not in str(caught.value) + str(caught.value.context)


@given(st.text())
def test_no_text_breaks_a_check(value: str) -> None:
    for check in GOOD:
        try:
            check(value)
        except PydanticCustomError as error:
            assert error.message()  # noqa: PT017 - either outcome is right, an error has to say something


def test_defaults_are_filled_in_once() -> None:
    client = Client.model_validate(
        {
            "type": "vpbx",
            "domain": "a.example",
            "users": {"bob": {"name": "B", "extension": "012"}, "alice": {"name": "A", "terminal": "desk"}},
            "terminals": {"desk": None},
            "extensions": {"180": {"user": "alice"}, "99": {"user": "alice"}, "98": {"user": "bob"}, "19": None},
        }
    )
    assert client.screen_extensions() == {"bob": "012", "alice": "99"}
    assert list(client.all_terminals()) == ["bob", "desk"]
    assert {number: extension.user for number, extension in client.all_extensions().items()} == {
        "012": "bob",
        "180": "alice",
        "19": None,
        "98": "bob",
        "99": "alice",
    }
