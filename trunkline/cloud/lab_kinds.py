"""What the lab's provider can make, in terms of plain values: a network, a host, the use of the package cache.

Each kind says how to complete inputs, how to make, look at and remove the thing, and which inputs need a new one.
All of them are idempotent by name: what a killed run left behind is finished, not found in the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from trunkline.lab import host, network, package_cache
from trunkline.lab.names import Host, Network

HEALTHY = "ok"
Values = dict[str, Any]


class Kind(Protocol):
    """A kind of resource.

    Attributes:
        replace_on: Inputs whose change needs a new resource.
        computed: Outputs that are not known before it is made.
    """

    replace_on: ClassVar[frozenset[str]]
    computed: ClassVar[frozenset[str]]

    def complete(self, inputs: Mapping[str, Any]) -> Values:
        """Return the inputs with defaults filled in.

        Raises:
            ConfigurationError: An input cannot be accepted.
        """
        ...

    def make(self, inputs: Mapping[str, Any]) -> Values:
        """Create it or repair it, and return its outputs."""
        ...

    def look(self, known: Mapping[str, Any]) -> Values | None:
        """Return its outputs as it is now, or None when it is gone."""
        ...

    def remove(self, known: Mapping[str, Any]) -> None:
        """Remove it; that it is gone already is no error."""
        ...


def _health(problems: list[str]) -> str:
    return "; ".join(problems) or HEALTHY


class LabNetwork:
    """Inputs: stack, name, cidr (from the stack's name when empty). Outputs: bridge, gateway."""

    replace_on: ClassVar[frozenset[str]] = frozenset({"stack", "name", "cidr"})
    computed: ClassVar[frozenset[str]] = frozenset()

    def complete(self, inputs: Mapping[str, Any]) -> Values:
        """Fill in the range and check it."""
        made = _network(inputs)
        return {"stack": made.stack, "name": made.name, "cidr": str(made.cidr)}

    def make(self, inputs: Mapping[str, Any]) -> Values:
        """Create the bridge, its address and rules."""
        network.ensure(_network(inputs))
        return self._outputs(inputs, HEALTHY)

    def look(self, known: Mapping[str, Any]) -> Values | None:
        """Look for bridge, address and rules."""
        problems = network.problems(_network(known))
        return None if problems is None else self._outputs(known, _health(problems))

    def remove(self, known: Mapping[str, Any]) -> None:
        """Remove bridge and rules."""
        network.delete(_network(known))

    def _outputs(self, known: Mapping[str, Any], health: str) -> Values:
        made = _network(known)
        described = {"bridge": made.bridge, "gateway": str(made.gateway), "health": health}
        return {"stack": made.stack, "name": made.name, "cidr": str(made.cidr), **described}


class LabHost:
    """A host of the lab.

    Inputs: stack, name, networks (name -> range), package_proxy, extra (names of further public addresses). Outputs:
    addresses (network -> address, ``extra.NAME`` -> address).
    """

    replace_on: ClassVar[frozenset[str]] = frozenset({"stack", "name", "networks", "extra"})
    computed: ClassVar[frozenset[str]] = frozenset({"addresses"})

    def complete(self, inputs: Mapping[str, Any]) -> Values:
        """Check the names."""
        Host(inputs["stack"], inputs["name"])
        return dict(inputs)

    def make(self, inputs: Mapping[str, Any]) -> Values:
        """Boot the host, and wait until it answers."""
        networks = [Network.of(inputs["stack"], name, cidr) for name, cidr in inputs["networks"].items()]
        made = host.ensure(_host(inputs), networks, inputs["package_proxy"], inputs.get("extra") or ())
        return {**_only(inputs, self._inputs), "addresses": made.all_addresses, "health": HEALTHY}

    def look(self, known: Mapping[str, Any]) -> Values | None:
        """Look for process, disk, network and ssh."""
        problems = host.problems(_host(known))
        if problems is None:
            return None
        record = host.record(_host(known))
        addresses = record.all_addresses if record else known.get("addresses", {})
        return {**_only(known, self._inputs), "addresses": addresses, "health": _health(problems)}

    def remove(self, known: Mapping[str, Any]) -> None:
        """End the host and remove its disk."""
        host.delete(_host(known))

    _inputs = ("stack", "name", "networks", "package_proxy", "extra")


class LabPackageCache:
    """Inputs: stack. Outputs: url. Making it is noting that the stack uses the machine's one cache."""

    replace_on: ClassVar[frozenset[str]] = frozenset({"stack"})
    computed: ClassVar[frozenset[str]] = frozenset()

    def complete(self, inputs: Mapping[str, Any]) -> Values:
        """Nothing to fill in."""
        return dict(inputs)

    def make(self, inputs: Mapping[str, Any]) -> Values:
        """Start the cache unless it runs."""
        return {"stack": inputs["stack"], "url": package_cache.acquire(inputs["stack"]), "health": HEALTHY}

    def look(self, known: Mapping[str, Any]) -> Values | None:
        """Ask the cache whether it serves the stack; one that does not is as good as gone."""
        serves = package_cache.serves(known["stack"])
        return {"stack": known["stack"], "url": package_cache.URL, "health": HEALTHY} if serves else None

    def remove(self, known: Mapping[str, Any]) -> None:
        """Stop the cache when nobody else uses it."""
        package_cache.release(known["stack"])


def _network(values: Mapping[str, Any]) -> Network:
    return Network.of(values["stack"], values["name"], values.get("cidr") or "")


def _host(values: Mapping[str, Any]) -> Host:
    return Host(values["stack"], values["name"])


def _only(values: Mapping[str, Any], names: tuple[str, ...]) -> Values:
    return {name: values[name] for name in names if name in values}


KINDS: dict[str, Kind] = {
    "trunkline:lab:Network": LabNetwork(),
    "trunkline:lab:Host": LabHost(),
    "trunkline:lab:PackageCache": LabPackageCache(),
}
