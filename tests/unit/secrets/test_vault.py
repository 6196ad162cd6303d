"""The encrypted file is ansible-vault's: each opens what the other wrote, and neither opens what is not whole."""

from __future__ import annotations

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.secrets import _vault

TEXTS = st.binary(max_size=100)
KEYS = st.text(min_size=1, max_size=20)


def _ansible(key: str) -> VaultLib:
    return VaultLib([("default", VaultSecret(key.encode()))])


@given(plain=TEXTS, key=KEYS)
@settings(max_examples=25, deadline=None)
def test_ansible_opens_what_we_wrote(plain: bytes, key: str) -> None:
    assert _ansible(key).decrypt(_vault.encrypt(plain, key)) == plain


@given(plain=TEXTS, key=KEYS)
@settings(max_examples=25, deadline=None)
def test_we_open_what_ansible_wrote(plain: bytes, key: str) -> None:
    assert _vault.decrypt(_ansible(key).encrypt(plain, secret=VaultSecret(key.encode())), key) == plain


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"some: yaml",
        b"$ANSIBLE_VAULT;1.1;AES256\n",
        b"$ANSIBLE_VAULT;1.1;AES256\nnot hexadecimal\n",
        b"$ANSIBLE_VAULT;1.2;AES256;other\n00\n",
        "\u00e9".encode(),
    ],
)
def test_what_is_not_a_vault_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds, all mean the same
        _vault.decrypt(data, "key")


def test_every_changed_digit_is_noticed() -> None:
    written = _vault.encrypt(b"secret: value", "key")
    for place in range(len(_vault.HEADER) + 1, len(written) - 1, 7):
        damaged = bytearray(written)
        damaged[place] = ord("1") if written[place : place + 1] != b"1" else ord("2")
        with pytest.raises(ValueError):  # noqa: PT011 - of several kinds, all mean the same
            _vault.decrypt(bytes(damaged), "key")
    with pytest.raises(ValueError, match="another key"):
        _vault.decrypt(written, "other")
