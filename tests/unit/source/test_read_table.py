"""CSV files: what is accepted is what stands there, what is not is refused at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.source import Columns, Limits, Place, Problem, Table, read_file, read_table

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = Columns(
    "user", frozenset({"name", "extension", "limits.calls", "limits.queue", "codecs"}), frozenset({"codecs"})
)


def _read(root: Path, text: str | bytes) -> tuple[Table | None, list[Problem]]:
    (root / "users.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(root, "users.csv", COLUMNS)


def _good(root: Path, text: str | bytes) -> Table:
    table, problems = _read(root, text)
    assert problems == []
    assert table is not None
    return table


def _bad(root: Path, text: str | bytes) -> list[tuple[str, int, int]]:
    table, problems = _read(root, text)
    assert table is None
    assert problems
    return [(problem.code, problem.place.line, problem.place.column) for problem in problems]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, end: str) -> None:
    text = end.join(["user,name,extension", "alice,Alice,012", "", "bob,no,1e3", ""]).replace(",", separator)
    expected = {"alice": {"name": "Alice", "extension": "012"}, "bob": {"name": "no", "extension": "1e3"}}
    table = _good(tmp_path, text)
    assert table.data == expected
    assert table.locate(("bob", "extension")) == Place("users.csv", 4, 8)


def test_quotes(tmp_path: Path) -> None:
    table = _good(tmp_path, '"user",name\nalice,"Example, ""Al"""\n"bob",\'x\'\n')
    assert table.data == {"alice": {"name": 'Example, "Al"'}, "bob": {"name": "'x'"}}


def test_an_empty_cell_is_not_given(tmp_path: Path) -> None:
    assert _good(tmp_path, 'user,name,extension\nalice,,101\nbob,"",\n').data == {
        "alice": {"extension": "101"},
        "bob": {},
    }


def test_objects_inside_and_lists(tmp_path: Path) -> None:
    table = _good(tmp_path, "limits.calls,user,codecs,limits.queue\n2,alice,PCMA  opus,\n,bob,,\n")
    assert table.data == {"alice": {"limits": {"calls": "2"}, "codecs": ["PCMA", "opus"]}, "bob": {}}
    assert table.locate(("alice", "limits", "calls")) == Place("users.csv", 2, 1)
    assert table.locate(("alice", "codecs", 1)) == Place("users.csv", 2, 9)


def test_a_byte_order_mark_and_a_header_alone(tmp_path: Path) -> None:
    assert _good(tmp_path, b"\xef\xbb\xbfuser,name\n").data == {}


def test_places(tmp_path: Path) -> None:
    table = _good(tmp_path, 'name,user,extension\n"Ex, A",alice,101\n\nB,bob,102\n')
    assert table.locate(("alice",)) == Place("users.csv", 2, 9)
    assert table.locate(("alice", "extension")) == Place("users.csv", 2, 15)
    assert table.locate(("bob", "name")) == Place("users.csv", 4, 1)
    assert table.locate(("bob", "codecs")) == Place("users.csv", 4, 1)
    assert table.locate(("nobody", "name")) == Place("users.csv")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("TL0112", 1, 1)]),
        ("name,extension\nAlice,101\n", [("TL0112", 1, 1)]),
        ("user,nmae,codec\na,b,c\n", [("TL0201", 1, 6), ("TL0201", 1, 11)]),
        ("user,,name\n", [("TL0201", 1, 6)]),
        ("user,name,user\n", [("TL0104", 1, 11)]),
        ("user|name\n", [("TL0201", 1, 1)]),
        ("user,name\nalice\nbob,B,102\ncarol,C\n", [("TL0113", 2, 1), ("TL0113", 3, 1)]),
        ("user,name\nalice,A\nbob,B\nalice,C\n", [("TL0104", 4, 1)]),
        ("user,name\n,A\n", [("TL0103", 2, 1)]),
        ('user,name\nalice,A\nbob,"B\ncarol,C\n', [("TL0113", 3, 5)]),
        ('user,name\nalice,"A"x\n', [("TL0113", 2, 7)]),
        ('user,name\nalice,"A\nB"\n', [("TL0113", 2, 7)]),
        ("user,name\nalice," + "x" * 200_000, [("TL0113", 2, 1)]),
        ('user,"name', [("TL0113", 1, 6)]),
        (b"user,name\nalice,Jos\xe9\n", [("TL0101", 2, 10)]),
        ("user,name\nalice,A\0\n", [("TL0101", 2, 8)]),
        ("user,name\n".encode("utf-16"), [("TL0101", 0, 0)]),
    ],
)
def test_refused_at_its_place(tmp_path: Path, text: str | bytes, expected: list[tuple[str, int, int]]) -> None:
    assert _bad(tmp_path, text) == expected


