"""The file system every lab host starts from: Debian 13, built once, cached under the digest of its recipe."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from trunkline.errors import PlatformError
from trunkline.lab import mirror
from trunkline.lab._system import SEARCH, locked, run
from trunkline.paths import cache_root

SUITE = "trixie"
PACKAGES = [
    *("systemd", "systemd-sysv", "dbus", "kmod", "procps", "sudo"),
    *("openssh-server", "python3", "python3-apt"),  # what Ansible needs
    *("iproute2", "nftables", "iputils-ping"),
    *("ca-certificates", "debian-archive-keyring"),
]
ATTEMPTS = 3
# each line is a shell line that mmdebstrap runs with the new file system as $1
HOOKS = (
    'rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/apt/sources.list "$1"/etc/hostname "$1"/etc/resolv.conf',
    'chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer',  # they fight with Ansible over dpkg's lock
    ': > "$1"/etc/machine-id',
)


def ensure(proxy: str = "") -> Path:
    """Return the folder of the base file system; build it when there is none for today's recipe.

    Args:
        proxy: Address of an HTTP proxy that caches packages; only the build uses it.

    Raises:
        PlatformError: mmdebstrap failed three times, or the disk has too little space.
    """
    source = mirror.machine_mirror()
    settings = "".join(f"{line}\n" for line in (*source.options, 'Acquire::Retries "5";'))
    recipe = "\n".join([SUITE, *PACKAGES, *HOOKS, source.sources(SUITE), settings])
    store = cache_root() / "rootfs"
    target = store / hashlib.sha256(recipe.encode()).hexdigest()[:16]
    if target.is_dir():
        return target
    with locked(store / ".lock"):
        if not target.is_dir():
            _build(target, source, settings, proxy)
    return target


def _build(target: Path, source: mirror.Mirror, settings: str, proxy: str) -> None:
    needed = 1 << 30
    if shutil.disk_usage(target.parent).free < needed:
        raise PlatformError(
            f"less than 1 GiB is free in {target.parent}", remedy="make room, or point TRUNKLINE_CACHE elsewhere"
        )
    partial = target.with_suffix(".partial")  # ours alone: we hold the lock
    options = [f"--aptopt={line}" for line in settings.splitlines()]
    if proxy:
        options.append(f'--aptopt=Acquire::http::Proxy "{proxy}";')
    hooks = [f"--customize-hook={line}" for line in HOOKS]
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", *options, *hooks]
    command += [f"--include={','.join(PACKAGES)}", SUITE, str(partial), "-"]
    for attempt in range(1, ATTEMPTS + 1):
        shutil.rmtree(partial, ignore_errors=True)
        try:
            run("env", f"PATH={SEARCH}", *command, text=source.sources(SUITE))
            break
        except PlatformError as error:
            if attempt == ATTEMPTS:
                raise PlatformError(
                    f"the base file system of lab hosts cannot be built: {error.message}",
                    remedy="check that apt works on this machine: `apt-get update`",
                ) from error
    apt = partial / "etc/apt"
    shutil.rmtree(apt / "sources.list.d", ignore_errors=True)
    (apt / "sources.list.d").mkdir(mode=0o755)
    (apt / "sources.list.d/debian.sources").write_text(source.sources(SUITE))
    for leftover in (apt / "apt.conf.d").glob("99mmdebstrap*"):
        leftover.unlink()
    (apt / "apt.conf.d/10machine").write_text(settings)
    os.sync()
    partial.rename(target)
