"""Decides how chunks are spread over processes of this machine, and what is known when one of them dies.

Every worker has a pipe of its own, so that a death is known at once and names the one chunk that was under way. A
worker leaves when the driver is gone: its pipe ends.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Protocol, Self

from .chunk import Part, Task, work_off
from .single import Run
from .threads import use_one_thread

LOOK_EVERY = 0.5  # seconds the driver waits for news before it looks at the clock
GRACE = 30.0  # seconds a run may hang in one month beyond its time limit before its worker is killed
SPAWN = multiprocessing.get_context("spawn")
OnMonth = Callable[[int, int], None]
Chunk = tuple[Run, ...]


class Crew(Protocol):
    """Who carries out chunks: takes them, and says which ended and how."""

    @property
    def places(self) -> int:
        """Chunks that may be under way."""

    @property
    def under_way(self) -> int:
        """Chunks taken and not ended."""

    def start(self, chunk: Chunk) -> None:
        """Take a chunk; see ``places``."""

    def ended(self) -> list[tuple[Chunk, Part | None]]:
        """Wait a moment for chunks that ended; None stands for a worker that died over its chunk."""

    def stop(self) -> None:
        """Ask for an end: what is under way ends after the month it is in."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Alone:
    """The driver does it all itself, one chunk after another."""

    places = 1

    def __init__(self, task: Task, on_month: OnMonth) -> None:
        self._task, self._on_month = task, on_month
        self._chunk: Chunk = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to clean up."""

    @property
    def under_way(self) -> int:
        """One after it was given, else none."""
        return int(bool(self._chunk))

    def start(self, chunk: Chunk) -> None:
        """Note the chunk; it is carried out when asked for."""
        self._chunk = chunk

    def ended(self) -> list[tuple[Chunk, Part | None]]:
        """Carry out the chunk."""
        chunk, self._chunk = self._chunk, ()
        return [(chunk, work_off(self._task, chunk, self._on_month))] if chunk else []

    def stop(self) -> None:
        """Nothing is under way."""


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    chunk: Chunk = ()
    heard: float = field(default_factory=time.monotonic)


class Processes:
    """Worker processes of this machine, each numerically single-threaded."""

    def __init__(self, task: Task, on_month: OnMonth, places: int) -> None:
        use_one_thread()
        self.places = places
        self._task, self._on_month = task, on_month
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.pipe.close()
            if kind is not None:
                worker.process.kill()
        for worker in self._workers:
            worker.process.join(timeout=10)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    @property
    def under_way(self) -> int:
        """Busy workers."""
        return sum(bool(worker.chunk) for worker in self._workers)

    def start(self, chunk: Chunk) -> None:
        """Give a chunk to an idle worker, or to a new one."""
        worker = next((one for one in self._workers if not one.chunk), None) or self._new()
        worker.chunk, worker.heard = chunk, time.monotonic()
        with suppress(OSError):  # it may have died while idle; ended() finds that out
            worker.pipe.send(chunk)

    def ended(self) -> list[tuple[Chunk, Part | None]]:
        """Hear what the workers say, and kill one that hangs."""
        found: list[tuple[Chunk, Part | None]] = []
        busy = [worker for worker in self._workers if worker.chunk]
        wait([worker.pipe for worker in busy], timeout=LOOK_EVERY)
        for worker in busy:
            found += self._listen(worker)
            limit = self._task.timeout
            if worker.chunk and limit is not None and time.monotonic() - worker.heard > limit + GRACE:
                worker.process.kill()
        return found

    def stop(self) -> None:
        """Tell all workers to end after this month."""
        for worker in self._workers:
            with suppress(OSError):
                worker.pipe.send(None)

    def _listen(self, worker: _Worker) -> Iterator[tuple[Chunk, Part | None]]:
        """Read all messages of a worker: months done, then the part; the end of the pipe is its death."""
        try:
            while worker.chunk and worker.pipe.poll():
                message = worker.pipe.recv()
                worker.heard = time.monotonic()
                if isinstance(message, Part):
                    chunk, worker.chunk = worker.chunk, ()
                    yield chunk, message
                else:
                    self._on_month(*message)
        except (EOFError, ConnectionResetError):
            worker.process.join()
            self._workers.remove(worker)
            yield worker.chunk, None

    def _new(self) -> _Worker:
        here, there = SPAWN.Pipe()
        with _interrupts_held():
            process = SPAWN.Process(target=_live, args=(self._task, there), daemon=True)
            process.start()
        there.close()
        worker = _Worker(process, here)
        self._workers.append(worker)
        return worker


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while a process is started: it inherits this, so only the first process hears Ctrl-C."""
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live(task: Task, pipe: Any) -> None:
    """Be a worker: take chunks until the driver stops or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def on_month(place: int, months: int) -> None:
        try:
            if not pipe.poll():  # only a wish to stop, or the end of the driver, comes while a chunk is under way
                pipe.send((place, months))
                return
            pipe.recv()
        except (EOFError, OSError):
            raise KeyboardInterrupt from None
        raise KeyboardInterrupt

    try:
        while (chunk := pipe.recv()) is not None:
            pipe.send(work_off(task, chunk, on_month))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
