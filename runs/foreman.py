"""Decides who gets which runs next, what becomes of a chunk whose worker died, and how far it all is."""

from __future__ import annotations

import math
import os
import platform
import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime

from .chunk import Part, Task, make_part
from .crew import Chunk, Crew
from .single import Ended, Run
from .store import ResultsFolder

Progress = Callable[[int, int], None]
"""Told the months done and the months in all, over every run still to do."""
SECONDS_OF_CHUNK = 30.0
DEATHS_ALLOWED = 3  # of a worker over one run; a fourth attempt is not made
STATUS_EVERY = 2.0


class Foreman:
    """Hands out chunks of runs, stores what comes back, and tries again what died.

    Parameters
    ----------
    runs : list of Run
        To do, in this order.
    planned : int
        Runs of the whole experiment, for ``status.json``.
    """

    def __init__(
        self, runs: list[Run], folder: ResultsFolder, task: Task, *, planned: int, on_progress: Progress | None
    ) -> None:
        self._waiting = deque(runs)
        self._alone: deque[Run] = deque()  # runs whose worker died: each goes by itself, so that the guilty one shows
        self._deaths: Counter[str] = Counter()
        self._folder, self._task, self._on_progress = folder, task, on_progress
        self._planned, self._runs = planned, len(runs)
        self._months = [0] * len(runs)
        self._status: Counter[str] = Counter()
        self._spent, self._ended = 0.0, 0
        self._started, self._told = time.monotonic(), 0.0

    def work_off(self, crew: Crew) -> None:
        """Keep the crew busy until no run is left.

        Raises
        ------
        KeyboardInterrupt
            After what was finished is stored.
        """
        try:
            while self._waiting or self._alone or crew.under_way:
                while crew.under_way < crew.places and (chunk := self._next_chunk(crew.places)):
                    crew.start(chunk)
                for chunk, part in crew.ended():
                    self._take(chunk, part)
                self._tell()
        except KeyboardInterrupt:
            self._end_early(crew)
            raise

    def on_month(self, place: int, months: int) -> None:
        """Note how far a run is."""
        self._months[place] = months
        self._tell()

    def close(self) -> None:
        """Leave the last word in ``status.json``."""
        left = self._runs - sum(self._status.values())
        self._write_status("interrupted" if left else "done")

    def _next_chunk(self, places: int) -> Chunk:
        """Take the next runs: a suspect by itself, else about half a minute of work, less towards the end."""
        if self._alone:
            return (self._alone.popleft(),)
        chunk = self._task.resolved.experiment.engine.chunk
        size = self._fitting(places) if chunk == "auto" else chunk
        return tuple(self._waiting.popleft() for _ in range(min(size, len(self._waiting))))

    def _fitting(self, places: int) -> int:
        """Count the runs of half a minute, as measured so far; at first and at the end one by one."""
        if not self._ended:
            return 1
        fair = math.ceil(len(self._waiting) / (2 * places))
        return max(min(int(SECONDS_OF_CHUNK * self._ended / max(self._spent, 1e-6)), fair), 1)

    def _take(self, chunk: Chunk, part: Part | None) -> None:
        """Store a part, or decide what becomes of runs whose worker died."""
        if part is None:
            for run in chunk:
                self._deaths[run.run_id] += len(chunk) == 1
            again = [run for run in chunk if self._deaths[run.run_id] < DEATHS_ALLOWED]
            self._alone.extend(again)
            dead = [run for run in chunk if run not in again]
            if dead:
                message = "the worker process died or hung during this run"
                self._store(make_part([Ended(run.row("crashed", message=message)) for run in dead]), dead)
            return
        self._store(part, [run for run in chunk if run.run_id in part.status])
        if part.stopped:
            raise KeyboardInterrupt

    def _store(self, part: Part, runs: list[Run]) -> None:
        if not part.files:
            return
        self._folder.write_part(part)
        self._status.update(part.status.values())
        self._spent, self._ended = self._spent + part.seconds, self._ended + len(part.status)
        for run in runs:
            self._months[run.place] = self._task.resolved.months
            if self._task.checkpoints is not None and part.status[run.run_id] == "ok":
                self._task.checkpoints.drop(run.run_id)

    def _end_early(self, crew: Crew) -> None:
        """Ask the crew to end, and store what it still hands in."""
        crew.stop()
        while crew.under_way:
            for _, part in crew.ended():
                if part is not None:
                    self._store(part, [])
        self._write_status("interrupted")

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(sum(self._months), self._runs * self._task.resolved.months)
        if time.monotonic() - self._told >= STATUS_EVERY:
            self._write_status("running")

    def _write_status(self, state: str) -> None:
        """Write ``status.json``: how many runs, how far, how long still."""
        self._told = time.monotonic()
        elapsed = self._told - self._started
        done, total = sum(self._months), self._runs * self._task.resolved.months
        left = elapsed / done * (total - done) if done else None
        self._folder.write_status(
            {
                "state": state,
                "planned": self._planned,
                "finished": self._planned - self._runs + self._status["ok"],
                "failed": self._status["failed"] + self._status["crashed"],
                "months_done": done,
                "months_to_do": total,
                "elapsed_seconds": round(elapsed, 1),
                "seconds_left": None if left is None or state != "running" else round(left, 1),
                "updated": datetime.now(UTC).isoformat(timespec="seconds"),
                "host": platform.node(),
                "pid": os.getpid(),
            }
        )
