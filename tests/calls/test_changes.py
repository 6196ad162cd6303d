"""Every change of tenants is in force two seconds after its commit at the latest, and running calls never notice.

The tenants are a brand of their own in a copy of the inventory, so that nothing else on the platform is touched. Two
calls with audio run from the first change to the last one: one inside the client that is changed, one beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import yaml

from tests.calls.changes import Story, ends, refused, registers, rings
from tests.calls.lab import Lab
from tests.calls.records import Records
from tests.support.deployed import DeployedPlatform, unique
from tests.support.fixtures import ALLOWED, Edited
from tests.support.phones import CALLEE_HZ, Connected, phones_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
BRAND = "story"
IMPORTED = 1_000
RUN = unique("r")  # registrations that a killed run left behind ring in domains of their own
CLIENTS: dict[str, Any] = {
    "quick": {
        "type": "vpbx",
        "domain": f"quick.{RUN}.example",
        "users": {
            name: {"name": name.title(), "extension": str(number)}
            for number, name in enumerate(("ada", "ben", "cleo", "dan", "ren", "stimpy"), 201)
        },
        "extensions": {"240": {"user": "cleo"}},
    },
    "short": {
        "type": "vpbx",
        "domain": f"short.{RUN}.example",
        "users": {
            name: {"name": name.title(), "extension": str(number)} for number, name in enumerate(("tom", "jerry"), 201)
        },
    },
}
QUICK, SHORT = f"tenants/{BRAND}/quick.yml", f"tenants/{BRAND}/short.yml"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def story(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """Apply the tenants, let the calls run; at the end see that they never noticed, and take the tenants away."""
    declared = DeployedPlatform.of_environment()
    copy = Edited(declared, tmp_path_factory.mktemp("story"))
    folder = copy.folder / "tenants" / BRAND
    folder.mkdir()
    (folder / "brand.yml").write_text("language: en\n")
    for name, fields in CLIENTS.items():
        (folder / f"{name}.yml").write_text(yaml.safe_dump(fields))
    try:
        await asyncio.to_thread(copy.platform.trunkline, "apply")
        async with phones_of(copy.platform) as phones, lab.users.borrow("acme", 2) as lent:
            made = Story(copy, phones)
            acme = [await made.phone(f"{person.terminal}@acme") for person in lent]
            quick = [await made.phone(f"{name}@quick") for name in ("ren", "stimpy")]
            made.running = {"beside": await phones.connect(*acme), "inside": await phones.connect(*quick)}
            before = await asyncio.to_thread(declared.processes)
            yield made
            made.unnoticed()
            assert await asyncio.to_thread(declared.processes) == before, "a service was started again"
            for call in made.running.values():
                await call.hangup()
    finally:
        await asyncio.to_thread(declared.trunkline, "apply", *ALLOWED)


async def test_an_added_user_calls_and_is_called(story: Story) -> None:
    story.copy.write(QUICK, lambda client: client["users"].update(eva={"name": "Eva", "extension": "207"}))
    ada = await story.phone("ada@quick")
    eva = await story.phone("eva@quick", register=False)
    assert await refused(eva)() == ""
    await story.follows(
        "add a user", ("apply",), registers(eva), rings(ada, "207", eva, shows="201"), rings(eva, "201", ada)
    )


async def test_a_changed_password_counts_at_once(story: Story) -> None:
    """Of one who is in a call: that goes on."""
    old = await story.phone("ren@quick", register=False, fresh=True)
    assert await registers(old)() == ""
    await asyncio.to_thread((await story.look()).trunkline, "secrets", "rotate", f"terminal/{BRAND}/quick/ren")
    new = await story.phone("ren@quick", register=False, fresh=True)
    assert await refused(new)() == ""
    await story.follows("change a password", ("apply",), refused(old), registers(new))
    old.registered = False


async def test_a_moved_extension_rings_its_new_user(story: Story) -> None:
    ada, cleo, dan = [await story.phone(f"{name}@quick") for name in ("ada", "cleo", "dan")]
    assert await rings(ada, "240", cleo, dan)() == ""
    story.copy.write(QUICK, lambda client: client["extensions"].update({"240": {"user": "dan"}}))
    await story.follows("move an extension", ("apply",), rings(ada, "240", dan, cleo), rings(ada, "203", cleo, dan))


async def test_a_thousand_users_come_from_a_table(story: Story) -> None:
    folder = story.copy.folder / "tenants" / BRAND / "many"
    folder.mkdir()
    (folder / "client.yml").write_text(f"type: vpbx\ndomain: many.{RUN}.example\n")
    lines = [f"u{number},User {number},{number}" for number in range(10_000, 10_000 + IMPORTED)]
    (folder / "users.csv").write_text("user,name,extension\n" + "\n".join(lines) + "\n")
    first, last = [await story.phone(f"u{number}@many", register=False) for number in (10_000, 10_999)]
    assert await refused(first)() == ""
    await story.follows(
        f"import {IMPORTED} users", ("apply",), registers(first), registers(last), rings(first, "10999", last)
    )


async def test_a_renamed_client_keeps_its_telephones_and_calls(story: Story, records: Records) -> None:
    """A call that began under the old name can even be transferred under the new one."""
    ada, ben, cleo, dan = [await story.phone(f"{name}@quick") for name in ("ada", "ben", "cleo", "dan")]
    before = await story.phones.connect(ben, cleo)
    (story.copy.folder / QUICK).rename(story.copy.folder / QUICK.replace("quick", "swift"))
    story.copy.write(f"tenants/{BRAND}/brand.yml", lambda brand: brand.update(moved={"clients": {"quick": "swift"}}))

    async def on_record() -> str:
        out = await ada.call("299")
        await out.wait("ended")
        record = await records.of(out.call_id)
        return "" if record.call["client"] == "swift" else f"the record names {record.call['client']}"

    await story.follows("rename a client", ("apply",), on_record, rings(ada, "204", dan, shows="201"))
    assert await registers(ada)() == ""
    transfer = asyncio.create_task(before.callee.blind_transfer("204"))
    into = await dan.next_call()
    assert (into.invite.from_.uri.user, into.invite.from_.name) == ("202", "Ben")
    await into.media.prepare_tone(CALLEE_HZ)
    into.media.play_tone(CALLEE_HZ)
    await into.answer()
    assert await transfer == 200
    await before.callee.hangup()
    await Connected(before.caller, into).hear()
    await before.caller.hangup()


async def test_a_deleted_client_is_gone_and_a_rollback_brings_it_back(story: Story) -> None:
    """While it calls that needs a word more, and even then the call goes on to its end."""
    tom, jerry = [await story.phone(f"{name}@short") for name in ("tom", "jerry")]
    call = await story.phones.connect(tom, jerry)
    await call.hear()
    (story.copy.folder / SHORT).unlink()
    careful = await asyncio.to_thread((await story.look()).trunkline, "apply", check=False)
    assert careful.code == 1
    assert "calls in progress" in careful.all
    await story.follows("delete a client", ("apply", *ALLOWED), refused(tom), ends(tom, "202", 403))
    await call.hear()
    await call.hangup()
    record = await story.phones.record(call.caller)
    assert (record["client"], record["caller"], record["callee"], record["reason"]) == (
        "short",
        "201",
        "202",
        "answered",
    )
    # Where they are registered is live state: they ring again without a word of theirs.
    await story.follows("roll back", ("rollback",), rings(tom, "202", jerry), registers(tom))


async def test_nobody_noticed(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    for call in story.running.values():
        await call.hear()
    story.unnoticed()
    assert story.measured, "nothing was changed"
    with capsys.disabled():
        for what, seconds in story.measured.items():
            print(f"\n{what}: in force {seconds:.2f} s after the commit", end="")  # noqa: T201
