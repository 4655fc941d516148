"""Decides in which order an experiment is carried out: claim the folder, run what is missing, say how it went."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from . import single
from .checkpoint import FOLDER, Checkpoints
from .chunk import GIB, Task
from .crew import Alone, Crew, OnMonth, Processes
from .design import make_design
from .experiment import ResolvedExperiment
from .foreman import Foreman, Progress
from .manifest import folder_name, make_manifest
from .points import OWN, make_points
from .single import Factory, Run
from .store import ResultsFolder
from .threads import usable_cores
from .until import replicates_needed


@dataclass
class Outcome:
    """How an experiment went.

    Attributes
    ----------
    path : Path
        The results folder.
    planned, kept, finished : int
        Runs the experiment asks for, those that were done before, and those done now (kept ones included).
    failed : list of dict
        run_id, status, message and traceback of the runs that failed or crashed.
    interrupted : bool
        Stopped by the user; what was finished is stored.
    """

    path: Path
    planned: int
    kept: int
    finished: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False


def run_experiment(
    resolved: ResolvedExperiment,
    *,
    out: Path | None = None,
    jobs: int | None = None,
    factory: Factory | None = None,
    command: str = "",
    accept_changes: bool = False,
    on_plan: Callable[[Outcome], None] | None = None,
    on_progress: Progress | None = None,
) -> Outcome:
    """Carry out an experiment, or what is missing of it, into a results folder.

    Parameters
    ----------
    resolved : ResolvedExperiment
        What to run, and in ``engine`` how.
    out : Path, optional
        The results folder; default ``results/<name>-<hash8>``.
    jobs : int, optional
        Worker processes, in place of ``engine.workers``.
    factory : callable, optional
        Builds the model; default the industry-chain model.
    command : str
        Goes into the manifest.
    accept_changes : bool
        Keep finished runs although code or configuration have changed since.
    on_plan : callable, optional
        Told what is there and what is missing, before the first run.
    on_progress : callable, optional
        Told the months done and the months in all.

    Raises
    ------
    ExperimentError
        The folder is not this experiment's.
    StorageError
        The disk does not take the results.
    """
    if jobs is not None:
        resolved = resolved.on_workers(jobs)
    manifest = make_manifest(resolved, command)
    folder = ResultsFolder(out or Path("results") / folder_name(manifest))
    points = make_points(resolved.experiment)
    plan = make_design(resolved.experiment, points)
    folder.claim(manifest, resolved, _tables(plan, points), accept=accept_changes)
    try:
        done = folder.committed()
        outcome = Outcome(folder.path, planned=len(plan), kept=int(plan["run_id"].isin(done).sum()))
        if on_plan is not None:
            on_plan(outcome)
        task = _task(resolved, folder, factory or single.industry_chain_model, manifest["hash"])
        try:
            _run_missing(plan, points, done, folder, task, on_progress)
            while (needed := replicates_needed(resolved.experiment, folder, plan)) is not None:
                done |= set(plan["run_id"])  # failed ones are not tried a second time in one go
                plan = make_design(resolved.experiment, points, needed)
                outcome.planned = len(plan)
                folder.extend(needed, resolved, _tables(plan, points))
                _run_missing(plan, points, done, folder, task, on_progress)
        except KeyboardInterrupt:
            outcome.interrupted = True
        folder.sweep()
        _count(outcome, folder, plan)
        return outcome
    finally:
        folder.release()


def missing_runs(plan: pd.DataFrame, points: pd.DataFrame, resolved: ResolvedExperiment, done: set[str]) -> list[Run]:
    """List the runs of a plan that are not done, each with what its point changes by path."""
    paths = {f"{OWN}{factor.name}": factor.path for factor in resolved.experiment.factors if factor.path}
    values = [
        {path: row[name] for name, path in paths.items() if path is not None}
        for row in points[list(paths)].to_dict("records")
    ] or [{}]
    left = plan[~plan["run_id"].isin(done)]
    return [
        Run(
            str(row["run_id"]),
            str(row["scenario"]),
            int(row["replicate"]),
            int(row["seed"]),
            int(row["point"]),
            values[int(row["point"])] if paths else {},
            place,
        )
        for place, row in enumerate(left.to_dict("records"))
    ]


def _tables(plan: pd.DataFrame, points: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What lies beside the manifest: the design, and the points where there are any."""
    return {"design.parquet": plan, **({"points.parquet": points} if len(points.columns) > 1 else {})}


def _task(resolved: ResolvedExperiment, folder: ResultsFolder, factory: Factory, key: str) -> Task:
    engine = resolved.experiment.engine
    checkpoints = None
    if engine.checkpoint is not None:
        checkpoints = Checkpoints(folder.path.resolve() / FOLDER, engine.checkpoint, resolved.months, key)
    return Task(resolved, factory, engine.timeout, engine.memory_gib, checkpoints)


def _run_missing(
    plan: pd.DataFrame,
    points: pd.DataFrame,
    done: set[str],
    folder: ResultsFolder,
    task: Task,
    on_progress: Progress | None,
) -> None:
    """Hand the runs that are missing to a crew."""
    runs = missing_runs(plan, points, task.resolved, done)
    foreman = Foreman(runs, folder, task, planned=len(plan), on_progress=on_progress)
    if runs:
        with _crew(task, len(runs), foreman.on_month) as crew:
            foreman.work_off(crew)
    foreman.close()


def _crew(task: Task, runs: int, on_month: OnMonth) -> Crew:
    """Choose who does the work: this process, processes of this machine, or a Dask cluster."""
    engine = task.resolved.experiment.engine
    workers = None if engine.workers == "auto" else engine.workers
    if engine.address is not None:
        from .cluster import Cluster

        return Cluster(task, on_month, engine.address, workers)
    jobs = min(workers or usable_cores(), runs)
    if task.memory_gib is None:
        task = replace(task, memory_gib=fair_memory_gib(jobs))
    # A run that hangs can only be ended by another process.
    return Alone(task, on_month) if jobs == 1 and task.timeout is None else Processes(task, on_month, jobs)


def fair_memory_gib(jobs: int) -> float | None:
    """What each of so many worker processes may use, GiB: nine tenths of this machine's memory, shared evenly."""
    try:
        return 0.9 * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB / jobs
    except (ValueError, OSError):  # a system that does not say
        return None


def _count(outcome: Outcome, folder: ResultsFolder, plan: pd.DataFrame) -> None:
    """Read off the store how the planned runs ended."""
    rows = folder.run_rows()
    rows = rows[rows["run_id"].isin(plan["run_id"])]
    outcome.finished = int((rows["status"] == "ok").sum())
    columns = ["run_id", "status", "message", "traceback"]
    failed = rows.loc[rows["status"] != "ok", columns]
    outcome.failed = [dict(zip(columns, row, strict=True)) for row in failed.itertuples(index=False)]
