"""A retail account: the SIP trunk of a retail client."""

from __future__ import annotations

from pydantic import Field

from trunkline.model.endpoint import Peer
from trunkline.model.forward import AccountForward
from trunkline.model.telephony import PhoneNumber
from trunkline.model.values import YesNo


class Account(Peer):
    """A SIP trunk of a retail client (seed 004 section 10.3.1). Its key is the user name in the brand's domain."""

    ddi: PhoneNumber | None = Field(
        default=None,
        description="a DDI that leads to this account and that it presents; needs no entry under `ddis`",
        examples=["+34911234501"],
    )
    called_number: YesNo = Field(
        default=True,
        description="calls to it name the DDI that was called; no: the user part that it registered with",
    )
    forwards: list[AccountForward] = Field(
        default_factory=list,
        description="where calls go instead",
        examples=[[{"when": "not_registered", "number": "+34611223344"}]],
    )
