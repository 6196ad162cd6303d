"""What holds for every role: its specification, defaults, README and wiring say the same; it knows no groups."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from trunkline.model.hosts import GROUPS

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path.parents[1] for path in ROOT.glob("roles/*/tasks/main.yml"))
NAMES = [role.name for role in ROLES]
# Variables of the inventory plugin that begin like a role's.
FOREIGN = {"trunkline_package_proxy"}

pytestmark = pytest.mark.parametrize("role", ROLES, ids=NAMES)


def load(path: Path) -> Any:
    """Return a YAML file, or an empty mapping when it does not exist."""
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}


def specification(role: Path) -> dict[str, dict[str, Any]]:
    """Return the variables of a role's entry point, by name."""
    options: dict[str, dict[str, Any]] = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    return options


def tool(name: str) -> ModuleType:
    """Import a program of tools/."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / "tools" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    return module


def test_a_role_has_its_parts(role: Path) -> None:
    for part in ("meta/main.yml", "meta/argument_specs.yml", "tasks/preflight.yml", "README.md"):
        assert (role / part).is_file(), part
    assert list(role.glob("molecule/*/molecule.yml")), "no Molecule scenario"
    for scenario in role.glob("molecule/*/molecule.yml"):
        assert list(scenario.parent.glob("test_*.py")), f"{scenario.parent.name} tests nothing"


def test_specification_and_defaults_agree(role: Path) -> None:
    """Keys and values: whoever reads the README sees what happens without a variable."""
    defaults = load(role / "defaults" / "main.yml")
    options = specification(role)
    assert set(defaults) <= set(options), "defaults that the specification does not know"
    for name, option in options.items():
        if option.get("required"):
            assert defaults.get(name, "") in ("", [], {}), f"{name} is required and has a default"
        elif "default" in option:
            assert name in defaults, f"{name}: the specification promises a default"
            assert defaults[name] == option["default"], name
        else:
            assert name not in defaults, f"{name}: its default is missing in the specification"


def test_inputs_are_named_after_the_role(role: Path) -> None:
    assert [name for name in specification(role) if not name.startswith(f"{role.name}_")] == []


def test_every_input_is_described(role: Path) -> None:
    assert [name for name, option in specification(role).items() if not option.get("description")] == []


def test_inner_variables_are_named_after_the_role(role: Path) -> None:
    inner = load(role / "vars" / "main.yml")
    assert [name for name in inner if not name.startswith(f"__{role.name}_")] == []


def test_nobody_sets_a_variable_the_role_does_not_know(role: Path) -> None:
    """A longer role name owns its names: trunkline_package_x is not an unknown variable of a role trunkline."""
    longer = tuple(f"{name}_" for name in NAMES if name.startswith(f"{role.name}_"))
    files = [*ROOT.glob("playbooks/group_vars/**/*.yml"), *ROOT.glob("inventories/*/group_vars/**/*.yml")]
    files += [*ROOT.glob("inventories/*/host_vars/**/*.yml"), *ROOT.glob("roles/*/molecule/*/vars.yml")]
    known = set(specification(role)) | FOREIGN
    unknown = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in load(path)
        if name.startswith(f"{role.name}_") and name not in known and not (longer and name.startswith(longer))
    ]
    assert unknown == []


def test_preflight_refuses_unknown_variables_first(role: Path) -> None:
    assert "trunkline_inputs" in load(role / "tasks" / "preflight.yml")[0]


def test_the_readme_is_fresh(role: Path) -> None:
    assert (role / "README.md").read_text() == tool("role-readme").readme(role), "run tools/role-readme"


def test_a_role_names_no_group(role: Path) -> None:
    """Otherwise an inventory could hold one platform only; playbooks/group_vars wires groups to variables."""
    names = "|".join(GROUPS)
    pattern = re.compile(rf"groups\b|group_names|hostvars|'({names})'|\"({names})\"")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in [*role.glob("tasks/**/*.yml"), *role.glob("handlers/*.yml"), *role.glob("vars/*.yml"),
                     *role.glob("defaults/*.yml"), *role.glob("templates/**/*.j2")]
        if path.is_file()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line.split("#")[0]) and not re.match(r"\s*groups:", line)
    ]  # fmt: skip
    assert found == []


def test_every_stage_has_a_tag_of_its_own(role: Path) -> None:
    for task in load(role / "tasks" / "main.yml"):
        tags = task.get("tags", [])
        assert role.name in tags, task["name"]
        assert any(tag.startswith(f"{role.name}_") for tag in tags), task["name"]


def test_no_shortcuts_in_tasks(role: Path) -> None:
    """What fails, fails: nothing is ignored, nothing waits for luck, secrets are not in command lines."""
    for path in [*role.glob("tasks/**/*.yml"), *role.glob("handlers/*.yml")]:
        body = path.read_text()
        assert not re.search(r"ignore_errors|failed_when:\s*false|lineinfile|\bsleep\b|pause:", body), path.name
