"""Decides what an experiment will cost before it is run: runs, hours and disk, from a short trial of one run."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pyarrow as pa

from ..config.experiment_schema import Outputs, SeriesChoice
from . import single
from .chunk import make_part
from .clock import month_index
from .design import make_design
from .engine import missing_runs
from .experiment import ResolvedExperiment
from .outputs import chosen_series
from .points import make_points
from .single import Ended, Factory, Run
from .threads import usable_cores

TRIAL_MONTHS = 3
GIB = 1024**3


@dataclass(frozen=True)
class Forecast:
    """What an experiment will cost on this machine.

    Attributes
    ----------
    runs, points, scenarios, replicates, most_replicates : int
        How many there are; with ``replicates.until`` there may be up to ``most_replicates``.
    seconds_per_run, bytes_per_run : float
        From the trial: building, and as many months as a run has.
    workers : int or None
        Processes counted on; None where a cluster decides.
    """

    runs: int
    points: int
    scenarios: int
    replicates: int
    most_replicates: int
    seconds_per_run: float
    bytes_per_run: float
    workers: int | None

    @property
    def hours(self) -> float:
        """Of all runs, on the workers counted on."""
        return self.runs * self.seconds_per_run / (self.workers or 1) / 3600

    @property
    def gib(self) -> float:
        """Disk that all runs take."""
        return self.runs * self.bytes_per_run / GIB


def forecast(resolved: ResolvedExperiment, *, factory: Factory | None = None) -> Forecast:
    """Lay out the design, try the first run for a few months, and multiply.

    Seconds are of CPU, on a core that has nothing else to do; compiled loops are read before the clock starts.
    """
    experiment = resolved.experiment
    points = make_points(experiment)
    plan = make_design(experiment, points)
    first = missing_runs(plan.head(1), points, resolved, set())[0]
    config, scenario = resolved.world(first.scenario, first.values)
    build = factory or single.industry_chain_model
    warm = build(config, scenario, seed=first.seed, scale=0.001, start=experiment.start)
    months = min(TRIAL_MONTHS, resolved.months)
    for _ in range(months):
        warm.step()
    warm.release()
    started = time.process_time()
    model = build(config, scenario, seed=first.seed, scale=experiment.scale, start=experiment.start)
    built = time.process_time()
    for _ in range(months):
        model.step()
    stepped = time.process_time()
    table = model.recorder.table()
    model.release()
    engine, until = experiment.engine, experiment.replicates.until
    workers = usable_cores() if engine.workers == "auto" else engine.workers
    return Forecast(
        runs=len(plan),
        points=len(points),
        scenarios=len(experiment.scenarios),
        replicates=experiment.replicates.n,
        most_replicates=until.most if until else experiment.replicates.n,
        seconds_per_run=(built - started) + (stepped - built) / months * resolved.months,
        bytes_per_run=_bytes_of_run(table, months, first, resolved),
        workers=workers if engine.address in (None, "local") else None,
    )


def _bytes_of_run(trial: pa.Table, months: int, run: Run, resolved: ResolvedExperiment) -> float:
    """Scale what the trial's part files take up to the months that are kept of a run."""
    choice = resolved.experiment.outputs.series
    kept_months = [resolved.first_month + month for month in range(resolved.months)]
    kept: pa.Table | None = None if choice == "none" else trial
    if isinstance(choice, SeriesChoice):
        if choice.variables is not None:
            known = set(trial.column("variable").cast(pa.string()).to_pylist())
            wanted = [name for name in choice.variables if name in known] or sorted(known)[:1]
            only = SeriesChoice(variables=wanted)
            kept = chosen_series(trial, Outputs(series=only))
        first, last = (month_index(end) if end else None for end in (choice.start, choice.end))
        kept_months = [
            month
            for month in kept_months
            if (first is None or month >= first)
            and (last is None or month <= last)
            and (choice.months is None or month % 12 + 1 in choice.months)
        ]
    files = make_part([Ended(run.row("ok"), kept)]).files
    return len(files["runs"]) + len(files.get("series", b"")) / months * len(kept_months)
