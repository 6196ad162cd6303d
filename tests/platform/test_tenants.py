"""Tenants change by `trunkline apply`: at once, without a restart, without an effect on calls."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.support.deployed import BIN, DeployedPlatform, run
from tests.support.fixtures import ALLOWED, Edited
from tests.support.phones import Phones
from trunkline.phone.errors import RequestFailedError

ACME = "tenants/atlas/acme.yml"
EFFECT_SECONDS = 2.0  # the product's promise: from apply to a phone that works


def revision(platform: DeployedPlatform) -> int:
    """Return the number of the newest revision."""
    return int(platform.rows("select max(id) as id from config.revision")[0]["id"])


async def test_added_user_works_at_once_and_disturbs_nobody(
    platform: DeployedPlatform, phones: Phones, edited: Edited
) -> None:
    def add_zoe(client: dict[str, Any]) -> None:
        client["users"]["zoe"] = {"name": "Zoë Example", "extension": 190}

    changed = edited.edit(ACME, add_zoe)
    phones.platform = changed
    alice, bob, carol = [await phones.make(f"{name}@acme") for name in ("alice", "bob", "carol")]
    running = await phones.connect(alice, bob)
    await running.hear()
    stranger = await phones.make("zoe@acme", register=False)
    with pytest.raises(RequestFailedError, match="403"):
        await stranger.register()
    before, processes = revision(platform), await asyncio.to_thread(platform.processes)

    applied = (await asyncio.to_thread(changed.trunkline, "apply", "--json")).json()
    begin = time.monotonic()
    zoe = await phones.make("zoe@acme")
    call = await phones.connect(carol, zoe)
    assert time.monotonic() - begin < EFFECT_SECONDS
    assert applied["revision"] == revision(platform) == before + 1
    assert applied["unconfirmed"] == []
    assert {(one["host"], one["service"]) for one in applied["confirmed"]} >= {
        *((host, "callflow") for host in platform.members("application_servers")),
        *((host, "kamailio@users") for host in platform.members("proxy_users")),
    }
    await call.hear()
    await call.hangup()

    await running.hear()
    assert running.caller.state == running.callee.state == "answered"
    assert (running.caller.media.received.lost, running.callee.media.received.lost) == (0, 0)
    await running.hangup()
    assert platform.processes() == processes

    # applied again, by hand and by Ansible: nothing to do, no revision
    assert changed.trunkline("apply", "--json").json()["changed"] is False
    assert set(changed.playbook("tenants").changed.values()) == {0}
    assert revision(platform) == before + 1


async def test_removed_user_is_refused(platform: DeployedPlatform, phones: Phones, edited: Edited) -> None:
    """Also one whose phone is registered and whom the proxy remembers."""

    def add_zoe(client: dict[str, Any]) -> None:
        client["users"]["zoe"] = {"name": "Zoë Example", "extension": 190}

    changed = edited.edit(ACME, add_zoe)
    assert changed.playbook("tenants").tasks("changed"), "the playbook did not apply the new user"
    phones.platform = changed
    alice = await phones.make("alice@acme")
    zoe = await phones.make("zoe@acme")
    await (await phones.connect(zoe, alice)).hangup()
    platform.trunkline("apply", *ALLOWED)

    call = await zoe.call("101")
    await call.wait("ended")
    assert call.code == 403, zoe.ladder()
    with pytest.raises(RequestFailedError, match="403"):
        await zoe.register()
    call = await alice.call("190")
    await call.wait("ended")
    assert call.code == 404, alice.ladder()


def test_mistake_in_a_tenant_changes_nothing(platform: DeployedPlatform, edited: Edited) -> None:
    def break_it(client: dict[str, Any]) -> None:
        client["extensions"][181] = {"user": "nobody"}

    before = revision(platform)
    edited.write(ACME, break_it)
    refused = run([BIN / "trunkline", "apply", "-i", edited.folder], check=False)
    assert refused.code == 1
    assert f"{ACME}:" in refused.all, "the message names no place"
    assert "nobody" in refused.all
    assert revision(platform) == before
