"""A DDI provider: who brings calls to DDIs of the brand's clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from trunkline.model.credentials import Credentials
from trunkline.model.fields import Ha1, Name, Note, Reference, wrong
from trunkline.model.item import Item
from trunkline.model.marks import marks
from trunkline.model.outside import Host, HostAndPort, Realm, SipUser
from trunkline.model.telephony import IpNetwork, Transport
from trunkline.model.values import Count, YesNo


class ProviderSource(Item):
    """Where calls of a DDI provider come from (seed 004 section 9.2.2). Its key is an address or a range."""

    description: Note | None = Field(default=None, description="for people", examples=["Its gateway in Madrid"])


class Registration(Item):
    """A registration of ours at a DDI provider (seed 004 section 9.2.2).

    Its password is the secret ``registration/<brand>/<provider>/<registration>``.
    """

    user: SipUser = Field(description="the account that is registered", examples=["34911234500"])
    domain: Host = Field(description="the domain of the account", examples=["sip.numbers.example"])
    auth_user: SipUser | None = Field(
        default=None, description="user name that goes with the password; default: the account", examples=["a-4711"]
    )
    realm: Realm | None = Field(
        default=None,
        description="the realm that the question for the password names; default: the domain",
        examples=["numbers"],
    )
    ha1: Ha1 | None = Field(
        default=None, description="md5(auth_user:realm:password) where the password is not in the vault", repr=False
    )
    registrar: HostAndPort | None = Field(
        default=None, description="where REGISTER is sent to; default: the domain", examples=["192.0.2.60:5060"]
    )
    transport: Transport = Field(default="udp", description="how the registrar is reached")
    contact_user: SipUser | None = Field(
        default=None,
        description="user of our address that calls come to; default: one that means nothing",
        examples=["34911234500"],
    )
    expires: Annotated[int, Count(60, 86_400)] = Field(
        default=3600, description="seconds that the registrar is asked to remember us"
    )


class DdiProvider(Item):
    """Who brings calls to DDIs (seed 004 section 9.2.2)."""

    description: Note | None = Field(default=None, description="for people", examples=["Numbers of Madrid"])
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
    plus: YesNo = Field(
        default=True,
        description="no: it writes international numbers without their plus, 34911234567 for +34911234567",
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
    credentials: Credentials | None = Field(
        default=None,
        description=(
            "what it has to show beside its address; the password is the secret provider/<brand>/<provider>;"
            " default: nothing"
        ),
        examples=[{"user": "numbers-one", "realm": "phones.atlas.example"}],
    )
    sources: Mapping[IpNetwork, ProviderSource] = Field(
        default_factory=dict,
        description="addresses and ranges that its calls come from; providers may share them",
        examples=[{"192.0.2.60": None}],
    )
    registrations: Mapping[Name, Registration] = Field(
        default_factory=dict,
        description="accounts that we register there, by name",
        examples=[{"main": {"user": "34911234500", "domain": "sip.numbers.example"}}],
    )

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Self:
        if not self.sources:
            raise wrong("TL0459", "no call can come from this provider", "add sources: the addresses it calls from")
        return self
