"""The port table and who may reach which port: the only owner of both.

Pulumi's firewalls, the nftables rules of hosts, the roles' variables and the policy tests are made from it.
Numbers: seed 004 section 12.1.1 (exposed ports); those inside are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

WORLD: Final = "world"  # any address
CONTROLLER: Final = "controller"  # the machine that deploys

Protocol = Literal["udp", "tcp"]


@dataclass(frozen=True)
class PortRange:
    """Ports ``first`` to ``last``, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        """Return ``13000-19000``, or ``5060`` for a range of one."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def meets(self, other: PortRange) -> bool:
        """Return whether the two have a port in common."""
        return self.first <= other.last and other.first <= self.last


SSH: Final = 22
USERS_SIP: Final = 5060
USERS_SIPS: Final = 5061
USERS_WS: Final = 10080
USERS_WSS: Final = 10081
TRUNKS_SIP: Final = 5060
TRUNKS_SIPS: Final = 5061
TRUNKS_SIP_SHARED: Final = 7060  # when both proxies share one address
TRUNKS_SIPS_SHARED: Final = 7061
TRUNKS_INSIDE: Final = 7062  # apart from those for carriers: whoever reaches it is believed
ASTERISK_SIP: Final = 6060
RTPENGINE_CONTROL: Final = 2223
POSTGRESQL: Final = 5432
RELAY_MEDIA: Final = PortRange(13000, 19000)
ASTERISK_MEDIA: Final = PortRange(20000, 29999)  # apart from the relays': both may be on one host
PHONE_PORTS: Final = PortRange(1024, 65535)


@dataclass(frozen=True)
class Flow:
    """Who may open a connection, or send first, to which ports of a group's hosts.

    Attributes:
        name: Short name, unique per group.
        target: Group of hosts that listen; empty for every host.
        protocol: ``udp`` or ``tcp``.
        ports: Where they listen.
        sources: Groups, ``world`` or ``controller``.
        control: Whether who reaches the port can change something or read data; such a port is never open to the world.
    """

    name: str
    target: str
    protocol: Protocol
    ports: tuple[PortRange, ...]
    sources: tuple[str, ...]
    control: bool = False


def _ports(*numbers: int) -> tuple[PortRange, ...]:
    return tuple(PortRange(number, number) for number in numbers)


def flows(*, shared_address: bool) -> tuple[Flow, ...]:
    """Return all flows of a platform.

    Args:
        shared_address: Whether the trunks proxy shares an address with the users proxy on the host in question.
    """
    sip, sips = trunk_ports(shared_address=shared_address)
    proxies = ("proxy_users", "proxy_trunks")
    world = (WORLD,)
    return (
        Flow("ssh", "", "tcp", _ports(SSH), (CONTROLLER,), control=True),
        Flow("users-sip", "proxy_users", "udp", _ports(USERS_SIP), world),
        Flow("users-sip-tcp", "proxy_users", "tcp", _ports(USERS_SIP, USERS_SIPS, USERS_WS, USERS_WSS), world),
        Flow("trunks-sip", "proxy_trunks", "udp", _ports(sip), world),
        Flow(
            "trunks-inside", "proxy_trunks", "udp", _ports(TRUNKS_INSIDE),
            (*proxies, "application_servers"), control=True,
        ),
        Flow("trunks-sip-tcp", "proxy_trunks", "tcp", _ports(sip, sips), world),
        Flow("asterisk-sip", "application_servers", "udp", _ports(ASTERISK_SIP), proxies, control=True),
        Flow("asterisk-media", "application_servers", "udp", (ASTERISK_MEDIA,), ("media_relays",)),
        Flow("relay-control", "media_relays", "udp", _ports(RTPENGINE_CONTROL), proxies, control=True),
        Flow("relay-media", "media_relays", "udp", (RELAY_MEDIA,), world),
        Flow(
            "postgresql", "data", "tcp", _ports(POSTGRESQL),
            ("data", *proxies, "application_servers", CONTROLLER), control=True,
        ),
        Flow("phone", "phones", "udp", (PHONE_PORTS,), world),
        Flow("phone-control", "phones", "tcp", (PHONE_PORTS,), (CONTROLLER,), control=True),
        Flow("carrier", "carriers", "udp", (PHONE_PORTS,), world),
        Flow("carrier-tcp", "carriers", "tcp", (PHONE_PORTS,), world),
    )  # fmt: skip


def trunk_ports(*, shared_address: bool) -> tuple[int, int]:
    """Return the trunks proxy's ports for SIP (udp, tcp) and SIP over TLS."""
    return (TRUNKS_SIP_SHARED, TRUNKS_SIPS_SHARED) if shared_address else (TRUNKS_SIP, TRUNKS_SIPS)
