"""The parser: what it reads, what it refuses, and that nothing makes it crash."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.phone.errors import MessageError
from trunkline.phone.message import Message, StreamReader, Via
from trunkline.phone.sdp import SessionDescription
from trunkline.phone.uri import NameAddress, Uri, split_quoted

TOKEN = st.text(string.ascii_letters + string.digits + "-.!%*_+`'~", min_size=1, max_size=20)
VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60).map(str.strip)
NAME = TOKEN.filter(lambda name: name.lower() not in {"l", "content-length"})
HEADERS = st.lists(st.tuples(NAME, VALUE), max_size=12)
START = st.one_of(
    st.builds(lambda method, user: f"{method} sip:{user}@example.com SIP/2.0", TOKEN, TOKEN),
    st.builds(lambda code, reason: f"SIP/2.0 {code} {reason}", st.integers(100, 699), TOKEN),
)
MESSAGES = st.builds(Message, START, HEADERS, st.binary(max_size=200))

INVITE = (
    b"INVITE sip:bob@example.com SIP/2.0\r\n"
    b"v: SIP/2.0/UDP a.example:5060;branch=z9hG4bK1, SIP/2.0/TCP b.example;branch=z9hG4bK2\r\n"
    b'f: "Alice \\"A\\" <x>, Smith" <sip:alice@example.com;user=phone>;tag=1\r\n'
    b"t: sip:bob@example.com;tag=2\r\n"
    b"i: abc@a\r\n"
    b"CSEQ: 7 INVITE\r\n"
    b"m: <sip:alice@a.example>;expires=60,\r\n\t<sip:alice@b.example>\r\n"
    b"k: 100rel,\r\n timer\r\n"
    b"l: 4\r\n\r\nbodyrest"
)


@given(MESSAGES)
def test_what_is_written_is_read_again(message: Message) -> None:
    assert Message.parse(bytes(message)) == message


@given(st.lists(MESSAGES, max_size=5), st.lists(st.integers(1, 97), min_size=1, max_size=5))
def test_a_stream_is_cut_at_the_same_places_whatever_its_pieces(messages: list[Message], sizes: list[int]) -> None:
    data = b"\r\n\r\n".join(bytes(message) for message in messages)
    reader, found, turn = StreamReader(), [], 0
    while data:
        size = sizes[turn % len(sizes)]
        piece, data, turn = data[:size], data[size:], turn + 1
        found += reader.feed(piece)
    assert [Message.parse(one) for one in found] == messages


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_and_do_no_harm(data: bytes) -> None:
    for parse in (Message.parse, SessionDescription.parse, StreamReader().feed):
        try:
            parse(data)
        except MessageError:
            continue


@given(st.binary(max_size=200), st.integers(0, len(INVITE) - 1))
def test_damaged_messages_are_refused_or_read(noise: bytes, place: int) -> None:
    data = INVITE[:place] + noise + INVITE[place + len(noise) :]
    try:
        message = Message.parse(data)
        for name in ("via", "from_", "to", "cseq", "code", "reason", "method", "uri"):
            getattr(message, name)
    except MessageError:
        return


@given(st.text(max_size=80))
def test_random_text_is_refused_by_the_small_parsers(text: str) -> None:
    for parse in (Uri.parse, NameAddress.parse, Via.parse):
        try:
            parse(text)
        except MessageError:
            continue


def test_compact_forms_folding_and_lists() -> None:
    message = Message.parse(INVITE)
    assert message.method == "INVITE"
    assert message.uri == "sip:bob@example.com"
    assert message.via == Via("UDP", "a.example:5060", (("branch", "z9hG4bK1"),))
    assert len(message.get_all("Via")) == 2
    assert message.from_ == NameAddress(
        Uri("alice", "example.com", parameters=(("user", "phone"),)), 'Alice "A" <x>, Smith', (("tag", "1"),)
    )
    assert message.to.tag == "2"
    assert message.cseq == (7, "INVITE")
    assert message.get_all("Contact") == ["<sip:alice@a.example>;expires=60", "<sip:alice@b.example>"]
    assert message.has_option("Supported", "TIMER")
    assert message.body == b"body"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"INVITE sip:a@b SIP/3.0\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nno colon\r\n\r\n",
        b"SIP/2.0 99 No\r\n\r\n",
        b"SIP/2.0 200 OK\r\nContent-Length: 5\r\n\r\n1234",
        b"SIP/2.0 200 OK\r\nContent-Length: -5\r\n\r\n1234",
        b"SIP/2.0 200 OK\r\nX: \xff\xfe\r\n\r\n",
    ],
)
def test_not_a_message(data: bytes) -> None:
    with pytest.raises(MessageError):
        Message.parse(data)


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@example.com",
        "sips:alice@example.com:5061;transport=tcp;lr",
        "sip:[2001:db8::1]:5060",
        "sip:bob@example.com?Replaces=a%3Bb&Subject=x",
        "sip:+34911234567;phone-context=x@example.com",
    ],
)
def test_uri_is_written_as_it_was_read(text: str) -> None:
    assert str(Uri.parse(text)) == text


@pytest.mark.parametrize("text", ["", "tel:+34911234567", "sip:", "sip:a@b:99999", "sip:a b@c", "http://a"])
def test_not_a_uri(text: str) -> None:
    with pytest.raises(MessageError):
        Uri.parse(text)


def test_commas_in_quotes_and_brackets_do_not_split() -> None:
    assert split_quoted('"a, b" <sip:x@y;c=1,2>, <sip:z>', ",") == ['"a, b" <sip:x@y;c=1,2>', "<sip:z>"]


def test_reply_keeps_what_the_rfc_says() -> None:
    request = Message.parse(INVITE.replace(b";tag=2", b""))
    reply = request.reply(180, to_tag="mine")
    assert reply.start == "SIP/2.0 180 Ringing"
    assert reply.get_all("Via") == request.get_all("Via")
    assert reply.to.tag == "mine"
    assert request.reply(100, to_tag="mine").to.tag == ""


def test_set_and_remove() -> None:
    message = Message.response(200, headers=[("f", "a"), ("X-One", "1"), ("x-one", "2")])
    message.set("From", "b")
    message.remove("Call-ID")
    assert message.headers == [("From", "b"), ("X-One", "1"), ("x-one", "2")]
    assert message.get_all("x-ONE") == ["1", "2"]
