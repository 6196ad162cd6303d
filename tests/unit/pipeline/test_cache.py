"""The cache: whatever happened to it or to the files, a run with it comes to what a run without it comes to."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.waiting import until
from trunkline import pipeline
from trunkline.compile import ApplicationServer, Compiled, Infrastructure, MediaRelay
from trunkline.pipeline import Inputs, Report, _fingerprint, _pool, check_inventory, compile_inventory
from trunkline.secrets import Passwords

INPUTS = Inputs(Infrastructure((ApplicationServer("as1", "10.0.0.3", 6060),)), Passwords("root", {}))
ACME = """
type: vpbx
domain: {domain}
users:
  alice: {{name: {name}, extension: 101}}
  bob: {{name: Bob, extension: 102}}
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Give an inventory of two brands with two clients each, that nobody wrote to for a while."""
    for brand in ("atlas", "boreas"):
        _write(tmp_path, f"{brand}/brand.yml", "language: es\n")
        for client in ("acme", "globex"):
            _write(tmp_path, f"{brand}/{client}.yml", _client(f"{client}.{brand}.example"))
    return tmp_path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Give the place of a cache."""
    return tmp_path / "cache" / "one.sqlite"


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the file system at once: what is written here is read by us, after it was written."""
    monkeypatch.setattr(_fingerprint, "_SETTLED_S", 0.0)


def _client(domain: str, name: str = "Alice") -> str:
    return ACME.format(domain=domain, name=name)


def _write(inventory: Path, file: str, text: str) -> None:
    path = inventory / "tenants" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _rows(compiled: Compiled | None) -> dict[str, object]:
    assert compiled is not None
    return {identity: (scope.digest, dict(scope.rows)) for identity, scope in compiled.scopes.items()}


def _compile(inventory: Path, cache: Path, inputs: Inputs = INPUTS) -> tuple[Report, int]:
    """Compile with a cache, see that it comes to the same without, and return how many units were read."""
    read: list[int] = []
    report = compile_inventory(inventory, inputs, read.append, cache=cache)
    fresh = compile_inventory(inventory, inputs)
    assert report.problems == fresh.problems
    assert report.good == fresh.good
    if fresh.good:
        assert report.compiled == fresh.compiled
        assert _rows(report.compiled) == _rows(fresh.compiled)
    return report, len(read)


def test_unchanged_files_are_not_read_again(inventory: Path, cache: Path) -> None:
    assert _compile(inventory, cache)[1] == 7
    assert _compile(inventory, cache)[1] == 0
    assert cache.stat().st_mode & 0o777 == 0o600


def test_one_changed_file_is_read(inventory: Path, cache: Path) -> None:
    before, _ = _compile(inventory, cache)
    _write(inventory, "atlas/acme.yml", _client("acme.atlas.example", "Alicia"))
    after, read = _compile(inventory, cache)
    assert read == 1
    assert before.compiled is not None
    assert after.compiled is not None
    changed = [one for one in after.compiled.scopes if before.compiled.scopes[one] != after.compiled.scopes[one]]
    assert [after.compiled.scopes[one].client for one in changed] == ["acme"]


def test_what_inherits_from_a_changed_file_is_read(inventory: Path, cache: Path) -> None:
    _compile(inventory, cache)
    _write(inventory, "atlas/brand.yml", "language: ca\n")
    assert _compile(inventory, cache)[1] == 3
    _write(inventory, "platform.yml", "language: it\n")
    assert _compile(inventory, cache)[1] == 7


def test_files_that_come_and_go(inventory: Path, cache: Path) -> None:
    _compile(inventory, cache)
    _write(inventory, "atlas/new.yml", _client("new.example"))
    assert _compile(inventory, cache)[1] == 1
    (inventory / "tenants/atlas/new.yml").unlink()
    (inventory / "tenants/atlas/acme.yml").unlink()
    report, read = _compile(inventory, cache)
    assert (read, report.clients) == (0, 3)


def test_a_client_that_becomes_a_folder(inventory: Path, cache: Path) -> None:
    _compile(inventory, cache)
    (inventory / "tenants/atlas/acme.yml").unlink()
    _write(inventory, "atlas/acme/client.yml", "type: vpbx\ndomain: acme.atlas.example\n")
    _write(inventory, "atlas/acme/users.csv", "user,name,extension\nalice,Alice,101\n")
    assert _compile(inventory, cache)[1] == 1
    _write(inventory, "atlas/acme/users.csv", "user,name,extension\nalice,Alice,102\n")
    assert _compile(inventory, cache)[1] == 1
    assert _compile(inventory, cache)[1] == 0


def test_a_touched_file_is_not_read_as_yaml(inventory: Path, cache: Path) -> None:
    _compile(inventory, cache)
    os.utime(inventory / "tenants/atlas/acme.yml")
    assert _compile(inventory, cache)[1] == 0


def test_another_content_with_the_same_size_and_time_is_noticed(inventory: Path, cache: Path) -> None:
    file = inventory / "tenants/atlas/acme.yml"
    _compile(inventory, cache)
    status = file.stat()
    file.write_text(_client("acme.atlas.example", "Aline"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file.stat().st_size == status.st_size
    assert _compile(inventory, cache)[1] == 1


def test_a_file_that_was_written_just_now_is_asked_for_its_content(
    inventory: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_fingerprint, "_SETTLED_S", 3600.0)
    monkeypatch.setattr(_fingerprint, "identity", lambda *_: "")  # as if a clock had stood still
    _compile(inventory, cache)
    _write(inventory, "atlas/acme.yml", _client("acme.atlas.example", "Aline"))
    assert _compile(inventory, cache)[1] == 1
    assert _compile(inventory, cache)[1] == 0


def test_rows_follow_hosts_and_passwords(inventory: Path, cache: Path) -> None:
    _compile(inventory, cache)
    relay = (MediaRelay("mr1", "default", "10.0.0.5", 2223, 1, "active"),)
    with_relay = Inputs(Infrastructure(INPUTS.infrastructure.application_servers, relay), INPUTS.passwords)
    assert _compile(inventory, cache, with_relay)[1] == 1  # the platform itself
    rotated = Inputs(with_relay.infrastructure, Passwords("root", {"terminal/atlas/acme/alice": "another"}))
    assert _compile(inventory, cache, rotated)[1] == 1
    all_new = Inputs(with_relay.infrastructure, Passwords("new root", {}))
    assert _compile(inventory, cache, all_new)[1] == 6  # all but the platform


def test_a_check_does_for_a_check_and_a_compilation_for_both(inventory: Path, cache: Path) -> None:
    read: list[int] = []
    check_inventory(inventory, read.append, cache=cache)
    assert len(read) == 7
    assert _compile(inventory, cache)[1] == 7
    check_inventory(inventory, read.append, cache=cache)
    assert len(read) == 7


def test_problems_are_remembered_with_their_places(inventory: Path, cache: Path) -> None:
    _write(inventory, "atlas/acme.yml", "type: vpbx\ndomain: acme.example\nusers:\n  alice: {nmae: Alice}\n")
    first, _ = _compile(inventory, cache)
    again, read = _compile(inventory, cache)
    assert not again.good
    assert (read, again.problems) == (0, first.problems)


def test_errors_above_stop_what_is_below_until_they_are_gone(inventory: Path, cache: Path) -> None:
    _write(inventory, "atlas/brand.yml", "langage: es\n")
    assert not _compile(inventory, cache)[0].good
    assert _compile(inventory, cache)[1] == 0
    _write(inventory, "atlas/brand.yml", "language: es\n")
    report, read = _compile(inventory, cache)
    assert (report.good, read) == (True, 3)


def test_what_is_found_between_files_follows_them(inventory: Path, cache: Path) -> None:
    _compile(inventory, cache)
    _write(inventory, "boreas/acme.yml", _client("globex.atlas.example"))
    report, read = _compile(inventory, cache)
    (problem,) = report.errors
    assert (read, problem.code, problem.place.line) == (1, "TL0302", 3)
    _write(inventory, "boreas/acme.yml", "# moved down\n" + _client("globex.atlas.example"))
    assert _compile(inventory, cache)[0].errors[0].place.line == 4
    _write(inventory, "atlas/globex.yml", _client("globex.example"))
    assert _compile(inventory, cache)[0].good


@pytest.mark.parametrize("damage", ["empty", "garbage", "short", "foreign", "code", "directory"])
def test_a_cache_that_is_not_ours_is_replaced(inventory: Path, cache: Path, damage: str) -> None:
    _compile(inventory, cache)
    if damage == "empty":
        cache.write_bytes(b"")
    elif damage == "garbage":
        cache.write_bytes(bytes(range(256)) * 80)
    elif damage == "short":
        cache.write_bytes(cache.read_bytes()[:5000])
    elif damage == "directory":
        cache.unlink()
        cache.mkdir()
    else:
        with sqlite3.connect(cache) as connection:
            statement = "create table other (x)" if damage == "foreign" else "update state set value = 'older'"
            connection.execute("drop table unit" if damage == "foreign" else statement)
            connection.execute(statement)
        connection.close()
    assert _compile(inventory, cache)[1] == 7
    assert _compile(inventory, cache)[1] == (7 if damage == "directory" else 0)


def test_any_damage_is_survived(inventory: Path, cache: Path) -> None:
    chance = random.Random(4)  # noqa: S311 - the same each time
    for _ in range(60):
        _compile(inventory, cache)
        data = bytearray(cache.read_bytes())
        start = chance.randrange(len(data))
        for place in range(start, min(len(data), start + chance.choice([1, 100, 4096]))):
            data[place] = chance.randrange(256)
        cache.write_bytes(data)
        for suffix in ("-wal", "-shm"):
            cache.with_name(cache.name + suffix).unlink(missing_ok=True)
        _write(inventory, "atlas/acme.yml", _client("acme.atlas.example", f"Alice {chance.randrange(100)}"))
        _compile(inventory, cache)


def test_rows_that_were_lost_are_made_again(inventory: Path, cache: Path) -> None:
    _compile(inventory, cache)
    with sqlite3.connect(cache) as connection:
        connection.execute("update image set image = substr(image, 1, 20)")
    connection.close()
    assert _compile(inventory, cache)[1] == 0


def test_a_cache_that_cannot_be_written_is_done_without(inventory: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert _compile(inventory, tmp_path / "file" / "one.sqlite")[1] == 7


def test_many_processes_come_to_the_same(inventory: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pool, "WORTH_IT", 0)
    monkeypatch.setattr(_pool, "_BATCH", 100)
    report = compile_inventory(inventory, INPUTS, cache=cache)
    monkeypatch.undo()
    fresh = compile_inventory(inventory, INPUTS)
    assert _rows(report.compiled) == _rows(fresh.compiled)


def _work(arguments: tuple[Path, Path, int]) -> bool:
    """Change a file of one's own and compile, over and over."""
    inventory, cache, number = arguments
    for turn in range(8):
        _write(inventory, f"atlas/.own{number}", _client(f"own{number}.example", f"Alice {turn}"))
        (inventory / f"tenants/atlas/.own{number}").replace(inventory / f"tenants/atlas/own{number}.yml")
        report = compile_inventory(inventory, INPUTS, cache=cache)
        own = (
            [scope for scope in report.compiled.scopes.values() if scope.client == f"own{number}"]
            if report.compiled
            else []
        )
        if not any(row[3] == f"Alice {turn}" for scope in own for row in scope.rows["user"]):
            return False
    return True


