"""A shortfall split over causes: the parts add up, and each cause acts as it says."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import stand_in

from pingliang.agents.factors import FACTORS
from pingliang.agents.model import IndustryChainModel
from pingliang.agents.relaxation import buyers_wait, demand_growth
from pingliang.analysis.results import IncompleteResults
from pingliang.analysis.shortfall import BEYOND, INDICATORS, plot_shortfall, read_sets, shapley, shortfall_table
from pingliang.chains.base import build_base
from pingliang.config.loader import load
from pingliang.config.schema import Forms, Name, Scenario
from pingliang.runs.errors import ExperimentError
from pingliang.runs.shortfall import CAUSES, cause_sets, relaxed_experiment, set_name


@pytest.fixture(scope="module")
def config():
    return load()


def made_sets(config, replicates=3, seed=1) -> pd.DataFrame:
    """Any outcome by set of causes, with interactions and causes that lower a chain."""
    draws = np.random.default_rng(seed)
    chains = ["coal", "apple", "tourism"]
    rows = [(variable, chain, n) for variable in INDICATORS for chain in chains for n in range(replicates)]
    index = pd.MultiIndex.from_tuples(rows, names=["variable", "chain", "replicate"])
    values = draws.uniform(-1e9, 4e10, (len(rows), len(cause_sets())))
    return pd.DataFrame(values, index=index, columns=[set_name(chosen) for chosen in cause_sets()])


def test_parts_add_up_to_the_shortfall(config):
    table = shortfall_table(made_sets(config), config)
    assert set(table["chain"]) == {"coal", "apple", "tourism"}
    for _, parts in table.groupby(["indicator", "chain"]):
        shortfall = parts["shortfall"].iloc[0]
        assert parts["amount"].sum() == pytest.approx(shortfall, abs=1e-12 * parts["target"].iloc[0])
        freed = parts.loc[parts["part"] == BEYOND, "amount"].iloc[0]
        assert freed == pytest.approx(parts["target"].iloc[0] - parts["all_relaxed"].iloc[0])
        joint = parts["all_relaxed"].iloc[0] - parts["value"].iloc[0]
        assert parts["interaction"].iloc[0] == pytest.approx(joint - parts["alone"].sum())


def test_causes_that_do_not_interact_keep_their_own_effect():
    effect = dict(zip(CAUSES, (5.0, -2.0, 0.0, 3.0, 1.0), strict=True))
    value = {frozenset(chosen): np.array([10 + sum(effect[c] for c in chosen)]) for chosen in cause_sets()}
    assert {cause: part.item() for cause, part in shapley(value).items()} == pytest.approx(effect)


def test_causes_that_only_help_together_share_what_they_bring():
    def outcome(chosen):
        return np.array([10.0 + 6.0 * ({"demand", "capital"} <= set(chosen))])

    parts = shapley({frozenset(chosen): outcome(chosen) for chosen in cause_sets()})
    assert parts["demand"].item() == parts["capital"].item() == pytest.approx(3.0)
    assert parts["labour"].item() == parts["inputs"].item() == pytest.approx(0.0, abs=1e-12)


def test_every_set_of_causes_is_one_scenario_with_common_draws():
    asked = relaxed_experiment(stand_in.resolved(seeds={"root": 1, "crn": False}), "faster", 2021)
    named = [scenario.name for scenario in asked.experiment.scenarios]
    assert len(set(named)) == 2 ** len(CAUSES) == len(named)
    assert asked.experiment.seeds.crn
    assert asked.experiment.end == "2021-12"
    relaxed = {tuple(scenario.forms.relaxed) for scenario in asked.experiment.scenarios}
    assert relaxed == {c for size in range(len(CAUSES) + 1) for c in combinations(CAUSES, size)}
    with pytest.raises(ExperimentError, match="--year 2020"):
        relaxed_experiment(stand_in.resolved(), None, 2020)


def test_incomplete_replicates_are_left_out(tmp_path: Path):
    (tmp_path / "series").mkdir()
    for chosen in cause_sets():
        rows = [
            (set_name(chosen), n, 202112, "plan_output", "coal", 1e9)
            for n in range(2)
            if not (n == 1 and set(chosen) == {"labour"})
        ]
        frame = pd.DataFrame(rows, columns=["scenario", "replicate", "month", "variable", "chain", "value"])
        frame.to_parquet(tmp_path / "series" / f"part-{set_name(chosen)}.parquet")
    assert read_sets(tmp_path, 2021).index.get_level_values("replicate").tolist() == [0]
    with pytest.raises(IncompleteResults, match="no replicate"):
        read_sets(tmp_path, 2022)


def test_the_figure_shows_every_chain_in_both_languages(config):
    figure = plot_shortfall(shortfall_table(made_sets(config), config), config=config)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert len(labels) == 3
    assert config.chains["apple"].name.zh in labels[1]
    assert config.chains["apple"].name.en in labels[1]


def freed(config, *causes, months=6):
    scenario = Scenario(name="freed", label=Name(zh="放开", en="freed"), forms=Forms(relaxed=list(causes)))
    model = IndustryChainModel(config, scenario, seed=1, scale=0.002)
    for _ in range(months):
        model.step()
        assert max(model.audit().values()) <= 1e-9
    return model


def test_demand_grows_to_the_target_and_no_further(config):
    base = build_base(config)
    growth = demand_growth(config, base)
    index = base.index
    assert (growth[index.chain_of_stage == index.chains.index("rest")] == 1).all()
    mining = growth[index.stage_code("coal_mining")]
    targets = [i for i in config.plan.items.values() if i.chain == "coal" and i.indicator == "plan_output"]
    target = next(i.value * 1e8 for i in targets if i.kind == "target")
    assert 1.5 < mining**72 < target / base.output[index.stage_code("coal_mining")]


def test_each_cause_is_taken_away_and_books_close(config):
    model = freed(config, "labour")
    assert np.array_equal(model.firms.staffed, model.firms.jobs)
    model = freed(config, "capital")
    working = (model.firms.closing == 0) & (model.firms.opening == 0) & (model.firms.capacity > 0)
    worn = 1 - 0.02  # plant wears out after it was planned with
    assert (model.firms.capacity >= worn * model.firms.target)[working].all()
    assert np.isinf(model.limits[FACTORS.index("finance")]).all()
    model = freed(config, "inputs")
    counted = model.supply.critical
    assert model.trade.unmet[counted].sum() == 0
    assert model.trade.late[counted].sum() == 0
    model = freed(config, "permits")
    assert model.may_expand.all()
    assert np.isinf(model.limits[FACTORS.index("water")]).all()


def test_waiting_buyers_raise_what_makers_sell_outside(config):
    with_them, without = freed(config, "demand"), freed(config)
    waiting = buyers_wait(without) > 0
    assert waiting.any()
    assert not waiting[without.margin_stage[without.firms.stage]].any()
    sold = [-model.outside.account.flows["exports"] for model in (with_them, without)]
    assert sold[0] > sold[1]


def test_nothing_relaxed_changes_nothing(config):
    plain = Scenario(name="freed", label=Name(zh="放开", en="freed"))
    model = IndustryChainModel(config, plain, seed=1, scale=0.002)
    for _ in range(6):
        model.step()
    assert freed(config).recorder.table().equals(model.recorder.table())
