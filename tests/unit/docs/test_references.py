"""The reference pages say what the code says: the port table, the host model, the call records."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from trunkline.model import hosts, ports

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs" / "reference"
MIGRATIONS = ROOT / "trunkline" / "database" / "migrations"


def rows(page: str) -> list[list[str]]:
    """Return the cells of every table row of a page."""
    lines = (REFERENCE / page).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def flow_cells(flow: ports.Flow) -> list[str]:
    return [
        flow.name,
        flow.target or "every group",
        f"{', '.join(str(port) for port in flow.ports)}/{flow.protocol}",
        ", ".join(flow.sources),
    ]


def test_the_port_table_is_that_of_the_code() -> None:
    names = {flow.name for flow in ports.flows(shared_address=False)}
    shown = [row for row in rows("ports.md") if row[0] not in {"flow", "---"}]
    assert [row[:4] for row in shown] == [flow_cells(flow) for flow in ports.flows(shared_address=False)]
    assert {row[0] for row in shown if "**control**" in row[4]} == {
        flow.name for flow in ports.flows(shared_address=False) if flow.control
    }
    assert names == {flow.name for flow in ports.flows(shared_address=True)}


def test_the_ports_of_a_shared_address_are_named() -> None:
    text = (REFERENCE / "ports.md").read_text(encoding="utf-8")
    assert "takes {} and {} instead of {} and {}".format(
        *ports.trunk_ports(shared_address=True), *ports.trunk_ports(shared_address=False)
    ) in " ".join(text.split())


@pytest.mark.parametrize("model", [hosts.Platform, hosts.Host, hosts.Relay, hosts.Hcloud])
def test_every_field_of_the_host_model_is_explained(model: type[BaseModel]) -> None:
    text = (REFERENCE / "host-model.md").read_text(encoding="utf-8")
    heading = {"Hcloud": "Hetzner Cloud"}.get(model.__name__, model.__name__)
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    chapter = next(part for part in section if part.startswith(heading + "\n"))
    explained = re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE)
    assert explained == list(model.model_fields)


def test_every_group_is_explained() -> None:
    text = (REFERENCE / "host-model.md").read_text(encoding="utf-8")
    chapter = text.split("## Groups")[1].split("## Relay")[0]
    assert {name for name in hosts.GROUPS if f"`{name}`" in chapter} == set(hosts.GROUPS)


def test_the_example_is_accepted(tmp_path: Path) -> None:
    text = (REFERENCE / "host-model.md").read_text(encoding="utf-8")
    example = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))
    (tmp_path / "platform.yml").write_text(example, encoding="utf-8")
    assert hosts.load(tmp_path).members("media_relays") == ("mr1",)


@pytest.mark.parametrize("table", ["live.call", "live.call_leg"])
def test_every_column_of_the_call_records_is_explained(table: str) -> None:
    statements = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql")))
    body = statements.split(f"create table {table} (")[1].split("\n);")[0]
    columns = set(re.findall(r"^    (\w+) +(?:uuid|text|timestamptz|integer)", body, re.MULTILINE))
    for change in re.findall(rf"alter table {table}\b[^;]*", re.sub("--.*", "", statements)):
        columns |= set(re.findall(r"add column (\w+)", change))
    text = (REFERENCE / "call-records.md").read_text(encoding="utf-8")
    chapter = text.split(f"## `{table}`\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in chapter.splitlines() if line.startswith("| `")]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == columns


def test_every_reason_of_a_call_is_explained() -> None:
    statements = (MIGRATIONS / "0011_calls.sql").read_text(encoding="utf-8")
    reasons = re.findall(r"'(\w+)'", statements.split("reason in")[1].split("))")[0])
    text = (REFERENCE / "call-records.md").read_text(encoding="utf-8").split("## Reasons")[1]
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == reasons
