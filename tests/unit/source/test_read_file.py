"""Files to documents: what is accepted means what stands there, what is not is refused at its place."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trunkline.source import Document, Limits, Place, Problem, path_text, read_file
from trunkline.source import _yaml as reader

if TYPE_CHECKING:
    from pathlib import Path

    from trunkline.source import Value


@pytest.fixture(params=["C", "Python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test with the C parser and with PyYAML's own."""
    monkeypatch.setattr(reader, "LOADER", yaml.CSafeLoader if request.param == "C" else yaml.SafeLoader)


def _read(root: Path, text: str | bytes) -> tuple[Document | None, list[Problem]]:
    (root / "f.yml").write_bytes(text.encode() if isinstance(text, str) else text)
    return read_file(root, "f.yml")


def _good(root: Path, text: str) -> Document:
    document, problems = _read(root, text)
    assert problems == []
    assert document is not None
    return document


def _bad(root: Path, text: str | bytes) -> list[tuple[str, int, int]]:
    document, problems = _read(root, text)
    assert document is None
    assert problems
    return [(problem.code, problem.place.line, problem.place.column) for problem in problems]


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "on",
        "y",
        "012",
        "0x1F",
        "0o17",
        "1:30",
        "12:30:45",
        "1_000",
        "+34911234567",
        "1e3",
        ".inf",
        "true",
        "=",
        "1.10",
    ],
)
def test_every_scalar_keeps_its_text(tmp_path: Path, text: str) -> None:
    assert _good(tmp_path, f"a: {text}\n{text}: b").data == {"a": text, text: "b"}


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null"])
def test_nothing_is_none(tmp_path: Path, text: str) -> None:
    assert _good(tmp_path, text).data == {"a": None}


@pytest.mark.parametrize("text", ["a: ''", 'a: ""'])
def test_quotes_make_text(tmp_path: Path, text: str) -> None:
    assert _good(tmp_path, text).data == {"a": ""}
    assert _good(tmp_path, "a: 'null'").data == {"a": "null"}


def test_an_empty_file_is_nothing(tmp_path: Path) -> None:
    assert _good(tmp_path, "").data is None
    assert _good(tmp_path, "# only a comment\n").data is None


def test_collections(tmp_path: Path) -> None:
    data: Value = {"a": [{"b": "1"}, ["2", None]], "c": {"d": {}, "e": []}}
    assert _good(tmp_path, "a:\n  - {b: 1}\n  - [2, ~]\nc:\n  d: {}\n  e: []\n").data == data


def test_places_of_keys_and_values(tmp_path: Path) -> None:
    document = _good(tmp_path, "# top\nusers:\n  alice:\n    name: Ålice Example\n  bob: {name: Bob, tags: [x, y]}\n")
    assert document.locate(("users", "alice", "name")) == Place("f.yml", 4, 11)
    assert document.locate(("users", "alice", "name"), key=True) == Place("f.yml", 4, 5)
    assert document.locate(("users", "bob", "tags", 1)) == Place("f.yml", 5, 30)
    assert document.locate(("users", "bob"), key=True) == Place("f.yml", 5, 3)
    assert document.locate(("users", "bob", "missing", "deeper")) == Place("f.yml", 5, 3)
    assert document.locate(()) == Place("f.yml", 2, 1)


