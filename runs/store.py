"""Decides how results lie on disk: who may write what, what counts as done, and whose folder it is.

``results/<name>-<hash8>/{manifest.json, experiment.resolved.yaml, design.parquet, points.parquet, status.json,
runs/part-*.parquet, series/part-*.parquet, agents/<kind>/part-*.parquet}``.  Only the driver writes. A part holds the
runs of one chunk of work; its files have one name, each is written to a temporary name, flushed and renamed, ``runs``
last: a run is done when its row is there. Whatever has no row is cleared away, so no run is ever there twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from .chunk import COMPRESSION, RUN_FIELDS, Part
from .errors import ExperimentError, StorageError
from .experiment import ResolvedExperiment
from .files import TEMPORARY
from .files import write_file as write_file
from .manifest import folder_name

NEW_OR_EMPTY = "give --out a folder that is new or empty"
WHAT_CHANGED = {
    "code": "the program's code has changed since",
    "experiment": "the experiment (months, scale, seeds, scenarios, design or outputs) differs",
    "configuration": "the configuration's numbers differ",
}
OWN = {"series", "runs", "agents", "checkpoints", "status.json"}


class ResultsFolder:
    """A results folder of one experiment: opens, refuses, resumes, and takes parts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def claim(
        self,
        manifest: Mapping[str, Any],
        resolved: ResolvedExperiment,
        tables: Mapping[str, pd.DataFrame],
        *,
        accept: bool = False,
    ) -> None:
        """Make the folder this experiment's own, before the first run; nothing is written where it is refused.

        Parameters
        ----------
        tables : mapping
            Design and points, by file name.
        accept : bool
            Go on although code or configuration have changed; the manifest then says so.

        Raises
        ------
        ExperimentError
            The folder holds something else, or another process is writing to it; with the way out.
        StorageError
            The disk does not take it.
        """
        stored = self._stored_manifest(manifest, accept)
        with self._writing():
            for folder in (self.path, self.path / "series", self.path / "runs"):
                folder.mkdir(parents=True, exist_ok=True)
            self.lock()
            self.sweep()
            self.mend()
            self.forget()
            self.describe(_continued(manifest, stored), resolved, tables)

    def describe(
        self, manifest: Mapping[str, Any], resolved: ResolvedExperiment, tables: Mapping[str, pd.DataFrame]
    ) -> None:
        """Write down what is run, unless a larger ensemble of the same is written down already."""
        place = self.path / "manifest.json"
        if place.is_file() and json.loads(place.read_text(encoding="utf-8")) == dict(manifest):
            return
        fields = resolved.experiment.model_dump(mode="json", exclude_defaults=True)
        fields["replicates"]["n"] = manifest["replicates"]
        text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)
        for name, frame in tables.items():
            if not (self.path / name).is_file() or len(frame) > pq.read_metadata(self.path / name).num_rows:
                table = pa.Table.from_pandas(frame, preserve_index=False)
                write_file(self.path / name, partial(pq.write_table, table))
        write_file(self.path / "experiment.resolved.yaml", lambda file: file.write(text.encode()))
        write_file(place, lambda file: file.write(_as_json(manifest)))

    def extend(self, replicates: int, resolved: ResolvedExperiment, tables: Mapping[str, pd.DataFrame]) -> None:
        """Write down that the ensemble has grown."""
        stored = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
        with self._writing():
            self.describe({**stored, "replicates": max(replicates, stored["replicates"])}, resolved, tables)

    def release(self) -> None:
        """Let another process write here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def committed(self) -> set[str]:
        """Name the runs that finished; failed ones are not done and will be tried again."""
        return {
            run for part in self.parts("runs") for run, status in _columns(part, "run_id", "status") if status == "ok"
        }

    def parts(self, folder: str) -> list[Path]:
        """List the part files of a folder."""
        return sorted((self.path / folder).glob("part-*.parquet"))

    def run_rows(self) -> pd.DataFrame:
        """Read the row of every run tried so far, in order of run_id."""
        tables = [pq.read_table(part) for part in self.parts("runs")]
        if not tables:
            return pd.DataFrame({name: [] for name, _ in RUN_FIELDS})
        rows = pa.concat_tables(tables, promote_options="default").to_pandas()
        return rows.sort_values("run_id", ignore_index=True)

    def write_part(self, part: Part) -> None:
        """Store a chunk's files, its run rows last: they are the mark that it is done.

        Raises
        ------
        StorageError
            The disk does not take it; nothing of the part counts.
        """
        with self._writing():
            for folder in sorted(part.files, key=lambda name: name == "runs"):
                (self.path / folder).mkdir(parents=True, exist_ok=True)
                content = part.files[folder]
                write_file(self.path / folder / f"part-{part.name}.parquet", partial(_put, content))

    def write_status(self, status: Mapping[str, Any]) -> None:
        """Say how far it is, for whoever looks from outside; readers never see half of it."""
        temporary = self.path / f".status.json.{os.getpid()}{TEMPORARY}"
        try:
            temporary.write_bytes(_as_json(status))
            temporary.replace(self.path / "status.json")
        except OSError:  # on a full disk the parts say it
            temporary.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what an interrupted process left: temporary files, and what belongs to no run row."""
        for stale in self.path.rglob(f".*{TEMPORARY}"):
            stale.unlink(missing_ok=True)
        done = {part.name for part in self.parts("runs")}
        for folder in self.data_folders():
            for part in self.parts(folder):
                if part.name not in done:
                    part.unlink(missing_ok=True)

    def forget(self, runs: Iterable[str] | None = None) -> int:
        """Take runs out of the store (default: those that failed) so that they are run again; return how many."""
        gone = 0
        chosen = None if runs is None else set(runs)
        for part in self.parts("runs"):
            rows = _columns(part, "run_id", "status")
            drop = {run for run, status in rows if (status != "ok" if chosen is None else run in chosen)}
            if drop:
                self._rewrite(part, {run for run, _ in rows} - drop)
                gone += len(drop)
        return gone

    def files_of(self, part: Path) -> list[Path]:
        """List what belongs to a part of run rows: its series and agents."""
        files = [self.path / folder / part.name for folder in self.data_folders()]
        return [file for file in files if file.is_file()]

    def data_folders(self) -> list[str]:
        """Name the folders of data by run, which count only with a row in ``runs``."""
        agents = [f"agents/{folder.name}" for folder in sorted((self.path / "agents").glob("*")) if folder.is_dir()]
        return ["series", *agents]

    def _rewrite(self, part: Path, keep: set[str]) -> None:
        """Keep some runs of a part only; the data first, so that a row never lacks its series."""
        kept = pa.array(sorted(keep))
        folders = ["runs", *self.data_folders()] if not keep else [*self.data_folders(), "runs"]
        for folder in folders:
            file = self.path / folder / part.name
            if not file.is_file():
                continue
            if not keep:
                file.unlink()
                continue
            table = pq.read_table(file)
            left = table.filter(pc.is_in(table.column("run_id").cast(pa.string()), value_set=kept))
            if left.num_rows < table.num_rows:
                write_file(file, partial(pq.write_table, left, **COMPRESSION))

    def mend(self) -> None:
        """Throw away parts that cannot be read, so that their runs are run again, and runs that are there twice."""
        for part in self.parts("runs"):
            files = [part, *self.files_of(part)]
            if not all(map(_readable, files)):
                for file in files:
                    file.unlink(missing_ok=True)
        seen: set[str] = set()
        by_size = sorted(self.parts("runs"), key=lambda part: (-pq.read_metadata(part).num_rows, part.name))
        for part in by_size:  # an interrupted `compact` leaves the small parts beside the large one
            here = {run for run, _ in _columns(part, "run_id", "status")}
            if here & seen:
                self._rewrite(part, here - seen)
            seen |= here

    def _stored_manifest(self, manifest: Mapping[str, Any], accept: bool) -> dict[str, Any] | None:
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
        last = stored.get("continued", [stored])[-1]
        if last.get("hash") != manifest["hash"] and not (accept and _same_experiment(last, manifest)):
            raise ExperimentError(_refusal(self.path, stored, manifest))
        return stored

    def _only_own_traces(self) -> bool:
        """Tell whether a process was interrupted here before it could write its manifest."""
        return all(item.name in OWN or item.name.endswith(TEMPORARY) for item in self.path.iterdir())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Say plainly when the disk is full or may not be written to."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise StorageError(
                f"{self.path}: cannot be written: {reason}; what is finished is kept, the same command goes on"
            ) from error

    def lock(self) -> None:
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


