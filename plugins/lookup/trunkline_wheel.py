"""Lookup ``trunkline_wheel``: the wheel of this very code, built when the sources have changed."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from trunkline.errors import TrunklineError
from trunkline.wheel import wheel

DOCUMENTATION = """
name: trunkline_wheel
short_description: Build the wheel of the package, or find the one that was built
description:
  - Returns C(path) and C(digest) of the wheel for the hosts; built without network, kept in the cache folder.
options: {}
"""


class LookupModule(LookupBase):
    """Return one mapping with the path of the wheel and the digest of its sources."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **_: Any) -> list[dict[str, str]]:
        """Take no terms."""
        del terms, variables
        try:
            found = wheel()
        except TrunklineError as error:
            raise AnsibleLookupError(str(error)) from error
        return [{"path": str(found.path), "digest": found.digest}]
