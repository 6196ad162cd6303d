"""A home network: a network namespace behind address translation, with the public network of the lab outside.

Nobody outside reaches an address inside unless it was spoken to from there, as in the internet.
"""

from __future__ import annotations

import contextlib
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

HOME = "100.127.{}.{}"  # shared address space (RFC 6598): nobody's network, routed nowhere


@dataclass(frozen=True)
class Home:
    """A network namespace behind address translation.

    Attributes:
        namespace: Its name.
        address: Address of the machine in it.
        outside: Address that the world sees.
    """

    namespace: str
    address: str
    outside: str

    def command(self, *words: str) -> list[str]:
        """Return the command line that runs a command inside."""
        return ["ip", "netns", "exec", self.namespace, *words]


def _run(*words: str, text: str | None = None, check: bool = True) -> None:
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")


@contextlib.contextmanager
def home(outside: str) -> Iterator[Home]:
    """Make a home network whose traffic leaves this machine from one of its addresses; remove it at the end.

    Args:
        outside: Own address in the public network of the lab.
    """
    number = secrets.randbelow(250) + 1
    name = f"ttl-nat-{secrets.token_hex(3)}"  # an interface's name has 15 characters at most
    inside, gateway = HOME.format(number, 2), HOME.format(number, 1)
    rules = f"""
table ip {name} {{
  chain forward {{
    type filter hook forward priority filter; policy accept;
    oifname "{name}" ct state new drop
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr {inside} snat to {outside}
  }}
}}
"""
    try:
        _run("ip", "netns", "add", name)
        _run("ip", "link", "add", name, "type", "veth", "peer", "name", "home0", "netns", name)
        _run("ip", "address", "add", f"{gateway}/24", "dev", name)
        _run("ip", "link", "set", name, "up")
        _run("ip", "-n", name, "link", "set", "lo", "up")
        _run("ip", "-n", name, "link", "set", "home0", "up")
        _run("ip", "-n", name, "address", "add", f"{inside}/24", "dev", "home0")
        _run("ip", "-n", name, "route", "add", "default", "via", gateway)
        _run("nft", "-f", "-", text=rules)
        yield Home(name, inside, outside)
    finally:
        _run("nft", "delete", "table", "ip", name, check=False)
        _run("ip", "link", "delete", name, check=False)
        _run("ip", "netns", "delete", name, check=False)
