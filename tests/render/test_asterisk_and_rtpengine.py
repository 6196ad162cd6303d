"""What Asterisk and RTPengine get: rendered from the roles' own defaults, compared with the port table and itself.

The daemons read the same files in the roles' Molecule scenarios, where they really start.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from trunkline.callflow import live, steps
from trunkline.callflow.service import settings
from trunkline.model import ports

ROOT = Path(__file__).resolve().parents[2]
ASTERISK = sorted(path.name.removesuffix(".j2") for path in (ROOT / "templates/asterisk").glob("*.j2"))


def defaults(role: str) -> dict[str, Any]:
    """Return a role's defaults that are literal."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text())
    return {name: value for name, value in document.items() if "{{" not in str(value)}


def render(role: str, name: str, **values: Any) -> str:
    """Render a template of the platform strictly: an unknown variable is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates" / role),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - configuration files, not HTML
    )
    return environment.get_template(f"{name}.j2").render({**defaults(role), **values})


def asterisk(name: str, proxies: int = 1) -> str:
    return render(
        "asterisk",
        name,
        __asterisk_configuration_folder="/etc/trunkline/asterisk",
        asterisk_system_name="as1",
        asterisk_address="192.0.2.10",
        asterisk_proxies=[{"name": f"px{n}", "address": f"192.0.2.{n}", "port": 5060} for n in range(1, proxies + 1)],
        asterisk_trunks_proxies=[
            {"name": "px1-trunks", "address": "192.0.2.1", "port": 7062},
            {"name": "tx1-trunks", "address": "192.0.2.9", "port": 7062},
        ],
    )


def sections(text: str) -> list[tuple[str, str]]:
    """Return (name, type) of the sections of a pjsip.conf, templates left out."""
    found = re.findall(r"^\[([^\]]+)\](\([^!)]*\))?\n((?:[^\[]*\n)*?)(?=\[|\Z)", text, re.MULTILINE)
    kinds = []
    for name, inherited, body in found:
        kind = re.search(r"^type = (\w+)", body, re.MULTILINE)
        kinds.append((name, kind[1] if kind else inherited))
    return kinds


@pytest.mark.parametrize("name", ASTERISK)
def test_every_file_renders_and_names_its_owner(name: str) -> None:
    assert asterisk(name).startswith("; Written by the Ansible role asterisk")


def test_each_proxy_is_an_endpoint_known_by_its_address() -> None:
    text = asterisk("pjsip.conf", proxies=3)
    for number in (1, 2, 3):
        assert sections(text).count((f"px{number}", "(proxy)")) == 1
        assert sections(text).count((f"px{number}", "identify")) == 1
        assert f"match = 192.0.2.{number}\n" in text
        assert f"outbound_proxy = sip:192.0.2.{number}:5060\\;lr\\;hide\n" in text
    assert "direct_media = no" in text


def test_calls_to_the_outside_go_to_a_trunks_proxy() -> None:
    text = asterisk("pjsip.conf")
    for name, socket in (("px1-trunks", "192.0.2.1:7062"), ("tx1-trunks", "192.0.2.9:7062")):
        assert sections(text).count((name, "(proxy)")) == 1
        assert f"outbound_proxy = sip:{socket}\\;lr\\;hide\n" in text
        assert sections(text).count((name, "aor")) == 1
        assert f"contact = sip:{socket}\nqualify_frequency = 2\n" in text
    assert re.findall(r"^match = (\S+)", text, re.MULTILINE) == ["192.0.2.1", "192.0.2.9"], "each address once"
    assert "TL_HOPS},,px1-trunks&tx1-trunks,${TL_PRESENTED})" in asterisk("extensions.conf")


def test_no_module_is_loaded_twice_and_none_that_opens_a_door() -> None:
    loaded = re.findall(r"^load = (\S+)\.so$", asterisk("modules.conf"), re.MULTILINE)
    assert len(loaded) == len(set(loaded))
    assert "autoload = no" in asterisk("modules.conf")
    doors = re.compile(r"res_(ari|http|prometheus|xmpp|snmp|hep)|chan_(iax2|websocket|audiosocket|unistim)|app_system")
    assert [name for name in loaded if doors.match(name)] == []


def test_the_dialplan_uses_only_applications_that_are_loaded() -> None:
    builtin = {"AGI", "Set", "Goto", "GotoIf", "Hangup", "Return", "Log", "PJSIPHangup"}
    used = set(
        re.findall(r"^(?:exten => [^,]+,\d+| same => n(?:\(\w+\))?),(\w+)\(", asterisk("extensions.conf"), re.MULTILINE)
    )
    assert used == builtin


def test_every_context_keeps_the_end_of_a_call_from_the_pattern() -> None:
    text = asterisk("extensions.conf")
    for context in re.findall(r"^\[(trunkline-[a-z]+)\]\n((?:(?!^\[).*\n)*)", text, re.MULTILINE):
        assert "_[!-~]!" not in context[1] or "exten => h,1,Hangup()" in context[1]


def test_ports_are_those_of_the_table() -> None:
    own, relay = defaults("asterisk"), defaults("rtpengine")
    assert own["asterisk_port"] == ports.ASTERISK_SIP
    assert (own["asterisk_rtp_port_minimum"], own["asterisk_rtp_port_maximum"]) == (
        ports.ASTERISK_MEDIA.first,
        ports.ASTERISK_MEDIA.last,
    )
    assert relay["rtpengine_control_port"] == ports.RTPENGINE_CONTROL
    assert (relay["rtpengine_port_minimum"], relay["rtpengine_port_maximum"]) == (
        ports.RELAY_MEDIA.first,
        ports.RELAY_MEDIA.last,
    )


def test_dialplan_role_and_service_agree() -> None:
    own, service = defaults("asterisk"), defaults("callflow")
    found = settings({})
    assert (own["asterisk_callflow_address"], own["asterisk_callflow_port"]) == (found.address, found.port)
    assert (service["callflow_address"], service["callflow_port"]) == (found.address, found.port)
    assert service["callflow_ring_seconds"] == found.ring_seconds == steps.CallState().ring_seconds
    contexts = re.findall(r"^\[([^\]]+)\]", asterisk("extensions.conf"), re.MULTILINE)
    assert {live.CALLEE_CONTEXT, live.OUTSIDE_CONTEXT} <= set(contexts)


@pytest.mark.parametrize(("advertised", "shown"), [("", ""), ("198.51.100.1", "!198.51.100.1")])
def test_a_relay_has_its_interfaces(advertised: str, shown: str) -> None:
    text = render(
        "rtpengine",
        "rtpengine.conf",
        rtpengine_interfaces=[
            {"name": "public", "address": "192.0.2.1", "advertised": advertised},
            {"name": "internal", "address": "10.0.0.1"},
        ],
        rtpengine_control_address="10.0.0.1",
        rtpengine_metrics_address="10.0.0.1",
    )
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    relay = parser["rtpengine"]
    assert relay["interface"] == f"public/192.0.2.1{shown};internal/10.0.0.1"
    assert relay["listen-ng"] == "10.0.0.1:2223"
    assert relay["listen-cli"] == "127.0.0.1:9900"
    assert relay["table"] == "-1"
