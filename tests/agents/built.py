"""Small models for the tests of this folder: build, run, and read what they recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from pingliang.agents.model import IndustryChainModel
from pingliang.chains.base import Base, build_base
from pingliang.config.loader import Config
from pingliang.config.schema import Name, Policies, Policy, Scenario

NO_POLICY = "baseline"
_BASES: dict[int, tuple[Config, Base]] = {}


def base_of(config: Config) -> Base:
    """Balance a configuration's base year once; policies do not enter it."""
    key = id(config)
    if key not in _BASES:
        _BASES[key] = (config, build_base(config))
    return _BASES[key][1]


def scenario_of(*policies: str, name: str = NO_POLICY) -> Scenario:
    return Scenario(name=name, label=Name(zh=name, en=name), policies=list(policies))


def build(
    config: Config,
    policies: Mapping[str, Policy] | list[str] | None = None,
    *,
    seed: int = 1,
    scale: float = 0.001,
    start: str = "2021-01",
) -> IndustryChainModel:
    """Build a model that runs the given policies: keys of the configuration, or new policies by key."""
    base = base_of(config)
    if isinstance(policies, Mapping):
        config = replace(config, policies=Policies(policies=dict(policies)))
    scenario = scenario_of(*(policies or []))
    return IndustryChainModel(config, scenario, seed=seed, scale=scale, start=start, base=base)


def run(model: IndustryChainModel, months: int) -> IndustryChainModel:
    """Step a model; every month's books must close."""
    for _ in range(months):
        model.step()
        assert worst(model) <= 1e-9, tripped(model)
    return model


def worst(model: IndustryChainModel) -> float:
    return max(model.audit().values())


def tripped(model: IndustryChainModel) -> set[str]:
    """Name the identities that do not hold this month."""
    return {name for name, residual in model.audit().items() if not residual <= 1e-9}


def series(model: IndustryChainModel) -> pd.DataFrame:
    """What a model recorded, with plain text columns."""
    table = model.recorder.table().to_pandas()
    return table.astype(dict.fromkeys(("variable", "chain", "stage", "county"), str))


def total(model: IndustryChainModel, variable: str, chain: str | None = None) -> pd.Series:
    """Sum a variable by month, over counties and stages."""
    rows = series(model)
    rows = rows[(rows.variable == variable) & ((rows.chain == chain) if chain else True)]
    assert len(rows), f"'{variable}' was not recorded"
    return rows.groupby("month").value.sum()
