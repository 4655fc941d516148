"""Decides how many small part files become few large ones, without a moment at which a finished run is not there."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .chunk import COMPRESSION
from .errors import ExperimentError
from .files import write_file
from .store import ResultsFolder

RUNS_OF_PART = 5000
BYTES_OF_PART = 512 * 1024**2


def compact(path: Path) -> tuple[int, int]:
    """Join the parts of a result set; return how many there were and how many there are.

    The large part is written first, its run rows last, and only then the small ones go. If that is interrupted, runs
    are there twice for a while; the next ``run`` or ``compact`` clears that up.

    Raises
    ------
    ExperimentError
        Another process is writing there, or these are no results.
    """
    folder = ResultsFolder(path)
    if not (path / "manifest.json").is_file():
        raise ExperimentError(f"{path} holds no results")
    folder.lock()
    try:
        folder.mend()
        before = folder.parts("runs")
        for group in _groups(folder, before):
            if len(group) > 1:
                _join(folder, group)
        return len(before), len(folder.parts("runs"))
    finally:
        folder.release()


def _groups(folder: ResultsFolder, parts: list[Path]) -> list[list[Path]]:
    """Put neighbouring parts together up to a number of runs and a size on disk."""
    groups: list[list[Path]] = [[]]
    runs = size = 0
    for part in parts:
        more = pq.read_metadata(part).num_rows
        large = sum(file.stat().st_size for file in folder.files_of(part))
        if groups[-1] and (runs + more > RUNS_OF_PART or size + large > BYTES_OF_PART):
            groups.append([])
            runs = size = 0
        groups[-1].append(part)
        runs, size = runs + more, size + large
    return groups


def _join(folder: ResultsFolder, group: list[Path]) -> None:
    """Write the runs of several parts as one, then remove the parts."""
    rows = pa.concat_tables([pq.read_table(part) for part in group], promote_options="default")
    first = str(rows.column("run_id")[0])
    name = f"part-{first}x{rows.num_rows}.parquet"
    for home in folder.data_folders():
        files = [folder.path / home / part.name for part in group]
        files = [file for file in files if file.is_file()]
        if files:
            write_file(folder.path / home / name, partial(_copy_groups, files))
    write_file(folder.path / "runs" / name, partial(pq.write_table, rows, **COMPRESSION))
    for part in group:
        if part.name != name:
            for file in [part, *folder.files_of(part)]:
                file.unlink(missing_ok=True)


def _copy_groups(files: list[Path], out: object) -> None:
    """Copy row groups one after another, so that no more than one is in memory."""
    schema = pq.read_schema(files[0])
    with pq.ParquetWriter(out, schema, **COMPRESSION) as writer:
        for file in files:
            source = pq.ParquetFile(file)
            for group in range(source.num_row_groups):
                table = source.read_row_group(group).cast(schema)
                writer.write_table(table, row_group_size=max(table.num_rows, 1))
