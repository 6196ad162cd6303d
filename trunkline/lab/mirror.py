"""Where this machine gets its Debian packages: asked from apt itself, so that both source formats are understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from trunkline.errors import PlatformError
from trunkline.lab._system import run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# settings of this machine's apt that a lab host needs as well to reach the same mirror
_INHERITED = re.compile(r"Acquire::(Check-Valid-Until|Check-Date|ForceIPv4|ForceIPv6|https?::Proxy) ", re.IGNORECASE)


@dataclass(frozen=True)
class Mirror:
    """Debian's archive as this machine reaches it.

    Attributes:
        main: Address of the archive, without a slash at the end.
        security: Address of the security archive, or empty when this machine uses none.
        options: Lines of apt.conf that hosts and mmdebstrap need too.
    """

    main: str
    security: str
    options: tuple[str, ...]

    def sources(self, suite: str) -> str:
        """Return the text of a ``debian.sources`` file (deb822) for one release."""
        signed = f"Components: main\nSigned-By: {KEYRING}\n"
        text = f"Types: deb\nURIs: {self.main}\nSuites: {suite} {suite}-updates\n{signed}"
        if self.security:
            text += f"\nTypes: deb\nURIs: {self.security}\nSuites: {suite}-security\n{signed}"
        return text


def _resolve(address: str) -> str:
    """Return the first real address behind apt's ``mirror+file:`` method; others as they are."""
    if not address.startswith("mirror+file:"):
        return address.rstrip("/")
    lines = Path("/" + address.removeprefix("mirror+file:").lstrip("/")).read_text().split()
    return next(line for line in lines if "://" in line).rstrip("/")


def machine_mirror() -> Mirror:
    """Return the Debian mirror of this machine's apt configuration.

    Raises:
        PlatformError: apt has no source for this Debian release.
    """
    release = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    codename = release.group(1) if release else "trixie"
    targets = run("apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)", "Created-By: Packages")
    by_suite: dict[str, str] = {}
    for line in targets.splitlines():
        address, _, suite = line.partition("|")
        by_suite.setdefault(suite, address)
    if codename not in by_suite:
        raise PlatformError(
            f"apt on this machine has no source for Debian {codename}",
            remedy="add Debian's archive to /etc/apt/sources.list.d and run `apt-get update`",
        )
    security = by_suite.get(f"{codename}-security", "")
    dump = run("apt-config", "dump").splitlines()
    options = tuple(sorted(line for line in dump if _INHERITED.match(line) and not line.endswith('"";')))
    return Mirror(_resolve(by_suite[codename]), _resolve(security) if security else "", options)
