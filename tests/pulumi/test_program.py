"""The program in ``pulumi/``: what a plain ``pulumi up`` runs."""

from __future__ import annotations

import runpy
from collections.abc import Callable

import pulumi
import pytest

from tests.pulumi.conftest import ROOT, Recorder


@pytest.mark.parametrize(
    ("config", "stack", "hosts"),
    [({}, "staging", 9), ({"trunkline:inventory": "../inventories/single"}, "mine", 2)],
)
def test_the_stack_or_the_configuration_names_the_inventory(
    run: Callable[..., Recorder], config: dict[str, str], stack: str, hosts: int
) -> None:
    def program() -> dict[str, object]:
        pulumi.runtime.set_all_config(config)
        runpy.run_path(str(ROOT / "pulumi/__main__.py"), run_name="__main__")
        return {}

    made = run(program, stack=stack)
    assert len([each for each in made.declared if each.type == "trunkline:lab:Host"]) == hosts


def test_the_program_is_short() -> None:
    assert len((ROOT / "pulumi/__main__.py").read_text().splitlines()) <= 80
