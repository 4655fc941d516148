"""Decides whether two result sets hold the same bits, and whether a run done again gives what is stored."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .outputs import table_digest
from .store import ResultsFolder

NO_RESULT = ["seconds", "message", "traceback"]  # they tell of the machine, not of the model


def results_digest(path: Path) -> str:
    """Hash the finished runs: seeds, indicators, the digest of all they recorded, and the series that are stored.

    It does not depend on how the runs were spread over workers, stored in parts, interrupted or compacted.
    """
    folder = ResultsFolder(path)
    series = {run: part for part in folder.parts("series") for run in run_ids(part)}
    digest = hashlib.sha256()
    rows = folder.run_rows()
    for row in rows.loc[rows["status"] == "ok"].drop(columns=NO_RESULT).to_dict("records"):
        digest.update(json.dumps(row, sort_keys=True, default=str).encode())
        part = series.get(str(row["run_id"]))
        if part is not None:
            digest.update(table_digest(run_series(part, str(row["run_id"]))).encode())
    return digest.hexdigest()


def run_series(part: Path, run_id: str) -> pa.Table:
    """Read one run's series out of a part, in the order they were recorded."""
    return pq.read_table(part, filters=pc.field("run_id") == run_id)


def run_ids(part: Path) -> list[str]:
    """Name the runs whose series are in a part."""
    return [str(run) for run in pc.unique(pq.read_table(part, columns=["run_id"]).column("run_id")).to_pylist()]
