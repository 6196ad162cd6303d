"""What explain says is what happens: calls made by chance, explained, placed with our own phones, and compared."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from tests.calls.chance import BRAND, Attempt, World
from tests.calls.lab import Lab
from tests.calls.records import Records
from tests.support.deployed import BIN, DeployedPlatform, run
from tests.support.fixtures import ALLOWED, Edited
from tests.support.phones import Phones, phones_of
from tests.support.waiting import until_async
from trunkline.explain import Answers, Clients, Explanation, ask, explain
from trunkline.explain.show import as_json as explanation_json
from trunkline.phone.call import Call
from trunkline.phone.errors import PhoneError
from trunkline.phone.ua import UserAgent
from trunkline.plan import database

pytestmark = pytest.mark.asyncio(loop_scope="session")
SEED = int(os.environ.get("TRUNKLINE_SEED", random.SystemRandom().randrange(1_000_000)))
ATTEMPTS = 40
COMMANDS = 3
SAVED_SECONDS = 15.0  # the proxies write registrations every few seconds


@dataclass
class Scene:
    """Tenants made by chance, applied, with their telephones registered.

    Attributes:
        world: What was made up.
        inventory: A copy of the inventory that has it.
        platform: The platform, seen through that copy.
        phones: Makes phones.
        registered: Address of record -> its telephones.
        callers: ``terminal@client`` -> the telephone that calls.
    """

    world: World
    inventory: Path
    platform: DeployedPlatform
    phones: Phones
    registered: dict[str, list[UserAgent]] = field(default_factory=dict)
    callers: dict[str, UserAgent] = field(default_factory=dict)

    async def register(self) -> None:
        """Make every telephone, and wait until the database knows those that are registered."""
        for terminal, count in self.world.phones.items():
            made = [await self.phones.make(terminal, register=index < count) for index in range(max(count, 1))]
            account = made[0].account
            self.callers[terminal] = made[0]
            self.registered[f"{account.username}@{account.domain}"] = made[:count]
        wanted = sum(self.world.phones.values())
        query = "select count(*) from live.location where domain = any(%s)"
        domains = sorted({phone.account.domain for phone in self.callers.values()})
        await until_async(
            lambda: self.platform.rows(query, domains)[0]["count"] == wanted,
            SAVED_SECONDS,
            f"{wanted} registrations in the database",
        )

    def explain(self, attempt: Attempt) -> Explanation:
        """Explain a call, as ``trunkline explain`` does."""
        with database(Lab(self.platform.directory, "").dsn, read_only=True) as connection:
            answers, clients = Answers(connection), Clients(self.inventory)
            question = ask(
                clients, answers, caller=attempt.caller, dialled=attempt.dialled, caller_id=attempt.caller_id
            )
            return explain(self.inventory, clients, answers, question)

    async def place(self, attempt: Attempt) -> Call:
        """Place a call."""
        from_ = f"sip:{attempt.caller_id}" if attempt.caller_id else ""
        return await self.callers[attempt.caller].call(attempt.dialled, from_=from_)

    def ringing(self) -> dict[str, int]:
        """Return who rings by now: address of record -> telephones."""
        return {
            address: count
            for address, phones in self.registered.items()
            if (count := sum(not phone.incoming.empty() for phone in phones))
        }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Apply tenants made by chance, beside the others; take them away afterwards."""
    world, platform = World(SEED), DeployedPlatform.of_environment()
    copy = Edited(platform, tmp_path_factory.mktemp("chance"))
    (copy.folder / "tenants" / BRAND).mkdir()
    for name, fields in world.files.items():
        (copy.folder / "tenants" / name).write_text(yaml.safe_dump(fields, allow_unicode=True))
    try:
        changed = copy.platform
        await asyncio.to_thread(changed.trunkline, "apply")
        async with phones_of(changed) as phones:
            made = Scene(world, copy.folder, changed, phones)
            await made.register()
            yield made
    finally:
        await asyncio.to_thread(platform.trunkline, "apply", *ALLOWED)


