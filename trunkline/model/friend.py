"""A friend: another telephone system that a vPBX client is connected with, or another client of its corporation."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from trunkline.model.endpoint import Peer
from trunkline.model.fields import DisplayName, Reference, wrong
from trunkline.model.forward import UserForward
from trunkline.model.pattern import Pattern
from trunkline.model.telephony import Codecs
from trunkline.model.values import Count, YesNo


class Friend(Peer):
    """A friend of a vPBX client (seed 004 section 10.1.5). Its key is the SIP user name.

    It is asked for what is dialled and is no extension, before a call goes outside: a remote friend for numbers that
    one of its patterns matches, an internal one (`client`) for the extensions of that client.
    """

    priority: Annotated[int, Count(1, 1000)] = Field(
        default=1, description="where several friends fit, the lowest number gets the call"
    )
    client: Reference | None = Field(
        default=None,
        description="another vPBX client of the same corporation, whose extensions can be dialled through this friend",
        examples=["globex"],
    )
    patterns: list[Pattern] = Field(
        default_factory=list,
        description="regular expressions; a number that one of them matches as a whole is reached through this friend",
        examples=[["2[0-9]{3}"]],
    )
    from_user: DisplayName | None = Field(
        default=None, description="user of the From header of calls to it; default: the caller's number"
    )
    codecs: Codecs | None = Field(
        default=None, description="what it may speak, best first; default: what the application servers speak"
    )
    called_number: YesNo = Field(
        default=True,
        description="calls to it name the number that was called; no: the user part that it registered with",
    )
    always_transform: YesNo = Field(
        default=False, description="numbers are rewritten for it even when they are extensions or match a pattern"
    )
    forwards: list[UserForward] = Field(
        default_factory=list,
        description="where calls go instead",
        examples=[[{"when": "not_registered", "number": "+34911234567"}]],
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.client is None and not self.patterns:
            raise wrong("TL0459", "no call can reach this friend", "add patterns, or the client that it leads to")
        if self.client is not None:
            given = self.model_fields_set - {"client", "description", "priority", "outgoing_ddi", "always_transform"}
            given -= {"outgoing_ddi_rule", "max_calls"}
            if given:
                message = f"{', '.join(sorted(given))} make no sense for a friend inside of the platform"
                raise wrong("TL0459", message, "take that out, or take out client")
        return self
