"""The program under Pulumi's mocks: a fresh run per test, every declared resource recorded."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime.settings import reset_options

from trunkline.cloud.platform import Platform
from trunkline.cloud.policy import Declared
from trunkline.model.hosts import load

ROOT = Path(__file__).parents[2]
FIRST_ADDRESS = IPv4Address("198.51.100.1")  # of the range kept for documentation


class Recorder(pulumi_mocks.Mocks):
    """Answers like a cloud: numbers as ids, addresses one after the other; in a preview none of that is known."""

    def __init__(self, *, preview: bool = False) -> None:
        self.preview = preview
        self.declared: list[Declared] = []
        self.outputs: dict[str, Any] = {}

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Record a resource and return its id and outputs."""
        number = len(self.declared) + 1
        self.declared.append(Declared(args.typ, args.name, args.inputs))
        outputs = dict(args.inputs)
        if self.preview:
            return None, outputs
        address = str(FIRST_ADDRESS + number)
        if args.typ.endswith(":Server"):
            outputs["ipv4Address"] = address
        elif args.typ.endswith(":FloatingIp"):
            outputs["ipAddress"] = address
        elif args.typ == "trunkline:lab:Host":
            outputs["addresses"] = {name: f"10.80.{2 if name == 'public' else 3}.9" for name in args.inputs["networks"]}
            outputs["addresses"] |= {f"extra.{name}": "10.80.2.10" for name in args.inputs.get("extra", ())}
        elif args.typ == "trunkline:lab:Network":
            outputs |= {"cidr": f"10.80.{number}.0/24", "gateway": f"10.80.{number}.1"}
        elif args.typ == "trunkline:lab:PackageCache":
            outputs["url"] = "http://10.64.0.1:3143"
        return str(number), outputs

    def call(self, args: pulumi_mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Refuse: the program looks nothing up."""
        raise AssertionError(f"the program calls {args.token}")

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return name -> inputs of all resources of a kind, in the words of its provider."""
        return {each.name: dict(each.inputs) for each in self.declared if each.type.rpartition(":")[2] == kind}


def _close_loops() -> None:
    """Close our event loop, and those that the SDK's mocks leave behind in threads of their own."""
    for each in gc.get_objects():
        if isinstance(each, asyncio.BaseEventLoop) and not each.is_running() and not each.is_closed():
            each.close()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recorder]:
    """Return a function that runs the program over an inventory, with an event loop and settings of its own."""
    monkeypatch.delenv("TRUNKLINE_STACK", raising=False)

    def program(
        of: str | Path | Callable[[], dict[str, Any]], *, preview: bool = False, stack: str = "test"
    ) -> Recorder:
        recorder = Recorder(preview=preview)

        def body() -> pulumi.Output[None]:
            outputs = of() if callable(of) else Platform(load(ROOT / "inventories" / of)).outputs
            return pulumi.Output.from_input(outputs).apply(recorder.outputs.update)

        asyncio.set_event_loop(asyncio.new_event_loop())
        try:
            pulumi_mocks.set_mocks(recorder, project="trunkline", stack=stack, preview=preview)
            pulumi.runtime.test(body)()  # type: ignore[no-untyped-call]
        finally:
            reset_options()
            asyncio.set_event_loop(None)
            _close_loops()
        return recorder

    return program
