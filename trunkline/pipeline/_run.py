"""One run over an inventory: find what changed, do that again, and put everything together."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from trunkline.compile import Compiled, Scope
from trunkline.errors import ConfigurationError
from trunkline.model.brand import Brand
from trunkline.model.tenants import NamedBrand, NamedPlatform
from trunkline.model.units import load_brand, load_client, load_platform
from trunkline.pipeline import _fingerprint
from trunkline.pipeline._found import read, written
from trunkline.pipeline._job import Above
from trunkline.pipeline._look import Look
from trunkline.pipeline._report import Report
from trunkline.pipeline._store import BLOCKED, discard, is_busy, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from trunkline.model.units import Located, Unit
    from trunkline.pipeline._job import Inputs, Outcome
    from trunkline.pipeline._store import Entry, Store

_LOOKS = 6  # one does, unless files or the cache change meanwhile


def check_inventory(
    inventory: Path, progress: Callable[[int], None] | None = None, *, cache: Path | None = None
) -> Report:
    """Read and check the tenants of an inventory.

    Args:
        inventory: Its folder.
        progress: Called with the number of units read so far.
        cache: Where to keep what is known of unchanged files (`cache_file`); None to keep nothing.

    Raises:
        ConfigurationError: Files change faster than they can be read.
    """
    return _run(inventory, None, progress, cache)


def compile_inventory(
    inventory: Path, inputs: Inputs, progress: Callable[[int], None] | None = None, *, cache: Path | None = None
) -> Report:
    """Read, check and compile the tenants of an inventory.

    Args:
        inventory: Its folder.
        inputs: What rows are made from besides files.
        progress: Called with the number of units read so far.
        cache: Where to keep what is known of unchanged files (`cache_file`); None to keep nothing.

    Raises:
        ConfigurationError: Files change faster than they can be read.
    """
    return _run(inventory, inputs, progress, cache)


def _run(inventory: Path, inputs: Inputs | None, progress: Callable[[int], None] | None, cache: Path | None) -> Report:
    """Run with the cache, with a new one when it is damaged, without when it cannot be used."""
    for path in (cache, cache) if cache is not None else ():
        try:
            return _Run(inventory, inputs, open_store(path), progress).report()
        except ConfigurationError:
            break  # other runs change the cache all the time
        except sqlite3.Error as error:
            if is_busy(error):
                break
            discard(path)
    return _Run(inventory, inputs, open_store(None), progress).report()


class _Run:
    """One run."""

    def __init__(
        self, inventory: Path, inputs: Inputs | None, store: Store, progress: Callable[[int], None] | None
    ) -> None:
        self._inventory = inventory
        self._inputs = inputs
        self._store = store
        self._progress = progress
        self._read = 0

    def report(self) -> Report:
        """Bring the store up to date and return what it says.

        Raises:
            ConfigurationError: Files change faster than they can be read.
        """
        for _ in range(_LOOKS):
            version, known = self._store.version(), self._store.entries()
            self._look = Look(self._inventory, known)
            self._tidy(known)
            stale = self._stale(known)
            self._work(stale)
            if not all(self._look.holds(unit) for unit in stale):
                continue
            self._look_at_hosts()
            self._look_between_files()
            self._store.hold()
            between = self._store.between_files()
            if stale or self._store.version() != version:
                known = self._store.entries()
                stale = self._stale(known)
            if between is not None and not stale:
                return self._result(known, between)
            self._store.release()  # another run changed the store
        message, remedy = "the files change while they are read", "start again when they are complete"
        raise ConfigurationError(message, remedy=remedy, location=str(self._inventory))

    def _stale(self, known: Mapping[str, Entry]) -> list[Unit]:
        """Return the units of which something else is known than working on them would give, or nothing."""
        if known.keys() - self._look.units.keys():
            return list(self._look.units.values())  # another run sees other files
        return [unit for file, unit in self._look.units.items() if not self._fits(unit, known.get(file))]

    def _fits(self, unit: Unit, entry: Entry | None) -> bool:
        now = (self._look.content[unit.file], self._look.inherits(unit))
        if entry is None or (entry.content, entry.inherits) != now:
            return False
        return self._inputs is None or bool(entry.errors) or entry.inputs in {BLOCKED, self._inputs.version(unit)}

    def _tidy(self, known: dict[str, Entry]) -> None:
        """Forget units that are gone, and note the new identity of files whose content did not change."""
        gone = known.keys() - self._look.units.keys()
        same = [
            (file, identity)
            for file, identity in self._look.identity.items()
            if file in known and known[file].content == self._look.content[file] and known[file].identity != identity
        ]
        if gone or same:
            with self._store.writing():
                self._store.remove(gone)
                self._store.identify(same)
        for file in gone:
            del known[file]

    def _work(self, stale: list[Unit]) -> None:
        """Work on units, what stands above others first, and put what came out into the store."""
        if not stale:
            return
        # What works takes as long to load as everything else here.
        from trunkline.pipeline._pool import spread  # noqa: PLC0415
        from trunkline.pipeline._work import work_on  # noqa: PLC0415

        clients: dict[str, list[Unit]] = defaultdict(list)
        for unit in stale:
            if unit.kind == "client":
                clients[unit.brand].append(unit)
            else:
                self._take([work_on(self._above(unit), unit)])
        sizes = {unit.file: _fingerprint.size(self._inventory, unit) for units in clients.values() for unit in units}
        for outcomes in spread(((self._above(units[0]), units) for units in clients.values()), sizes):
            self._take(outcomes)

    def _take(self, outcomes: Iterable[Outcome]) -> None:
        with self._store.writing():
            for outcome in outcomes:
                unit = outcome.unit
                inputs = "" if self._inputs is None else self._inputs.version(unit) if outcome.compilation else BLOCKED
                self._store.put(
                    outcome,
                    identity=self._look.identity[unit.file],
                    content=self._look.content[unit.file],
                    inherits=self._look.inherits(unit),
                    inputs=inputs,
                )
                self._read += 1
                if self._progress is not None:
                    self._progress(self._read)

    def _above(self, unit: Unit) -> Above:
        """Return what stands above a unit. Below something with errors nothing is compiled."""
        blocked = any(self._store.has_errors(above.file) for above in self._look.above(unit))
        platform = load_platform(self._inventory, self._look.platform).named or NamedPlatform(known=False)
        brand = NamedBrand(unit.brand, "", Brand(), known=False)
        if unit.kind == "client":
            brand = load_brand(self._inventory, self._look.brands[unit.brand].without_tables()).named or brand
        return Above(self._inventory, platform, brand, None if blocked else self._inputs)

    def _look_at_hosts(self) -> None:
        """Have the facts of the hosts in the store, which tenants name."""
        version = _fingerprint.hosts(self._inventory)
        if self._store.hosts() != version:
            from trunkline.check.hosts import facts_of_hosts  # noqa: PLC0415 - as above

            with self._store.writing():
                self._store.keep_hosts(version, facts_of_hosts(self._inventory))

    def _look_between_files(self) -> None:
        """Run the rules that look across files, unless no file exports anything else than last time."""
        if self._store.between_files() is None:
            from trunkline.check.engine import problems_of_facts  # noqa: PLC0415 - as above

            with self._store.writing():
                self._store.keep_between_files(problems_of_facts(self._store.facts, self._source))

    def _source(self, file: str) -> Located | None:
        """Return the places of the values of a file."""
        unit = self._look.units[file]
        if unit.kind == "client":
            return load_client(self._inventory, unit).source
        load = load_platform if unit.kind == "platform" else load_brand
        return load(self._inventory, unit).source

    def _result(self, known: Mapping[str, Entry], between_files: str) -> Report:
        """Return the report; the store is up to date."""
        texts = [written(self._look.problems), between_files, *(entry.found for entry in known.values())]
        report = Report(self._inventory, tuple(self._look.units.values()), read(texts))
        return replace(report, compiled=self._compiled(known)) if self._inputs and report.good else report

    def _compiled(self, known: Mapping[str, Entry]) -> Compiled:
        scopes = {}
        for file, unit in self._look.units.items():
            entry = known[file]
            load = partial(self._image, unit, entry.digest)
            scopes[entry.scope] = Scope(entry.scope, unit.brand, unit.name, entry.digest, load, entry.moved)
        return Compiled.of(scopes)

    def _image(self, unit: Unit, digest: str) -> bytes:
        """Return the rows of a unit; made again when the store lost them.

        Raises:
            ConfigurationError: The file changed since.
        """
        image = self._store.image(unit.file, digest)
        if image is None:
            from trunkline.pipeline._work import work_on  # noqa: PLC0415 - as above

            made = work_on(self._above(unit), unit).compilation
            if made is None or made.digest != digest:
                raise ConfigurationError("the file changed while it was used", remedy="start again", location=unit.file)
            image = made.image
        return image
