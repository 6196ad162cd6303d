"""Feature flags: what a brand may use, and what it hands on to a client (seed 004 sections 8.1 and 9.1.1).

A brand without ``features`` has all of them, a client without has those of its brand; a list says exactly which are on.
To add one: a line in FEATURES, and the mark of the fields that need it (`trunkline.model.marks`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from trunkline.model.listing import check_listing
from trunkline.model.values import OneOf


class Feature(NamedTuple):
    """A feature.

    Args:
        description: What it allows.
        of_clients: Whether a client has the flag too; the others are the brand's alone.
    """

    description: str
    of_clients: bool


FEATURES = {
    "friends": Feature("vPBX clients may connect other telephone systems and each other", of_clients=True),
    "residential": Feature("the brand may have residential clients", of_clients=False),
    "retail": Feature("the brand may have retail clients", of_clients=False),
    "vpbx": Feature("the brand may have vPBX clients", of_clients=False),
    "wholesale": Feature("the brand may have wholesale clients", of_clients=False),
}
ALL = tuple(sorted(FEATURES))
OF_CLIENTS = tuple(name for name in ALL if FEATURES[name].of_clients)

BrandFeature = Annotated[str, OneOf(*ALL)]
ClientFeature = Annotated[str, OneOf(*OF_CLIENTS)]
BrandFeatures = Annotated[list[BrandFeature], AfterValidator(check_listing)]
ClientFeatures = Annotated[list[ClientFeature], AfterValidator(check_listing)]


def is_off(feature: str, listed: Collection[str] | None) -> bool:
    """Say whether a brand or a client does without a feature.

    Args:
        feature: Its name.
        listed: The ``features`` of the brand or client.
    """
    return listed is not None and feature not in listed


def features_of(brand: Collection[str] | None) -> list[str]:
    """Return the features that a brand has, sorted.

    Args:
        brand: What its file lists; None: everything.
    """
    return [name for name in ALL if not is_off(name, brand)]


def features_of_client(brand: Collection[str] | None, client: Collection[str] | None) -> list[str]:
    """Return the features that a client has, sorted.

    Args:
        brand: What its brand's file lists; None: everything.
        client: What its own file lists; None: whatever its brand has.
    """
    return [name for name in OF_CLIENTS if not is_off(name, brand) and not is_off(name, client)]
