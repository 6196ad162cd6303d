"""Inventories for property tests: valid by construction, small, and alike enough that two of them overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st

from trunkline.compile import ApplicationServer, Infrastructure, MediaRelay, compile_platform, password_names
from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.fields import LANGUAGES
from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform, Tenants

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trunkline.compile import Compiled

# brand -> {"brand": fields, "clients": {client -> fields}}; every scalar is text, as in a document.
Tree = dict[str, dict[str, Any]]

USERS = ("alice", "bob", "carol", "dave", "erin")
NUMBERS = ("101", "102", "103", "104", "180", "181")
DISPLAY_NAMES = ("Alice Example", "Bob O'Example", 'Zoë, 50% \\ "quoted"', "名前", "null")


@st.composite
def clients(draw: st.DrawFn, domain: str) -> dict[str, Any]:
    """Draw what a client's file says."""
    users = draw(st.lists(st.sampled_from(USERS), unique=True))
    numbers = draw(st.permutations(NUMBERS))
    spare = draw(st.permutations(("desk1", "desk2", "fax")))
    fields: dict[str, Any] = {"type": "vpbx", "domain": domain, "users": {}, "terminals": {}, "extensions": {}}
    for index, name in enumerate(users):
        fields["users"][name] = {"name": draw(st.sampled_from(DISPLAY_NAMES))}
        if draw(st.booleans()):
            fields["users"][name]["extension"] = numbers[index]
        if index < len(spare) and draw(st.integers(0, 3)) == 0:
            fields["users"][name]["terminal"] = spare[index]
            fields["terminals"][spare[index]] = draw(st.sampled_from([{}, {"ha1": "0" * 32}, {"ha1": "f" * 32}]))
    if draw(st.booleans()):
        target = draw(st.sampled_from(users)) if users else None
        fields["extensions"][numbers[-1]] = {"user": target} if target else {}
    if draw(st.booleans()):
        fields["language"] = draw(st.sampled_from(LANGUAGES))
    return fields


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Draw what an inventory's files say. Domains wander between clients."""
    domains = iter(draw(st.permutations([f"d{number}.example" for number in range(6)])))
    found: Tree = {}
    for brand in draw(st.lists(st.sampled_from(("atlas", "boreas")), unique=True)):
        names = draw(st.lists(st.sampled_from(("acme", "globex", "initech")), unique=True))
        language = draw(st.sampled_from(LANGUAGES))
        found[brand] = {
            "brand": {"language": language},
            "clients": {name: draw(clients(next(domains))) for name in names},
        }
    return found


@st.composite
def infrastructures(draw: st.DrawFn) -> Infrastructure:
    """Draw the hosts of a platform. Addresses wander between them."""
    addresses = draw(st.permutations([f"10.0.0.{number}" for number in range(1, 7)]))
    servers = draw(st.lists(st.sampled_from(("as1", "as2", "as3")), unique=True))
    relays = draw(st.lists(st.sampled_from(("mr1", "mr2", "mr3")), unique=True))
    return Infrastructure(
        tuple(ApplicationServer(name, addresses[index], 6060) for index, name in enumerate(servers)),
        tuple(
            MediaRelay(
                name,
                "default",
                addresses[index + 3],
                2223,
                draw(st.integers(0, 3)),
                draw(st.sampled_from(("active", "drained"))),
            )
            for index, name in enumerate(relays)
        ),
    )


def tenants(tree: Tree) -> Tenants:
    """Return the model of a tree."""
    brands = tuple(
        NamedBrand(brand, f"tenants/{brand}/brand.yml", Brand.model_validate(parts["brand"]))
        for brand, parts in sorted(tree.items())
    )
    found = {
        brand: [
            NamedClient(brand, name, f"tenants/{brand}/{name}.yml", Client.model_validate(fields))
            for name, fields in sorted(parts["clients"].items())
        ]
        for brand, parts in tree.items()
    }
    return Tenants(NamedPlatform(), brands, found)


def passwords(model: Tenants, salt: str = "") -> Mapping[str, str]:
    """Return a password for every terminal that needs one."""
    return {name: f"{salt}{name}" for name in password_names(model)}


def compiled(tree: Tree, infrastructure: Infrastructure | None = None, salt: str = "") -> Compiled:
    """Return the rows of a tree."""
    model = tenants(tree)
    return compile_platform(model, infrastructure or Infrastructure(), passwords(model, salt))


def write(tree: Tree, inventory: Path) -> None:
    """Write a tree as the files of an inventory."""
    for brand, parts in tree.items():
        folder = inventory / "tenants" / brand
        folder.mkdir(parents=True)
        for name, fields in {"brand": parts["brand"], **parts["clients"]}.items():
            text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)
            (folder / f"{name}.yml").write_text(text, encoding="utf-8")
