"""Where everything that is fetched, built or remembered lives: the one owner of the cache folder's layout.

``$TRUNKLINE_CACHE`` (default ``/var/cache/trunkline``) holds

- ``downloads/``: files fetched from vendors, verified
- ``pulumi/``: the Pulumi command line and its plugins
- ``rootfs/<digest>/``: base file systems of lab hosts
- ``apt/``: the lab's package cache
- ``debs/``, ``pip/``: packages built by us, Python packages
- ``tenants/<inventory>.sqlite``: what unchanged files of tenants came to (`trunkline.pipeline`); may be deleted
- ``vault-password``: opens every ``secrets.yml``
- ``stacks/<stack>/``: one folder per platform: state, outputs, secrets, keys, hosts
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from trunkline.errors import ConfigurationError

STACK_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def cache_root() -> Path:
    """Return the cache folder: ``$TRUNKLINE_CACHE``, else ``/var/cache/trunkline``."""
    return Path(os.environ.get("TRUNKLINE_CACHE") or "/var/cache/trunkline").absolute()


def stack_root(stack: str) -> Path:
    """Return the folder of one stack; it need not exist yet.

    Raises:
        ConfigurationError: The name is not a stack's name; it would end up in names of bridges, folders and cgroups.
    """
    if not STACK_NAME.fullmatch(stack):
        raise ConfigurationError(
            f"{stack!r} cannot be the name of a platform",
            remedy="use up to 31 lower-case letters, digits and hyphens, beginning with a letter",
        )
    return cache_root() / "stacks" / stack


def outputs_file(stack: str) -> Path:
    """Return the file with the outputs of the stack's last ``up``: what the inventory plugin reads."""
    return stack_root(stack) / "outputs.json"


def secrets_file(stack: str) -> Path:
    """Return the stack's encrypted secrets (ansible-vault)."""
    return stack_root(stack) / "secrets.yml"


def ssh_key(stack: str) -> Path:
    """Return the private key that opens the stack's hosts."""
    return stack_root(stack) / "ssh" / "id_ed25519"


def known_hosts(stack: str) -> Path:
    """Return the file with the host keys of the stack's hosts; nothing is ever accepted on first sight."""
    return stack_root(stack) / "ssh" / "known_hosts"


def authority_certificate(stack: str) -> Path:
    """Return the certificate of the stack's own authority, made by the role `certificates`; its hosts' are by it."""
    return stack_root(stack) / "ca" / "ca.crt"