def test_places_after_wide_characters_count_characters(tmp_path: Path) -> None:
    assert _good(tmp_path, "a: {ü€: 1, b: 2}").locate(("b",)) == Place("f.yml", 1, 1)
    assert _good(tmp_path, "a: {ü€: 1, b: 2}").locate(("a", "b")) == Place("f.yml", 1, 15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [("TL0104", 3, 1)]),
        ("u: {a: 1, a: 2}\nu: 3", [("TL0104", 1, 11), ("TL0104", 2, 1)]),
        ("a: {x: 1}\na: {x: 1, x: 2}", [("TL0104", 2, 1), ("TL0104", 2, 11)]),
        ("a: &x 1\nb: *x", [("TL0105", 1, 4), ("TL0105", 2, 4)]),
        ("a: &x {b: 1}\nc:\n  <<: *x", [("TL0105", 1, 4), ("TL0105", 3, 3), ("TL0105", 3, 7)]),
        ("a: &x b\n*x : c", [("TL0105", 1, 4), ("TL0105", 2, 1)]),
        ("a: !!int 1", [("TL0106", 1, 4)]),
        ("a: !python/object:os.system {}", [("TL0106", 1, 4)]),
        ("%YAML 1.2\n---\na: 1", [("TL0106", 1, 1)]),
        ("a: 1\n---\nb: 2", [("TL0106", 2, 1)]),
        ("? [a, b]\n: c", [("TL0103", 1, 3)]),
        ("a: 1\n~: 2", [("TL0103", 2, 1)]),
        ("a: " + "[" * 50 + "]" * 50, [("TL0107", 1, 35)]),
        ("a: b: c", [("TL0102", 1, 5)]),
        ('a: "x\\0"\n"\\e[31m": b', [("TL0101", 1, 4), ("TL0101", 2, 1)]),
        ("a: 'x", [("TL0102", 1, 6)]),
    ],
)
def test_refused_at_its_place(tmp_path: Path, text: str, expected: list[tuple[str, int, int]]) -> None:
    assert _bad(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a: 1\nb: \xff\xfa", ("TL0101", 2, 4)),
        ("a: 1".encode("utf-16"), ("TL0101", 0, 0)),
        (b"\x7fELF\x02\x01\x00\x00", ("TL0101", 1, 1)),
        (b"a: 1\nb: x\x00y", ("TL0101", 2, 5)),
        ("a: x\u2028b: y".encode(), ("TL0101", 1, 5)),
    ],
)
def test_what_is_not_text(tmp_path: Path, raw: bytes, expected: tuple[str, int, int]) -> None:
    assert _bad(tmp_path, raw) == [expected]


def test_a_byte_order_mark_of_utf8_is_no_problem(tmp_path: Path) -> None:
    document, problems = _read(tmp_path, b"\xef\xbb\xbfa: 1")
    assert problems == []
    assert document is not None
    assert document.data == {"a": "1"}


def test_the_first_of_two_keys_is_named(tmp_path: Path) -> None:
    _, problems = _read(tmp_path, "users:\n  al: {}\n  bo: {}\n  al: {}\n")
    assert "first in line 2" in problems[0].message
    assert path_text(problems[0].path) == "users"


def test_a_billion_laughs_cost_nothing(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60)]
    start = time.monotonic()
    assert len(_bad(tmp_path, "\n".join(lines))) == Limits().problems + 1
    assert time.monotonic() - start < 2


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "f.yml").open("wb") as file:
        file.truncate(Limits().file_bytes + 1)
    _, problems = read_file(tmp_path, "f.yml")
    assert [problem.code for problem in problems] == ["TL0107"]


def test_a_very_long_line_is_read_in_bounded_time(tmp_path: Path) -> None:
    start = time.monotonic()
    document, problems = _read(tmp_path, "a: " + "x" * 2_000_000)
    assert document is not None or problems
    assert time.monotonic() - start < 20


def test_links_stay_inside(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside.yml", tmp_path / "root"
    outside.write_text("a: 1")
    root.mkdir()
    (root / "good.yml").write_text("a: 1")
    (root / "link.yml").symlink_to("good.yml")
    (root / "leak.yml").symlink_to("../outside.yml")
    (root / "loop.yml").symlink_to("loop.yml")
    assert read_file(root, "link.yml")[1] == []
    for name in ("leak.yml", "loop.yml", "missing.yml", "../outside.yml"):
        document, problems = read_file(root, name)
        assert document is None
        assert [problem.code for problem in problems] == ["TL0108"]


def test_a_named_pipe_and_a_folder_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "folder.yml").mkdir()
    for name in ("pipe.yml", "folder.yml"):
        assert [problem.code for problem in read_file(tmp_path, name)[1]] == ["TL0108"]


_values = st.recursive(
    st.none()
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co")), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcß-_ .", min_size=1, max_size=5), inner),
    max_leaves=12,
)


@given(value=_values)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, value: Value) -> None:
    text = yaml.dump(value, default_style='"', allow_unicode=True).replace('!!null "null"', "null")
    assert _good(tmp_path_factory.mktemp("round"), text).data == value


@given(raw=st.binary(max_size=200) | st.text("ab:-?[]{}&*!|>'\"%@`#,~ \n\t01", max_size=120).map(str.encode))
def test_anything_ends_in_a_value_or_a_located_problem(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    document, problems = _read(tmp_path_factory.mktemp("any"), raw)
    assert (document is None) == bool(problems)
    for problem in problems:
        assert problem.place.file == "f.yml"
        assert problem.place.line <= raw.count(b"\n") + raw.count(b"\r") + 1
