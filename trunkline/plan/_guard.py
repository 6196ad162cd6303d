"""What a plan may not do without being told to: remove much of a brand at once, or what live state belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from psycopg import sql

from trunkline.compile import TABLES, object_id
from trunkline.errors import PlatformError
from trunkline.plan._changes import Excess
from trunkline.plan._moves import named

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trunkline.model.tenants import Tenants
    from trunkline.plan._changes import Plan
    from trunkline.plan._connection import Connection

MASS_DELETION = "mass-deletion"
LIVE_STATE = "live-state"
ALLOWANCES = (MASS_DELETION, LIVE_STATE)
_SHOWN = 10

# Tables of objects that people know by name; lists that follow from something else do not count.
_TABLES = {table.name: table for table in TABLES if table.scope and named(table)}


@dataclass(frozen=True)
class Guard:
    """How much of a brand may go without being asked for.

    Args:
        percent: Share of its objects.
        at_least: Fewer objects than this always may.
    """

    percent: int = 20
    at_least: int = 10


@dataclass(frozen=True)
class Guards:
    """The guards of a platform.

    Args:
        brands: By name of the brand.
        default: Of brands that are not named.
    """

    brands: Mapping[str, Guard] = field(default_factory=dict)
    default: Guard = field(default_factory=Guard)

    @classmethod
    def of_tenants(cls, tenants: Tenants) -> Guards:
        """Return what the platform and the brands of an inventory say."""
        default = tenants.platform.declared.deletion_guard
        return cls(
            {
                brand.name: Guard(guard.percent, guard.at_least)
                for brand in tenants.brands
                if (guard := brand.declared.deletion_guard) is not None
            },
            Guard(default.percent, default.at_least) if default is not None else Guard(),
        )

    def of(self, brand: str) -> Guard:
        """Return the guard of a brand."""
        return self.brands.get(brand, self.default)


@dataclass(frozen=True)
class DeclaredGuards:
    """The guards that the files of an inventory declare, read when something would be removed.

    Args:
        tenants: Reads the files.
    """

    tenants: Callable[[], Tenants]

    def of(self, brand: str) -> Guard:
        """Return the guard of a brand."""
        return self._guards.of(brand)

    @cached_property
    def _guards(self) -> Guards:
        return Guards.of_tenants(self.tenants())


class GuardError(PlatformError):
    """A plan was stopped by a guard; nothing was changed.

    Args:
        plan: The plan.
        reasons: What it would do, one sentence each.
        allowances: Which of `ALLOWANCES` would let it pass.
    """

    def __init__(self, plan: Plan, reasons: Collection[str], allowances: Collection[str]) -> None:
        shown = list(reasons)[:_SHOWN]
        if len(reasons) > len(shown):
            shown.append(f"and {len(reasons) - len(shown)} more")
        options = " ".join(f"--allow {allowance}" for allowance in allowances)
        super().__init__(
            "this needs a second look, nothing was changed: " + "; ".join(shown),
            remedy=f"if that is what you want, say so: {options}",
        )
        self.plan = plan
        self.reasons = tuple(shown)
        self.allowances = tuple(allowances)


def guarded(table: str) -> bool:
    """Say whether the rows of a table count as objects of a brand."""
    return table in _TABLES


def excesses(connection: Connection, removed: Mapping[str, int], guards: Guards | DeclaredGuards) -> tuple[Excess, ...]:
    """Return the brands that would lose more than they may.

    Args:
        connection: To the database.
        removed: Objects that would go, by brand.
        guards: How many may.
    """
    found = []
    for brand, count in sorted(removed.items()):
        guard = guards.of(brand)
        if count < guard.at_least:
            continue
        objects = _objects(connection, brand)
        if count * 100 > guard.percent * objects:
            found.append(Excess(brand, count, objects, guard.percent))
    return tuple(found)


def _objects(connection: Connection, brand: str) -> int:
    """Return how many objects the database has of a brand."""
    counts = [
        sql.SQL("(select count(*) from config.{} where {} in (select id from own))").format(
            sql.Identifier(table.name), sql.Identifier(table.scope)
        )
        for table in _TABLES.values()
    ]
    query = sql.SQL(
        "with own as (select id from config.client where brand_id = %(id)s::uuid union all select %(id)s::uuid)"
        " select {}"
    ).format(sql.SQL(" + ").join(counts))
    row = connection.execute(query, {"id": object_id("brand", brand)}).fetchone()
    return int(row[0]) if row else 0


def check(plan: Plan, allowed: Collection[str]) -> None:
    """Stop a plan that does what nobody allowed.

    Args:
        plan: The plan.
        allowed: Some of `ALLOWANCES`.

    Raises:
        GuardError: It does.
    """
    found = {
        MASS_DELETION: [str(excess) for excess in plan.excesses],
        LIVE_STATE: [str(held) for held in plan.held],
    }
    needed = [allowance for allowance in ALLOWANCES if found[allowance] and allowance not in allowed]
    if needed:
        raise GuardError(plan, [reason for allowance in needed for reason in found[allowance]], needed)
