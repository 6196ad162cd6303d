"""The mirror of this machine, as hosts get it."""

from __future__ import annotations

from pathlib import Path

from trunkline.lab import mirror


def test_sources_carry_updates_and_security() -> None:
    text = mirror.Mirror("http://mirror.example/debian", "http://mirror.example/security", ()).sources("trixie")
    assert "URIs: http://mirror.example/debian\nSuites: trixie trixie-updates\n" in text
    assert "URIs: http://mirror.example/security\nSuites: trixie-security\n" in text


def test_without_a_security_archive_there_is_none() -> None:
    assert "security" not in mirror.Mirror("http://mirror.example/debian", "", ()).sources("trixie")


def test_a_list_of_mirrors_is_resolved_to_its_first(tmp_path: Path) -> None:
    listed = tmp_path / "debian.list"
    listed.write_text("# ours\nhttps://one.example/debian/\nhttps://two.example/debian/\n")
    assert mirror._resolve(f"mirror+file:{listed}") == "https://one.example/debian"
    assert mirror._resolve("http://deb.example/debian/") == "http://deb.example/debian"


def test_this_machine_has_a_mirror() -> None:
    assert mirror.machine_mirror().main.startswith(("http://", "https://"))
