"""The model of hosts: what ``platform.yml`` of an inventory may say. One model for every provider.

Which networks a host stands in follows from its groups; its addresses are the provider's and come back as outputs of
the stack (:mod:`trunkline.model.deployment`). So a relay's weight changes without touching machines.
"""

from __future__ import annotations

import os
import re
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from trunkline.errors import ConfigurationError
from trunkline.model import ports
from trunkline.model.walk import HOSTS_FILE
from trunkline.source import read_file

Group = Literal[
    "data",
    "proxy_users",
    "proxy_trunks",
    "application_servers",
    "media_relays",
    "monitoring",
    "portals",
    "phones",
    "carriers",
]
NetworkName = Literal["public", "internal"]

GROUPS: tuple[Group, ...] = (
    *("data", "proxy_users", "proxy_trunks", "application_servers", "media_relays", "monitoring", "portals", "phones"),
    "carriers",
)
_OUTSIDE = {"phones", "carriers"}  # stand-ins for what is not the platform's
_PUBLIC_GROUPS = {"proxy_users", "proxy_trunks", "media_relays", "portals", *_OUTSIDE}
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Relay(_Model):
    """How a media relay takes part: seed 004 section 4.5 calls a set of relays a media relay set."""

    set: _Name = Field("default", description="Name of the relay set it belongs to.")
    weight: int = Field(1, ge=0, le=1000, description="Its share of new calls within the set; 0 gives it none.")
    state: Literal["active", "drained"] = Field(
        "active", description="A drained relay gets no new calls; those it carries go on."
    )


class Host(_Model):
    """One machine."""

    groups: tuple[Group, ...] = Field(min_length=1, description="What it does.")
    relay: Relay | None = Field(None, description="Only for media relays.")
    trunk_address: Literal["shared", "own"] = Field(
        "shared", description="Whether the trunks proxy has a public address of its own beside the users proxy's."
    )
    extra_addresses: tuple[_Name, ...] = Field(
        (),
        description="Names of further public addresses: of the trunks proxy, where carriers and DDI providers name one "
        "as their `socket`, or of scripted carriers.",
    )
    advertised_address: IPv4Address | None = Field(
        None, description="What the outside sees in SIP and SDP when the host stands behind a one-to-one NAT."
    )
    internal_address: IPv4Address | None = Field(
        None, description="Its address in the internal network of a cloud; the lab chooses addresses itself."
    )
    machine_type: str = Field(
        "", description="Size of the machine in the provider's words; the stack's default if empty."
    )
    location: str = Field("", description="Where the provider puts it; the stack's default if empty.")
    floating_address: bool = Field(
        default=False, description="Whether it gets a public address that can move to another machine."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.groups)) != len(self.groups):
            raise ValueError("a group is listed twice")
        if self.relay is not None and "media_relays" not in self.groups:
            raise ValueError("`relay` is only for hosts in the group media_relays")
        if self.trunk_address == "own" and "proxy_trunks" not in self.groups:
            raise ValueError("`trunk_address` is only for hosts in the group proxy_trunks")
        if self.extra_addresses and not {"proxy_trunks", "carriers"} & set(self.groups):
            raise ValueError("`extra_addresses` are only for hosts in the groups proxy_trunks and carriers")
        if len(set(self.extra_addresses)) != len(self.extra_addresses):
            raise ValueError("`extra_addresses` names an address twice")
        return self

    @property
    def networks(self) -> tuple[NetworkName, ...]:
        """The networks it stands in: public where a group is reached from outside, internal where it is ours."""
        public: tuple[NetworkName, ...] = ("public",) if _PUBLIC_GROUPS & set(self.groups) else ()
        return public if set(self.groups) <= _OUTSIDE else (*public, "internal")

    @property
    def shares_address(self) -> bool:
        """Whether users and trunks proxy listen on one address, so that trunks moves to 7060 and 7061."""
        return {"proxy_users", "proxy_trunks"} <= set(self.groups) and self.trunk_address == "shared"

    @property
    def media_relay(self) -> Relay | None:
        """Its part as a media relay with all defaults, or None when it is none."""
        return (self.relay or Relay()) if "media_relays" in self.groups else None


class Networks(_Model):
    """Ranges of the two networks; each a private /24. Without them the provider chooses."""

    public: IPv4Network | None = Field(None, description="Where phones and carriers come from; only the lab makes it.")
    internal: IPv4Network | None = Field(None, description="Where hosts talk to each other.")


