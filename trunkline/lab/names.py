"""Every name and address of a lab comes from its stack's name: nothing is hard-wired, so labs live side by side.

The stack's hash chooses one of 8191 pairs of /24 networks in 10.64.0.0-10.127.255.255 (the first pair is kept for the
machine's package cache). Bridges are ``tl-<hash>-pub`` and ``tl-<hash>-int``: 13 of the 15 characters Linux allows.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from trunkline.errors import ConfigurationError
from trunkline.lab._system import cgroup_root
from trunkline.paths import stack_root

NETWORKS = ("public", "internal")
POOL = IPv4Network("10.64.0.0/10")
BRIDGE_PREFIX = "tl-"
HOST_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
FIRST_HOST, LAST_HOST = 10, 249  # last byte of a host's address; below and above is kept for people


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _hex(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def default_range(stack: str, network: str) -> IPv4Network:
    """Return the /24 of one of a stack's two networks."""
    slots = POOL.num_addresses // 512
    slot = 1 + _number(stack) % (slots - 1)
    return IPv4Network((int(POOL.network_address) + slot * 512 + NETWORKS.index(network) * 256, 24))


def preferred_offset(host: str) -> int:
    """Return the last byte a host's addresses get when it is free: the same after every rebuild."""
    return FIRST_HOST + _number(host) % (LAST_HOST - FIRST_HOST + 1)


@dataclass(frozen=True)
class Network:
    """One of the two networks of a lab.

    Attributes:
        stack: Name of the stack.
        name: ``public`` or ``internal``.
        cidr: Its range, a /24 of private addresses.
    """

    stack: str
    name: str
    cidr: IPv4Network

    @classmethod
    def of(cls, stack: str, name: str, cidr: str = "") -> Network:
        """Return a stack's network; without ``cidr`` its range comes from the stack's name.

        Raises:
            ConfigurationError: The range is not a /24, or not private.
        """
        stack_root(stack)  # checks the name
        try:
            network = IPv4Network(cidr) if cidr else default_range(stack, name)
        except ValueError as error:
            raise ConfigurationError(f"network {name}: {error}", remedy="write it like 10.80.4.0/24") from None
        if network.prefixlen != 24 or not network.is_private:  # noqa: PLR2004 - the size is the rule
            raise ConfigurationError(
                f"network {name}: {network} is not a private /24", remedy="use one like 10.80.4.0/24"
            )
        return cls(stack, name, network)

    @property
    def bridge(self) -> str:
        """Name of the bridge."""
        return f"{BRIDGE_PREFIX}{_hex(self.stack, 6)}-{self.name[:3]}"

    @property
    def table(self) -> str:
        """Name of the nftables table (family ip); stacks have no underscore, so names cannot meet."""
        return f"trunkline_{self.stack.replace('-', '_')}_{_hex(self.stack, 6)}_{self.name}"

    @property
    def gateway(self) -> IPv4Address:
        """Address of this machine in the network."""
        return self.cidr.network_address + 1

    @property
    def mark(self) -> str:
        """What the bridge carries as alias, so that we never touch somebody else's."""
        return f"trunkline:{self.stack}:{self.name}"


@dataclass(frozen=True)
class Host:
    """The names of one lab host.

    Attributes:
        stack: Name of the stack.
        name: Name of the host, unique in the stack.
    """

    stack: str
    name: str

    def __post_init__(self) -> None:
        """Check the names.

        Raises:
            ConfigurationError: The name cannot be a host's name.
        """
        stack_root(self.stack)
        if not HOST_NAME.fullmatch(self.name):
            raise ConfigurationError(
                f"{self.name!r} cannot be the name of a host",
                remedy="use up to 31 lower-case letters, digits and hyphens, beginning with a letter",
            )

    @property
    def folder(self) -> Path:
        """Where its disk, record and console log are."""
        return stack_root(self.stack) / "hosts" / self.name

    @property
    def machine(self) -> str:
        """Name of the machine and of its network namespace; no stack or host has a dot in its name."""
        return f"trunkline.{self.stack}.{self.name}"

    @property
    def cgroup(self) -> Path:
        """Its cgroup, below the one of the stack."""
        return stack_cgroup(self.stack) / self.name

    def veth(self, network: str) -> str:
        """Return this machine's end of the cable between the host and a network."""
        return f"tlv-{_hex(f'{self.stack}/{self.name}/{network}', 10)}"

    def mac(self, network: str) -> str:
        """Return the hardware address of its interface: the same after every start, so that nobody's table is stale."""
        digits = _hex(f"{self.stack}/{self.name}/{network}/mac", 10)
        return ":".join(["02", *(digits[place : place + 2] for place in range(0, 10, 2))])


def stack_cgroup(stack: str) -> Path:
    """Return the cgroup that holds all hosts of a stack."""
    return cgroup_root() / f"trunkline.{stack}"
