"""What shows the outside who we are, or us who the outside is: user name and realm; the password is in the vault."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.fields import Ha1
from trunkline.model.item import Item
from trunkline.model.outside import Realm, SipUser


class Credentials(Item):
    """User name and realm of digest authentication (RFC 3261 section 22).

    The password is a secret that `trunkline secrets set` takes; the database gets md5(user:realm:password) only.
    """

    user: SipUser = Field(description="the user name", examples=["atlas-trunk"])
    realm: Realm = Field(
        description="the realm that the question for the password names", examples=["sip.bestel.example"]
    )
    ha1: Ha1 | None = Field(
        default=None,
        description="md5(user:realm:password) where the password is not in the vault",
        repr=False,
    )
