"""A user: a person of a client, with a terminal to call from and an extension to be called on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trunkline.model.fields import DisplayName, ExtensionNumber, Reference
from trunkline.model.forward import UserForward
from trunkline.model.item import Item
from trunkline.model.locale import OwnLocale
from trunkline.model.marks import marks
from trunkline.model.telephony import Email, PhoneNumber
from trunkline.model.transformation_set import transformation_set_field
from trunkline.model.values import Count, OneOf, YesNo


class Boss(Item):
    """What makes a user a boss: an assistant gets most of the calls (seed 004 section 10.1.1, boss-assistant)."""

    assistant: Reference = Field(
        description="the user who gets the calls", examples=["bob"], json_schema_extra=marks(refers="users")
    )
    direct: list[Reference] = Field(
        default_factory=list,
        description="match lists of those who may call directly, beside the assistant",
        examples=[["friends-of-alice"]],
        json_schema_extra=marks(refers="match_lists"),
    )


class User(OwnLocale):
    """A person of a vPBX client (seed 004 section 10.1.1). Its key is its name."""

    name: DisplayName = Field(description="what the called phone shows", examples=["Alice Example"])
    lastname: DisplayName | None = Field(
        default=None, description="completes the name in lists; phones do not show it", examples=["Example"]
    )
    email: Email | None = Field(
        default=None,
        description="where messages of the voicemail go",
        examples=["alice@acme.example"],
        json_schema_extra=marks(honoured=False),
    )
    extension: ExtensionNumber | None = Field(
        default=None,
        description=(
            "rings this user; is shown when the user calls inside. Further numbers are written under `extensions`;"
            " without this one the lowest of those is shown"
        ),
        examples=["101"],
    )
    ddi: PhoneNumber | None = Field(
        default=None,
        description=(
            "a DDI that rings this user and is shown when the user calls outside; needs no entry under `ddis`"
        ),
        examples=["+34911234501"],
    )
    outgoing_ddi: PhoneNumber | None = Field(
        default=None,
        description="the DDI that is shown when the user calls outside; default: the user's own, else the client's",
        examples=["+34911234567"],
        json_schema_extra=marks(refers="ddis"),
    )
    outgoing_ddi_rule: Reference | None = Field(
        default=None,
        description="an outgoing DDI rule, which makes exceptions; default: the client's",
        examples=["mobiles"],
        json_schema_extra=marks(refers="outgoing_ddi_rules"),
    )
    transformation_set: Reference | None = transformation_set_field("that of its country, else the client's")
    terminal: Reference | None = Field(
        default=None,
        description="the user's terminal; default: one of the user's own name, which needs no entry under `terminals`",
        examples=["lobby"],
        json_schema_extra=marks(refers="terminals"),
    )
    location: Reference | None = Field(
        default=None,
        description="where the user works",
        examples=["madrid"],
        json_schema_extra=marks(refers="locations"),
    )
    do_not_disturb: YesNo = Field(
        default=False,
        description="no calls come in until the user changes it by phone",
        json_schema_extra=marks(honoured=False),
    )
    call_waiting: Annotated[int, Count(0, 100)] = Field(
        default=0,
        description="calls at once; whoever calls then finds the user busy; 0: no limit",
        examples=["1"],
        json_schema_extra=marks(honoured=False),
    )
    calls_from_elsewhere: Annotated[int, Count(0, 3)] = Field(
        default=0,
        description="calls at once that the user may make from addresses outside of the client's address filter",
        json_schema_extra=marks(honoured=False),
    )
    multi_contact: YesNo = Field(
        default=True,
        description="all phones of the terminal ring; no: only the one that registered last",
    )
    rejection: Annotated[str, OneOf("code", "device", "all")] = Field(
        default="code",
        description=(
            "what it means when one of several phones rejects a call. device: the others go on ringing; all: the call"
            " is over; code: 600 and 603 mean all, 480 and 486 the device"
        ),
        json_schema_extra=marks(honoured=False),
    )
    boss: Boss | None = Field(
        default=None,
        description="makes the user a boss, whose calls an assistant gets",
        json_schema_extra=marks(honoured=False),
    )
    forwards: list[UserForward] = Field(
        default_factory=list,
        description="where calls go instead; those that the user sets by phone come before",
        examples=[[{"when": "no_answer", "after": "15", "extension": "100"}]],
    )
