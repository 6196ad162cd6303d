"""The few things every module of the lab asks of the machine: run a program, hold a lock, empty a cgroup."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from trunkline.errors import PlatformError


def run(*command: str | Path, text: str | None = None, check: bool = True) -> str:
    """Run a program and return what it wrote to standard output.

    Args:
        command: Program and arguments; never a shell line.
        text: Standard input.
        check: Whether an exit code other than 0 is an error; else the output is returned all the same.

    Raises:
        PlatformError: The program is not installed, or failed; the message carries what it wrote.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise PlatformError(f"the program {words[0]!r} is not installed", remedy="run `make bootstrap`") from None
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise PlatformError(f"`{' '.join(words)}` failed with exit code {done.returncode}: {said}")
    return done.stdout


def succeeds(*command: str | Path) -> bool:
    """Return whether a program exits with code 0."""
    return subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode == 0


def ip_json(*arguments: str) -> list[dict[str, Any]]:
    """Return what ``ip -json`` says; an object that does not exist gives an empty list."""
    rows: list[dict[str, Any]] = json.loads(run("ip", "-json", *arguments, check=False) or "[]")
    return rows


def write_atomic(path: Path, content: str, mode: int = 0o644) -> None:
    """Write a file so that readers see the old or the new content, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; the kernel frees it when the process dies, however it dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wait_until(condition: Any, seconds: float, step: float = 0.05) -> bool:
    """Ask ``condition`` until it is true or the time is over; return its last answer as a truth value."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


@functools.cache
def cgroup_root() -> Path:
    """Return where this machine mounts the version 2 cgroup tree (also on machines that still mount version 1).

    Raises:
        PlatformError: There is none.
    """
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise PlatformError(
        "this machine mounts no cgroup2 file system", remedy="mount one: mount -t cgroup2 none /sys/fs/cgroup/unified"
    )


def cgroup_processes(group: Path) -> list[int]:
    """Return the ids of all processes in a cgroup and those below it."""
    found: list[int] = []
    for folder, _, _ in os.walk(group):  # does not mind groups that vanish meanwhile
        with contextlib.suppress(OSError):
            found.extend(int(line) for line in Path(folder, "cgroup.procs").read_text().split())
    return found


def make_cgroup(group: Path) -> None:
    """Create a cgroup, with as many controllers as the groups above it can give."""
    group.mkdir(parents=True, exist_ok=True)
    for above in reversed([place for place in group.parents if place.is_relative_to(cgroup_root())]):
        for controller in (above / "cgroup.controllers").read_text().split():
            with contextlib.suppress(OSError):  # busy or not delegated: the host then has no limits of this kind
                (above / "cgroup.subtree_control").write_text(f"+{controller}")


def remove_cgroup(group: Path) -> None:
    """Kill every process of a cgroup and remove it with all its children.

    Raises:
        PlatformError: Processes are still there after ten seconds (they hang in the kernel).
    """
    if not group.is_dir():
        return

    def empty() -> bool:
        for process in cgroup_processes(group):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return not cgroup_processes(group)

    def removed() -> bool:
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
        return not group.exists()

    with contextlib.suppress(OSError):  # kernels before 5.14 do not have it
        (group / "cgroup.kill").write_text("1")
    if not (wait_until(empty, seconds=10) and wait_until(removed, seconds=5)):
        raise PlatformError(f"processes of {group.name} do not end: {cgroup_processes(group)}")


def unmount(place: Path) -> None:
    """Unmount whatever is mounted at or below a folder, deepest first."""
    for mount in sorted(mounts_below(place), reverse=True):
        run("umount", "--lazy", mount)


def mounts_below(place: Path) -> list[str]:
    """Return the mount points at or below a folder."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [point for point in points if Path(point).is_relative_to(place)]


def allow_many_hosts() -> None:
    """Let this machine's kernel serve many systemd instances at once; a limit that is high enough is left alone.

    Every host takes about six inotify instances, all of them from the root user of this machine; Linux gives a user
    128. The value stays until the next boot: what other programs use of it cannot be known.
    """
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    if int(limit.read_text()) < INOTIFY_INSTANCES:
        limit.write_text(str(INOTIFY_INSTANCES))


def require(programs: Sequence[str]) -> None:
    """Check that we may and can work on this machine, before anything is changed.

    Raises:
        PlatformError: Not root, or a program is missing.
    """
    if os.geteuid() != 0:
        raise PlatformError("the lab makes bridges, mounts and hosts: it needs root", remedy="run it through sudo")
    missing = [program for program in programs if shutil.which(program, path=SEARCH) is None]
    if missing:
        raise PlatformError(f"these programs are not installed: {', '.join(missing)}", remedy="run `make bootstrap`")


INOTIFY_INSTANCES = 4096
SEARCH = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
