"""A residential device: the SIP device of a residential client."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trunkline.model.endpoint import Peer
from trunkline.model.fields import Language
from trunkline.model.forward import DeviceForward
from trunkline.model.marks import marks
from trunkline.model.telephony import Codecs, PhoneNumber
from trunkline.model.values import Count, YesNo


class Device(Peer):
    """A SIP device of a residential client (seed 004 section 10.2.1). Its key: user name in the brand's domain."""

    ddi: PhoneNumber | None = Field(
        default=None,
        description="a DDI that rings this device and that it presents; needs no entry under `ddis`",
        examples=["+34911234501"],
    )
    language: Language | None = Field(
        default=None,
        description="of announcements; default: the client's",
        examples=["es"],
        json_schema_extra=marks(honoured=False),
    )
    codecs: Codecs | None = Field(
        default=None,
        description="what it may speak, best first; default: what the application servers speak",
        json_schema_extra=marks(honoured=False),
    )
    called_number: YesNo = Field(
        default=False,
        description="calls to it name the DDI that was called; no: the user part that it registered with",
    )
    call_waiting: Annotated[int, Count(0, 100)] = Field(
        default=0,
        description="calls at once; whoever calls then finds it busy; 0: no limit",
        json_schema_extra=marks(honoured=False),
    )
    forwards: list[DeviceForward] = Field(
        default_factory=list,
        description="where calls go instead; those that are set by service code come before",
        examples=[[{"when": "busy", "number": "+34611223344"}]],
    )
