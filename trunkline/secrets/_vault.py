"""The encrypted file: ansible-vault's format 1.1, so that ansible's own tools can open it in an emergency.

Written down in Ansible's manual ("Protecting sensitive data with Ansible vault", "Format of files encrypted with
Ansible Vault"): AES-256 in counter mode under a key that PBKDF2 makes of the password, and an HMAC of what came out.
Ansible's own library would do, but takes three times as long to load as the rest of a plan with nothing to do.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import tempfile
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from trunkline.errors import PlatformError
from trunkline.paths import cache_root

KEY_SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "vault-password"
HEADER = "$ANSIBLE_VAULT;1.1;AES256"
_ITERATIONS = 10_000
_BLOCK = 16  # bytes of AES
_LINE = 80


def vault_key() -> str:
    """Return the key of the vault; made at first use by ``tools/vault-password``, which ansible runs as well.

    Raises:
        PlatformError: The key can neither be read nor made.
    """
    environment = {**os.environ, "TRUNKLINE_CACHE": str(cache_root())}
    try:
        done = subprocess.run([KEY_SCRIPT], env=environment, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        detail = (getattr(error, "stderr", "") or str(error)).strip()
        raise PlatformError(
            f"the key of the vault cannot be read: {detail}",
            remedy="run as the user who owns the cache folder, or name another one in TRUNKLINE_CACHE",
            location=str(KEY_SCRIPT),
        ) from error
    return done.stdout.strip()


def read(path: Path, key: str) -> dict[str, str]:
    """Return the secrets in a file; none when there is no file yet.

    Args:
        path: The encrypted file.
        key: What `vault_key` returned.

    Raises:
        PlatformError: The file was written with another key, or does not hold a mapping of names to text.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        text = decrypt(data, key)
    except ValueError as error:
        raise PlatformError(
            "the secrets cannot be decrypted with the key in the cache folder",
            remedy="put the key back that wrote them (vault-password in the cache folder); without it they are lost",
            location=str(path),
        ) from error
    try:
        # The C loader: ten thousand entries in a tenth of a second.
        values = yaml.load(text, Loader=yaml.CSafeLoader) or {}
    except yaml.YAMLError as error:
        raise PlatformError("the decrypted secrets are not YAML", location=str(path)) from error
    if not isinstance(values, dict) or not all(isinstance(v, str) for pair in values.items() for v in pair):
        raise PlatformError("the decrypted secrets are not a mapping of names to text", location=str(path))
    return values


def write(path: Path, key: str, values: dict[str, str]) -> None:
    """Replace the file atomically: a reader sees the old secrets or the new ones, also after a crash.

    Args:
        path: The encrypted file; its folder is made when it is missing.
        key: What `vault_key` returned.
        values: All secrets, by name.
    """
    text = yaml.dump(values, Dumper=yaml.CSafeDumper, default_flow_style=False, width=1000)
    data = encrypt(text.encode(), key)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def encrypt(plain: bytes, key: str) -> bytes:
    """Return a text as ansible-vault writes it.

    Args:
        plain: The text.
        key: The password of the vault.
    """
    salt = os.urandom(32)
    cipher, signing = _keys(key, salt)
    missing = _BLOCK - len(plain) % _BLOCK
    encryptor = cipher.encryptor()
    secret = encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
    parts = (salt, hmac.digest(signing, secret, "sha256"), secret)
    armoured = b"\n".join([part.hex().encode() for part in parts]).hex()
    lines = [armoured[start : start + _LINE] for start in range(0, len(armoured), _LINE)]
    return "\n".join([HEADER, *lines, ""]).encode()


def decrypt(data: bytes, key: str) -> bytes:
    """Return the text of what ansible-vault, or `encrypt`, wrote.

    Args:
        data: What was written.
        key: The password of the vault.

    Raises:
        ValueError: The key is another one, or the data is damaged.
    """
    header, *lines = data.decode("ascii").split()
    if header != HEADER:
        raise ValueError("not a vault")
    parts = bytes.fromhex("".join(lines)).decode("ascii").split("\n")
    salt, signature, secret = (bytes.fromhex(part) for part in parts)
    cipher, signing = _keys(key, salt)
    if not hmac.compare_digest(hmac.digest(signing, secret, "sha256"), signature):
        raise ValueError("another key")
    decryptor = cipher.decryptor()
    padded = decryptor.update(secret) + decryptor.finalize()
    return padded[: -padded[-1]]


def _keys(key: str, salt: bytes) -> tuple[Cipher[modes.CTR], bytes]:
    """Return the cipher and the key of the signature."""
    made = hashlib.pbkdf2_hmac("sha256", key.encode(), salt, _ITERATIONS, 2 * 32 + _BLOCK)
    return Cipher(algorithms.AES256(made[:32]), modes.CTR(made[64:])), made[32:64]
