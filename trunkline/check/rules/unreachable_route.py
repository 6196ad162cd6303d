"""TL0606: a route that no call can ever take (seed 004 section 9.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.check.finding import Finding
from trunkline.check.routes import Calls, Routes, beginnings, calls_of, wider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.check.finding import Level
    from trunkline.model.tenants import NamedBrand
    from trunkline.source import Severity

CODE = "TL0606"
SEVERITY: Severity = "warning"
LEVEL: Level = "routes"

_NEVER = 10**6


def check(brand: NamedBrand, routes: Routes) -> Iterator[Finding]:
    """Yield every route all of whose numbers another route blocks, or keeps to itself as a stopper before it."""
    blocking: dict[tuple[Calls, str], str] = {}
    stopping: dict[tuple[Calls, str], tuple[int, str]] = {}
    for name, route in routes.by_name.items():
        for prefix in routes.prefixes(route) if route.block or route.stopper else ():
            key = (calls_of(route), prefix)
            if route.block:
                blocking.setdefault(key, name)
            else:
                stopping[key] = min(stopping.get(key, (_NEVER, "")), (route.priority, name))
    for name, route in routes.by_name.items():
        prefixes, calls = routes.prefixes(route), calls_of(route)
        if not prefixes:
            if routes.names_a_country(route):
                message = f"{route.pattern} has no numbers of its own, so no call takes this route"
                yield Finding(brand.file, ("outgoing_routes", name), message, "name another pattern", key=True)
            continue
        above = [[(each, short) for each in wider(calls) for short in beginnings(prefix)] for prefix in prefixes]
        message = _message(name, route.priority, above, {} if route.block else blocking, stopping, block=route.block)
        if message:
            remedy = "take it out, or change the other one"
            yield Finding(brand.file, ("outgoing_routes", name), message, remedy, key=True)


def _message(
    name: str,
    priority: int,
    above: list[list[tuple[Calls, str]]],
    blocking: dict[tuple[Calls, str], str],
    stopping: dict[tuple[Calls, str], tuple[int, str]],
    *,
    block: bool,
) -> str:
    """Return why no call takes a route; nothing where one can."""
    blocked = [next((blocking[key] for key in keys if key in blocking), "") for keys in above]
    if all(blocked):
        return f"no call takes this route: {', '.join(sorted(set(blocked)))} blocks all of its numbers"
    if block:
        return ""
    stopped = [
        next((stopping[key][1] for key in keys if stopping.get(key, (_NEVER, ""))[0] < priority), "") for keys in above
    ]
    if all(stopped) and name not in stopped:
        return f"no call takes this route: {', '.join(sorted(set(stopped)))} stops before its priority"
    return ""
