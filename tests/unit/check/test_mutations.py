"""Broken inventories, made from good ones: a located error or none, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import inventories
from trunkline.compile import Infrastructure, compile_platform
from trunkline.pipeline import check_inventory

GOOD = (Path(__file__).parents[3] / "inventories/lab/tenants/atlas/acme.yml").read_text("utf-8")
SNIPPETS = [
    "\t",
    ":",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!int ",
    "<<: ",
    "'",
    '"',
    "\n",
    "\x00",
    "é",
    "#",
    "---\n",
]
SNIPPETS += [
    "~",
    "null",
    "101",
    "0",
    "-1",
    "|",
    ">",
    "%",
    "@",
    "`",
    "\u2028",
    "\ufeff",
    "x" * 300,
    "alice",
    "users:\n",
    "  ",
]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Draw a client's file with some of it deleted, doubled, moved or replaced."""
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 20))
        piece = text[at : at + length]
        kind = draw(st.sampled_from(["insert", "delete", "double", "replace", "lines"]))
        if kind == "lines":
            lines = text.split("\n")
            index, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
            lines[index], lines[other] = lines[other], lines[index]
            text = "\n".join(lines)
        elif kind == "double":
            text = text[:at] + piece + text[at:]
        else:
            middle = "" if kind == "delete" else draw(st.sampled_from(SNIPPETS))
            text = text[:at] + middle + text[at + (0 if kind == "insert" else length) :]
    raw = text.encode()
    if draw(st.integers(0, 9)) == 0:
        cut = draw(st.integers(0, len(raw)))
        raw = raw[:cut] + draw(st.binary(min_size=1, max_size=3)) + raw[cut:]
    return raw


@given(raw=broken())
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_error_is_located_and_what_has_none_compiles(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("inventory", numbered=True)
    (folder / "tenants/atlas").mkdir(parents=True)
    (folder / "tenants/atlas/brand.yml").write_text("")
    (folder / "tenants/atlas/acme.yml").write_bytes(raw)
    report = check_inventory(folder)
    lines = raw.count(b"\n") + raw.count(b"\r") + 1
    for problem in report.problems:
        assert problem.place.file == "tenants/atlas/acme.yml"
        assert problem.code == "TL0101" or 1 <= problem.place.line <= lines
        assert problem.message
        assert len(str(problem)) < 1000
    if report.good:
        passwords = inventories.passwords(report.tenants)
        assert compile_platform(report.tenants, Infrastructure(), passwords).scopes
