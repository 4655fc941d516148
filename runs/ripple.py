"""Decides what the failure of a named firm or of a stage's firms in some counties takes away, stage by stage.

The same months are run twice for each seed, without and with the failure; nothing else differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ..config.errors import nearest
from ..config.loader import Config
from ..config.schema import County, Name, Policies, Policy, PolicyTarget, PolicyUse, Quantity, Scenario
from . import single
from .design import run_seed
from .errors import ExperimentError
from .experiment import ResolvedExperiment
from .network import months_to

FAILURE = "ripple_failure"


@dataclass(frozen=True)
class Failure:
    """Who fails, and in which month (YYYY-MM); without ``anchor`` all firms of the stage in ``counties``, or all."""

    stage: str
    month: str
    anchor: str | None = None
    counties: Sequence[County] = ()


def ripple(
    resolved: ResolvedExperiment,
    scenario: str | None,
    failure: Failure,
    *,
    on_month: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Run every replicate of a scenario without and with a failure.

    Returns
    -------
    DataFrame with replicate, month (yyyymm), stage, base and failed: output of the month without and with the failure,
    CNY at prices of 2020, so that scarcity which raises prices hides no loss.

    Raises
    ------
    ExperimentError
        There is no such scenario, month, stage or named firm, or the scenario holds a failure already.
    """
    experiment, chosen = resolved.experiment, resolved.scenario(scenario)
    config = resolved.configs[chosen.name]
    check_failure(resolved, config, failure)
    book = {**config.policies.policies, FAILURE: _closure(config, failure)}
    struck = replace(config, policies=Policies(policies=book))
    with_failure = chosen.model_copy(update={"policies": [*chosen.policies, PolicyUse(policy=FAILURE)]})
    seeds = experiment.seeds
    parts, done, total = [], 0, 2 * resolved.months * experiment.replicates.n
    for replicate in range(experiment.replicates.n):
        seed = run_seed(seeds.root, crn=seeds.crn, scenario=chosen.name, replicate=replicate)
        pair = {}
        for name, lived in (("base", chosen), ("failed", with_failure)):

            def tell(months: int, before: int = done) -> None:
                if on_month is not None:
                    on_month(before + months, total)

            pair[name] = _output(struck, resolved, lived, seed, tell)
            done += resolved.months
        both = pd.DataFrame(pair).fillna(0.0).reset_index()
        parts.append(both.assign(replicate=replicate))
    return pd.concat(parts, ignore_index=True)[["replicate", "month", "stage", "base", "failed"]]


def check_failure(resolved: ResolvedExperiment, config: Config, failure: Failure) -> None:
    """Refuse a failure of nobody, or at a time that is not run, before any month is run."""
    months_to(resolved, failure.month)
    stages = {key: item for chain in config.chains.values() for key, item in chain.stages.items()}
    if failure.stage not in stages:
        raise ExperimentError(f"--stage {failure.stage}: there is no such stage; {nearest(failure.stage, stages)}")
    names = [anchor.name.en for anchor in stages[failure.stage].anchors]
    if failure.anchor is not None and failure.anchor not in names:
        hint = nearest(failure.anchor, names)
        raise ExperimentError(f"--anchor {failure.anchor}: {failure.stage} has no firm of this name; {hint}")
    if stages[failure.stage].agent != "firm":
        raise ExperimentError(
            f"--stage {failure.stage}: it is worked by farms, which do not close; choose one of firms"
        )


def _closure(config: Config, failure: Failure) -> Policy:
    words = "what fails is asked, not observed"
    return Policy(
        name=Name(zh="企业停产（试验）", en="failure of firms (probe)"),
        section="shock",
        lever="closure",
        target=PolicyTarget(stages=[failure.stage], counties=list(failure.counties), anchor=failure.anchor),
        start=failure.month,
        intensity=Quantity(value=1.0, unit="share", source="assumption", kind="assumed", range=(1.0, 1.0), note=words),
        indicator="output",
        direction="down",
    )


def _output(
    config: Config, resolved: ResolvedExperiment, scenario: Scenario, seed: int, on_month: Callable[[int], None]
) -> pd.Series:
    """Output at prices of 2020 by month and stage, over counties."""
    table, _ = single.run_one(
        config, resolved.experiment, scenario, seed=seed, factory=single.industry_chain_model, on_month=on_month
    )
    frame = table.to_pandas()
    rows = frame[frame["variable"] == "output_2020"].astype({"stage": str})
    return rows.groupby(["month", "stage"], observed=True)["value"].sum()
