"""Decides how results lie on disk: who may write what, what counts as done, and whose folder it is.

``results/<name>-<hash8>/{manifest.json, experiment.resolved.yaml, design.parquet, series/part-*.parquet,
runs/part-*.parquet}``.  A chunk of work is one run, and its parts bear the run's name: they are written by one
process, each to a temporary name, flushed and renamed, the series first and the row of ``runs`` last.  A run is
done when that row is there.  A run tried again replaces its own parts, so no run is ever there twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from .errors import ExperimentError
from .experiment import ResolvedExperiment
from .manifest import folder_name

SERIES = pa.schema(
    [
        ("run_id", pa.string()),
        ("scenario", pa.string()),
        ("replicate", pa.int32()),
        ("month", pa.int32()),
        ("variable", pa.string()),
        ("chain", pa.string()),
        ("stage", pa.string()),
        ("county", pa.string()),
        ("value", pa.float64()),
    ]
)
RUN_FIELDS = (
    ("run_id", pa.string()),
    ("scenario", pa.string()),
    ("replicate", pa.int32()),
    ("seed", pa.uint64()),
    ("status", pa.string()),
    ("seconds", pa.float64()),
    ("message", pa.string()),
    ("traceback", pa.string()),
)
TEMPORARY = ".tmp"
NEW_OR_EMPTY = "give --out a folder that is new or empty"
WHAT_CHANGED = {
    "code": "the program's code has changed since",
    "experiment": "the experiment (months, scale, seeds or scenarios) differs",
    "configuration": "the configuration's numbers differ",
}


class ResultsFolder:
    """A results folder of one experiment: opens, refuses, resumes, and takes parts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def claim(self, manifest: Mapping[str, Any], resolved: ResolvedExperiment, design: pd.DataFrame) -> None:
        """Make the folder this experiment's own, before the first run; nothing is written where it is refused.

        Raises
        ------
        ExperimentError
            The folder holds something else, or another process is writing to it; with the way out.
        """
        stored = self._stored_manifest(manifest)
        for folder in (self.path, self.path / "series", self.path / "runs"):
            folder.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        self.sweep()
        if stored is not None and stored["replicates"] >= manifest["replicates"]:
            return
        described = {**manifest, **({"created": stored["created"]} if stored else {})}
        write_file(self.path / "manifest.json", lambda file: file.write(_as_json(described)))
        fields = resolved.experiment.model_dump(mode="json", exclude_defaults=True)
        text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)
        write_file(self.path / "experiment.resolved.yaml", lambda file: file.write(text.encode()))
        table = pa.Table.from_pandas(design, preserve_index=False)
        write_file(self.path / "design.parquet", lambda file: pq.write_table(table, file))

    def release(self) -> None:
        """Let another process write here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def committed(self) -> set[str]:
        """Name the runs that finished; failed ones are not done and will be tried again."""
        rows = self.run_rows()
        return set(rows.loc[rows["status"] == "ok", "run_id"]) if len(rows) else set()

    def run_rows(self) -> pd.DataFrame:
        """Read the row of every run tried so far, in order of run_id."""
        parts = sorted((self.path / "runs").glob("part-*.parquet"))
        tables = [pq.read_table(part) for part in parts]
        if not tables:
            return pd.DataFrame({name: [] for name, _ in RUN_FIELDS})
        rows = pa.concat_tables(tables, promote_options="default").to_pandas()
        return rows.sort_values("run_id", ignore_index=True)

    def write_series(self, row: Mapping[str, Any], table: pa.Table) -> None:
        """Store a run's tidy series; they count only once :meth:`write_run` has followed."""
        count = table.num_rows
        for name in ("run_id", "scenario", "replicate"):
            table = table.append_column(name, pa.array([row[name]] * count, SERIES.field(name).type))
        table = table.select(SERIES.names).cast(SERIES)
        write_file(self._part("series", row["run_id"]), lambda file: pq.write_table(table, file, compression="zstd"))

    def write_run(self, row: Mapping[str, Any]) -> None:
        """Store a run's row: the mark that it is done (or has failed)."""
        kpis = [(name, pa.float64()) for name in row if name.startswith("kpi_")]
        table = pa.Table.from_pylist([dict(row)], schema=pa.schema([*RUN_FIELDS, *kpis]))
        write_file(self._part("runs", row["run_id"]), lambda file: pq.write_table(table, file))

    def sweep(self) -> None:
        """Remove what an interrupted process left: temporary files, and series whose run did not finish."""
        for folder in (self.path, self.path / "series", self.path / "runs"):
            for stale in folder.glob(f".*{TEMPORARY}"):
                stale.unlink(missing_ok=True)
        done = {self._part("series", name) for name in self.committed()}
        for part in (self.path / "series").glob("part-*.parquet"):
            if part not in done:
                part.unlink(missing_ok=True)

    def _part(self, folder: str, run_id: str) -> Path:
        return self.path / folder / f"part-{run_id}.parquet"

    def _stored_manifest(self, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
        """Read the manifest that is there, and refuse the folder when it is not this experiment's."""
        if self.path.exists() and not self.path.is_dir():
            raise ExperimentError(f"{self.path} is a file; {NEW_OR_EMPTY}")
        if not self.path.is_dir() or not any(self.path.iterdir()):
            return None
        place = self.path / "manifest.json"
        if not place.is_file():
            if self._only_own_traces():
                return None
            raise ExperimentError(f"{self.path} holds other files and no results; {NEW_OR_EMPTY}")
        try:
            stored: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ExperimentError(f"{place} is not readable; {NEW_OR_EMPTY}") from error
        if stored.get("hash") != manifest["hash"]:
            raise ExperimentError(_refusal(self.path, stored, manifest))
        return stored

    def _only_own_traces(self) -> bool:
        """Tell whether a process was interrupted here before it could write its manifest."""
        return all(item.name in {"series", "runs"} or item.name.endswith(TEMPORARY) for item in self.path.iterdir())

    def _take_lock(self) -> None:
        """Keep other processes from writing here while this one does; freed by the system even after a crash."""
        try:
            import fcntl
        except ImportError:  # Windows has no such lock; temporary names still keep files whole
            return
        handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise ExperimentError(
                f"another process is writing to {self.path}; wait for it, or give --out another folder"
            ) from error
        except OSError:  # a file system without locks
            os.close(handle)
            return
        self._lock = handle


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file that is either whole or not there: temporary name, flush to disk, rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def results_digest(path: Path) -> str:
    """Hash the finished runs' series and seeds: equal when two results folders hold the same bits."""
    folder = ResultsFolder(path)
    rows = folder.run_rows()
    digest = hashlib.sha256()
    for row in rows.loc[rows["status"] == "ok"].drop(columns=["seconds"]).to_dict("records"):
        digest.update(json.dumps(row, sort_keys=True, default=str).encode())
        table = pq.read_table(folder._part("series", str(row["run_id"])))
        for name in table.column_names:
            column = table.column(name)
            text = "\0".join(map(str, column.to_pylist()))
            digest.update(column.to_numpy().tobytes() if name == "value" else text.encode())
    return digest.hexdigest()


def _refusal(path: Path, stored: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """Say whose results these are, what differs, and what can be done."""
    before, now = stored.get("parts", {}), manifest["parts"]
    reasons = [text for part, text in WHAT_CHANGED.items() if before.get(part) != now[part]]
    return (
        f"{path} holds other results ({stored.get('name')}, hash {str(stored.get('hash'))[:8]}; this is"
        f" {manifest['name']}, hash {manifest['hash'][:8]}): {'; '.join(reasons)}.\n"
        f"Nothing was written. Leave out --out to write to results/{folder_name(dict(manifest))},"
        f" or {NEW_OR_EMPTY}."
    )


def _as_json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
