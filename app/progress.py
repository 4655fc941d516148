"""How far a long command is: a bar with the time left on a terminal, a plain line per tenth elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class MonthsProgress:
    """Shows months done of all months on stderr, from the first call to the end of the ``with`` block.

    Colours stay away where NO_COLOR is set.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.console = Console(stderr=True)
        self._bar: Progress | None = None
        self._tenth = 0
        self._started = time.monotonic()

    def __enter__(self) -> MonthsProgress:
        if self.console.is_terminal and not self.console.is_dumb_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("months"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=self.console)
            self._bar.add_task(self.what, total=None)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Show that so many months of all are done."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total)
        elif total and (tenth := 10 * done // total) > self._tenth:
            self._tenth = tenth
            self.say(f"{self.what}: {10 * tenth} % ({done} of {total} months){self._left(done, total)}")

    def say(self, text: str) -> None:
        """Print a line of talk, above the bar where there is one."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _left(self, done: int, total: int) -> str:
        if done >= total:
            return ""
        seconds = (time.monotonic() - self._started) / done * (total - done)
        return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
