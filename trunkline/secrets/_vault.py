"""The encrypted file: ansible-vault's format, so that ansible's own tools can open it in an emergency."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import yaml
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, VaultSecret

from trunkline.errors import PlatformError
from trunkline.paths import cache_root

KEY_SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "vault-password"


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
        text = VaultLib([("default", VaultSecret(key.encode()))]).decrypt(data)
    except AnsibleError as error:
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
    data = VaultLib([]).encrypt(text.encode(), secret=VaultSecret(key.encode()))
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