def _put(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _readable(part: Path) -> bool:
    """Tell whether a file is whole: a Parquet file cut short has lost its end, where its index is."""
    try:
        pq.read_metadata(part)
    except (OSError, pa.ArrowException):
        return False
    return True


def _columns(part: Path, *names: str) -> list[tuple[Any, ...]]:
    table = pq.read_table(part, columns=list(names))
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))


def _same_experiment(stored: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    return bool(stored.get("parts", {}).get("experiment") == manifest["parts"]["experiment"])


def _continued(manifest: Mapping[str, Any], stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """Join the manifest that is there with the one of now: the first says who began, the larger ensemble counts."""
    if stored is None:
        return dict(manifest)
    joined = {**stored, "replicates": max(stored["replicates"], manifest["replicates"])}
    steps = stored.get("continued", [])
    if (steps or [stored])[-1]["hash"] != manifest["hash"]:
        told = ("hash", "parts", "created", "git", "packages", "command")
        joined["continued"] = [*steps, {name: manifest[name] for name in told}]
    return joined


def _refusal(path: Path, stored: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """Say whose results these are, what differs, and what can be done."""
    name, stored = stored.get("name"), stored.get("continued", [stored])[-1]
    before, now = stored.get("parts", {}), manifest["parts"]
    mixed = "; --accept-changes keeps these runs and adds new ones" if _same_experiment(stored, manifest) else ""
    reasons = [text for part, text in WHAT_CHANGED.items() if before.get(part) != now[part]]
    return (
        f"{path} holds other results ({name}, hash {str(stored.get('hash'))[:8]}; this is"
        f" {manifest['name']}, hash {manifest['hash'][:8]}): {'; '.join(reasons)}.\n"
        f"Nothing was written. Leave out --out to write to results/{folder_name(dict(manifest))},"
        f" or {NEW_OR_EMPTY}{mixed}."
    )


def _as_json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
