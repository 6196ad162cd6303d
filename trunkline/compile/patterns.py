"""Routing patterns and groups of a level, and which one a name means: the brand's, else the platform's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.compile.context import BrandContext
from trunkline.compile.identity import object_id
from trunkline.model.countries import continent_groups, country_patterns, prefixes_of_pattern

if TYPE_CHECKING:
    from collections.abc import Collection

    from trunkline.compile.context import PlatformContext

PATTERN = "routing_pattern"
GROUP = "routing_group"


@dataclass(frozen=True)
class Pattern:
    """A pattern.

    Args:
        name: Its name.
        description: For people.
        prefixes: How its numbers begin.
        generated: Whether it is there without being declared.
    """

    name: str
    description: str | None
    prefixes: Collection[str]
    generated: bool = False


@dataclass(frozen=True)
class Group:
    """A group of patterns.

    Args:
        name: Its name.
        description: For people.
        patterns: Their names.
        generated: Whether it is there without being declared.
    """

    name: str
    description: str | None
    patterns: Collection[str]
    generated: bool = False


def patterns_of(context: BrandContext | PlatformContext) -> Iterator[Pattern]:
    """Yield the patterns of a level by name; the platform has those of countries that it does not declare itself."""
    declared = context.declared.routing_patterns
    for name, each in sorted(declared.items()):
        yield Pattern(name, each.description, each.prefixes)
    if not isinstance(context, BrandContext):
        for name, country in country_patterns().items():
            if name not in declared:
                yield Pattern(name, country, prefixes_of_pattern(name), generated=True)


def groups_of(context: BrandContext | PlatformContext) -> Iterator[Group]:
    """Yield the groups of a level by name; the platform has those of continents that it does not declare itself."""
    declared = context.declared.routing_groups
    for name, each in sorted(declared.items()):
        yield Group(name, each.description, each.patterns)
    if not isinstance(context, BrandContext):
        for name, patterns in continent_groups().items():
            if name not in declared:
                yield Group(name, None, patterns, generated=True)


def pattern_id(context: BrandContext | PlatformContext, name: str) -> str:
    """Return the id of the pattern that a name means."""
    if isinstance(context, BrandContext) and name in context.declared.routing_patterns:
        return context.id_of(PATTERN, name)
    return object_id("platform", PATTERN, name)


def group_id(context: BrandContext | PlatformContext, name: str) -> str:
    """Return the id of the group that a name means."""
    if isinstance(context, BrandContext) and name in context.declared.routing_groups:
        return context.id_of(GROUP, name)
    return object_id("platform", GROUP, name)
