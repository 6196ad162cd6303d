"""Phones behind address translation: the operator's own command, run in a network namespace of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.calls.lab import INVENTORY, ROOT, Lab, number_of
from tests.calls.nat import Home, home
from tests.calls.records import Records
from tests.calls.stage import CALLEE_TONE, Stage, check_message

pytestmark = pytest.mark.asyncio(loop_scope="session")
COMMAND_SECONDS = 40


@pytest.fixture
def behind_nat(lab: Lab) -> Iterator[Home]:
    """A home network that leaves from our address in the public network."""
    with home(lab.ip) as made:
        yield made


async def call(place: Home, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run ``trunkline call --json`` inside; returns exit code, what it printed, and its errors."""
    words = [
        str(Path(sys.executable).with_name("trunkline")),
        "call",
        "--json",
        "-i",
        str(INVENTORY),
        "--seconds",
        "1.5",
    ]
    process = await asyncio.create_subprocess_exec(
        *place.command(*words, *arguments),
        cwd=ROOT,
        env=dict(os.environ),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
    except TimeoutError:
        process.kill()
        raise
    return process.returncode or 0, json.loads(output or b"{}"), errors.decode()


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls", "wss"])
async def test_both_phones_are_behind_nat(lab: Lab, records: Records, behind_nat: Home, transport: str) -> None:
    async with Stage(lab, records) as stage:
        alice, bob = await stage.users(2)
        code, proof, errors = await call(
            behind_nat, "--from", f"{alice.user}@acme", "--to", number_of(bob), "--transport", transport
        )
        assert code == 0, (proof, errors)
        assert {proof[side]["media_address"] for side in ("caller", "callee")} <= lab.relays
        assert set(proof["caller"]["media_sources"]) | set(proof["callee"]["media_sources"]) <= lab.relays
        record = await records.of(proof["caller"]["sip_call_id"])
        assert record.call["reason"] == "answered"
        transport_name, address, _ = record.leg("caller")["address"].split(":")
        assert (transport_name.lower(), address) == (transport, behind_nat.outside)


async def test_a_phone_behind_nat_calls_one_outside(lab: Lab, records: Records, behind_nat: Home) -> None:
    async with Stage(lab, records) as stage:
        alice, bob = await stage.users(2)
        second = await stage.phone(bob)
        running = asyncio.create_task(
            call(behind_nat, "--from", f"{alice.user}@acme", "--to", number_of(bob), "--no-answer")
        )
        into = await second.next_call(seconds=COMMAND_SECONDS)
        into.media.play_tone(CALLEE_TONE)
        await into.answer()
        await into.media.wait_tone(1000.0, over=[CALLEE_TONE])
        for entry in into.messages:
            if not entry.sent:
                check_message(entry.message, lab.relays)
        code, proof, errors = await running
        assert code == 0, (proof, errors)
        assert proof["caller"]["level_dbfs"] > -15
        await into.wait("ended")
        assert into.ended_by == "remote"
