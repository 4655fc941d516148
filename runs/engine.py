"""Decides in which order an experiment is carried out: claim the folder, run what is missing, say how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import single
from .design import make_design
from .experiment import ResolvedExperiment
from .manifest import folder_name, make_manifest
from .single import Factory, Run, attempt
from .store import ResultsFolder
from .threads import usable_cores

Progress = Callable[[int, int], None]
"""Told the months done and the months in all, over every run still to do."""


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
    on_plan: Callable[[Outcome], None] | None = None,
    on_progress: Progress | None = None,
) -> Outcome:
    """Carry out an experiment, or what is missing of it, into a results folder.

    Parameters
    ----------
    resolved : ResolvedExperiment
        What to run.
    out : Path, optional
        The results folder; default ``results/<name>-<hash8>``.
    jobs : int, optional
        Worker processes; default one per core. With one, the runs go one after another in this process.
    factory : callable, optional
        Builds the model; default the industry-chain model.
    command : str
        Goes into the manifest.
    on_plan : callable, optional
        Told what is there and what is missing, before the first run.
    on_progress : callable, optional
        Told the months done and the months in all.

    Raises
    ------
    ExperimentError
        The folder is not this experiment's.
    """
    manifest = make_manifest(resolved, command)
    folder = ResultsFolder(out or Path("results") / folder_name(manifest))
    design = make_design(resolved.experiment)
    folder.claim(manifest, resolved, design)
    try:
        missing = design[~design["run_id"].isin(folder.committed())].to_dict("records")
        runs = [
            Run(str(row["run_id"]), str(row["scenario"]), int(row["replicate"]), int(row["seed"]), place)
            for place, row in enumerate(missing)
        ]
        outcome = Outcome(folder.path, planned=len(design), kept=len(design) - len(runs))
        if on_plan is not None:
            on_plan(outcome)
        try:
            _carry_out(runs, resolved, folder, factory or single.industry_chain_model, jobs, on_progress)
        except KeyboardInterrupt:
            outcome.interrupted = True
        folder.sweep()
        rows = folder.run_rows()
        rows = rows[rows["run_id"].isin(design["run_id"])]
        outcome.finished = int((rows["status"] == "ok").sum())
        columns = ["run_id", "status", "message", "traceback"]
        failed = rows.loc[rows["status"] != "ok", columns]
        outcome.failed = [dict(zip(columns, row, strict=True)) for row in failed.itertuples(index=False)]
        return outcome
    finally:
        folder.release()


def _carry_out(
    runs: list[Run],
    resolved: ResolvedExperiment,
    folder: ResultsFolder,
    factory: Factory,
    jobs: int | None,
    on_progress: Progress | None,
) -> None:
    """Run one after another in this process, or spread over workers."""
    total = len(runs) * resolved.months

    def tell(months: int) -> None:
        if on_progress is not None:
            on_progress(months, total)

    jobs = min(jobs or usable_cores(), len(runs))
    if jobs > 1:
        from .workers import run_in_workers

        run_in_workers(runs, resolved, folder, factory, jobs=jobs, on_progress=tell)
        return
    for run in runs:
        before = run.place * resolved.months
        attempt(run, resolved, folder, factory, lambda months: tell(before + months))  # noqa: B023 - called at once
        tell(before + resolved.months)
