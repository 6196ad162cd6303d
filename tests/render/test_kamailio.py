"""What the proxies get, rendered from the role's defaults: what `kamailio -c` and a real start do not find.

The parser itself, and a real start, see the rendered texts in the role's Molecule scenarios, before they are put in
place.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from trunkline.model import ports

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates" / "kamailio"
INSTANCES = ("users", "trunks")
GIVEN = {
    "kamailio_host_name": "px1",
    "kamailio_public_address": "192.0.2.1",
    "kamailio_trunks_address": "192.0.2.1",
    "kamailio_internal_address": "198.51.100.1",
    "__kamailio_database_url": "postgres://trunkline_proxy@198.51.100.5:5432/trunkline",
}
VARIANTS: dict[str, dict[str, Any]] = {
    "the defaults": {},
    "behind a translated address": {"kamailio_advertised_address": "203.0.113.1"},
    "an address of its own for carriers": {"kamailio_trunks_address": "192.0.2.2"},
    "several addresses for carriers": {
        "kamailio_trunks_extra_addresses": [
            {"name": "second", "address": "192.0.2.3"},
            {"name": "of-atlas", "address": "192.0.2.4", "advertised": "203.0.113.4"},
        ],
        "kamailio_users_proxies": [{"address": "198.51.100.1", "port": 5060}],
        "kamailio_trunks_proxies": [{"address": "198.51.100.1", "port": 7062}],
    },
    "a load test": {"kamailio_antiflood_exempt": ["192.0.2.0/25", "203.0.113.9/32"]},
}


def defaults() -> dict[str, Any]:
    """Return the role's defaults that are literal."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "roles/kamailio/defaults/main.yml").read_text())
    return {name: value for name, value in document.items() if "{{" not in str(value)}


def render(instance: str, **values: Any) -> str:
    """Render a configuration strictly: an unknown variable is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - configuration files, not HTML
    )
    return environment.get_template(f"{instance}.cfg.j2").render({**defaults(), **GIVEN, **values})


def code(text: str) -> str:
    """Return a configuration without its comments."""
    return re.sub(r"^\s*#(?!!).*$", "", text, flags=re.MULTILINE)


every_text = pytest.mark.parametrize(
    "text",
    [
        pytest.param(render(instance, **values), id=f"{instance}, {name}")
        for instance in INSTANCES
        for name, values in VARIANTS.items()
    ],
)


@every_text
def test_every_route_exists_and_is_used(text: str) -> None:
    defined = re.findall(r"^route\[(\w+)\]", code(text), re.MULTILINE)
    used = set(re.findall(r"\broute\((\w+)\)", code(text))) | set(re.findall(r"route=(\w+)", code(text)))
    assert sorted(defined) == sorted(set(defined))
    assert used == set(defined)


@pytest.mark.parametrize("kind", ["reply", "failure", "branch"])
@every_text
def test_every_route_of_a_transaction_exists(text: str, kind: str) -> None:
    block = "onreply" if kind == "reply" else kind
    defined = set(re.findall(rf"^{block}_route\[(\w+)\]", code(text), re.MULTILINE))
    assert set(re.findall(rf"t_on_{kind}\(\"(\w+)\"\)", code(text))) == defined


@every_text
def test_every_hash_table_exists_and_is_used(text: str) -> None:
    defined = set(re.findall(r"\"htable\", \"htable\", \"(\w+)=>", code(text)))
    used = set(re.findall(r"\$sht(?:inc)?\((\w+)=>", code(text)))
    assert used == defined


@every_text
def test_every_flag_exists_and_is_used(text: str) -> None:
    defined = set(re.findall(r"^#!define (FL[TB]_\w+)", text, re.MULTILINE))
    assert set(re.findall(r"(?<!define )\b(FL[TB]_\w+)", text)) == defined


@every_text
def test_the_contents_come_last_and_read_like_a_table(text: str) -> None:
    (contents,) = re.findall(r"^request_route \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    assert all(re.fullmatch(r"    route\(\w+\);", line) for line in contents.splitlines())


@every_text
def test_assignments_name_variables_and_not_text_with_dollars(text: str) -> None:
    """A string that is assigned is not searched for variables (Kamailio 6.0), that of a function is."""
    assert re.findall(r"\) = \"[^\"]*\$", code(text)) == []


@every_text
def test_text_of_phones_reaches_the_database_in_base64_only(text: str) -> None:
    for statement in re.findall(r"\$var\(query\) = (.*?);\n", code(text), re.DOTALL):
        names = re.findall(r"\$\(?(\w+\([^)]*\))(\{s\.encode\.base64\})?", statement)
        assert all(encoded for _, encoded in names), statement


@every_text
def test_no_password_and_one_database(text: str) -> None:
    assert "password" not in code(text).lower().replace("auth_password_avp", "")
    urls = set(re.findall(r"postgres://[^\"]+", code(text)))
    assert urls <= {GIVEN["__kamailio_database_url"]}


def test_ports_are_those_of_the_port_table() -> None:
    users, trunks = defaults()["kamailio_users_ports"], defaults()["kamailio_trunks_ports"]
    assert users == {
        "sip": ports.USERS_SIP,
        "tls": ports.USERS_SIPS,
        "ws": ports.USERS_WS,
        "wss": ports.USERS_WSS,
    }
    assert (trunks["sip"], trunks["tls"]) == (ports.TRUNKS_SIP, ports.TRUNKS_SIPS)


def listens(text: str) -> dict[str, str]:
    """Return the sockets of a real start by name."""
    lines = text.partition("#!else")[2].partition("#!endif")[0]
    return {name: socket for socket, name in re.findall(r"^listen=(.*) name \"(\w+)\"$", lines, re.MULTILINE)}


def test_the_inside_is_udp_only_and_never_advertised() -> None:
    found = listens(render("users", kamailio_advertised_address="203.0.113.1"))
    assert found["internal"] == "udp:198.51.100.1:5060"
    assert found["wss"] == "tls:192.0.2.1:10081 advertise 203.0.113.1:10081"
    assert [name for name, socket in found.items() if "198.51.100.1" in socket] == ["internal"]


def test_a_trial_start_meets_nobody() -> None:
    for instance in INSTANCES:
        trial = render(instance).partition("#!ifdef CHECK_START")[2].partition("#!else")[0]
        sockets = re.findall(r"^listen=(\S+)", trial, re.MULTILINE)
        assert sockets
        assert all(":127.0.0." in socket for socket in sockets)
    quiet = re.findall(r"#!ifndef CHECK_START\n(.*?)#!endif", render("users"), re.DOTALL)
    assert sum("natping_interval" in part for part in quiet) == 1
    assert len(re.findall(r"\"exec\", \"timer=", "".join(quiet))) == render("users").count('"rtimer", "exec"')


def test_every_template_is_part_of_a_configuration() -> None:
    included = {name for path in TEMPLATES.rglob("*.j2") for name in re.findall(r"include '([^']+)'", path.read_text())}
    assert included == {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*/*.j2")}
