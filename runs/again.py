"""Decides whether a stored run can be had again: runs it once more by itself and compares every bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from ..config.errors import nearest
from . import single
from .errors import ExperimentError
from .experiment import ResolvedExperiment, resolve
from .fingerprint import fingerprint
from .points import OWN
from .single import Factory, Run, run_one
from .store import WHAT_CHANGED, ResultsFolder


@dataclass(frozen=True)
class Again:
    """A run done a second time.

    Attributes
    ----------
    run : Run
        What was run.
    stored, found : str
        Digest of all series then and now; equal means the same bits.
    changed : list of str
        What has changed since in code, experiment or configuration.
    series : pyarrow.Table or None
        What the experiment keeps of the run.
    """

    run: Run
    stored: str
    found: str
    changed: list[str]
    series: pa.Table | None

    @property
    def same(self) -> bool:
        """Every bit is the same."""
        return self.stored == self.found


def find_run(run_id: str, home: Path) -> Path:
    """Find the newest results folder below ``home`` that has a run of this name."""
    folders = sorted(home.glob("*/design.parquet"), key=lambda file: file.stat().st_mtime, reverse=True)
    known: set[str] = set()
    for file in folders:
        names = set(pd.read_parquet(file, columns=["run_id"])["run_id"])
        if run_id in names:
            return file.parent
        known |= names
    raise ExperimentError(f"no results in {home} have a run '{run_id}'; {nearest(run_id, sorted(known))}")


def run_again(
    path: Path,
    run_id: str,
    *,
    root: Path | None = None,
    factory: Factory | None = None,
    on_month: Callable[[int, int], None] | None = None,
) -> Again:
    """Run one stored run again from what its results folder says, and compare.

    Raises
    ------
    ExperimentError
        There is no such run, or it has not finished.
    """
    resolved = resolve(path / "experiment.resolved.yaml", root=root)
    rows = ResultsFolder(path).run_rows()
    stored = rows[(rows["run_id"] == run_id) & (rows["status"] == "ok")]
    if stored.empty:
        done = rows.loc[rows["status"] == "ok", "run_id"]
        raise ExperimentError(f"{path} has no finished run '{run_id}'; {nearest(run_id, done)}")
    run = _planned(path, run_id, resolved)

    def tell(months: int) -> None:
        if on_month is not None:
            on_month(months, resolved.months)

    ended = run_one(run, resolved, factory or single.industry_chain_model, on_month=tell)
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    then, now = manifest.get("continued", [manifest])[-1]["parts"], fingerprint(resolved)
    changed = [text for part, text in WHAT_CHANGED.items() if then.get(part) != now[part]]
    return Again(run, str(stored["digest"].iloc[0]), str(ended.row["digest"]), changed, ended.series)


def _planned(path: Path, run_id: str, resolved: ResolvedExperiment) -> Run:
    """Read a run and its point off the stored design."""
    plan = pd.read_parquet(path / "design.parquet")
    row = plan[plan["run_id"] == run_id].to_dict("records")[0]
    values: dict[str, float | str] = {}
    if (path / "points.parquet").is_file():
        points = pd.read_parquet(path / "points.parquet").set_index("point")
        point = points.loc[int(row["point"])].to_dict()
        values = {one.path: point[f"{OWN}{one.name}"] for one in resolved.experiment.factors if one.path}
    return Run(run_id, str(row["scenario"]), int(row["replicate"]), int(row["seed"]), int(row["point"]), values)
