"""Pulumi's provider plugin for the lab: the executable ``pulumi-resource-trunkline``.

It only translates between Pulumi's protocol and :mod:`trunkline.cloud.lab_kinds`. A resource that refresh finds broken
carries its problems in the output ``health``; that alone is a difference, so the next ``up`` repairs it in place.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.provider.experimental import provider as api
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.provider.experimental.server import main as serve
from pulumi.runtime.rpc import UNKNOWN as UNKNOWN_MARK

from trunkline import __version__
from trunkline.cloud.lab_kinds import HEALTHY, KINDS, Kind, Values
from trunkline.errors import TrunklineError

_WATCH_SECONDS = 1.0

Properties = dict[str, PropertyValue]


class UnknownValue:
    """Stands for a value that is known only after something was made."""


UNKNOWN = UnknownValue()


def to_plain(value: PropertyValue) -> Any:
    """Return a property as plain Python; what is not known yet becomes ``UNKNOWN``."""
    inner = value.value
    if isinstance(inner, Computed):
        return UNKNOWN
    if isinstance(inner, Mapping):
        return {key: to_plain(item) for key, item in inner.items()}
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return [to_plain(item) for item in inner]
    return inner


def to_property(value: Any) -> PropertyValue:
    """Return plain Python as a property."""
    if value is UNKNOWN:
        return PropertyValue(UNKNOWN_MARK)  # what the protocol sends; the SDK reads it, but cannot write it
    if isinstance(value, Mapping):
        return PropertyValue({key: to_property(item) for key, item in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return PropertyValue([to_property(item) for item in value])
    return PropertyValue(value)


def _plain(properties: Properties) -> Values:
    return {key: to_plain(value) for key, value in properties.items()}


def _properties(values: Values) -> Properties:
    return {key: to_property(value) for key, value in values.items()}


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_unknown(item) for item in value.values())
    return value is UNKNOWN


class LabProvider(api.Provider):
    """Networks, hosts and the package cache of labs on this machine."""

    async def get_schema(self, request: api.GetSchemaRequest) -> api.GetSchemaResponse:
        """Return no schema: our own components are the typed surface."""
        del request
        return api.GetSchemaResponse(schema=f'{{"name": "trunkline", "version": "{__version__}"}}')

    async def check(self, request: api.CheckRequest) -> api.CheckResponse:
        """Complete and check inputs; while some are unknown there is nothing to say."""
        inputs = _plain(request.new_inputs)
        if _has_unknown(inputs):
            return api.CheckResponse(inputs=_properties(inputs))
        try:
            return api.CheckResponse(inputs=_properties(_kind(request.type).complete(inputs)))
        except TrunklineError as error:
            return api.CheckResponse(inputs=request.new_inputs, failures=[api.CheckFailure("", str(error))])

    async def diff(self, request: api.DiffRequest) -> api.DiffResponse:
        """Compare what is with what is wanted: inputs, and health."""
        old, new = _plain(request.old_state), _plain(request.new_inputs)
        changed = [key for key in new if old.get(key) != new[key]]
        replaces = [key for key in changed if key in _kind(request.type).replace_on]
        if old.get("health") != HEALTHY:
            changed.append("health")
        return api.DiffResponse(changes=bool(changed), diffs=changed, replaces=replaces, delete_before_replace=True)

    async def create(self, request: api.CreateRequest) -> api.CreateResponse:
        """Make it; in a preview say what is known already."""
        inputs, kind = _plain(request.properties), _kind(request.type)
        if request.preview:
            unknown = dict.fromkeys(kind.computed, UNKNOWN)
            return api.CreateResponse(resource_id="", properties=_properties({**inputs, **unknown}))
        outputs = await asyncio.to_thread(kind.make, inputs)
        return api.CreateResponse(resource_id=f"{inputs['stack']}/{request.name}", properties=_properties(outputs))

    async def read(self, request: api.ReadRequest) -> api.ReadResponse:
        """Look at it; an empty id says that it is gone."""
        found = await asyncio.to_thread(_kind(request.type).look, _plain(request.properties or request.inputs))
        if found is None:
            return api.ReadResponse(resource_id="")
        return api.ReadResponse(request.resource_id, _properties(found), request.inputs)

    async def update(self, request: api.UpdateRequest) -> api.UpdateResponse:
        """Repair it, or take over inputs that need no new one."""
        inputs, kind = _plain(request.news), _kind(request.type)
        if request.preview:
            return api.UpdateResponse(_properties({**_plain(request.olds), **inputs, "health": HEALTHY}))
        return api.UpdateResponse(_properties(await asyncio.to_thread(kind.make, inputs)))

    async def delete(self, request: api.DeleteRequest) -> None:
        """Remove it."""
        await asyncio.to_thread(_kind(request.type).remove, _plain(request.properties))


def _kind(name: str) -> Kind:
    return KINDS[name.rpartition("$")[2]]  # the types of its parents come first


def main() -> None:
    """Serve Pulumi's engine until it goes away, also when it is killed: nobody else would end us then."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    serve(sys.argv, __version__, LabProvider())


def _end_with(parent: int) -> None:
    """End this process when its parent is gone; what is half done is found and finished by the next run."""
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
