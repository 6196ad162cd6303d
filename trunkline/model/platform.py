"""The platform as tenants see it: what brands and clients inherit. ``tenants/platform.yml``, which need not exist."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from trunkline.model.contact import Contact
from trunkline.model.contract import Contract
from trunkline.model.deletion_guard import DeletionGuard, guard_field
from trunkline.model.fields import Name
from trunkline.model.locale import FullLocale
from trunkline.model.marks import marks
from trunkline.model.match_list import MatchList
from trunkline.model.moved import Moved, moved_field
from trunkline.model.routing import RoutingGroup, RoutingPattern
from trunkline.model.services import Services, services_field
from trunkline.model.special_number import SpecialNumber, SpecialNumberKey
from trunkline.model.terminal_model import TerminalModel
from trunkline.model.transformation_set import TransformationSet


class Platform(FullLocale):
    """The platform: what holds for every brand that does not say otherwise (seed 004 section 8).

    Attributes:
        services: For all brands, service by service.
        match_lists: For all brands.
        terminal_models: What terminals may name as their model.
        contacts: By name, for contracts and brands.
        contracts: With those who resell, and with those who carry calls.
        routing_patterns: For all brands, beside those of countries.
        routing_groups: For all brands, beside continents.
        transformation_sets: How numbers are rewritten, beside the sets of countries.
        special_numbers: Whose calls leave no trace.
        deletion_guard: How much of a brand one apply may remove without being told to.
        moved: Brands that have another name now: ``brands``, then old name -> new name.
    """

    services: Services = services_field()
    match_lists: Mapping[Name, MatchList] = Field(
        default_factory=dict,
        description="numbers and patterns by name, for every brand and client; one of the same name below hides it",
        examples=[{"spain-mobile": {"patterns": [r"^\+34[67]"]}}],
    )
    terminal_models: Mapping[Name, TerminalModel] = Field(
        default_factory=dict,
        description="makes of telephones and the files of settings they ask for",
        examples=[{"yealink-t23": {"manufacturer": "Yealink", "specific_file": "{mac}.cfg"}}],
        json_schema_extra=marks(honoured=False),
    )
    contacts: Mapping[Name, Contact] = Field(
        default_factory=dict,
        description="persons and organisations, by name",
        examples=[{"cheap-call": {"email": "office@cheapcall.example"}}],
    )
    contracts: Mapping[Name, Contract] = Field(
        default_factory=dict,
        description="what resellers (brands) and peering partners are bound by",
        examples=[{"cheap-call": {"type": "reseller", "contact": "cheap-call"}}],
    )
    routing_patterns: Mapping[Name, RoutingPattern] = Field(
        default_factory=dict,
        description="numbers that routes of every brand may be for; every country has a pattern without an entry here",
        examples=[{"satellites": {"prefixes": ["+870", "+881"]}}],
    )
    routing_groups: Mapping[Name, RoutingGroup] = Field(
        default_factory=dict,
        description="patterns under one name, for every brand; every continent has a group without an entry here",
        examples=[{"iberia": {"patterns": ["es", "pt"]}}],
    )
    transformation_sets: Mapping[Name, TransformationSet] = Field(
        default_factory=dict,
        description="how numbers are rewritten, by name; every country has a set without an entry here",
        examples=[{"ukraine-810": {"country": "UA", "international_prefix": "810"}}],
    )
    special_numbers: Mapping[SpecialNumberKey, SpecialNumber] = Field(
        default_factory=dict,
        description="numbers outside whose calls leave no trace, for all brands",
        examples=[{"+34016": {"description": "Violence against women"}}],
    )
    deletion_guard: DeletionGuard | None = guard_field("20 percent, from 10 objects on")
    moved: Moved = moved_field("brands", {"brands": {"atlas": "atlas-telecom"}})
