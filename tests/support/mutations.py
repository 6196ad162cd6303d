"""Broken inventories, made from good ones by small accidents and by malice. The same number gives the same one."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Every kind of object of the language stands in one of these.
GOOD = [*sorted((ROOT / "docs/reference/language/examples").iterdir()), ROOT / "inventories/lab"]
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
    "!include acme.yml",
    "<<: ",
    "'",
    '"',
    "\n",
]
SNIPPETS += ["\x00", "é", "#", "---\n", "~", "null", "0", "-1", "|", ">", "%", "@", "`", "\u2028", "\ufeff", "x" * 300]
SNIPPETS += [
    "users:\n",
    "  ",
    ",",
    ";",
    "1e9",
    "012",
    "yes",
    "no",
    "\u202e",
    "\\e[31m",
    "{mac}",
    "(a+)+$",
    "+34911234567",
]
VALUES = [
    "101",
    "alice",
    "+34911234567",
    "yes",
    "no",
    "vpbx",
    "retail",
    "2001:db8::1",
    "192.0.2.0/24",
    "*93",
    "",
    "~",
    "[]",
]
VALUES += [
    "{}",
    "A" * 70,
    "-1",
    "99999999999999999999",
    "(a+)+$",
    "^[",
    "acme.atlas.example",
    "Europe/Atlantis",
    "XX",
    "\\d",
]
_VALUE = re.compile(r"(?<=[:\[,] )[^\s,{}\[\]:#]+")
_KEY = re.compile(r"[\w.+-]+(?=:)")


def write(number: int, folder: Path) -> None:
    """Write a broken inventory.

    Args:
        number: Which one.
        folder: Where to; becomes the inventory.
    """
    chance = random.Random(number)  # noqa: S311 - nothing secret
    shutil.copytree(chance.choice(GOOD) / "tenants", folder / "tenants")
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        if files:
            chance.choices([_text, _file], weights=[9, 1])[0](chance, chance.choice(files))


def _text(chance: random.Random, file: Path) -> None:
    """Change something in a file."""
    text = file.read_bytes().decode("utf-8", "surrogateescape")
    change: Callable[[random.Random, str], str] = chance.choice([_characters, _lines, _value, _value, _key, _key])
    file.write_bytes(change(chance, text).encode("utf-8", "surrogateescape"))


def _characters(chance: random.Random, text: str) -> str:
    """Insert, delete, double or replace a few characters."""
    at, length = chance.randint(0, len(text)), chance.randint(1, 20)
    piece = text[at : at + length]
    middle = chance.choice(["", piece * 2, chance.choice(SNIPPETS), chance.choice(SNIPPETS) + piece])
    return text[:at] + middle + text[at + length :]


def _lines(chance: random.Random, text: str) -> str:
    """Swap, delete, double, indent or cut lines."""
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(5)
    if kind == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == 1:
        del lines[one]
    elif kind == 2:
        lines.insert(other, lines[one])
    elif kind == 3:
        lines[one] = chance.choice(["  ", "    ", "- "]) + lines[one]
    else:
        lines[one] = lines[one].strip()
    return "\n".join(lines)


def _value(chance: random.Random, text: str) -> str:
    """Replace a value by another one of the file, or by any."""
    return _replace(chance, text, _VALUE, [*VALUES, *_VALUE.findall(text)])


def _key(chance: random.Random, text: str) -> str:
    """Misspell a key, or replace it by another one."""
    keys = _KEY.findall(text)
    wrong = [key[:at] + key[at + 1 :] for key in keys for at in range(len(key))]
    return _replace(chance, text, _KEY, [*keys, *wrong, *VALUES])


def _replace(chance: random.Random, text: str, pattern: re.Pattern[str], choices: list[str]) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return _characters(chance, text)
    match = chance.choice(found)
    return text[: match.start()] + chance.choice(choices) + text[match.end() :]


def _file(chance: random.Random, file: Path) -> None:
    """Do something to a whole file."""
    chance.choice(_ACCIDENTS)(chance, file)


def _rename(chance: random.Random, file: Path) -> None:
    names = ["Acme.yml", "acme.yaml", "x y.yml", "brand.yml", "\x1b[31m.yml", "users.csv"]
    file.rename(file.with_name(chance.choice(names)))


def _encode(chance: random.Random, file: Path) -> None:
    text = file.read_bytes().decode("utf-8", "replace")
    file.write_bytes(text.encode(chance.choice(["utf-16", "utf-32", "utf-8-sig"])))


def _link(chance: random.Random, file: Path) -> None:
    file.unlink()
    file.symlink_to(chance.choice([file.name, "..", "/etc/hostname", "/dev/zero", "missing.yml"]))


def _make_folder(chance: random.Random, file: Path) -> None:
    del chance
    file.unlink()
    file.mkdir()


def _copy(chance: random.Random, file: Path) -> None:
    copy = file.parent / chance.choice(["other", "users.csv", "README.md", "copy.yml"])
    copy.write_bytes(file.read_bytes())


def _cut(chance: random.Random, file: Path) -> None:
    raw = file.read_bytes()
    file.write_bytes(raw[: chance.randint(0, len(raw))])


def _loop(chance: random.Random, file: Path) -> None:
    if not os.path.lexists(file.parent / "loop"):
        (file.parent / "loop").symlink_to(chance.choice([".", "..", "/"]))


def _to_folder(chance: random.Random, file: Path) -> None:
    """Make a client's file a folder with a table that has something to say about the same client."""
    del chance
    folder = file.with_suffix("")
    if folder.exists():
        return
    folder.mkdir()
    file.rename(folder / "client.yml")
    (folder / "users.csv").write_text("user,name,extension\nzoe,Zoe,199\nalice,Alice,101\n")


_ACCIDENTS: list[Callable[[random.Random, Path], object]] = [
    _rename,
    _encode,
    _link,
    _make_folder,
    _copy,
    _cut,
    _loop,
    _to_folder,
    lambda _, file: file.unlink(),
    lambda _, file: file.write_bytes(b""),
    lambda _, file: file.write_bytes(file.read_bytes() + b"# Espa\xf1a\n"),
    lambda chance, file: file.write_bytes(chance.randbytes(chance.randint(1, 2000))),
]
