"""Files that were written to hurt: the command ends with a located error, within limits that the kernel enforces.

Memory and processor time are limited by setrlimit, not measured by a clock: a run that needs more dies.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MEMORY = 1536 * 1024 * 1024  # address space; the interpreter with the libraries of the command takes 300 MiB of it
PROCESSOR_S = 90
MIB = 1024 * 1024
HEAD = "type: vpbx\ndomain: acme.atlas.example\n"
BOMB = "\n".join(["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60)])
CSV = "user,name,extension\n"


PROGRAM = f"""
import resource
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
resource.setrlimit(resource.RLIMIT_CPU, ({PROCESSOR_S}, {PROCESSOR_S}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from trunkline.cli.main import main
if __name__ == "__main__":
    main()
"""


def _check(tmp_path: Path, files: dict[str, Any]) -> list[dict[str, Any]]:
    """Run `trunkline check --json` within limits and return its problems."""
    for name, content in {"brand.yml": "", **files}.items():
        path = tmp_path / "inventory/tenants/atlas" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "check", "--json", "-i", str(tmp_path / "inventory")],
        check=False,
        capture_output=True,
        text=True,
        env={"TRUNKLINE_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert done.returncode == 1, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    problems: list[dict[str, Any]] = json.loads(done.stdout)["problems"]
    return problems


def _sparse(size: int) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(size)

    return make


def _link(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


KEYS = HEAD + "".join(f"k{n}: 1\n" for n in range(900_000))
USERS = HEAD + "users:\n" + "".join(f"  u{n}: {{nmae: x}}\n" for n in range(300_000))


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        pytest.param(BOMB, "TL0105", 1, id="a billion laughs"),
        pytest.param(f"a: {'x' * (100 * MIB)}", "TL0107", 0, id="a line of 100 MB"),
        pytest.param(f"{HEAD}a: {'x' * (50 * MIB)}", "TL0107", 3, id="a line of 50 MB"),
        pytest.param(_sparse(1 << 40), "TL0107", 0, id="a terabyte of nothing"),
        pytest.param("[\n" * (25 * MIB), "TL0107", 33, id="without a bottom"),
        pytest.param("- \n" * (20 * MIB), "TL0107", 1_999_998, id="a list without an end"),
        pytest.param(KEYS, "TL0201", 3, id="900,000 wrong keys"),
        pytest.param(USERS, "TL0202", 4, id="300,000 wrong users"),
        pytest.param(f"{HEAD}? |\n" + "  yyyy\n" * MIB + ": x\n", "TL0201", 3, id="a huge key"),
        pytest.param("a: !include acme.yml\n", "TL0106", 1, id="an include of itself"),
        pytest.param("<<: !include ../atlas/acme.yml\n", "TL0105", 1, id="a merged include"),
        pytest.param(b"\x7fELF" + bytes(MIB), "TL0101", 1, id="a program"),
        pytest.param(HEAD.encode("utf-16"), "TL0101", 0, id="UTF-16"),
        pytest.param(f"{HEAD}# España".encode("latin-1"), "TL0101", 3, id="Latin-1"),
        pytest.param(f"{HEAD}type: vpbx\n", "TL0104", 3, id="a key twice"),
        pytest.param(_link("/dev/zero"), "TL0108", 0, id="zeros without an end"),
        pytest.param(_link("acme.yml"), "TL0108", 0, id="a circle"),
    ],
)
def test_a_hostile_file(tmp_path: Path, content: Any, code: str, line: int) -> None:
    problems = _check(tmp_path, {"acme.yml": content})
    found = [(each["code"], each["file"], each["line"]) for each in problems if each["code"] != "TL0111"]
    assert found[0] == (code, "tenants/atlas/acme.yml", line)
    assert len(problems) <= 102


def test_the_whole_machine(tmp_path: Path) -> None:
    (problem,) = _check(tmp_path, {"acme": _link("/")})
    assert (problem["code"], problem["file"]) == ("TL0108", "tenants/atlas/acme")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        pytest.param(CSV + "".join(f"u{n},N,1\n" for n in range(1_000_000)), "TL0206", 2, id="a million wrong lines"),
        pytest.param(CSV + "u,N,101\n" * (6 * MIB), "TL0104", 3, id="one line again and again"),
        pytest.param(f'{CSV}"' + "u,N,101\n" * (6 * MIB), "TL0113", 2, id="a quote that never ends"),
        pytest.param(f"{CSV}u,{'x' * (50 * MIB)}", "TL0107", 2, id="a cell of 50 MB"),
        pytest.param(CSV + "".join(f"u{n:x},N,\n" for n in range(1_200_000)), "TL0107", 1_000_002, id="too many lines"),
        pytest.param("user," + "extenson," * (MIB // 10), "TL0201", 1, id="a hundred thousand columns"),
    ],
)
def test_a_hostile_table(tmp_path: Path, text: str, code: str, line: int) -> None:
    problems = _check(tmp_path, {"acme/client.yml": HEAD, "acme/users.csv": text})
    found = [(each["code"], each["file"], each["line"]) for each in problems if each["code"] != "TL0111"]
    assert found[0] == (code, "tenants/atlas/acme/users.csv", line)
    assert len(problems) <= 102
