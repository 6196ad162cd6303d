"""The wheel for the hosts: built once per state of the sources."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from trunkline.errors import PlatformError
from trunkline.wheel import digest, wheel

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "trunkline"
version = "0.1.0"
[tool.hatch.build.targets.wheel]
packages = ["trunkline"]
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small repository, with a cache folder of its own."""
    monkeypatch.setenv("TRUNKLINE_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "repository"
    (root / "trunkline").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "trunkline" / "__init__.py").write_text('"""One."""\n')
    return root


def test_the_same_sources_are_built_once(repository: Path) -> None:
    first = wheel(repository)
    before = first.path.stat().st_mtime_ns
    assert wheel(repository) == first
    assert first.path.stat().st_mtime_ns == before
    assert "trunkline/__init__.py" in zipfile.ZipFile(first.path).namelist()


def test_a_change_gives_another_digest_and_wheel(repository: Path) -> None:
    first = wheel(repository)
    (repository / "trunkline" / "__init__.py").write_text('"""Two."""\n')
    second = wheel(repository)
    assert second.digest != first.digest
    assert b"Two" in zipfile.ZipFile(second.path).read("trunkline/__init__.py")


def test_caches_of_python_do_not_count(repository: Path) -> None:
    before = digest(repository)
    (repository / "trunkline" / "__pycache__").mkdir()
    (repository / "trunkline" / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert digest(repository) == before


def test_an_old_half_built_wheel_is_in_nobodys_way(repository: Path, tmp_path: Path) -> None:
    left = tmp_path / "cache" / "pip" / "wheels" / f".{digest(repository)}"
    left.mkdir(parents=True)
    (left / "trunkline-0.1.0-py3-none-any.whl").write_bytes(b"half")
    assert zipfile.is_zipfile(wheel(repository).path)


def test_a_failed_build_says_what_to_do(repository: Path) -> None:
    (repository / "pyproject.toml").write_text("[build-system]\nrequires = []\n[project]\n")
    with pytest.raises(PlatformError, match="cannot be built") as caught:
        wheel(repository)
    assert "make runtime" in caught.value.remedy
