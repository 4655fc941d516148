"""The books close in every scenario of every experiment that is shipped, and under every shock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pingliang.agents.model import IndustryChainModel
from pingliang.config import loader
from pingliang.config.schema import Name, Policies, Scenario
from pingliang.runs.experiment import resolve

from .built import base_of, run

EXPERIMENTS = Path(loader.__file__).parent / "experiments"
NAMES = sorted(path.stem for path in EXPERIMENTS.glob("*.yaml"))
MONTHS = 4


def begins(policy, start: str):
    """The same policy, begun (and, if it ends, ended) as many years earlier as bring it to the first months."""
    shift = int(policy.start[:4]) - int(start[:4])
    month = min(int(policy.start[5:]), 2)
    end = f"{int(policy.end[:4]) - shift}-{policy.end[5:]}" if policy.end else None
    return policy.model_copy(update={"start": f"{start[:4]}-{month:02d}", "end": end, "opens": None})


@pytest.mark.parametrize("name", NAMES)
def test_books_close_in_every_scenario(name):
    resolved = resolve(EXPERIMENTS / f"{name}.yaml", scale=0.001, months=MONTHS, replicates=1)
    bases = {}
    for scenario in resolved.experiment.scenarios:
        world = resolved.configs[scenario.name]
        book = {use.policy: begins(world.interventions[use.policy], "2021-01") for use in scenario.policies}
        base = bases.setdefault(id(world.chains), base_of(world))
        if scenario.chiefs is not None:
            scenario = scenario.model_copy(update={"chiefs": scenario.chiefs.model_copy(update={"start": "2021-01"})})
        world = replace(world, policies=Policies(policies=world.policies.policies | book))
        run(IndustryChainModel(world, scenario, seed=1, scale=0.001, base=base), MONTHS)


def test_books_close_under_every_shock(config):
    shocks = {key: begins(item, "2021-01") for key, item in config.shocks.policies.items()}
    assert len(shocks) >= 4
    world = replace(config, policies=Policies(policies=shocks))
    for key in shocks:
        scenario = Scenario(name=key, label=Name(zh=key, en=key), policies=[key])
        model = IndustryChainModel(world, scenario, seed=1, scale=0.001, base=base_of(config))
        run(model, MONTHS + 2)