def test_a_misspelt_column_and_a_second_key_are_explained(tmp_path: Path) -> None:
    _, (problem,) = _read(tmp_path, "user,nmae\n")
    assert problem.remedy == "did you mean name?"
    _, (problem,) = _read(tmp_path, "user,name\na,A\nb,B\na,A\n")
    assert problem.message == "a stands here a second time, first in line 2"


def test_a_file_full_of_problems_is_not_read_to_its_end(tmp_path: Path) -> None:
    codes = _bad(tmp_path, "user,name\n" + "x\n" * 1000)
    assert len(codes) == Limits().problems + 1
    assert codes[-1] == ("TL0111", 101, 1)


def test_a_document_with_its_tables(tmp_path: Path) -> None:
    (tmp_path / "client.yml").write_text("type: vpbx\nusers:\n  bob: {name: B}\n")
    document, _ = read_file(tmp_path, "client.yml")
    assert document is not None
    joined, problems = document.joined({("users",): _good(tmp_path, "user,name\nalice,A\n")})
    assert problems == []
    assert joined.data == {"type": "vpbx", "users": {"bob": {"name": "B"}, "alice": {"name": "A"}}}
    assert joined.locate(("users", "alice", "name")) == Place("users.csv", 2, 7)
    assert joined.locate(("users", "alice", "extension")) == Place("users.csv", 2, 1)
    assert joined.locate(("users", "alice"), key=True) == Place("users.csv", 2, 1)
    assert joined.locate(("users", "bob", "name")) == Place("client.yml", 3, 15)
    assert joined.locate(("users",), key=True) == Place("client.yml", 2, 1)
    _, (problem,) = document.joined({("users",): _good(tmp_path, "name,user\nB,bob\n")})
    assert (problem.code, problem.place) == ("TL0104", Place("users.csv", 2, 3))
    assert "client.yml:3:3" in problem.message


_cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co")), max_size=8
)


@given(rows=st.dictionaries(_cells.filter(bool), st.tuples(_cells, _cells), max_size=5))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, tuple[str, str]]) -> None:
    lines = [["user", "name", "extension"], *([key, *cells] for key, cells in rows.items())]
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\n" for line in lines)
    table = _good(tmp_path_factory.mktemp("table"), text)
    for key, cells in rows.items():
        given_cells = dict(zip(("name", "extension"), cells, strict=True))
        assert table.data[key] == {name: cell for name, cell in given_cells.items() if cell}
        assert table.locate((key, "name")).line == list(rows).index(key) + 2


@given(
    raw=st.binary(max_size=200)
    | st.text('user,name;"\r\n\t ab', max_size=120).map(lambda text: f"user,name\n{text}".encode())
)
def test_anything_ends_in_a_table_or_a_located_problem(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    table, problems = _read(tmp_path_factory.mktemp("any"), raw)
    assert (table is None) == bool(problems)
    for problem in problems:
        assert problem.place.file == "users.csv"
        assert problem.place.line <= raw.count(b"\n") + raw.count(b"\r") + 1
    if table is not None:
        for key in table.data:
            assert table.locate((key, "name")).line > 1