def test_runs_at_the_same_time_see_what_is_there(inventory: Path, cache: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(_work, [(inventory, cache, number) for number in range(3)]) == [True] * 3
    assert _compile(inventory, cache)[1] <= 3


def test_a_run_that_is_killed_leaves_nothing_wrong(inventory: Path, cache: Path) -> None:
    for number in range(40):
        _write(inventory, f"atlas/more{number}.yml", _client(f"more{number}.example"))
    program = (
        "import sys; from pathlib import Path; from tests.unit.pipeline.test_cache import INPUTS;"
        " from trunkline.pipeline import compile_inventory; print('ready', flush=True);"
        " compile_inventory(Path(sys.argv[1]), INPUTS, lambda _: print(flush=True), cache=Path(sys.argv[2]))"
    )
    for wait in (1, 3, 9, 20):
        command = [sys.executable, "-c", program, str(inventory), str(cache)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(pipeline.__file__).parents[2])
        assert process.stdout is not None
        for _ in range(wait):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        _write(inventory, "atlas/acme.yml", _client("acme.atlas.example", f"Alice {wait}"))
        _compile(inventory, cache)


def test_processes_end_with_a_run_that_is_killed(inventory: Path, cache: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.unit.pipeline.test_cache import INPUTS;"
        " from trunkline.pipeline import _pool, compile_inventory; _pool.WORTH_IT = _pool._BATCH = 0;"
        " say = lambda read: print(read, flush=True) or (read > 3 and sys.stdin.read());"
        " compile_inventory(Path(sys.argv[1]), INPUTS, say, cache=Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(inventory), str(cache)]
    root = Path(pipeline.__file__).parents[2]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root)
    assert process.stdout is not None
    while process.stdout.readline() != b"4\n":  # the first that another process read
        pass
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children
    process.kill()
    until(lambda: not any(Path(f"/proc/{pid}/cwd").exists() for pid in children), 20, "the processes end")
    process.communicate()


def test_a_second_look_costs_next_to_nothing(inventory: Path, cache: Path) -> None:
    for number in range(300):
        _write(inventory, f"atlas/more{number}.yml", _client(f"more{number}.example"))
    begin = time.process_time()
    compile_inventory(inventory, INPUTS, cache=cache)
    first = time.process_time() - begin
    begin = time.process_time()
    compile_inventory(inventory, INPUTS, cache=cache)
    assert time.process_time() - begin < first / 4
