"""Runs the rules of a level and turns what they find into problems with places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.rules import BRAND_RULES, CLIENT_RULES, FACTS_RULES, PLATFORM_RULES
from trunkline.source import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Finding
    from trunkline.check.rules import Rule
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.model.units import Located


def problems_of_client(
    client: NamedClient, source: Located | None, brand: NamedBrand, platform: NamedPlatform
) -> Iterator[Problem]:
    """Yield what the rules find in a client.

    Args:
        client: The client.
        source: The places of its values.
        brand: Its brand.
        platform: What its brand inherits.
    """
    for rule in CLIENT_RULES:
        for finding in rule.check(client, brand, platform):
            yield _problem(rule, finding, source)


def problems_of_brand(brand: NamedBrand, source: Located | None, platform: NamedPlatform) -> Iterator[Problem]:
    """Yield what the rules find in a brand itself.

    Args:
        brand: The brand.
        source: The places of its values.
        platform: What it inherits.
    """
    for rule in BRAND_RULES:
        for finding in rule.check(brand, platform):
            yield _problem(rule, finding, source)


def problems_of_platform(platform: NamedPlatform, source: Located | None) -> Iterator[Problem]:
    """Yield what the rules find in the platform itself.

    Args:
        platform: The platform.
        source: The places of its values.
    """
    for rule in PLATFORM_RULES:
        for finding in rule.check(platform):
            yield _problem(rule, finding, source)


def problems_of_facts(facts: Facts, source_of: Callable[[str], Located | None]) -> Iterator[Problem]:
    """Yield what the rules find between files.

    Args:
        facts: What all files export.
        source_of: Returns the places of the values of a file.
    """
    for rule in FACTS_RULES:
        for finding in rule.check(facts):
            yield _problem(rule, finding, source_of(finding.file))


def _problem(rule: Rule, finding: Finding, source: Located | None) -> Problem:
    place = source.locate(finding.path, key=finding.key) if source else Place(finding.file)
    return Problem(rule.CODE, place, finding.message, finding.path, finding.remedy, rule.SEVERITY)
