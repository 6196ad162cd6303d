"""What is done with one unit, here or in another process: read, validate, check, compile.

Loaded only when there is something to do: rules and kinds of rows are most of the code.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trunkline.check.engine import problems_of_brand, problems_of_client, problems_of_platform
from trunkline.check.facts import facts_of_brand, facts_of_client, facts_of_platform
from trunkline.compile import BrandContext, ClientContext, PlatformContext, compile_one
from trunkline.model.units import load_brand, load_client, load_platform
from trunkline.pipeline._job import Compilation, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunkline.check import Fact
    from trunkline.model.units import Unit
    from trunkline.pipeline._job import Above, Inputs
    from trunkline.source import Problem


def work_on_all(above: Above, units: Iterable[Unit]) -> list[Outcome]:
    """Read, check and compile several units."""
    return [work_on(above, unit) for unit in units]


def work_on(above: Above, unit: Unit) -> Outcome:
    """Read, check and compile one unit."""
    return _WORK[unit.kind](above, unit)


def _platform(above: Above, unit: Unit) -> Outcome:
    loaded = load_platform(above.inventory, unit)
    named = loaded.named
    if named is None:
        return Outcome(unit, loaded.problems)
    problems = (*loaded.problems, *problems_of_platform(named, loaded.source))
    return _outcome(
        unit, problems, facts_of_platform(named), above, lambda inputs: PlatformContext(named, inputs.infrastructure)
    )


def _brand(above: Above, unit: Unit) -> Outcome:
    loaded = load_brand(above.inventory, unit)
    named = loaded.named
    if named is None:
        return Outcome(unit, loaded.problems)
    problems = (*loaded.problems, *problems_of_brand(named, loaded.source, above.platform))
    return _outcome(
        unit,
        problems,
        facts_of_brand(named),
        above,
        lambda inputs: BrandContext(above.platform, named, inputs.passwords),
    )


def _client(above: Above, unit: Unit) -> Outcome:
    loaded = load_client(above.inventory, unit)
    named = loaded.named
    if named is None:
        return Outcome(unit, loaded.problems)
    problems = (*loaded.problems, *problems_of_client(named, loaded.source, above.brand, above.platform))

    def context(inputs: Inputs) -> ClientContext:
        servers = inputs.infrastructure.application_servers
        return ClientContext(above.platform, above.brand, named, servers, inputs.passwords)

    return _outcome(unit, problems, facts_of_client(named), above, context)


_WORK = {"platform": _platform, "brand": _brand, "client": _client}


def _outcome(
    unit: Unit,
    problems: tuple[Problem, ...],
    facts: Iterable[Fact],
    above: Above,
    context: Callable[[Inputs], PlatformContext | BrandContext | ClientContext],
) -> Outcome:
    outcome = Outcome(unit, problems, tuple(facts))
    if above.inputs is None or outcome.errors:
        return outcome
    scope = compile_one(context(above.inputs))
    return replace(outcome, compilation=Compilation(scope.id, scope.digest, scope.moved, scope.load()))
