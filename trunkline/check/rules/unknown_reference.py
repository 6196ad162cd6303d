"""TL0407: what a field names exists: in the same file, or in one above it. Nothing names objects of other tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.model.countries import continent_groups, country_patterns
from trunkline.model.marks import REFERS
from trunkline.model.problems import unknown
from trunkline.model.tenants import NamedClient, NamedPlatform
from trunkline.model.transformation_set import implied_sets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand
    from trunkline.source import Severity

CODE = "TL0407"
SEVERITY: Severity = "error"
LEVEL: Level = "every"

# In messages; other keys are the plural of what they hold.
_SINGULAR = {"ddis": "DDI", "match_lists": "match list", "terminal_models": "terminal model"}
_SINGULAR |= {"transformation_sets": "transformation set", "ddi_providers": "DDI provider"}
_SINGULAR |= {name: name.removesuffix("s").replace("_", " ") for name in ("price_lists", "outgoing_ddi_rules")}
_SINGULAR |= {f"routing_{name}s": f"routing {name}" for name in ("pattern", "group", "tag")}
# What every platform has without an entry.
_IMPLIED: dict[str, Callable[[], Collection[str]]] = {
    "transformation_sets": implied_sets,
    "routing_patterns": country_patterns,
    "routing_groups": continent_groups,
}


def check(named: NamedClient | NamedBrand | NamedPlatform, *above: NamedBrand | NamedPlatform) -> Iterator[Finding]:
    """Yield every name of an object that does not exist where the field may look for it."""
    known: dict[str, set[str]] = {}
    # What a field names may stand in a file that could not be read.
    unread = {section for each in above if not each.known for section in type(each.declared).model_fields}
    for use in named.declared.marked:
        for path, name in use.references:
            section = use.marks[REFERS]
            if section not in known:
                known[section] = {each for holder in (named, *above) for each in _names(holder, section)}
            if name not in known[section] and section not in unread:
                what = _SINGULAR.get(section, section.removesuffix("s"))
                yield Finding(named.file, path, *unknown(what, name, sorted(known[section])))


def _names(holder: NamedClient | NamedBrand | NamedPlatform, section: str) -> Collection[str]:
    """Return what the objects under a key of a file are called, with those that need no entry."""
    if section not in type(holder.declared).model_fields:
        return ()
    if isinstance(holder, NamedClient):
        return holder.declared.names_of(section)
    names: Collection[str] = getattr(holder.declared, section)
    implied = _IMPLIED.get(section) if isinstance(holder, NamedPlatform) else None
    return names if implied is None else {*names, *implied()}
