"""Runs the rules of a level and turns what they find into problems with places."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trunkline.check.routes import Routes
from trunkline.check.rules import BRAND_RULES, CLIENT_RULES, FACTS_RULES, PLATFORM_RULES, ROUTES_RULES
from trunkline.source import Limits, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Finding
    from trunkline.check.rules import Rule
    from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform
    from trunkline.model.units import Located

# Hits of one rule in one file that are shown.
_MOST = Limits().problems


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
        yield from _of_one_file(rule, rule.check(client, brand, platform), source)


def problems_of_brand(brand: NamedBrand, source: Located | None, platform: NamedPlatform) -> Iterator[Problem]:
    """Yield what the rules find in a brand itself.

    Args:
        brand: The brand.
        source: The places of its values.
        platform: What it inherits.
    """
    for rule in BRAND_RULES:
        yield from _of_one_file(rule, rule.check(brand, platform), source)
    if platform.known:
        routes = Routes(brand, platform)
        for rule_of_routes in ROUTES_RULES:
            yield from _of_one_file(rule_of_routes, rule_of_routes.check(brand, routes), source)


def problems_of_platform(platform: NamedPlatform, source: Located | None) -> Iterator[Problem]:
    """Yield what the rules find in the platform itself.

    Args:
        platform: The platform.
        source: The places of its values.
    """
    for rule in PLATFORM_RULES:
        yield from _of_one_file(rule, rule.check(platform), source)


def problems_of_facts(facts: Facts, source_of: Callable[[str], Located | None]) -> Iterator[Problem]:
    """Yield what the rules find between files.

    Args:
        facts: What all files export.
        source_of: Returns the places of the values of a file.
    """
    for rule in FACTS_RULES:
        hits: Counter[str] = Counter()
        for finding in rule.check(facts):
            hits[finding.file] += 1
            if hits[finding.file] <= _MOST:
                yield _problem(rule, finding, source_of(finding.file))
            elif hits[finding.file] == _MOST + 1:
                yield _more(rule, finding)


def _of_one_file(rule: Rule, findings: Iterator[Finding], source: Located | None) -> Iterator[Problem]:
    """Yield what a rule finds in one file, until there is more than anybody reads."""
    for count, finding in enumerate(findings):
        if count == _MOST:
            yield _more(rule, finding)
            return
        yield _problem(rule, finding, source)


def _more(rule: Rule, finding: Finding) -> Problem:
    message = f"{rule.CODE} is found more than {_MOST} times, the others are not shown"
    return Problem("TL0111", Place(finding.file), message, (), "repair the first ones first", rule.SEVERITY)


def _problem(rule: Rule, finding: Finding, source: Located | None) -> Problem:
    place = source.locate(finding.path, key=finding.key) if source else Place(finding.file)
    return Problem(rule.CODE, place, finding.message, finding.path, finding.remedy, rule.SEVERITY)
