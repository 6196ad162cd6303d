"""Call forwards: where a call goes instead. One model for each kind of object that can have them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from trunkline.model.fields import ExtensionNumber, Reference, wrong
from trunkline.model.marks import marks
from trunkline.model.route import Route
from trunkline.model.telephony import PhoneNumber
from trunkline.model.values import Count, OneOf, YesNo

Number = Annotated[PhoneNumber | None, Field(description="a number outside", examples=["+34611223344"])]


class Forward(Route):
    """A call forward: what all kinds have in common."""

    when: str

    @property
    def natural_key(self) -> tuple[str, ...]:
        """What tells the forwards of one object from each other."""
        return (self.when,)

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not self.destinations():
            known = ", ".join(self.DESTINATIONS)
            raise wrong("TL0459", "this forward leads nowhere", f"add one of: {known}")
        return self


class _Timed(Forward):
    """A call forward that may wait until somebody had the time to answer."""

    when: Annotated[str, OneOf("unconditional", "no_answer", "busy", "not_registered")] = Field(
        description="unconditional, no_answer, busy or not_registered", examples=["busy"]
    )
    after: Annotated[int, Count(1, 300)] = Field(
        default=20, description="with no_answer: seconds of ringing", examples=["15"]
    )
    number: Number = None
    voicemail: YesNo = Field(
        default=False, description="the caller leaves a message", json_schema_extra=marks(honoured=False)
    )


class UserForward(_Timed):
    """A call forward of a user or friend (seed 004 section 10.1.1, user call forward)."""

    DESTINATIONS: ClassVar[tuple[str, ...]] = ("extension", "number", "voicemail")

    calls: Annotated[str, OneOf("all", "internal", "external")] = Field(
        default="all", description="which calls: all, internal or external"
    )
    extension: ExtensionNumber | None = Field(
        default=None,
        description="an extension of the client",
        examples=["100"],
        json_schema_extra=marks(refers="extensions"),
    )

    @property
    def natural_key(self) -> tuple[str, ...]:
        """What tells the forwards of one object from each other."""
        return (self.when, self.calls)


class DeviceForward(_Timed):
    """A call forward of a residential device (seed 004 section 10.2.1, call forwarding settings)."""

    DESTINATIONS: ClassVar[tuple[str, ...]] = ("number", "voicemail")


class AccountForward(Forward):
    """A call forward of a retail account (seed 004 section 10.3.1, call forwarding settings)."""

    DESTINATIONS: ClassVar[tuple[str, ...]] = ("number", "account")

    when: Annotated[str, OneOf("unconditional", "not_registered")] = Field(
        description="unconditional or not_registered", examples=["not_registered"]
    )
    ddi: PhoneNumber | None = Field(
        default=None,
        description="only calls to this DDI; comes before forwards without one",
        json_schema_extra=marks(refers="ddis"),
    )
    number: Number = None
    account: Reference | None = Field(
        default=None, description="another retail account of the client", json_schema_extra=marks(refers="accounts")
    )

    @property
    def natural_key(self) -> tuple[str, ...]:
        """What tells the forwards of one object from each other."""
        return (self.when, self.ddi or "")
