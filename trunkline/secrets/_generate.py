"""How a secret comes into being: random, or derived from the stack's own root key.

A platform may have a million terminals (architecture.md section 4), and each needs a password that nobody chose. Kept
one by one they would make the encrypted file too large to open for every command, so the password of a terminal or
another device of a tenant is computed from one random root key and its name. Whoever can read the file can compute
them, as he could read them from it; nobody else can, and one password says nothing about another (HMAC-SHA-256,
RFC 2104).
A password that was rotated or set for one of them alone is stored, and what is stored is used.
"""

from __future__ import annotations

import hmac
import secrets

# Without 0 O 1 l I: people type a terminal's password into a telephone. 57 characters, 5.8 bits each.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RANDOM_LENGTH = 32
DERIVED_LENGTH = 20
ROOT_KEY = "terminal_root_key"
_PAIRS = [low + high for high in ALPHABET for low in ALPHABET]
_HALF = len(ALPHABET) ** (DERIVED_LENGTH // 2)
_ALL = _HALF**2


def random_secret() -> str:
    """Return a new random secret of 32 characters (186 bits), safe in every configuration file and connection URI."""
    return "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))


def is_derived(name: str) -> bool:
    """Return whether the secret of this name is computed, unless it is stored: ``<kind>/<brand>/<client>/<name>``."""
    return "/" in name


def derived_secret(root_key: str, name: str) -> str:
    """Compute the secret of a name from the stack's root key.

    Args:
        root_key: The random secret `ROOT_KEY` of the stack.
        name: For example ``terminal/atlas/acme/alice``.

    Returns:
        20 characters (116 bits), the same for the same arguments.
    """
    number = int.from_bytes(hmac.digest(root_key.encode(), name.encode(), "sha256")) % _ALL
    # The digits to base 57, the lowest first; halves and pairs, because there are millions of them.
    high, low = divmod(number, _HALF)
    pairs = []
    for half in (low, high):
        rest = half
        for _ in range(DERIVED_LENGTH // 4):
            rest, pair = divmod(rest, len(_PAIRS))
            pairs.append(_PAIRS[pair])
    return "".join(pairs)
