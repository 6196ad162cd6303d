"""Inventories for property tests: valid by construction, small, and alike enough that two of them overlap."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st

from tests.support.brands import brands
from tests.support.clients import clients
from trunkline.compile import ApplicationServer, Infrastructure, MediaRelay, compile_platform, password_names
from trunkline.model.brand import Brand
from trunkline.model.client import Client
from trunkline.model.platform import Platform
from trunkline.model.tenants import NamedBrand, NamedClient, NamedPlatform, Tenants

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trunkline.compile import Compiled

# brand -> {"brand": fields, "clients": {client -> fields}}; every scalar is text, as in a document.
Tree = dict[str, dict[str, Any]]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Draw what an inventory's files say. Domains, DDIs and addresses wander between clients."""
    domains = iter(draw(st.permutations([f"d{number}.example" for number in range(6)])))
    ddis = (f"+349112345{number}" for number in itertools.count(draw(st.integers(10, 30))))
    networks = (f"198.51.{number}.0/24" for number in itertools.count(draw(st.integers(0, 3))))
    found: Tree = {}
    for name in draw(st.lists(st.sampled_from(("atlas", "boreas")), unique=True)):
        brand = draw(brands(name))
        below = draw(st.lists(st.sampled_from(("acme", "globex", "initech")), unique=True))
        found[name] = {
            "brand": brand,
            "clients": {client: draw(clients(next(domains), brand, ddis, networks)) for client in below},
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


def tenants(tree: Tree, platform: Mapping[str, Any] | None = None) -> Tenants:
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
    return Tenants(NamedPlatform(declared=Platform.model_validate(platform or {})), brands, found)


def passwords(model: Tenants, salt: str = "") -> Mapping[str, str]:
    """Return a password for every terminal that needs one."""
    return {name: f"{salt}{name}" for name in password_names(model)}


def compiled(
    tree: Tree,
    infrastructure: Infrastructure | None = None,
    salt: str = "",
    platform: Mapping[str, Any] | None = None,
) -> Compiled:
    """Return the rows of a tree."""
    model = tenants(tree, platform)
    return compile_platform(model, infrastructure or Infrastructure(), passwords(model, salt))


def write(tree: Tree, inventory: Path) -> None:
    """Write a tree as the files of an inventory."""
    for brand, parts in tree.items():
        folder = inventory / "tenants" / brand
        folder.mkdir(parents=True)
        for name, fields in {"brand": parts["brand"], **parts["clients"]}.items():
            text = yaml.dump(fields, Dumper=Dumper, allow_unicode=True, sort_keys=False)
            (folder / f"{name}.yml").write_text(text, encoding="utf-8")


class Dumper(yaml.SafeDumper):
    """Writes what stands twice twice: the language has no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Say that nothing is an alias."""
        del data
        return True
