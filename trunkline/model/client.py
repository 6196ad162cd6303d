"""A client: who buys the service. ``tenants/<brand>/<client>.yml``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from trunkline.model.account import Account
from trunkline.model.address_book import AddressBookEntry
from trunkline.model.ddi import Ddi
from trunkline.model.device import Device
from trunkline.model.endpoint import Endpoint
from trunkline.model.extension import Extension
from trunkline.model.features import ClientFeatures
from trunkline.model.fields import CLIENT_TYPES, ClientType, Domain, ExtensionNumber, Name, Reference, wrong
from trunkline.model.friend import Friend
from trunkline.model.listing import check_listing
from trunkline.model.locale import FullLocale
from trunkline.model.location import Location
from trunkline.model.marks import marks
from trunkline.model.match_list import MatchList
from trunkline.model.moved import Moved, moved_field
from trunkline.model.outgoing_ddi_rule import OutgoingDdiRule
from trunkline.model.services import Services, services_field
from trunkline.model.source import AddressFilter, Source
from trunkline.model.telephony import Codecs, IpNetwork, PhoneNumber
from trunkline.model.terminal import Terminal
from trunkline.model.transformation_set import transformation_set_field
from trunkline.model.user import User
from trunkline.model.values import Count, YesNo
from trunkline.source import Path

# The SIP accounts of each type of client (seed 004 sections 10.1.2, 10.2.1 and 10.3.1); wholesale clients have none.
ENDPOINTS = {"vpbx": "terminals", "residential": "devices", "retail": "accounts"}
# Who calls, in each type of client.
CALLERS = {"vpbx": "users", "residential": "devices", "retail": "accounts", "wholesale": "sources"}
# Keys that a type of client cannot do without.
NEEDED = {"vpbx": ("domain",)}
_WITH_DDIS = ("vpbx", "residential", "retail")


class Client(FullLocale):
    """A client (seed 004 section 9.1). Its name is the name of its file."""

    type: ClientType = Field(
        description=(
            "what kind of client it is. vpbx: users behind extensions; residential: devices at home;"
            " retail: SIP trunks; wholesale: calls out from known addresses"
        ),
        examples=["vpbx"],
        json_schema_extra=marks(feature={each: each for each in CLIENT_TYPES}),
    )
    domain: Domain = Field(
        default="",
        description="SIP domain of its terminals, unique on the platform; other types use that of their brand",
        examples=["acme.atlas.example"],
        json_schema_extra=marks(types=["vpbx"]),
    )
    features: ClientFeatures | None = Field(
        default=None, description="the features that are on for this client; default: all that the brand has"
    )
    contact: Reference | None = Field(
        default=None,
        description="whom to reach about this client: a contact of the brand or the platform",
        examples=["acme-office"],
        json_schema_extra=marks(refers="contacts"),
    )
    corporation: Reference | None = Field(
        default=None,
        description="a corporation of the brand; clients of one corporation can be friends",
        examples=["umbrella"],
        json_schema_extra=marks(types=["vpbx"], refers="corporations", feature="friends", honoured=False),
    )
    max_calls: Annotated[int, Count(0, 100_000)] = Field(
        default=0,
        description="calls with the outside at once, in and out together; 0: no limit",
        examples=["30"],
    )
    address_filter: AddressFilter | None = Field(
        default=None,
        description="where its phones may call from; default: anywhere",
        json_schema_extra=marks(types=_WITH_DDIS),
    )
    transformation_set: Reference | None = transformation_set_field("that of its country")
    outgoing_ddi: PhoneNumber | None = Field(
        default=None,
        description="presented outside by whoever has no DDI of its own",
        examples=["+34911234500"],
        json_schema_extra=marks(types=_WITH_DDIS, refers="ddis"),
    )
    outgoing_ddi_rule: Reference | None = Field(
        default=None,
        description="an outgoing DDI rule, for whoever has none of its own",
        examples=["mobiles"],
        json_schema_extra=marks(types=_WITH_DDIS, refers="outgoing_ddi_rules"),
    )
    media_set: Name | None = Field(
        default=None,
        description=(
            "the set of media relays on its side of calls; and on that of carriers and DDI providers that name none;"
            " default: the set named default"
        ),
        examples=["madrid"],
    )
    routing_tags: Annotated[list[Reference], AfterValidator(check_listing)] = Field(
        default_factory=list,
        description="routing tags of the brand that it may dial",
        examples=[["premium"]],
        json_schema_extra=marks(types=["retail", "wholesale"], refers="routing_tags"),
    )
    voice_notifications: YesNo = Field(
        default=False,
        description="a voice says why a call failed",
        json_schema_extra=marks(types=["vpbx"], honoured=False),
    )
    transcoding: Codecs | None = Field(
        default=None,
        description="codecs that are added to those that the client offers; each costs computing power",
        examples=[["g729"]],
        json_schema_extra=marks(types=["retail", "wholesale"]),
    )
    users: Mapping[Name, User] = Field(
        default_factory=dict, description="people, by name", json_schema_extra=marks(types=["vpbx"])
    )
    terminals: Mapping[Name, Terminal] = Field(
        default_factory=dict,
        description="SIP accounts, by user name; users have one of their own name without an entry here",
        json_schema_extra=marks(types=["vpbx"]),
    )
    extensions: Mapping[ExtensionNumber, Extension] = Field(
        default_factory=dict,
        description="internal numbers; those that users name as their own need no entry here",
        json_schema_extra=marks(types=["vpbx"]),
    )
    friends: Mapping[Name, Friend] = Field(
        default_factory=dict,
        description="other telephone systems, and clients of the same corporation, by SIP user name",
        json_schema_extra=marks(types=["vpbx"], feature="friends", honoured=False),
    )
    devices: Mapping[Name, Device] = Field(
        default_factory=dict,
        description="residential devices, by SIP user name, unique in the brand",
        json_schema_extra=marks(types=["residential"]),
    )
    accounts: Mapping[Name, Account] = Field(
        default_factory=dict,
        description="retail accounts, by SIP user name, unique in the brand",
        json_schema_extra=marks(types=["retail"]),
    )
    sources: Mapping[IpNetwork, Source] = Field(
        default_factory=dict,
        description="addresses and ranges that calls of a wholesale client come from, unique on the platform",
        json_schema_extra=marks(types=["wholesale"]),
    )
    ddis: Mapping[PhoneNumber, Ddi] = Field(
        default_factory=dict,
        description="numbers outside; those that users, devices and accounts name as their own need no entry here",
        json_schema_extra=marks(types=_WITH_DDIS),
    )
    outgoing_ddi_rules: Mapping[Name, OutgoingDdiRule] = Field(
        default_factory=dict,
        description="which DDI is presented to whom, by name; the client, users and endpoints say which one counts",
        json_schema_extra=marks(types=_WITH_DDIS),
    )
    locations: Mapping[Name, Location] = Field(
        default_factory=dict, description="where users work, by name", json_schema_extra=marks(types=["vpbx"])
    )
    address_book: Mapping[Name, AddressBookEntry] = Field(
        default_factory=dict,
        description="people outside, by name; users are in it without an entry",
        json_schema_extra=marks(types=["vpbx"]),
    )
    match_lists: Mapping[Name, MatchList] = Field(
        default_factory=dict,
        description="numbers and patterns under a name, beside those of the brand and the platform",
        json_schema_extra=marks(types=["vpbx", "residential"]),
    )
    services: Services = services_field(types=["residential", "vpbx"])
    moved: Moved = moved_field("objects of the client", {"users": {"alice": "alicia"}})

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        for key in NEEDED.get(self.type, ()):
            if not getattr(self, key):
                raise wrong("TL0202", f"{key} is missing", f"add the line {key}: ...")
        return self

    def terminal_of(self, user: str) -> str:
        """Return the name of a user's terminal, named or by default."""
        return self.users[user].terminal or user

    def screen_extensions(self) -> dict[str, str]:
        """Return the number that each user presents when it calls, by user: its own, else the lowest that rings it.

        Users whom no extension rings are missing.
        """
        found: dict[str, str] = {}
        for number, extension in sorted(self.extensions.items(), key=lambda item: (len(item[0]), item[0])):
            if extension.user is not None:
                found.setdefault(extension.user, number)
        return found | {name: user.extension for name, user in self.users.items() if user.extension is not None}

    def all_terminals(self) -> Mapping[str, Terminal]:
        """Return every terminal by name, sorted: those with an entry and those that users have by default."""
        return self.complete_terminals

    @cached_property
    def complete_terminals(self) -> Mapping[str, Terminal]:
        """What `all_terminals` returns: it is asked for by many, and there may be thousands."""
        found = dict(self.terminals)
        for name, user in self.users.items():
            if user.terminal is None:
                found.setdefault(name, _DEFAULT_TERMINAL)
        return dict(sorted(found.items()))

    def all_extensions(self) -> Mapping[str, Extension]:
        """Return every extension by number, sorted: those with an entry and those that users name as their own.

        Where the model was not checked and two claim a number, the first user by name wins.
        """
        return self.complete_extensions

    @cached_property
    def complete_extensions(self) -> Mapping[str, Extension]:
        """What `all_extensions` returns."""
        found: dict[str, Extension] = {}
        for name, user in sorted(self.users.items()):
            if user.extension is not None:
                found.setdefault(user.extension, _OWN_EXTENSION.model_copy(update={"user": name}))
        return dict(sorted({**self.extensions, **found}.items()))

    def place_of_extension(self, number: str) -> Path:
        """Return the path where an extension stands: among the extensions, or at the user whose own it is."""
        if number in self.extensions:
            return ("extensions", number)
        return next(("users", name, "extension") for name, user in self.users.items() if user.extension == number)

    def own_ddis(self) -> list[tuple[str, str, str, str]]:
        """Return the DDIs that users, devices and accounts name as their own, in the order of the file.

        Returns:
            The key of the client, the name of the object, the key of a DDI that leads there, and the number.
        """
        owners: tuple[tuple[str, str, Mapping[str, User | Device | Account]], ...] = (
            ("users", "user", self.users),
            ("devices", "device", self.devices),
            ("accounts", "account", self.accounts),
        )
        return [
            (section, name, route, owner.ddi)
            for section, route, objects in owners
            for name, owner in objects.items()
            if owner.ddi is not None
        ]

    def all_ddis(self) -> Mapping[str, Ddi]:
        """Return every DDI by number, sorted: those with an entry and those that somebody names as its own."""
        return self.complete_ddis

    @cached_property
    def complete_ddis(self) -> Mapping[str, Ddi]:
        """What `all_ddis` returns."""
        own = {number: _OWN_DDI.model_copy(update={route: name}) for _, name, route, number in self.own_ddis()}
        return dict(sorted({**self.ddis, **own}.items()))

    def sip_accounts(self) -> Iterator[tuple[str, str, Endpoint]]:
        """Yield every account that shows a password: the kind of object, its name, and what the file says."""
        yield from (("terminal", name, terminal) for name, terminal in self.all_terminals().items())
        yield from (("friend", name, friend) for name, friend in self.friends.items() if friend.client is None)
        yield from (("device", name, device) for name, device in self.devices.items())
        yield from (("account", name, account) for name, account in self.accounts.items())

    def names_of(self, section: str) -> Collection[str]:
        """Return what the objects of one of the client's keys are called, with those that need no entry.

        Args:
            section: The key, for example ``ddis``.
        """
        implied: dict[str, Callable[[], Collection[str]]] = {
            "terminals": self.all_terminals,
            "extensions": self.all_extensions,
            "ddis": self.all_ddis,
        }
        if section in implied:
            return implied[section]()
        found = getattr(self, section)
        return found if isinstance(found, Mapping) else ()  # a list has names of what stands further up


_DEFAULT_TERMINAL = Terminal()
# To be copied, with the one whose own it is: making one from nothing takes ten times as long.
_OWN_EXTENSION = Extension()
_OWN_DDI = Ddi()
