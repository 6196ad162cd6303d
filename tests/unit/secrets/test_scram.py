"""Which database roles have to be changed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.secrets.scram import changed_roles, matches

# The exchange printed in RFC 7677 section 3: user "user", password "pencil".
SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
SALTED = hashlib.pbkdf2_hmac("sha256", b"pencil", base64.b64decode(SALT), 4096)
STORED = base64.b64encode(hashlib.sha256(hmac.digest(SALTED, b"Client Key", "sha256")).digest()).decode()
SERVER = base64.b64encode(hmac.digest(SALTED, b"Server Key", "sha256")).decode()
PENCIL = f"SCRAM-SHA-256$4096:{SALT}${STORED}:{SERVER}"


def test_the_example_of_the_rfc() -> None:
    """The server's signature of RFC 7677 section 3 comes out of our server key, so our keys are the RFC's."""
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    exchange = f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s={SALT},i=4096,c=biws,r={nonce}"
    signature = hmac.digest(base64.b64decode(SERVER), exchange.encode(), "sha256")
    assert base64.b64encode(signature).decode() == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    assert matches("pencil", PENCIL)


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=30).filter(lambda text: text != "pencil"))
def test_any_other_password_does_not_match(password: str) -> None:
    assert not matches(password, PENCIL)


@pytest.mark.parametrize("verifier", [None, "", "md5abc", "SCRAM-SHA-256$x", PENCIL + "x"])
def test_what_is_no_verifier_does_not_match(verifier: str | None) -> None:
    assert not matches("pencil", verifier)


def test_only_roles_that_differ_are_changed() -> None:
    state = json.dumps(
        {"roles": {"same": [PENCIL, -1], "old": [PENCIL, -1], "limit": [PENCIL, -1], "none": [None, -1]}}
    )
    roles: list[dict[str, Any]] = [
        {"name": "same", "password": "pencil"},
        {"name": "old", "password": "paper"},
        {"name": "limit", "password": "pencil", "connection_limit": 5},
        {"name": "none", "password": "pencil"},
        {"name": "new", "password": "pencil"},
    ]
    assert [role["name"] for role in changed_roles(roles, state)] == ["old", "limit", "none", "new"]
    assert changed_roles(roles, "") == roles
