"""Which transformation set a name means, and which one counts for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.compile.identity import object_id
from trunkline.model.transformation_set import country_set

if TYPE_CHECKING:
    from trunkline.compile.context import BrandContext, ClientContext
    from trunkline.model.endpoint import Peer
    from trunkline.model.locale import Locale
    from trunkline.model.user import User

KIND = "transformation_set"


def transformation_set_id(context: BrandContext | ClientContext, name: str | None) -> str | None:
    """Return the id of the set with a name: the brand's, else the platform's.

    Args:
        context: The brand, or a client of it.
        name: Of the set, declared or of a country; None: no set.
    """
    if name is None:
        return None
    if name in context.brand.declared.transformation_sets:
        return object_id("brand", context.brand.name, KIND, name)
    return object_id("platform", KIND, name)


def set_that_counts(context: BrandContext | ClientContext, name: str | None, locale: Locale) -> str | None:
    """Return the id of the set that somebody names, else of the set of its country; None where there is neither.

    Args:
        context: The brand, or a client of it.
        name: What the file says.
        locale: What counts for the object.
    """
    return transformation_set_id(context, name or country_set(locale.country))


def own_set_id(context: ClientContext, declared: User | Peer) -> str | None:
    """Return the id of the set that a user or an account says itself, by name or by its country; None: the client's.

    Args:
        context: The client.
        declared: What the file says of the user or account.
    """
    if declared.transformation_set is None and declared.country is None:
        return None
    return transformation_set_id(context, declared.transformation_set or country_set(declared.country))
