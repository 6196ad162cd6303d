"""The rules of declared transformation sets, for whatever looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trunkline.model.tenants import NamedBrand, NamedPlatform
from trunkline.numbering import rules_declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.model.tenants import NamedClient
    from trunkline.numbering import Rule
    from trunkline.source import Path


class Declared(NamedTuple):
    """A rule of a set that a file declares.

    Args:
        path: Of the rule in the file.
        list: The list that it stands in.
        rule: The rule.
        before: The rules of the list with lower metrics, those of the set's country included.
    """

    path: Path
    list: str
    rule: Rule
    before: tuple[Rule, ...]


def declared_rules(named: NamedClient | NamedBrand | NamedPlatform) -> Iterator[Declared]:
    """Yield the rules that the sets of a brand or of the platform say themselves; a client has no sets."""
    if not isinstance(named, NamedBrand | NamedPlatform):
        return
    for name, each in named.declared.transformation_sets.items():
        for key, rules in rules_declared(name, each).items():
            for position, (rule, own) in enumerate(rules):
                if own:
                    path = ("transformation_sets", name, key, str(rule.metric))
                    yield Declared(path, key, rule, tuple(other for other, _ in rules[:position]))
