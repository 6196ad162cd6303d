"""A terminal: SIP credentials, for one phone or for several that ring together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trunkline.model.endpoint import Endpoint
from trunkline.model.fields import Reference
from trunkline.model.marks import marks
from trunkline.model.telephony import Codecs, Mac
from trunkline.model.values import OneOf


class Terminal(Endpoint):
    """SIP credentials (seed 004 section 10.1.2). Its key is the SIP user name.

    Without a HA1 the platform makes a password: `trunkline secrets show terminal/<brand>/<client>/<terminal>`.
    """

    codecs: Codecs | None = Field(
        default=None,
        description="what it may speak, best first; default: what the application servers speak",
        examples=[["opus", "alaw"]],
        json_schema_extra=marks(honoured=False),
    )
    model: Reference | None = Field(
        default=None,
        description="a terminal model, for provisioning; default: none",
        examples=["yealink-t23g"],
        json_schema_extra=marks(honoured=False, refers="terminal_models"),
    )
    mac: Mac | None = Field(
        default=None,
        description="hardware address, for provisioning",
        examples=["00:1a:2b:3c:4d:5e"],
        json_schema_extra=marks(honoured=False),
    )
    update_method: Annotated[str, OneOf("invite", "update")] = Field(
        default="invite",
        description="the request by which it learns who it talks to after a transfer",
        json_schema_extra=marks(honoured=False),
    )
