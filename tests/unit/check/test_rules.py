"""The pages of the rules are their tests: what a page calls wrong is a hit, what it calls right is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import trunkline.check.rules
from trunkline.check.rules import RULES
from trunkline.pipeline import Report, check_inventory

ROOT = Path(__file__).parents[3]
PAGES = {page.stem: page.read_text("utf-8") for page in (ROOT / "docs/reference/rules").glob("TL*.md")}
# Rules about files; no example fits on a page, so their tests stand below and in tests/unit/source.
WITHOUT_EXAMPLE = {"TL0101", "TL0107", "TL0108", "TL0109", "TL0110", "TL0111", "TL0114", "TL0115"}
NOT_HONOURED = "TL0400"  # right examples of other rules may show what calls do not honour yet
_FENCE = re.compile(r"```(?:yaml|csv)\n# (\S+)\n(.*?)```", re.DOTALL)


def _examples(page: str, section: str) -> dict[str, str]:
    text = page.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return dict(_FENCE.findall(text))


def _check(inventory: Path, files: dict[str, str]) -> Report:
    for name, text in {"tenants/atlas/brand.yml": "", **files}.items():
        (inventory / name).parent.mkdir(parents=True, exist_ok=True)
        (inventory / name).write_text(text, encoding="utf-8")
    return check_inventory(inventory)


@pytest.mark.parametrize("code", sorted(PAGES.keys() - WITHOUT_EXAMPLE))
def test_the_wrong_example_is_a_hit(tmp_path: Path, code: str) -> None:
    report = _check(tmp_path, _examples(PAGES[code], "Wrong"))
    problem = next(problem for problem in report.problems if problem.code == code)
    assert f"Severity: {problem.severity}." in PAGES[code]
    assert problem.place.file.startswith("tenants/")
    assert problem.place.line
    assert problem.remedy


@pytest.mark.parametrize("code", sorted(PAGES.keys() - WITHOUT_EXAMPLE))
def test_the_right_example_is_none(tmp_path: Path, code: str) -> None:
    examples = _examples(PAGES[code], "Right")
    assert examples
    problems = _check(tmp_path, examples).problems
    assert [problem for problem in problems if code == NOT_HONOURED or problem.code != NOT_HONOURED] == []


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    used: set[str] = set()
    for part in ("source", "model", "check"):
        for module in (ROOT / "trunkline" / part).rglob("*.py"):
            used |= set(re.findall(r"\bTL0\d{3}\b", module.read_text("utf-8")))
    assert used == PAGES.keys()
    index = (ROOT / "docs/reference/rules/README.md").read_text("utf-8")
    assert set(re.findall(r"\[(TL\d{4})\]", index)) == PAGES.keys()


def test_every_rule_is_registered_once() -> None:
    folder = Path(trunkline.check.rules.__file__).parent
    assert len(RULES) == len(list(folder.glob("[a-z]*.py")))
    assert [rule.CODE for rule in RULES] == sorted({rule.CODE for rule in RULES})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"tenants/stray.yml": ""}, ["tenants/stray.yml TL0109"]),
        (
            {"tenants/atlas/acme.yaml": "", "tenants/atlas/deep/x.yml": ""},
            [
                "acme.yaml TL0109",
                "deep TL0110",
                "deep/x.yml TL0109",
            ],
        ),
        ({"tenants/atlas/README.md": "notes", "tenants/atlas/.keep": ""}, []),
        ({"tenants/boreas/x": ""}, ["tenants/boreas TL0110", "tenants/boreas/x TL0109"]),
        ({"tenants/Atlas/brand.yml": ""}, ["tenants/Atlas TL0204"]),
        ({"tenants/atlas/Acme.yml": ""}, ["tenants/atlas/Acme.yml TL0204"]),
    ],
)
def test_files_nobody_reads(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    found = [f"{problem.place.file} {problem.code}" for problem in _check(tmp_path, files).problems]
    assert len(found) == len(expected)
    for text, end in zip(found, expected, strict=True):
        assert text.endswith(end)


def test_an_inventory_without_tenants(tmp_path: Path) -> None:
    assert [problem.code for problem in check_inventory(tmp_path).problems] == ["TL0110"]


def test_several_problems_come_sorted_by_file_and_line(tmp_path: Path) -> None:
    acme = "type: vpbx\ndomain: same.example\nusers:\n  a: {name: A, extension: 1}\n  B: {nmae: B, extension: 101}\n"
    globex = (
        "type: vpbx\ndomain: same.example\nusers:\n  a: {name: A, extension: 101}\n  b: {name: B, extension: 101}\n"
    )
    report = _check(tmp_path, {"tenants/atlas/globex.yml": globex, "tenants/atlas/acme.yml": acme})
    found = [(problem.place.file[14:], problem.place.line, problem.code) for problem in report.problems]
    assert found == [
        ("acme.yml", 4, "TL0206"),
        ("acme.yml", 5, "TL0202"),
        ("acme.yml", 5, "TL0204"),
        ("acme.yml", 5, "TL0201"),
        ("globex.yml", 5, "TL0301"),
    ]
    assert not report.good


def test_a_misspelt_key_is_recognised(tmp_path: Path) -> None:
    report = _check(tmp_path, _examples(PAGES["TL0201"], "Wrong"))
    (problem,) = report.problems
    assert str(problem) == (
        "tenants/atlas/acme.yml:4:32: error TL0201: there is no key 'extention' (users.alice.extention)\n"
        "  remedy: did you mean extension?"
    )


def test_an_empty_client_file_names_what_is_missing(tmp_path: Path) -> None:
    report = _check(tmp_path, {"tenants/atlas/acme.yml": "# nothing yet\n"})
    assert [problem.message for problem in report.problems] == ["type is missing"]
    report = _check(tmp_path, {"tenants/atlas/acme.yml": "type: vpbx\n"})
    assert [problem.message for problem in report.problems] == ["domain is missing"]


@pytest.mark.parametrize("inventory", sorted(path.parent for path in ROOT.glob("inventories/*/platform.yml")), ids=str)
def test_the_inventories_of_the_repository_are_right(inventory: Path) -> None:
    # These show the language at length, also what calls do not honour yet.
    allowed = {NOT_HONOURED} if inventory.name in {"lab", "production.example"} else set()
    assert {problem.code for problem in check_inventory(inventory).problems} <= allowed


def test_the_example_of_the_reference_page_is_right(tmp_path: Path) -> None:
    page = (ROOT / "docs/reference/tenants.md").read_text("utf-8")
    assert _check(tmp_path, _examples(page, "Example")).problems == ()


def test_what_a_brand_with_errors_may_declare_is_not_missed_below_it(tmp_path: Path) -> None:
    brand = "corporations:\n  umbrella:\ncurrency: ESP\n"
    acme = "type: vpbx\ndomain: acme.example\ncorporation: umbrella\nusers:\n  alice: {name: Alice, terminal: desk}\n"
    report = _check(tmp_path, {"tenants/atlas/brand.yml": brand, "tenants/atlas/acme.yml": acme})
    assert [f"{problem.place.file} {problem.code}" for problem in report.errors] == [
        "tenants/atlas/acme.yml TL0407",  # the terminal
        "tenants/atlas/brand.yml TL0405",
    ]


def test_of_very_many_hits_the_first_are_shown(tmp_path: Path) -> None:
    users = "".join(f"  u{number}: {{name: U, extension: 101}}\n" for number in range(300))
    report = _check(tmp_path, {"tenants/atlas/acme.yml": f"type: vpbx\ndomain: a.example\nusers:\n{users}"})
    assert [problem.code for problem in report.errors].count("TL0301") == 100
    (more,) = [problem for problem in report.errors if problem.code == "TL0111"]
    assert more.message == "TL0301 is found more than 100 times, the others are not shown"
