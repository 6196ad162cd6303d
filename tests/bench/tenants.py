"""Measure check, plan and apply of tenants: ``python -m tests.bench tenants [--size ENDPOINTS] [--keep]``.

Everything runs against a PostgreSQL server of its own, as a person would run it: by the command line, from nothing.
What it is compared with is measured in the same run: COPY of the same rows into the same tables, which no way to fill
these tables can beat, and a loop of Ansible over the module that is made for it, on a sample.

Beside wall time stands processor time, of the command with all of its processes and of the database together: it is
hardly touched by what else the machine has to do.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform as machine
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import click
import psycopg
from psycopg import sql

from tests.bench import tenant_inventory
from tests.bench.tenant_inventory import Written
from tests.support import paper
from tests.support.databases import migrated, platform_server
from tests.support.postgresql import Server
from tests.support.waiting import until
from trunkline.compile import TABLES

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "RESULTS-tenants.md"
SIZE = 1_000_000
_SAMPLE = 40  # rows of the loop
_CHUNK = 1 << 20
_TABLES = ("scope", *(table.name for table in TABLES))
# As on a data host with some memory; the same for everything that is compared.
_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB", "work_mem": "64MB"}
_LOOP = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - community.postgresql.postgresql_query:
        login_unix_socket: "{{ socket }}"
        login_db: loop
        login_user: trunkline_apply
        query: >-
          insert into config.terminal (id, client_id, name, ha1)
          select md5(%s)::uuid, (select id from config.client limit 1), %s, md5(%s)
          on conflict (id) do update set ha1 = excluded.ha1
        positional_args: ["{{ item }}", "{{ item }}", "{{ item }}"]
      loop: "{{ range(count | int) | map('string') | list }}"
"""


@dataclass(frozen=True)
class Run:
    """One command, from start to end.

    Args:
        seconds: Wall time.
        cpu: Processor time, with that of the database.
        mib: Most memory that its processes held, each at its peak.
        code: Exit code.
    """

    seconds: float
    cpu: float
    mib: float = 0
    code: int = 0

    def __str__(self) -> str:
        """Return the times for people."""
        return f"{self.seconds:.2f} s ({self.cpu:.2f} s of processors)"


@dataclass(frozen=True)
class Measured:
    """What was measured at one size.

    Args:
        written: The inventory.
        rows: How many rows of `config` it means.
        copy: COPY of these rows into the tables.
        cold: Apply of everything, from YAML.
        cold_tables: The same with users and endpoints in CSV.
        nothing: Plan with nothing changed.
        one_plan: Plan after one user was changed.
        one_apply: Apply of that.
    """

    written: Written
    rows: int
    copy: Run
    cold: Run
    cold_tables: Run
    nothing: Run
    one_plan: Run
    one_apply: Run


