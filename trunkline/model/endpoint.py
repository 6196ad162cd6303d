"""What speaks SIP at a client: the parts that terminals, friends, residential devices and retail accounts share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trunkline.model.fields import Domain, Ha1, Note, Reference
from trunkline.model.item import Item
from trunkline.model.locale import Country
from trunkline.model.marks import marks
from trunkline.model.telephony import IpAddress, PhoneNumber, PortNumber, Transport
from trunkline.model.transformation_set import transformation_set_field
from trunkline.model.values import Count, YesNo


class Endpoint(Item):
    """A SIP account (seed 004 section 10.1.2). Its key is the SIP user name."""

    ha1: Ha1 | None = Field(
        default=None,
        description="md5(name:domain:password) of an account from elsewhere; default: a password is generated",
        repr=False,
    )
    encryption: YesNo = Field(
        default=False,
        description="calls are only set up if their audio can be encrypted",
        json_schema_extra=marks(honoured=False),
    )
    t38: YesNo = Field(
        default=False,
        description="it sends faxes: routes for faxes come first for its calls; T.38 itself is not passed on yet",
    )
    max_calls: Annotated[int, Count(0, 100_000)] = Field(
        default=0, description="calls at once, in and out together; 0: no limit", examples=["2"]
    )


class Direct(Item):
    """Where an account is reached that does not register (seed 004 section 10.2.1, direct connectivity)."""

    address: IpAddress = Field(description="its IP address", examples=["192.0.2.10"])
    port: PortNumber = Field(default=5060, description="its SIP port")
    transport: Transport = Field(default="udp", description="how it is reached")
    trusted: YesNo = Field(default=False, description="what comes from this address and port needs no password")


class Peer(Endpoint):
    """A SIP account behind which more than one phone may stand (seed 004 sections 10.1.5, 10.2.1 and 10.3.1)."""

    description: Note | None = Field(default=None, description="for people", examples=["The PBX of the old office"])
    direct: Direct | None = Field(
        default=None,
        description="where it is reached; default: it registers",
    )
    outgoing_ddi: PhoneNumber | None = Field(
        default=None,
        description="presented outside, unless the caller presents a DDI of the client; default: the client's",
        examples=["+34911234567"],
        json_schema_extra=marks(refers="ddis"),
    )
    outgoing_ddi_rule: Reference | None = Field(
        default=None,
        description="an outgoing DDI rule, which makes exceptions; default: the client's",
        examples=["mobiles"],
        json_schema_extra=marks(refers="outgoing_ddi_rules"),
    )
    from_domain: Domain | None = Field(
        default=None,
        description="domain of the From header of calls to it; default: its own",
    )
    country: Country | None = Field(
        default=None,
        description="whose way to write numbers it uses; default: the client's",
        json_schema_extra=marks(honoured=False),
    )
    transformation_set: Reference | None = transformation_set_field("that of its country, else the client's")
    multi_contact: YesNo = Field(
        default=True,
        description="all registered phones ring; no: only the one that registered last",
    )
