"""Decides how chunks are spread over a Dask cluster: one started here, or any other by its address.

Two commands make a cluster: ``dask scheduler`` on one machine, ``dask worker tcp://HOST:8786 --nthreads 1`` on each of
the others (with --nworkers for several). Workers need this package in the same version; a disk in common is not needed.
"""

from __future__ import annotations

import pickle
import uuid
from contextlib import suppress
from functools import lru_cache
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from .chunk import GIB, Part, Task, work_off
from .crew import LOOK_EVERY, Chunk, OnMonth
from .errors import ExperimentError
from .fingerprint import code_hash
from .threads import usable_cores, use_one_thread

EXTRA = (
    "engine.address needs Dask: pip install 'pingliang[experiments]' (make install has it), or leave out the address"
)
CONNECT_WITHIN = 15  # seconds


class Cluster:
    """A Dask cluster as a crew; months are not reported from afar, so progress moves chunk by chunk."""

    def __init__(self, task: Task, on_month: OnMonth, address: str, workers: int | None) -> None:
        use_one_thread()
        try:
            import distributed
        except ImportError as error:
            raise ExperimentError(EXTRA) from error
        self._distributed: Any = distributed
        self._on_month, self._months = on_month, task.resolved.months
        self._under_way: dict[Any, Chunk] = {}
        self._ready: SimpleQueue[Any] = SimpleQueue()
        self._local = None
        if address == "local":
            memory = "auto" if task.memory_gib is None else int(task.memory_gib * GIB * 1.1)
            self._local = distributed.LocalCluster(
                n_workers=workers or usable_cores(), threads_per_worker=1, memory_limit=memory, dashboard_address=None
            )
        try:
            self._client = distributed.Client(self._local or address, timeout=CONNECT_WITHIN, set_as_default=False)
        except (OSError, ValueError) as error:
            self._close_local()
            raise ExperimentError(f"engine.address: no scheduler answers at {address} ({error})") from error
        # Workers make the task from its bytes: a scattered copy would be gone with the workers that hold it.
        blob, self._hash = pickle.dumps(task, protocol=5), code_hash()
        self._task = self._client.submit(pickle.loads, blob, key=f"pingliang-task-{uuid.uuid4().hex}")

    @property
    def places(self) -> int:
        """One chunk for each worker thread, and one to go on with."""
        threads = sum(self._client.nthreads().values())
        return max(threads + max(threads // 4, 1), 1) if threads else 1

    @property
    def under_way(self) -> int:
        """Chunks the scheduler has."""
        return len(self._under_way)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for future in self._under_way:
            future.cancel(force=True)
        self._client.close()
        self._close_local()

    def start(self, chunk: Chunk) -> None:
        """Hand a chunk to the scheduler."""
        key = f"pingliang-{chunk[0].run_id}-{len(chunk)}-{uuid.uuid4().hex}"
        future = self._client.submit(_carry_out, self._task, chunk, self._hash, key=key, pure=False)
        self._under_way[future] = chunk
        future.add_done_callback(self._ready.put)

    def ended(self) -> list[tuple[Chunk, Part | None]]:
        """Wait a moment for chunks; a chunk that killed its workers counts as died."""
        found: list[tuple[Chunk, Part | None]] = []
        for future in self._done():
            chunk = self._under_way.pop(future, None)
            if chunk is None:  # cancelled
                continue
            if future.status == "finished":
                for run in chunk:
                    self._on_month(run.place, self._months)
                found.append((chunk, future.result()))
            else:
                error = future.exception() if future.status == "error" else None
                if error is not None and not isinstance(error, self._distributed.KilledWorker):
                    raise error
                found.append((chunk, None))
        return found

    def stop(self) -> None:
        """Take back what has not begun, and leave what has: its result would come too late."""
        for future in self._under_way:
            future.cancel(force=True)
        self._under_way.clear()

    def _done(self) -> list[Any]:
        """Wait a moment for futures that are done."""
        done = []
        with suppress(Empty):
            done.append(self._ready.get(timeout=LOOK_EVERY))
            while True:
                done.append(self._ready.get_nowait())
        return done

    def _close_local(self) -> None:
        if self._local is not None:
            self._local.close()


def _carry_out(task: Task, chunk: Chunk, expected: str) -> Part:
    """Carry out a chunk in a Dask worker."""
    if _own_code() != expected:
        raise ExperimentError(
            "the workers of the cluster run other code than this driver; install the same version there"
        )
    return work_off(task, chunk, lambda place, months: None)


@lru_cache(maxsize=1)
def _own_code() -> str:
    return code_hash()
