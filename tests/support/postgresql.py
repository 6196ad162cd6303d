"""A throw-away PostgreSQL server: Debian's own binaries, an empty cluster in a temporary folder, a Unix socket only.

The server runs as an unprivileged user and is a child of the test run: it dies with it, also when that is killed.
Where the machine has no PostgreSQL, Debian's packages are downloaded with the machine's own apt configuration and
unpacked below the cache folder; nothing is installed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROLES = ("trunkline_owner", "trunkline_apply", "trunkline_proxy", "trunkline_callflow", "trunkline_monitor")
START_DEADLINE_S = 60
# A process that dies loses no commit; only a machine that dies would.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "max_connections": "40",
    "autovacuum": "off",
    "logging_collector": "off",
}


class Server:
    """A running server.

    Args:
        settings: Others than usual.

    Attributes:
        socket: Folder of its Unix socket; the `host` of a connection.
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._settings = {**_SETTINGS, **(settings or {})}
        self._folder = Path(tempfile.mkdtemp(prefix="tl-pg-"))
        self._programs, self._environment = programs(self._folder)
        self.socket = self._folder
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody", "nogroup")
            self._as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=QUIT"]
        try:
            self._initialise()
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    @property
    def pid(self) -> int:
        """Return the number of the server's first process."""
        return self._process.pid

    def dsn(self, database: str, role: str) -> str:
        """Return the data source name of a database as seen by a role."""
        return f"host={self.socket} dbname={database} user={role}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as superuser, outside of a transaction."""
        with psycopg.connect(self.dsn(database, "postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """Stop the server at once and remove everything of it."""
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def restart(self) -> None:
        """Crash the server (as a power cut would, as far as processes go) and start it again.

        Only for the main thread: the server dies with the thread that started it.
        """
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(10)
        self._process = self._start()

    def _initialise(self) -> None:
        command = [*self._as_user, str(self._programs / "initdb"), "-D", str(self._folder / "data"), "--no-sync"]
        command += ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            command, env=self._environment, cwd="/", check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def _start(self) -> subprocess.Popen[bytes]:
        command = [*self._as_user, str(self._programs / "postgres"), "-D", str(self._folder / "data")]
        for name, value in {**self._settings, "unix_socket_directories": str(self.socket)}.items():
            command += ["-c", f"{name}={value}"]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(command, env=self._environment, cwd="/", stdout=log, stderr=log)
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                psycopg.connect(self.dsn("postgres", "postgres")).close()
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "log").read_text(errors="replace")) from None
                time.sleep(0.05)
            else:
                return process


def programs(scratch: Path) -> tuple[Path, dict[str, str]]:
    """Return the folder of PostgreSQL's programs and the environment to run them in.

    Args:
        scratch: Gets a copy of programs that are not installed: the server's user may not read the cache folder.
    """
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"LC_ALL": "C.UTF-8"}
    installed = _newest(Path("/usr/lib/postgresql"))
    if installed:
        return installed[0], base
    unpacked = Path(os.environ.get("TRUNKLINE_CACHE", "/var/cache/trunkline")) / "postgresql"
    if not _newest(unpacked / "usr/lib/postgresql"):
        _download(unpacked)
    usable = scratch / "usr"
    shutil.copytree(unpacked / "usr", usable, symlinks=True)
    libraries = {str(path.parent) for path in (usable / "lib").glob("*-linux-gnu*/*.so*")}
    return _newest(usable / "lib/postgresql")[0], {**base, "LD_LIBRARY_PATH": ":".join(sorted(libraries))}


def _newest(folder: Path) -> Sequence[Path]:
    """Return the program folders of the installed versions that hold a server, newest first."""
    found = [path.parent for path in folder.glob("*/bin/postgres")]
    return sorted(found, key=lambda path: float(path.parent.name), reverse=True)


def _download(target: Path) -> None:
    """Unpack Debian's PostgreSQL and what it needs, downloaded with the machine's own apt configuration."""
    with tempfile.TemporaryDirectory(prefix="tl-debs-") as scratch:
        archives = Path(scratch) / "archives"
        (archives / "partial").mkdir(parents=True)
        command = ["apt-get", "-qq", "-o", f"Dir::Cache::archives={archives}", "-o", "Acquire::Retries=5", "--yes"]
        command += ["--download-only", "--no-install-recommends", "install", "postgresql"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        staged = target.with_name(target.name + ".new")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        for package in sorted(archives.glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", str(package), str(staged)], check=True)
        staged.rename(target)
