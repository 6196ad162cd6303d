"""Digest: the examples of RFC 7616, and that only the right password proves itself."""

from __future__ import annotations

import pytest

from trunkline.phone.digest import Challenge, Credentials, digest_response, ha1, parse_fields, strongest, verify
from trunkline.phone.errors import MessageError

RFC_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
RFC_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_example_of_rfc_7616(algorithm: str, expected: str) -> None:
    challenge = Challenge("http-auth@example.org", RFC_NONCE, algorithm, ("auth",))
    secret = ha1(algorithm, "Mufasa", challenge.realm, "Circle of Life")
    response = digest_response(
        challenge, secret, "GET", "/dir/index.html", qop="auth", nc="00000001", cnonce=RFC_CNONCE, body=b""
    )
    assert response == expected


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
@pytest.mark.parametrize("qop", [(), ("auth",), ("auth-int",)])
def test_only_the_right_password_is_accepted(algorithm: str, qop: tuple[str, ...]) -> None:
    challenge = Challenge("phones.example", "n1", algorithm, qop, opaque="o")
    assert Challenge.parse(str(challenge)) == challenge
    value = Credentials("alice", "right").authorize(challenge, "INVITE", "sip:bob@phones.example", b"body")
    assert verify(value, challenge, "right", "INVITE", b"body")
    assert not verify(value, challenge, "wrong", "INVITE", b"body")
    assert not verify(value, challenge, "right", "BYE", b"body")
    assert not verify(value, Challenge("phones.example", "n2", algorithm, qop), "right", "INVITE", b"body")


def test_nonce_count_rises() -> None:
    credentials = Credentials("alice", "secret")
    challenge = Challenge("r", "n", qop=("auth",))
    counts = [parse_fields(credentials.authorize(challenge, "REGISTER", "sip:r"))["nc"] for _ in range(3)]
    assert counts == ["00000001", "00000002", "00000003"]


def test_the_strongest_known_algorithm_is_taken() -> None:
    weak, strong, unknown = Challenge("r", "1"), Challenge("r", "2", "SHA-256"), Challenge("r", "3", "WHIRLPOOL")
    assert strongest([weak, unknown, strong]) == strong
    assert strongest([unknown]) is None


@pytest.mark.parametrize("text", ["Basic abc", 'Digest realm="r"', ""])
def test_not_a_challenge(text: str) -> None:
    with pytest.raises(MessageError):
        Challenge.parse(text)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Credentials("alice", "secret"))