def main(arguments: list[str]) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--size", type=int, default=SIZE, help=f"endpoints; default: {SIZE}")
    parser.add_argument("--keep", action="store_true", help=f"write the table to {RESULTS.name} as well")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tl-bench-", ignore_cleanup_errors=True) as name, _server() as server:
        small = _measure(server, Path(name) / "small", options.size // 10, keep="loop")
        large = _measure(server, Path(name) / "large", options.size)
        loop_s = _loop(server, Path(name))
    text = _table(small, large, loop_s)
    _say(f"\n{text}")
    if options.keep:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


@contextlib.contextmanager
def _server() -> Iterator[Server]:
    """Give a server with the platform's roles and an empty database to copy."""
    with platform_server(_SETTINGS) as server:
        migrated(server, "template_migrated")
        yield server


def _measure(server: Server, folder: Path, endpoints: int, keep: str = "") -> Measured:
    """Measure everything at one size; the database is kept under another name, if one is given."""
    _say(f"{endpoints} endpoints:")
    written = _inventory(folder / "yaml", endpoints, tables=False)
    _inventory(folder / "csv", endpoints, tables=True)
    _say(
        f"  {written.clients} clients, the largest with {written.largest} endpoints, {written.bytes >> 20} MiB of YAML"
    )
    for database in ("yaml", "csv", "bare"):
        server.execute(f"create database {database} template template_migrated owner trunkline_owner")
    try:
        cold = _trunkline(server, folder / "yaml", "apply", expect=0)
        _say(f"  cold apply from YAML: {cold}, {cold.mib:.0f} MiB")
        rows = _dump(server, "yaml", folder / "rows")
        copy = _copy(server, "bare", folder / "rows")
        _say(f"  COPY of its {rows} rows: {copy}")
        cold_tables = _trunkline(server, folder / "csv", "apply", expect=0)
        _say(f"  cold apply from CSV: {cold_tables}, {cold_tables.mib:.0f} MiB")
        nothing = _trunkline(server, folder / "yaml", "plan", expect=0)
        _say(f"  plan with nothing changed: {nothing}")
        _change_a_user(folder / "yaml" / "tenants" / f"{written.middle}.yml")
        one_plan = _trunkline(server, folder / "yaml", "plan", expect=2)
        one_apply = _trunkline(server, folder / "yaml", "apply", expect=0)
        _say(f"  one user changed: plan {one_plan}, apply {one_apply}")
        if keep:
            server.execute(f"create database {keep} template yaml owner trunkline_owner")
    finally:
        for database in ("yaml", "csv", "bare"):
            server.execute(f"drop database {database} with (force)")
        shutil.rmtree(folder)
    return Measured(written, rows, copy, cold, cold_tables, nothing, one_plan, one_apply)


def _inventory(folder: Path, endpoints: int, *, tables: bool) -> Written:
    paper.write_platform(folder, folder / "cache")
    return tenant_inventory.write(folder, endpoints, tables=tables)


def _change_a_user(file: Path) -> None:
    """Give the first user of a client another name."""
    head, _, rest = file.read_text("utf-8").partition("{name: ")
    file.write_text(f"{head}{{name: Changed {rest}", encoding="utf-8")


def _trunkline(server: Server, inventory: Path, verb: str, *, expect: int) -> Run:
    """Run a command of trunkline on an inventory, against the database of its folder's name."""
    environment = {
        **os.environ,
        "TRUNKLINE_CACHE": str(inventory / "cache"),
        "TRUNKLINE_DATABASE": server.dsn(inventory.name, "trunkline_apply"),
        "TRUNKLINE_AUTHOR": "bench",
    }
    environment.pop("TRUNKLINE_STACK", None)
    program = Path(sys.executable).with_name("trunkline")
    command = [str(program), verb, "-i", str(inventory), *(["--wait", "0"] if verb == "apply" else [])]
    with (inventory / f"{verb}.out").open("wb") as output:
        before = _cpu_of(server)
        run = _watched(command, environment, output)
        run = replace(run, cpu=run.cpu + _cpu_of(server) - before)
    if run.code != expect:
        raise RuntimeError((inventory / f"{verb}.out").read_text("utf-8", "replace")[-2000:])
    return run


def _watched(command: list[str], environment: Mapping[str, str], output: IO[bytes]) -> Run:
    """Run a command and add up the most memory that each of its processes held."""
    peaks: dict[int, int] = {}
    ended = threading.Event()
    begin = time.monotonic()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, stderr=output)

    def watch() -> None:
        while not ended.wait(0.05):
            for pid in _family(process.pid):
                peaks[pid] = max(peaks.get(pid, 0), _peak_kib(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watcher.join()
    return Run(seconds, usage.ru_utime + usage.ru_stime, sum(peaks.values()) / 1024, process.returncode)


def _cpu_of(server: Server) -> float:
    """Return the processor time of all connections to a server, when they have ended."""

    def idle() -> bool:
        folders = [folder for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
        return not any(_is_connection(folder, server.pid) for folder in folders)

    until(idle, 30, "connections end", step=0.01)
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    """Return a process and everything below it."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return found


def _peak_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def _is_connection(folder: Path, server: int) -> bool:
    """Say whether a process is what a server does for a connection of ours, ended or not."""
    with contextlib.suppress(OSError):
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        if int(parent) == server:
            program = (folder / "cmdline").read_bytes()  # empty as soon as it is ending
            return state == "Z" or not program or program.startswith(b"postgres: trunkline_apply")
    return False


def _dump(server: Server, database: str, folder: Path) -> int:
    """Write the rows of all tables to files, as COPY reads them; return how many there are."""
    folder.mkdir()
    rows = 0
    with psycopg.connect(server.dsn(database, "trunkline_apply")) as connection:
        for table in _TABLES:
            statement = sql.SQL("copy config.{} to stdout").format(sql.Identifier(table))
            with (folder / table).open("wb") as file, connection.cursor() as cursor:
                with cursor.copy(statement) as copy:
                    for data in copy:
                        file.write(data)
                rows += cursor.rowcount
    return rows


def _copy(server: Server, database: str, folder: Path) -> Run:
    """Copy the rows of all tables in, in one transaction."""
    database_cpu = _cpu_of(server)
    begin, cpu = time.monotonic(), time.process_time()
    with psycopg.connect(server.dsn(database, "trunkline_apply")) as connection:
        for table in _TABLES:
            statement = sql.SQL("copy config.{} from stdin").format(sql.Identifier(table))
            with (folder / table).open("rb") as file, connection.cursor().copy(statement) as copy:
                while data := file.read(_CHUNK):
                    copy.write(data)
    seconds, own = time.monotonic() - begin, time.process_time() - cpu
    return Run(seconds, own + _cpu_of(server) - database_cpu)


def _loop(server: Server, folder: Path) -> float:
    """Return the seconds that a loop of Ansible takes for one row."""
    playbook = folder / "loop.yml"
    playbook.write_text(_LOOP)
    seconds = []
    for count in (1, 1 + _SAMPLE):
        program = Path(sys.executable).with_name("ansible-playbook")
        command = [str(program), "-i", "localhost,", str(playbook), "-e", f"count={count} socket={server.socket}"]
        command += ["-e", f"ansible_python_interpreter={sys.executable}"]
        begin = time.monotonic()
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        seconds.append(time.monotonic() - begin)
    per_row = (seconds[1] - seconds[0]) / _SAMPLE
    _say(f"a loop of Ansible: {per_row:.2f} s for a row")
    return per_row


def _table(small: Measured, large: Measured, loop_s: float) -> str:
    """Return the results as a page."""
    one = Run(large.one_plan.seconds + large.one_apply.seconds, large.one_plan.cpu + large.one_apply.cpu)
    share = small.written.endpoints / large.written.endpoints
    lines = [
        ("cold apply from YAML / COPY", *_ratio(large.cold, large.copy), "at most 8"),
        ("cold apply from CSV / COPY", *_ratio(large.cold_tables, large.copy), "at most 4"),
        ("cold apply / one user changed: plan and apply", *_ratio(large.cold, one, "{:.0f}"), "at least 500"),
        ("one user changed: plan and apply, s", f"{one.seconds:.2f}", f"{one.cpu:.2f}", "under 1"),
        ("plan with nothing changed, s", f"{large.nothing.seconds:.2f}", f"{large.nothing.cpu:.2f}", "under 2"),
        ("rows per second / loop of Ansible", f"{large.rows / large.cold.seconds * loop_s:.0f}", "", "at least 1000"),
        ("peak memory, MiB", f"{max(large.cold.mib, large.cold_tables.mib):.0f}", "", "at most 4096"),
        ("the same with a tenth of the endpoints, MiB", f"{max(small.cold.mib, small.cold_tables.mib):.0f}", "", ""),
        (
            f"time for an endpoint, {large.written.endpoints} / {small.written.endpoints} endpoints",
            f"{large.cold.seconds / small.cold.seconds * share:.2f}",
            f"{large.cold.cpu / small.cold.cpu * share:.2f}",
            "0.85 to 1.15",
        ),
    ]
    rows = ["| what | wall time | processor time | aim |", "|---|---:|---:|---|"]
    rows += [f"| {' | '.join(line)} |" for line in lines]
    return (
        "# Results of one run: tenants\n\n"
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} processors shared with other work (load"
        f" {os.getloadavg()[2]:.0f} at the end), {machine.system()} {machine.release()}, Python"
        f" {machine.python_version()}."
        f" {large.written.clients} clients, {large.written.endpoints} endpoints, {large.rows} rows."
        " Compare ratios, not seconds.\n\n" + "\n".join(rows) + "\n\nBehind the ratios:"
        f" COPY {large.copy}; cold apply from YAML {large.cold}, from CSV {large.cold_tables}; with a tenth of the"
        f" endpoints COPY {small.copy}, from YAML {small.cold}; one user changed: plan {large.one_plan}, apply"
        f" {large.one_apply}; a row by Ansible {loop_s:.2f} s.\n"
    )


def _ratio(above: Run, below: Run, form: str = "{:.2f}") -> tuple[str, str]:
    """Return how many times as long something takes, in wall time and in processor time."""
    return form.format(above.seconds / below.seconds), form.format(above.cpu / below.cpu)


def _say(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()
