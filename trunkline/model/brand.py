"""A brand: who sells the service. ``tenants/<brand>/brand.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from trunkline.model.carrier import Carrier
from trunkline.model.contact import Contact
from trunkline.model.contract import Contract
from trunkline.model.corporation import Corporation
from trunkline.model.ddi_provider import DdiProvider
from trunkline.model.deletion_guard import DeletionGuard, guard_field
from trunkline.model.features import BrandFeatures
from trunkline.model.fields import Domain, Name, Reference
from trunkline.model.listing import check_listing
from trunkline.model.locale import FullLocale
from trunkline.model.marks import marks
from trunkline.model.match_list import MatchList
from trunkline.model.moved import Moved, moved_field
from trunkline.model.outgoing_route import OutgoingRoute
from trunkline.model.price_list import PriceList
from trunkline.model.routing import RoutingGroup, RoutingPattern, RoutingTag
from trunkline.model.services import Services, services_field
from trunkline.model.special_number import SpecialNumber, SpecialNumberKey
from trunkline.model.transformation_set import TransformationSet
from trunkline.model.values import Count


class Brand(FullLocale):
    """A brand (seed 004 section 8.1). Its name is the name of its folder.

    Attributes:
        features: What it and its clients may use.
        domain: SIP domain of its residential devices and retail accounts (seed 004 section 8.10).
        contract: What it resells under.
        max_calls: Over all of its clients (seed 004 section 12.5).
        services: For all of its clients, service by service.
        match_lists: For all of its clients.
        corporations: Which its clients may belong to.
        contacts: By name, for its contracts and clients.
        contracts: With peering partners, and with those who resell for it.
        sockets: Addresses of trunks proxies that are its own (seed 004 section 8.1).
        carriers: Who takes calls to the outside.
        ddi_providers: Who brings calls to DDIs.
        routing_patterns: Numbers that routes are for, beside those of countries.
        routing_groups: Patterns under one name, beside continents.
        routing_tags: What clients may dial to choose among routes.
        outgoing_routes: Which carriers take calls to which numbers.
        price_lists: What calls cost.
        transformation_sets: How numbers are rewritten, beside the sets of countries.
        special_numbers: Whose calls leave no trace.
        deletion_guard: How much of it one apply may remove without being told to.
        moved: Clients of the brand that have another name now: ``clients``, then old name -> new name.
    """

    features: BrandFeatures | None = Field(
        default=None,
        description="what the brand and its clients may use; default: everything",
        examples=[["friends", "vpbx"]],
    )
    domain: Domain | None = Field(
        default=None,
        description="SIP domain of all its residential devices and retail accounts, unique on the platform",
        examples=["phones.atlas.example"],
    )
    contract: Reference | None = Field(
        default=None,
        description="the contract it resells under: one of the platform, of type reseller",
        examples=["cheap-call"],
        json_schema_extra=marks(refers="contracts"),
    )
    max_calls: Annotated[int, Count(0, 1_000_000)] = Field(
        default=0,
        description="calls with the outside at once, of all clients together; 0: no limit",
        examples=["500"],
    )
    services: Services = services_field()
    match_lists: Mapping[Name, MatchList] = Field(
        default_factory=dict,
        description="numbers and patterns by name, for every client of the brand; a client's of the same name hides it",
        examples=[{"spain-mobile": {"patterns": [r"^\+34[67]"]}}],
    )
    corporations: Mapping[Name, Corporation] = Field(
        default_factory=dict,
        description="vPBX clients that belong together: friends lead from one to the extensions of another",
        examples=[{"umbrella": {"description": "The companies of Umbrella"}}],
        json_schema_extra=marks(honoured=False, feature="friends"),
    )
    contacts: Mapping[Name, Contact] = Field(
        default_factory=dict,
        description="persons and organisations, by name",
        examples=[{"acme": {"email": "office@acme.example"}}],
    )
    contracts: Mapping[Name, Contract] = Field(
        default_factory=dict,
        description="what peering partners, and those who resell for the brand, are bound by",
        examples=[{"carrier-one": {"type": "peering", "contact": "carrier-one"}}],
    )
    sockets: Annotated[list[Name], AfterValidator(check_listing)] = Field(
        default_factory=list,
        description="extra addresses of the trunks proxies that are the brand's: carriers and DDI providers know it by "
        "the first unless they name another; brands that do not list them may not use them",
        examples=[["second"]],
    )
    carriers: Mapping[Name, Carrier] = Field(
        default_factory=dict,
        description="who takes calls to the outside, by name",
        examples=[{"bestel": {"servers": {"main": {"address": "192.0.2.50"}}}}],
    )
    ddi_providers: Mapping[Name, DdiProvider] = Field(
        default_factory=dict,
        description="who brings calls to DDIs, by name",
        examples=[{"numbers-one": {"sources": {"192.0.2.60": None}}}],
    )
    routing_patterns: Mapping[Name, RoutingPattern] = Field(
        default_factory=dict,
        description="numbers that routes are for, by name; every country has a pattern without an entry here",
        examples=[{"spain-mobile": {"prefixes": ["+346", "+347"]}}],
    )
    routing_groups: Mapping[Name, RoutingGroup] = Field(
        default_factory=dict,
        description="patterns under one name; every continent has a group without an entry here",
        examples=[{"iberia": {"patterns": ["es", "pt"]}}],
    )
    routing_tags: Mapping[Name, RoutingTag] = Field(
        default_factory=dict,
        description="what retail and wholesale clients dial before a number to choose among routes",
        examples=[{"premium": {"tag": "12#"}}],
    )
    outgoing_routes: Mapping[Name, OutgoingRoute] = Field(
        default_factory=dict,
        description="which carriers take calls to which numbers, by name",
        examples=[{"spain": {"pattern": "es", "carrier": "bestel"}}],
    )
    price_lists: Mapping[Name, PriceList] = Field(
        default_factory=dict,
        description="what calls cost, by name of the list",
        examples=[{"bestel": {"prices": {"+34": {"rate": "0.02"}}}}],
    )
    transformation_sets: Mapping[Name, TransformationSet] = Field(
        default_factory=dict,
        description="how numbers are rewritten, by name; every country has a set without an entry here",
        examples=[{"brazil-oi": {"country": "BR", "international_prefix": "0031"}}],
    )
    special_numbers: Mapping[SpecialNumberKey, SpecialNumber] = Field(
        default_factory=dict,
        description="numbers outside whose calls leave no trace, for all clients",
        examples=[{"+34016": {"description": "Violence against women"}}],
    )
    deletion_guard: DeletionGuard | None = guard_field("the platform's")
    moved: Moved = moved_field("clients of the brand", {"clients": {"acme": "acme-rentals"}})

    def socket_of(self, peer: Carrier | DdiProvider) -> str | None:
        """Return the extra address by which a carrier or DDI provider knows the brand, None for the main one."""
        return peer.socket or next(iter(self.sockets), None)
