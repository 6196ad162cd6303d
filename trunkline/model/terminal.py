"""A terminal: SIP credentials, for one phone or for several that ring together."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.fields import Ha1
from trunkline.model.item import Item


class Terminal(Item):
    """SIP credentials (seed 004 section 10.1.2). Its key is the SIP user name.

    Attributes:
        ha1: Digest hash of an existing password, for accounts that come from elsewhere. Without it the platform makes a
            password at first use: `trunkline secrets get terminal/<brand>/<client>/<terminal>`.
    """

    ha1: Ha1 | None = Field(
        default=None, description="md5(terminal:domain:password); default: a password is generated", repr=False
    )
