"""TL0608: a route is for a client of its brand, and with its routing tag for one that may dial it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.facts import Facts
    from trunkline.check.finding import Level
    from trunkline.source import Severity

CODE = "TL0608"
SEVERITY: Severity = "error"
LEVEL: Level = "facts"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every route for a client that does not exist, and every one with a tag that nobody may dial."""
    for fact in facts.unmatched("route-client", "tenant"):
        brand, _, client = fact.key.partition("/")
        message = f"brand {brand} has no client {client}"
        yield Finding(fact.file, fact.path, message, "name a client of this brand, or take the line out")
    for fact in facts.unmatched("route-tag", "dialled-tag"):
        message = f"no call takes this route: {fact.value} may not dial its routing tag"
        remedy = "add the tag to routing_tags of a retail or wholesale client, or take the route out"
        yield Finding(fact.file, fact.path, message, remedy)
