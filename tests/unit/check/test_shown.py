"""Problems on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.cli._tenants import show_problems
from trunkline.pipeline import check_inventory

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_of_many_warnings_of_a_rule_some_are_shown_and_of_errors_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tenants/atlas").mkdir(parents=True)
    (tmp_path / "tenants/atlas/brand.yml").write_text("")
    users = "users:\n  alice: {name: Alice, extension: 101, terminal: desk}\n"
    for number in range(30):
        text = f"type: vpbx\ndomain: c{number}.example\nvoice_notifications: yes\n{users}"
        (tmp_path / f"tenants/atlas/c{number}.yml").write_text(text)
    show_problems(tmp_path, check_inventory(tmp_path), err=False)
    lines = capsys.readouterr().out.splitlines()
    assert sum("warning TL0400" in line for line in lines) == 20
    assert sum("error TL0407" in line for line in lines) == 30
    assert lines[-1] == "10 more warnings TL0400; `trunkline check --json` shows all"