class Hcloud(_Model):
    """What Hetzner Cloud needs to know beyond the hosts."""

    location: str = Field(description="Default location, for example fsn1.")
    network_zone: str = Field("eu-central", description="Zone of the internal network.")
    machine_type: str = Field(description="Default size, for example cx33.")
    image: str = Field("debian-13", description="Operating system.")
    ssh_public_key: str = Field(pattern=r"^ssh-(ed25519|rsa) \S+", description="Key that opens the hosts.")
    domain: str = Field(description="DNS zone in which hosts get names; the zone is created.")
    labels: dict[str, str] = Field(default_factory=dict, description="Labels of every object, beside ours.")


class Platform(_Model):
    """A platform: its name, where its machines come from, and the machines."""

    platform: _Name = Field(description="Name of the platform and of its stack.")
    provider: Literal["lab", "hcloud"]
    hosts: dict[_Name, Host] = Field(min_length=1)
    networks: Networks = Networks()
    controllers: tuple[IPv4Network, ...] = Field(
        (), description="Where deployments come from; the lab knows it itself."
    )
    hcloud: Hcloud | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.provider == "hcloud") != (self.hcloud is not None):
            raise ValueError("`hcloud` goes with `provider: hcloud`, and only with it")
        if self.provider == "hcloud" and not self.controllers:
            raise ValueError("`controllers` is missing: nobody could log in")
        if meant_twice := sorted({*GROUPS, "all"} & set(self.hosts)):
            raise ValueError(f"a host cannot have the name of a group: {', '.join(meant_twice)}")
        if any(not network.prefixlen for network in self.controllers):
            raise ValueError("`controllers` names the whole world")
        self._check_addresses()
        return self

    def _check_addresses(self) -> None:
        given = {name: host.internal_address for name, host in self.hosts.items() if host.internal_address}
        if self.provider == "lab":
            if given:
                raise ValueError("`internal_address` is not for the lab, which chooses addresses itself")
            return
        internal = self.networks.internal
        if internal is None:
            raise ValueError("`networks: {internal: ...}` is missing")
        for name, host in self.hosts.items():
            address = given.get(name)
            if "internal" in host.networks and (address is None or address not in internal):
                raise ValueError(f"host {name} has no `internal_address` in {internal}")
        if len(set(given.values())) != len(given):
            raise ValueError("an `internal_address` is given twice")

    @property
    def stack(self) -> str:
        """Name of the stack: ``$TRUNKLINE_STACK``, else the platform's: CI and people share inventories, not labs."""
        return os.environ.get("TRUNKLINE_STACK") or self.platform

    @property
    def jump_host(self) -> str:
        """Name of the host over which controllers reach hosts without a public address; empty in the lab."""
        both = (name for name, host in self.hosts.items() if set(host.networks) == {"public", "internal"})
        return next(both, "") if self.provider == "hcloud" else ""

    def members(self, group: str) -> tuple[str, ...]:
        """Return the names of a group's hosts in the order of the file."""
        return tuple(name for name, host in self.hosts.items() if group in host.groups)


def load(inventory: Path) -> Platform:
    """Read ``platform.yml`` of an inventory.

    Raises:
        ConfigurationError: It does not exist or says something the model does not know; every problem with its place.
    """
    document, problems = read_file(inventory, HOSTS_FILE)
    if document is None:
        raise ConfigurationError("\n".join(str(problem) for problem in problems), location=str(inventory))
    try:
        return Platform.model_validate(document.data)
    except ValidationError as error:
        lines = []
        for detail in error.errors():
            place = document.locate(tuple(detail["loc"]), key=detail["type"] == "extra_forbidden")
            path = ".".join(str(step) for step in detail["loc"])
            lines.append(f"{inventory / place.file}:{place.line}:{place.column}: {path}: {_sentence(detail['msg'])}")
        raise ConfigurationError(
            "\n".join(lines), remedy="docs/reference/host-model.md lists what a host may say"
        ) from None


def _sentence(message: str) -> str:
    return re.sub(r"^Value error, ", "", message)


def flows_of(host: Host) -> tuple[ports.Flow, ...]:
    """Return the flows that end at a host."""
    every = ports.flows(shared_address=host.shares_address)
    return tuple(flow for flow in every if not flow.target or flow.target in host.groups)
