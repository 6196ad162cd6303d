"""Lookup ``trunkline_secret``: a secret of the stack the inventory belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from trunkline.errors import TrunklineError
from trunkline.secrets import Secrets

DOCUMENTATION = """
name: trunkline_secret
short_description: Read a secret of the stack, made at first use
description:
  - Returns secrets from the encrypted file of the stack; see C(trunkline secrets).
  - Tasks that use the value set C(no_log).
options:
  _terms:
    description: Names of secrets.
    required: true
"""


class LookupModule(LookupBase):
    """Return the values of secrets, in the order of their names."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **_: Any) -> list[str]:
        """Return one value per term."""
        try:
            values = Secrets.open(Path(str((variables or {})["trunkline_stack_root"]))).get_many(terms)
        except KeyError as error:
            raise AnsibleLookupError("the inventory has no trunkline_stack_root: is it one of ours?") from error
        except TrunklineError as error:
            raise AnsibleLookupError(str(error)) from error
        return [values[name] for name in terms]
