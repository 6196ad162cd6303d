"""Many clients at once: in other processes, when there is enough to do to make up for starting them."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from trunkline.errors import PlatformError
from trunkline.pipeline._work import work_on_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from trunkline.model.units import Unit
    from trunkline.pipeline._job import Above, Outcome

    Job = tuple[Above, list[Unit]]

WORTH_IT = 2_000_000  # bytes of files; starting processes takes as long as half of that
_BATCH = 250_000  # bytes
_WAITING = 3  # batches per process that may be under way: results wait in memory


def spread(jobs: Iterable[Job], sizes: dict[str, int]) -> Iterator[list[Outcome]]:
    """Yield what came out of clients, batch by batch.

    Args:
        jobs: Clients with what stands above them.
        sizes: Bytes to read for each, by its file.

    Raises:
        PlatformError: A process was killed.
    """
    batches = _batches(jobs, sizes)
    processes = len(os.sched_getaffinity(0))
    if processes == 1 or sum(sizes.values()) < WORTH_IT or multiprocessing.current_process().daemon:
        for above, units in batches:
            yield work_on_all(above, units)
        return
    # Not forked: nobody knows what threads and connections the program that calls us has.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _end_with_parent) as pool:
        waiting: deque[Future[list[Outcome]]] = deque()
        try:
            for above, units in batches:
                waiting.append(pool.submit(work_on_all, above, units))
                if len(waiting) > processes * _WAITING:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise PlatformError(
                "a process that reads tenants was killed", remedy="look whether memory ran out, then start again"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Have this process end when the one that started it does, also when that is killed."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _batches(jobs: Iterable[Job], sizes: dict[str, int]) -> Iterator[Job]:
    for above, units in jobs:
        batch: list[Unit] = []
        size = 0
        for unit in units:
            batch.append(unit)
            size += sizes[unit.file]
            if size >= _BATCH:
                yield above, batch
                batch, size = [], 0
        if batch:
            yield above, batch
