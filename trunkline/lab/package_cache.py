"""One package cache for all labs of this machine: apt-cacher-ng with a small configuration of its own.

It listens on 10.64.0.1, an address of an interface without ports: every lab reaches it through its gateway, nobody
from outside does. Who uses it is written in ``/run/trunkline/package-cache/users/``; when the last user goes, it stops.
(The stock configuration of the package rewrites mirrors to host names that need not resolve here.)
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from ipaddress import IPv4Network
from pathlib import Path

from trunkline.errors import PlatformError
from trunkline.lab import mirror
from trunkline.lab._system import (
    SEARCH,
    cgroup_processes,
    cgroup_root,
    ip_json,
    locked,
    make_cgroup,
    remove_cgroup,
    run,
    wait_until,
    write_atomic,
)
from trunkline.lab.names import POOL
from trunkline.paths import cache_root, stack_root

ADDRESS = str(POOL.network_address + 1)
PORT = 3143  # not the packaged service's 3142, which may be running
URL = f"http://{ADDRESS}:{PORT}"
INTERFACE = "trunkline-cache"
USER = "apt-cacher-ng"
_RUN = Path("/run/trunkline/package-cache")
_LOCK = _RUN.with_suffix(".lock")  # beside the folder, which goes while others wait for the lock


def acquire(stack: str) -> str:
    """Note that a stack uses the cache, start it if it is not running, and return its URL.

    Raises:
        PlatformError: Its address is in use by something else, or it does not start.
    """
    with locked(_LOCK):
        (_RUN / "users").mkdir(parents=True, exist_ok=True)
        (_RUN / "users" / stack).write_text(str(stack_root(stack)))
        if not _answers():
            _stop()
            _start()
    return URL


def release(stack: str) -> None:
    """Note that a stack does not use the cache any more; the last one stops it and takes its traces away."""
    with locked(_LOCK):
        (_RUN / "users" / stack).unlink(missing_ok=True)
        for user in (_RUN / "users").glob("*"):
            folder = user.read_text()
            if folder and Path(folder).is_dir():
                return
            user.unlink()  # its lab was deleted by hand
        _stop()
        shutil.rmtree(_RUN, ignore_errors=True)


def serves(stack: str) -> bool:
    """Return whether the cache is running and knows that the stack uses it."""
    return (_RUN / "users" / stack).exists() and _answers()


def _answers() -> bool:
    if not cgroup_processes(_group()):  # else a gateway that accepts everything could answer in its place
        return False
    try:
        with socket.create_connection((ADDRESS, PORT), timeout=2):
            return True
    except OSError:
        return False


def _group() -> Path:
    return cgroup_root() / "trunkline.package-cache"


def _start() -> None:
    for link in ip_json("-4", "address", "show"):
        for row in link["addr_info"]:
            if POOL.network_address + 1 in IPv4Network((row["local"], row["prefixlen"]), strict=False):
                raise PlatformError(
                    f"the package cache's address {ADDRESS} is in use by {link['ifname']}",
                    remedy=f"take {row['local']} from {link['ifname']}, or run labs on another machine",
                )
    run("ip", "link", "add", INTERFACE, "type", "bridge")  # a bridge without ports: it only carries the address
    run("ip", "address", "add", f"{ADDRESS}/32", "dev", INTERFACE)
    run("ip", "link", "set", INTERFACE, "up")
    folder = cache_root() / "apt"
    for part in ("packages", "log"):
        (folder / part).mkdir(parents=True, exist_ok=True)
        shutil.chown(folder / part, USER, USER)
    write_atomic(folder / "acng.conf", _configuration(folder))
    make_cgroup(_group())
    # the program stays in the foreground of a session of its own; the shell only carries it into its cgroup
    subprocess.run(
        ["setsid", "--fork", "sh", "-c", 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"', "enter", str(_group()),
         "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "apt-cacher-ng", "-c", str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=True,
        env={"PATH": SEARCH},
    )  # fmt: skip
    if not wait_until(_answers, seconds=10):
        log = folder / "log/apt-cacher.err"
        said = log.read_text()[-500:] if log.exists() else "nothing"
        _stop()
        raise PlatformError(
            f"the package cache does not start; its log says: {said}",
            remedy=f"check that {USER} may enter {folder}, or put TRUNKLINE_CACHE elsewhere",
        )


def _stop() -> None:
    remove_cgroup(_group())
    if ip_json("link", "show", "dev", INTERFACE):
        run("ip", "link", "delete", INTERFACE)


def _configuration(folder: Path) -> str:
    lines = [
        f"CacheDir: {folder}/packages",
        f"LogDir: {folder}/log",
        "SupportDir: /usr/lib/apt-cacher-ng",
        f"BindAddress: {ADDRESS}",
        f"Port: {PORT}",
        "ForeGround: 1",
        "ConnectProto: v4",
        "PassThroughPattern: .*",
        "ExThreshold: 30",
        "VerboseLog: 0",
    ]
    upstream = re.findall(r'^Acquire::http::Proxy "(.+)";', "\n".join(mirror.machine_mirror().options), re.MULTILINE)
    lines += [f"Proxy: {address}" for address in upstream]
    return "\n".join(lines) + "\n"
