"""The synthetic call, through a small proxy: as a function and as a command."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner

from tests.unit.phone.proxy import DOMAIN, PASSWORD, Proxy
from trunkline.cli.call import command, describe
from trunkline.errors import ConfigurationError
from trunkline.phone.core import Account
from trunkline.phone.errors import RequestFailedError
from trunkline.phone.negotiation import MediaOptions
from trunkline.phone.proof import Phone, synthetic_call
from trunkline.phone.ua import UserAgent


@pytest_asyncio.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy that knows 102 as bob."""
    made = Proxy()
    made.numbers["102"] = "bob"
    await made.start()
    yield made
    made.stop()


def make(user: str, proxy: Proxy, password: str = PASSWORD, codec: str = "PCMA") -> Phone:
    """Return a phone of an account at the proxy."""
    return Phone(Account(user, DOMAIN, password), proxy.address, media=MediaOptions(codecs=(codec,)))


async def test_both_sides_hear_each_other(proxy: Proxy) -> None:
    proof = await synthetic_call(make("alice", proxy), "102", make("bob", proxy), seconds=1)
    assert proof.proven, proof.ladder
    assert proof.callee is not None
    assert (proof.caller.lost, proof.callee.lost) == (0, 0)
    assert proof.caller.media_sources == ("127.0.0.1",)
    assert proof.caller.sip_call_id == proof.callee.sip_call_id
    assert proof.ringing_seconds is not None
    assert proof.setup_seconds is not None
    assert proof.setup_seconds >= proof.ringing_seconds
    assert proxy.contacts == {}, "both phones have unregistered"
    assert "both sides heard each other" in describe(proof)
    assert "ladder" not in proof.as_dict()


async def test_somebody_elses_phone_answers(proxy: Proxy) -> None:
    async with UserAgent(Account("bob", DOMAIN, PASSWORD), proxy=proxy.address) as bob:
        await bob.register()
        running = asyncio.create_task(synthetic_call(make("alice", proxy), "102", None, seconds=1))
        into = await bob.next_call()
        into.media.play_tone(500)
        await into.answer()
        proof = await running
        await into.wait("ended")
    assert proof.proven
    assert proof.callee is None
    assert proof.caller.packets > 0


async def test_nobody_is_there(proxy: Proxy) -> None:
    proof = await synthetic_call(make("alice", proxy), "999", make("bob", proxy))
    assert not proof.proven
    assert (proof.code, proof.setup_seconds) == (404, None)
    assert describe(proof) == [f"alice@{DOMAIN} -> 999: not answered (404 Not Found)"]


async def test_phones_that_do_not_understand_each_other(proxy: Proxy) -> None:
    proof = await synthetic_call(make("alice", proxy), "102", make("bob", proxy, codec="opus"))
    assert not proof.proven
    assert proof.code == 488
    assert "488" in proof.as_dict()["ladder"]


async def test_a_wrong_password(proxy: Proxy) -> None:
    with pytest.raises(RequestFailedError, match="REGISTER was answered with 401"):
        await synthetic_call(make("alice", proxy, "wrong"), "102", None)


@pytest.fixture
def running_proxy() -> Iterator[Proxy]:
    """A proxy in a thread of its own, for commands that bring their own event loop, and a phone that answers."""
    proxy = Proxy()
    proxy.numbers["102"] = "bob"
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        await proxy.start()
        async with UserAgent(Account("bob", DOMAIN, PASSWORD), proxy=proxy.address) as bob:
            await bob.register()
            ready.set()
            into = await bob.next_call(seconds=30)
            into.media.play_tone(500)
            await into.answer()
            await into.wait("ended", seconds=30)
            await asyncio.to_thread(stop.wait, 30)
        proxy.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    yield proxy
    stop.set()
    thread.join()


def test_the_command_with_an_account_of_its_own(running_proxy: Proxy, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    host, port = running_proxy.address
    arguments = ["--account", f"alice@{DOMAIN}", "--password-file", str(tmp_path / "password"), "-i", str(tmp_path)]
    arguments += ["--proxy", f"{host}:{port}", "--to", "102", "--seconds", "1", "--json"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["proven"] is True
    assert PASSWORD not in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "102"], "nobody calls"),
        (["--to", "102", "--from", "a@b", "--account", "a@b"], "two ways"),
        (["--to", "102", "--account", "a@b"], "needs --password-file"),
    ],
)
def test_what_is_missing_is_named(arguments: list[str], message: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [*arguments, "-i", str(tmp_path)])
    assert isinstance(result.exception, ConfigurationError)
    assert message in str(result.exception)
