"""A carrier: who takes calls to the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from trunkline.model.credentials import Credentials
from trunkline.model.fields import Name, Note, Reference
from trunkline.model.item import Item
from trunkline.model.marks import marks
from trunkline.model.outside import Host, HostAndPort, SipUser
from trunkline.model.telephony import PortNumber, Transport
from trunkline.model.values import Count, OneOf, YesNo


class CarrierServer(Item):
    """A SIP server of a carrier (seed 004 section 9.2.1). Servers of one carrier stand in for each other."""

    address: Host = Field(description="its IP address, or a name that DNS knows", examples=["192.0.2.50"])
    port: PortNumber | None = Field(
        default=None,
        description="its SIP port; default: what DNS says of a name (SRV), else that of the transport",
        examples=["5062"],
    )
    transport: Transport = Field(default="udp", description="how it is reached; tls: its certificate is verified")
    outbound_proxy: HostAndPort | None = Field(
        default=None,
        description="where requests are sent to instead of the address, which they still name",
        examples=["192.0.2.51:5060"],
    )
    credentials: Credentials | None = Field(
        default=None,
        description=(
            "what answers its question for a password; the password is the secret"
            " carrier/<brand>/<carrier>/<server>; default: our address is enough"
        ),
        examples=[{"user": "atlas-trunk", "realm": "sip.bestel.example"}],
    )
    from_user: SipUser | None = Field(
        default=None, description="user of the From header; default: the caller's number", examples=["atlas-trunk"]
    )
    from_domain: Host | None = Field(
        default=None, description="domain of the From header; default: our own address", examples=["sip.bestel.example"]
    )
    identity: Annotated[str, OneOf("from", "pai", "rpid", "both")] = Field(
        default="pai",
        description=(
            "where it looks for the caller's number. from: in the From header only; pai: in P-Asserted-Identity;"
            " rpid: in Remote-Party-ID; both: in either"
        ),
    )
    health: YesNo = Field(
        default=True, description="it is asked by OPTIONS whether it is there, and left out while it does not answer"
    )


class Carrier(Item):
    """Who takes calls to the outside (seed 004 section 9.2.1). Outgoing routes name it."""

    description: Note | None = Field(default=None, description="for people", examples=["Mobile numbers, all day"])
    contract: Reference | None = Field(
        default=None,
        description="what it is bound by: a contract of type peering",
        examples=["carrier-one"],
        json_schema_extra=marks(refers="contracts"),
    )
    transformation_set: Reference | None = Field(
        default=None,
        description="how it writes numbers; default: as in the brand's country",
        examples=["es"],
        json_schema_extra=marks(refers="transformation_sets"),
    )
    media_set: Name | None = Field(
        default=None,
        description="the set of media relays on its side of calls; default: the client's",
        examples=["default"],
    )
    socket: Name | None = Field(
        default=None,
        description="the address of the trunks proxies that it knows us by; default: the main one",
        examples=["second"],
    )
    max_calls: Annotated[int, Count(0, 1_000_000)] = Field(
        default=0, description="calls at once, of all clients together; 0: no limit", examples=["60"]
    )
    externally_rated: YesNo = Field(
        default=False, description="somebody else works out what its calls cost, so they need no price here"
    )
    prices: Reference | None = Field(
        default=None,
        description="the price list of what its calls cost us; without one it takes no part in least cost routing",
        examples=["bestel"],
        json_schema_extra=marks(refers="price_lists"),
    )
    servers: Mapping[Name, CarrierServer] = Field(
        default_factory=dict,
        description="its SIP servers, by name; they share its calls",
        examples=[{"main": {"address": "192.0.2.50"}}],
    )
