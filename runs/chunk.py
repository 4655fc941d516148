"""Decides what is stored together: a few runs in a row, as one part file of rows and one of series, made by a worker.

The worker hands the finished files over as bytes and the driver alone writes them, so that no two processes ever write
to one result set, nothing a dying worker did is half there, and workers on other machines need no shared disk.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .checkpoint import Checkpoints
from .experiment import ResolvedExperiment
from .single import Ended, Factory, Run, attempt

TEXT = pa.dictionary(pa.int32(), pa.string())
WORD = pa.dictionary(pa.int16(), pa.string())  # of few different texts
SERIES = pa.schema(
    [
        ("run_id", TEXT),
        ("scenario", TEXT),
        ("point", pa.int32()),
        ("replicate", pa.int32()),
        ("month", pa.int32()),
        ("variable", WORD),
        ("chain", WORD),
        ("stage", WORD),
        ("county", WORD),
        ("value", pa.float64()),
    ]
)
OF_RUN = ("run_id", "scenario", "point", "replicate")
RUN_FIELDS = (
    ("run_id", pa.string()),
    ("scenario", pa.string()),
    ("point", pa.int32()),
    ("replicate", pa.int32()),
    ("seed", pa.uint64()),
    ("status", pa.string()),
    ("seconds", pa.float64()),
    ("message", pa.string()),
    ("traceback", pa.string()),
    ("digest", pa.string()),
)
# Text repeats and is worth a dictionary; values do not, and trying costs more than writing them.  A row group is a run:
# its least and largest point and replicate help who asks for one; every run has all months and variables.
COMPRESSION: dict[str, Any] = {
    "compression": "zstd",
    "use_dictionary": ["run_id", "scenario", "variable", "chain", "stage", "county"],
    "write_statistics": ["point", "replicate"],
}
QUICK = {"compression": "lz4"}  # a tenth larger and a fifth quicker to write; `pingliang results compact` packs tighter
GIB = 1024**3


@dataclass(frozen=True)
class Task:
    """What every worker is given once: the experiment, the model, and what a run may take."""

    resolved: ResolvedExperiment
    factory: Factory
    timeout: float | None = None
    memory_gib: float | None = None
    checkpoints: Checkpoints | None = None


@dataclass(frozen=True)
class Part:
    """The files of a chunk, ready to be written.

    Attributes
    ----------
    name : str
        Of its first run and how many there are; the same chunk always has the same name.
    files : dict of str to bytes
        Folder (``runs``, ``series``, ``agents/firms`` …) and Parquet file. ``runs`` is the mark that the chunk is done.
    status : dict of str to str
        How each of its runs ended.
    seconds : float
        What the chunk took.
    stopped : bool
        Asked to stop before its last run.
    """

    name: str
    files: Mapping[str, bytes]
    status: Mapping[str, str]
    seconds: float = 0.0
    stopped: bool = False


class RunTookTooLong(RuntimeError):
    """A run reached its time limit."""


class WorkerTooLarge(RuntimeError):
    """A worker process reached its memory limit."""


def work_off(task: Task, runs: Iterable[Run], on_month: Callable[[int, int], None]) -> Part:
    """Carry out the runs of a chunk one after another and make its files.

    Parameters
    ----------
    on_month : callable
        Told the place of the run and its months done; may raise KeyboardInterrupt to stop: what is finished is kept.
    """
    started, ended, stopped = time.perf_counter(), [], False
    try:
        for run in runs:
            watch = _Watch(task, run.place, on_month)
            ended.append(attempt(run, task.resolved, task.factory, watch, task.checkpoints))
    except KeyboardInterrupt:
        stopped = True
    return make_part(ended, time.perf_counter() - started, stopped)


@dataclass
class _Watch:
    """Looks at the clock and the memory at every month's end."""

    task: Task
    place: int
    on_month: Callable[[int, int], None]
    started: float = field(default_factory=time.perf_counter)

    def __call__(self, months: int) -> None:
        limit, memory = self.task.timeout, self.task.memory_gib
        if limit is not None and time.perf_counter() - self.started > limit:
            raise RunTookTooLong(f"not finished after {limit:g} s ({months} months done); see engine.timeout")
        if memory is not None and (used := resident_bytes()) > memory * GIB:
            raise WorkerTooLarge(f"the worker uses {used / GIB:.2f} GiB of {memory:g} GiB; see engine.memory_gib")
        self.on_month(self.place, months)


def resident_bytes() -> int:
    """Measure the memory this process uses now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def make_part(ended: list[Ended], seconds: float = 0.0, stopped: bool = False) -> Part:
    """Put runs that ended into the files of one part."""
    if not ended:
        return Part("", {}, {}, seconds, stopped)
    files = {}
    series = [_of_run(one.row, one.series).select(SERIES.names).cast(SERIES) for one in ended if one.series is not None]
    if series:
        files["series"] = _parquet(series)
    for kind in sorted({key[0] for one in ended for key in one.agents}):
        files[f"agents/{kind}"] = _parquet(
            [
                _of_run(one.row, table.append_column("month", pa.array([month] * table.num_rows, pa.int32())))
                for one in ended
                for (agents, month), table in one.agents.items()
                if agents == kind
            ]
        )
    rows = [one.row for one in ended]
    files["runs"] = _parquet([runs_table(rows)])
    first = rows[0]["run_id"]
    return Part(
        first if len(rows) == 1 else f"{first}x{len(rows)}",
        files,
        {row["run_id"]: row["status"] for row in rows},
        seconds,
        stopped,
    )


def runs_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Make the table of run rows; an indicator that a run lacks is empty."""
    kpis = sorted({name for row in rows for name in row if name.startswith("kpi_")})
    return pa.Table.from_pylist(rows, schema=pa.schema([*RUN_FIELDS, *((name, pa.float64()) for name in kpis)]))


def _of_run(row: Mapping[str, Any], table: pa.Table) -> pa.Table:
    """Put in front of a table whose it is."""
    count = table.num_rows
    for name in OF_RUN:
        kind = SERIES.field(name).type
        if pa.types.is_dictionary(kind):
            column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([row[name]]))
        else:
            column = pa.array(np.full(count, row[name], kind.to_pandas_dtype()))
        table = table.append_column(name, column)
    return table


def _parquet(tables: list[pa.Table]) -> bytes:
    """Write tables of one schema as the row groups of one file."""
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, tables[0].schema, **COMPRESSION | QUICK) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
    return buffer.getvalue()
