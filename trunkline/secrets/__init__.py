"""Secrets of a stack: generated at first use, kept in one file encrypted by ansible-vault, never printed unasked.

from trunkline.secrets import Secrets
secrets = Secrets.open(stack_root)
password = secrets.get("postgresql_trunkline_proxy_password")
"""

from __future__ import annotations

from trunkline.secrets._passwords import Passwords
from trunkline.secrets._store import Secrets

__all__ = ["Passwords", "Secrets"]
