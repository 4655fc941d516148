"""Decides which runs it takes to split chains' shortfalls from their targets over causes: every set of causes relaxed.

A scenario is run once for every set of causes taken away, with the same random numbers, so that the value of a cause
can be averaged over all orders in which causes could be taken away (Shapley 1953; as a way of splitting a change
over its causes: Shorrocks 2013).  All chains share the runs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import get_args

from ..config.schema import Cause, Name, Scenario
from .clock import month_index
from .errors import ExperimentError
from .experiment import ResolvedExperiment
from .single import industry_chain_model
from .threads import usable_cores

CAUSES: tuple[Cause, ...] = get_args(Cause)
NOTHING = "relaxed_nothing"
PROBE_MONTHS = 4


def cause_sets() -> list[tuple[Cause, ...]]:
    """Every set of causes, the empty one first and all of them last."""
    return [chosen for size in range(len(CAUSES) + 1) for chosen in combinations(CAUSES, size)]


def set_name(chosen: Sequence[Cause]) -> str:
    """Name the scenario in which a set of causes is taken away."""
    return "_".join(["relaxed", *chosen]) if chosen else NOTHING


def relaxed_experiment(resolved: ResolvedExperiment, scenario: str | None, year: int) -> ResolvedExperiment:
    """Turn an experiment into one of its scenarios with every set of causes taken away, from its start to a December.

    Raises
    ------
    ExperimentError
        There is no such scenario, the year is not run in full, or the scenario relaxes causes already.
    """
    experiment, chosen = resolved.experiment, resolved.scenario(scenario)
    if chosen.forms.relaxed:
        raise ExperimentError(f"--scenario {chosen.name}: it relaxes {', '.join(chosen.forms.relaxed)} already")
    if month_index(experiment.start) > month_index(f"{year}-01"):
        first = -(-month_index(experiment.start) // 12)
        raise ExperimentError(f"--year {year}: the experiment starts in {experiment.start}; ask for {first} or later")
    scenarios = [_relaxed(chosen, causes) for causes in cause_sets()]
    asked = experiment.model_copy(
        update={
            "name": f"shortfall-{experiment.name}-{chosen.name.replace('_', '-')}",
            "end": f"{year}-12",
            "seeds": experiment.seeds.model_copy(update={"crn": True}),
            "scenarios": scenarios,
        }
    )
    return ResolvedExperiment(asked, dict.fromkeys([one.name for one in scenarios], resolved.configs[chosen.name]))


def _relaxed(scenario: Scenario, causes: Sequence[Cause]) -> Scenario:
    named = {"zh": "、".join(causes) or "无", "en": ", ".join(causes) or "nothing"}
    return scenario.model_copy(
        update={
            "name": set_name(causes),
            "label": Name(zh=f"放开：{named['zh']}", en=f"relaxed: {named['en']}"),
            "forms": scenario.forms.model_copy(update={"relaxed": list(causes)}),
        }
    )


@dataclass(frozen=True)
class Cost:
    """What an experiment takes: runs, processor seconds of all, and seconds to wait with so many workers."""

    runs: int
    cpu_seconds: float
    workers: int

    @property
    def wait_seconds(self) -> float:
        """Seconds until all runs are done."""
        return self.cpu_seconds / self.workers


def estimate_cost(asked: ResolvedExperiment, jobs: int | None) -> Cost:
    """Time the first months of one run and reckon what all of them take at least; later months hold more firms."""
    experiment = asked.experiment
    runs = len(experiment.scenarios) * experiment.replicates.n
    scenario = experiment.scenarios[0]
    model = industry_chain_model(
        asked.configs[scenario.name], scenario, seed=0, scale=experiment.scale, start=experiment.start
    )
    try:
        model.step()  # compiled loops are read from disk in the first month
        started = time.process_time()
        for _ in range(PROBE_MONTHS):
            model.step()
        per_month = (time.process_time() - started) / PROBE_MONTHS
    finally:
        model.release()
    return Cost(runs, runs * asked.months * per_month, min(jobs or usable_cores(), runs))