async def test_calls_go_as_explained(scene: Scene, records: Records, capsys: pytest.CaptureFixture[str]) -> None:
    seen: Counter[str] = Counter()
    for _ in range(ATTEMPTS):
        attempt = scene.world.attempt()
        try:
            seen[await compare(scene, records, attempt)] += 1
        except BaseException as error:
            error.add_note(f"TRUNKLINE_SEED={SEED}: {attempt}")
            raise
    with capsys.disabled():
        print(f"\nseed {SEED}: {ATTEMPTS} calls, all as explained: {dict(sorted(seen.items()))}")  # noqa: T201
    assert len(seen) > 2, f"seed {SEED}: chance made one kind of call only: {seen}"


async def compare(scene: Scene, records: Records, attempt: Attempt) -> str:
    """Explain a call, place it, compare; return what became of it."""
    explained = await asyncio.to_thread(scene.explain, attempt)
    shown = "\n".join(one.text for one in explained.decisions)
    out = await scene.place(attempt)
    if explained.refusal is not None:
        await out.wait("ended")
        assert out.code == explained.refusal.code, shown
        assert scene.ringing() == {}, shown
        await check_record(records, out, explained, out.code)
        return f"{explained.refusal.by} {out.code}"
    assert explained.call.ring is not None
    address = explained.call.ring.address
    calls = [await phone.next_call() for phone in scene.registered[address]]
    assert len(calls) == len(explained.call.contacts), shown
    assert scene.ringing() == {}, f"somebody else rings: {shown}"
    for call in calls:
        sender, caller = call.invite.from_, explained.call.ring.caller
        assert (sender.uri.user, sender.name) == (caller.number, caller.name), shown
        await call.ring()
    await out.wait("ringing")
    code = await end(attempt.ending, out, calls)
    expected = {one.when: one.code for one in explained.decisions if one.when}.get(attempt.ending, out.code)
    assert code == expected, shown
    for call in calls:
        await call.wait("ended")
    await check_record(records, out, explained, code)
    return attempt.ending


async def end(ending: str, out: Call, calls: list[Call]) -> int:
    """End a call that rings; return the final status that the caller got."""
    if ending == "cancelled":
        await out.cancel()
    elif ending == "answered":
        await calls[0].answer()
        await out.wait("answered")
        code = out.code
        await out.hangup()
        return code
    else:
        code = {"the telephone is busy": 486, "the callee declines": 603}[ending]
        for call in calls:
            with contextlib.suppress(PhoneError):  # the first refusal may have ended the others already
                await call.reject(code)
    await out.wait("ended")
    return out.code


async def check_record(records: Records, out: Call, explained: Explanation, code: int) -> None:
    """Compare the call record with what was explained."""
    record = await records.of(out.call_id)
    call, found = explained.call, record.call
    reason = explained.reasons.get(code, "cancelled")
    assert (found["code"], found["reason"]) == (code, reason), found
    path = f"{found['brand']}/{found['client']}" if found["client"] else ""
    assert (path, found["caller"], found["callee"]) == (call.path, call.caller, call.question.number), found
    if explained.refusal is not None and explained.refusal.by == "users proxy":
        assert (found["application_server"], found["relay"]) == (None, None), found
        return
    assert found["application_server"] == call.server_names[0], found
    assert record.leg("caller")["relay"] in call.relays, record.legs
    if call.ring is not None:
        leg = record.leg("callee")
        assert leg["endpoint"] == call.ring.address, record.legs
        assert leg["relay"] in (call.relays if call.contacts else {None}), record.legs


async def test_the_command_says_the_same(scene: Scene) -> None:
    """With nobody's help: the platform of the inventory, its secrets, the role that only reads."""
    for _ in range(COMMANDS):
        attempt = scene.world.attempt()
        words = [str(BIN / "trunkline"), "explain", "--json", "-i", str(scene.inventory), "--from", attempt.caller]
        words += ["--to", attempt.dialled, *(("--caller-id", attempt.caller_id) if attempt.caller_id else ())]
        done = await asyncio.to_thread(run, words, check=False)
        found = done.json()
        assert found == explanation_json(await asyncio.to_thread(scene.explain, attempt)), f"seed {SEED}: {attempt}"
        assert done.code == (2 if found["refused"] else 0), f"seed {SEED}: {attempt}"
        assert found["notes"] == [note for note in found["notes"] if "applied" not in note]
