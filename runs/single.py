"""Decides what one run is: build the model, let the months pass, keep its series; and what a failure leaves."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ..config.schema import Experiment, Scenario
from .clock import count_months
from .experiment import ResolvedExperiment
from .store import ResultsFolder

Factory = Callable[..., Any]
"""Builds a model: ``factory(config, scenario, *, seed, scale, start)``; must be importable by name in a worker.

The model has ``step()``, ``recorder.table()``, ``recorder.kpis()``, ``audit()`` and ``release()``, which lets go of it.
"""


@dataclass(frozen=True)
class Run:
    """One planned run: a row of the design, and its place in the progress board."""

    run_id: str
    scenario: str
    replicate: int
    seed: int
    place: int = 0

    def row(self, status: str, seconds: float = 0.0, message: str = "", trace: str = "") -> dict[str, Any]:
        """Make the row of ``runs`` that says how this run ended."""
        return {
            "run_id": self.run_id,
            "scenario": self.scenario,
            "replicate": self.replicate,
            "seed": self.seed,
            "status": status,
            "seconds": seconds,
            "message": message,
            "traceback": trace,
        }


def industry_chain_model(config: Any, scenario: Scenario, *, seed: int, scale: float, start: str) -> Any:
    """Build the model; imported here because agents and their numerics take seconds to load."""
    from ..agents.model import IndustryChainModel

    return IndustryChainModel(config, scenario, seed=seed, scale=scale, start=start)


def run_one(
    config: Any,
    experiment: Experiment,
    scenario: Scenario,
    *,
    seed: int,
    factory: Factory,
    on_month: Callable[[int], None] | None = None,
) -> tuple[pa.Table, dict[str, float]]:
    """Let one scenario live from the experiment's first month to its last.

    Parameters
    ----------
    config : Config
        Configuration of this scenario.
    experiment : Experiment
        Gives months and scale.
    scenario : Scenario
        Its policies act in the model.
    seed : int
        Seed of every stream of the model.
    factory : callable
        Builds the model.
    on_month : callable, optional
        Told the number of months done, after each.

    Returns
    -------
    table : pyarrow.Table
        The recorder's series: month, variable, chain, stage, county, value.
    kpis : dict of str to float
        The last year's headline values, by ``kpi_<variable>[_<chain>]``.
    """
    model = factory(config, scenario, seed=seed, scale=experiment.scale, start=experiment.start)
    try:
        for month in range(count_months(experiment.start, experiment.end)):
            model.step()
            if on_month is not None:
                on_month(month + 1)
        kpis = {_kpi_name(name): float(value) for name, value in sorted(model.recorder.kpis().items())}
        return model.recorder.table(), kpis
    finally:
        model.release()


def attempt(
    run: Run,
    resolved: ResolvedExperiment,
    folder: ResultsFolder,
    factory: Factory,
    on_month: Callable[[int], None],
) -> None:
    """Carry out a run and store how it ended; an error in it stays its own and stops no other run."""
    started = time.perf_counter()
    scenario = resolved.scenario(run.scenario)
    try:
        table, kpis = run_one(
            resolved.configs[run.scenario],
            resolved.experiment,
            scenario,
            seed=run.seed,
            factory=factory,
            on_month=on_month,
        )
    except Exception as error:  # noqa: BLE001 - whatever a model can raise is a result of the experiment
        message = f"{type(error).__name__}: {error}"
        folder.write_run(run.row("failed", time.perf_counter() - started, message, traceback.format_exc()))
        return
    row: Mapping[str, Any] = {**run.row("ok", time.perf_counter() - started), **kpis}
    folder.write_series(row, table)
    folder.write_run(row)


def _kpi_name(name: str) -> str:
    return name if name.startswith("kpi_") else f"kpi_{name}"
