"""Decides what one run is: build the model, let the months pass, keep what is asked for; and what a failure leaves."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ..config.schema import Scenario
from .checkpoint import Checkpoints
from .clock import month_name
from .experiment import ResolvedExperiment
from .outputs import chosen_series, more_kpis, snapshot, table_digest

Factory = Callable[..., Any]
"""Builds a model: ``factory(config, scenario, *, seed, scale, start)``; must be importable by name in a worker.

The model has ``step()``, ``refuse_idle_policies()``, ``recorder.table()``, ``recorder.kpis()``, ``audit()`` and
``release()``, which lets go of it.
"""


@dataclass(frozen=True)
class Run:
    """One planned run: a row of the design, what its point changes by path, and its place among the runs to do."""

    run_id: str
    scenario: str
    replicate: int
    seed: int
    point: int = 0
    values: Mapping[str, float | str] = field(default_factory=dict)
    place: int = 0

    def row(self, status: str, seconds: float = 0.0, message: str = "", trace: str = "") -> dict[str, Any]:
        """Make the row of ``runs`` that says how this run ended."""
        return {
            "run_id": self.run_id,
            "scenario": self.scenario,
            "point": self.point,
            "replicate": self.replicate,
            "seed": self.seed,
            "status": status,
            "seconds": seconds,
            "message": message,
            "traceback": trace,
            "digest": "",
        }


@dataclass(frozen=True)
class Ended:
    """How a run ended: its row, and what it leaves when it finished."""

    row: dict[str, Any]
    series: pa.Table | None = None
    agents: dict[tuple[str, int], pa.Table] = field(default_factory=dict)


def industry_chain_model(config: Any, scenario: Scenario, *, seed: int, scale: float, start: str) -> Any:
    """Build the model; imported here because agents and their numerics take seconds to load."""
    from ..agents.model import IndustryChainModel

    return IndustryChainModel(config, scenario, seed=seed, scale=scale, start=start)


def run_one(
    run: Run,
    resolved: ResolvedExperiment,
    factory: Factory,
    *,
    on_month: Callable[[int], None] | None = None,
    checkpoints: Checkpoints | None = None,
) -> Ended:
    """Let one scenario live from the experiment's first month to its last.

    Parameters
    ----------
    run : Run
        Scenario, point and seed.
    resolved : ResolvedExperiment
        Gives months, scale, configuration and what is kept.
    factory : callable
        Builds the model.
    on_month : callable, optional
        Told the number of months done, after each.
    checkpoints : Checkpoints, optional
        Where the state is kept now and then, and taken up again.

    Returns
    -------
    Ended
        Its row has ``kpi_<variable>[_<chain>]`` of the last year and ``digest``, the hash of all series.
    """
    started = time.perf_counter()
    experiment = resolved.experiment
    model, agents, done = checkpoints.restore(run) if checkpoints is not None else (None, {}, 0)
    if model is None:
        config, scenario = resolved.world(run.scenario, run.values)
        model = factory(config, scenario, seed=run.seed, scale=experiment.scale, start=experiment.start)
    try:
        for month in range(done, resolved.months):
            model.step()
            _keep_agents(model, run, resolved, month, agents)
            if checkpoints is not None and checkpoints.due(month + 1):
                checkpoints.keep(run, model, agents, month + 1)
            if on_month is not None:
                on_month(month + 1)
        model.refuse_idle_policies()
        table = model.recorder.table()
        kpis = {_kpi_name(name): float(value) for name, value in sorted(model.recorder.kpis().items())}
        kpis |= more_kpis(table, experiment.outputs.kpis)
        series = chosen_series(table, experiment.outputs)
        row = {**run.row("ok", time.perf_counter() - started), "digest": table_digest(table), **kpis}
        return Ended(row, series, agents)
    finally:
        model.release()


def attempt(
    run: Run,
    resolved: ResolvedExperiment,
    factory: Factory,
    on_month: Callable[[int], None],
    checkpoints: Checkpoints | None = None,
) -> Ended:
    """Carry out a run and say how it ended; an error in it stays its own and stops no other run."""
    started = time.perf_counter()
    try:
        return run_one(run, resolved, factory, on_month=on_month, checkpoints=checkpoints)
    except Exception as error:  # noqa: BLE001 - whatever a model can raise is a result of the experiment
        message = f"{type(error).__name__}: {error}"
        return Ended(run.row("failed", time.perf_counter() - started, message, traceback.format_exc()))


def _keep_agents(
    model: Any, run: Run, resolved: ResolvedExperiment, month: int, kept: dict[tuple[str, int], pa.Table]
) -> None:
    """Copy the agents asked for at the end of this month."""
    name = month_name(resolved.first_month + month)
    for wanted in resolved.experiment.outputs.snapshots:
        if name in wanted.months and run.replicate in wanted.replicates:
            kept[wanted.agents, int(name.replace("-", ""))] = snapshot(model, wanted.agents)


def _kpi_name(name: str) -> str:
    return name if name.startswith("kpi_") else f"kpi_{name}"
