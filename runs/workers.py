"""Decides how runs are spread over worker processes, and what happens when one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for_process
from pathlib import Path
from typing import Any

from .experiment import ResolvedExperiment
from .single import Factory, Run, attempt
from .store import ResultsFolder
from .threads import use_one_thread

LOOK_EVERY = 0.2  # seconds between two looks at the progress board
SPAWN = multiprocessing.get_context("spawn")


@dataclass
class Task:
    """What every worker is given once, at its start.

    ``board`` holds the months done by each run and ``stop`` the wish to end; both are plain shared memory without a
    lock, which a dying worker could take with it.
    """

    path: Path
    resolved: ResolvedExperiment
    factory: Factory
    board: Any
    stop: Any


def run_in_workers(
    runs: list[Run],
    resolved: ResolvedExperiment,
    folder: ResultsFolder,
    factory: Factory,
    *,
    jobs: int,
    on_progress: Callable[[int], None],
) -> None:
    """Carry out runs on several processes, each numerically single-threaded.

    When a worker dies, the runs that were under way are tried again one by one, alone; the one that dies again is
    marked ``crashed``, and the rest go on.

    Raises
    ------
    KeyboardInterrupt
        After the workers have ended; what they had finished is stored.
    """
    use_one_thread()
    task = Task(folder.path, resolved, factory, SPAWN.RawArray("q", len(runs)), SPAWN.RawValue("b", 0))
    waiting = deque(runs)
    while waiting:
        for suspect in _work_off(waiting, task, jobs, on_progress):
            if _work_off(deque([suspect]), task, 1, on_progress):
                folder.write_run(suspect.row("crashed", message="the worker process died during this run"))
            task.board[suspect.place] = resolved.months


def _work_off(waiting: deque[Run], task: Task, jobs: int, on_progress: Callable[[int], None]) -> list[Run]:
    """Hand out runs until none is waiting; when a worker dies, stop and name the runs that were under way."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(min(jobs, len(waiting)), SPAWN, initializer=_begin, initargs=(task,))
    try:
        return _feed(pool, waiting, task, jobs, on_progress)
    except KeyboardInterrupt:
        task.stop.value = 1
        try:
            pool.shutdown(wait=True, cancel_futures=True)
        except KeyboardInterrupt:  # asked twice: do not wait for the month to end
            for child in set(multiprocessing.active_children()) - others:
                child.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _feed(
    pool: ProcessPoolExecutor, waiting: deque[Run], task: Task, jobs: int, on_progress: Callable[[int], None]
) -> list[Run]:
    """Keep as many runs under way as there are workers, so that a crash leaves few suspects."""
    under_way: dict[Future[None], Run] = {}
    while waiting or under_way:
        while waiting and len(under_way) < jobs:
            try:
                with _interrupts_held():
                    future = pool.submit(_work, waiting[0])
            except BrokenProcessPool:
                return list(under_way.values())
            under_way[future] = waiting.popleft()
        done, _ = wait(under_way, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
        if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
            wait(under_way)
            return [run for future, run in under_way.items() if future.exception() is not None]
        for future in done:
            task.board[under_way.pop(future).place] = task.resolved.months
            future.result()
        on_progress(sum(task.board))
    return []


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


_task: Task


def _begin(task: Task) -> None:
    """Prepare a worker: deaf to Ctrl-C, and gone when the process that started it is gone."""
    global _task
    _task = task
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_process([parent.sentinel])
        os._exit(1)


def _work(run: Run) -> None:
    """Carry out one run in a worker."""
    task = _task

    def on_month(months: int) -> None:
        task.board[run.place] = months
        if task.stop.value:
            raise KeyboardInterrupt

    attempt(run, task.resolved, ResultsFolder(task.path), task.factory, on_month)
