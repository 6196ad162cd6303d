"""Rules that look at every level find the same things in the platform's file, a brand's and a client's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trunkline.pipeline import check_inventory

if TYPE_CHECKING:
    from pathlib import Path

PLATFORM, BRAND, ACME = "tenants/platform.yml", "tenants/atlas/brand.yml", "tenants/atlas/acme.yml"
CLIENT = "type: vpbx\ndomain: acme.example\nusers:\n  alice: {name: Alice, extension: 101}\n"
OFFICE = "contacts:\n  office: {email: a@b.example}\n"
GLOBEX = "type: vpbx\ndomain: globex.example\nusers:\n  alice: {name: Alice, extension: 101}\n"


def _found(inventory: Path, files: dict[str, str], code: str) -> list[str]:
    for name, text in {BRAND: "", ACME: CLIENT, "tenants/atlas/globex.yml": GLOBEX, **files}.items():
        (inventory / name).parent.mkdir(parents=True, exist_ok=True)
        (inventory / name).write_text(text, encoding="utf-8")
    problems = check_inventory(inventory).problems
    assert {problem.code for problem in problems} <= {code, "TL0400"}, [str(problem) for problem in problems]
    return [
        f"{problem.place.file}:{problem.place.line} {problem.message}" for problem in problems if problem.code == code
    ]


@pytest.mark.parametrize("file", [PLATFORM, BRAND, ACME])
def test_what_calls_do_not_honour_is_said_once_per_key(tmp_path: Path, file: str) -> None:
    text = (CLIENT if file == ACME else "") + "language: es\ntime_zone: UTC\n"
    line = text.count("\n") - 1
    assert _found(tmp_path, {file: text}, "TL0400") == [
        f"{file}:{line} language is accepted, but calls do not honour it yet",
        f"{file}:{line + 1} time_zone is accepted, but calls do not honour it yet",
    ]


def test_users_that_use_one_key_are_counted(tmp_path: Path) -> None:
    users = "".join(f"  u{number}: {{name: U, extension: {200 + number}, language: es}}\n" for number in range(3))
    assert _found(tmp_path, {ACME: CLIENT + users}, "TL0400") == [
        f"{ACME}:5 language is accepted, but calls do not honour it yet (here and in 2 more places of this file)"
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({BRAND: "features: [vpbx, friends]\ncorporations:\n"}, []),
        (
            {BRAND: "features: [vpbx]\ncorporations:\n  umbrella:\n", ACME: f"{CLIENT}corporation: umbrella\n",
             "tenants/atlas/globex.yml": f"{GLOBEX}corporation: umbrella\n"},
            [
                f"{ACME}:5 corporation needs the feature friends, which is off for brand atlas",
                f"{BRAND}:2 corporations needs the feature friends, which is off for brand atlas",
                "tenants/atlas/globex.yml:5 corporation needs the feature friends, which is off for brand atlas",
            ],
        ),
        (
            {BRAND: "features: [friends]\n"},
            [
                f"{ACME}:1 type: vpbx needs the feature vpbx, which is off for brand atlas",
                "tenants/atlas/globex.yml:1 type: vpbx needs the feature vpbx, which is off for brand atlas",
            ],
        ),
        (
            {ACME: f"{CLIENT}features: []\nfriends:\n  pbx: {{patterns: ['2..']}}\n"},
            [f"{ACME}:6 friends needs the feature friends, which is off for client acme"],
        ),
    ],
)  # fmt: skip
def test_features(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    assert _found(tmp_path, files, "TL0401") == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # A client names what its brand has, a brand what the platform has.
        (
            {
                PLATFORM: OFFICE,
                BRAND: "contracts:\n  peer: {type: peering, contact: office}\n",
            },
            [],
        ),
        ({BRAND: OFFICE, ACME: f"{CLIENT}contact: office\n"}, []),
        # Never the other way round, and never what another client has.
        (
            {
                PLATFORM: "contracts:\n  one: {type: peering, contact: office}\n",
                BRAND: f"{OFFICE}contracts:\n  two: {{type: peering, contact: office}}\n",
            },
            [f"{PLATFORM}:2 there is no contact 'office'"],
        ),
        (
            {ACME: CLIENT.replace("101", "101, terminal: desk"), "tenants/atlas/globex.yml": f"{GLOBEX}terminals:\n"},
            [f"{ACME}:4 there is no terminal 'desk'"],
        ),
    ],
)
def test_names_lead_up_and_never_sideways(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    assert _found(tmp_path, files, "TL0407") == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({PLATFORM: "services: {voicemail: '*97'}\n", ACME: f"{CLIENT}services: {{open_lock: '*93'}}\n"}, []),
        (
            {PLATFORM: "services: {voicemail: '*97'}\n", ACME: f"{CLIENT}services: {{open_lock: '*97'}}\n"},
            [f"{ACME}:5 *97 for open_lock cannot be told from *97 for voicemail"],
        ),
        ({BRAND: "services: {voicemail: off}\n", ACME: f"{CLIENT}services: {{open_lock: '*93'}}\n"}, []),
        (
            {BRAND: "services: {open_lock: '*941'}\n"},  # *94 and extension 1... is a pickup
            [f"{BRAND}:1 *941 for open_lock cannot be told from *94 for direct_pickup"],
        ),
        ({PLATFORM: "services: {open_lock: '*72', toggle_lock: '*71'}\n"}, []),
    ],
)
def test_service_codes_are_compared_as_they_count(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    assert _found(tmp_path, files, "TL0413") == expected


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [(r"^34", True), (r"^\d+", True), ("^[0-9]{3}", True), (r"^\+34", False), ("34", False), ("^3?", False)],
)
@pytest.mark.parametrize("file", [PLATFORM, BRAND, ACME])
def test_patterns_that_no_number_meets(tmp_path: Path, file: str, pattern: str, hit: bool) -> None:
    text = (CLIENT if file == ACME else "") + f"match_lists:\n  spain: {{patterns: ['{pattern}']}}\n"
    files = {file: text}
    if file == ACME:  # somebody uses it
        files[file] = text.replace(
            "101}", "101, boss: {assistant: bob, direct: [spain]}}\n  bob: {name: B, extension: 102}"
        )
    assert bool(_found(tmp_path, files, "TL0420")) is hit
