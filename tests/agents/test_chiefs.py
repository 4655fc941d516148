"""Chain chiefs judge by last quarter alone, buy what is on offer within their money, and every yuan is booked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.agents.chiefs import HELPS, ChiefPurse, losses_by_cause
from pingliang.agents.factors import CAPITAL, DEMAND, FACTORS, LABOUR, SEASON
from pingliang.agents.model import IndustryChainModel
from pingliang.agents.policies import LEVERS
from pingliang.config.loader import load
from pingliang.config.schema import Chiefs, Name, Policies, Scenario

from .built import base_of, run, series

MONEY = 4.5  # 1e8 CNY a year


def with_chiefs(config, rule="judged", budget=MONEY, **given) -> IndustryChainModel:
    chiefs = Chiefs(budget=budget, rule=rule, start="2021-01", end="2026-12", **given)
    scenario = Scenario(name="chiefs", label=Name(zh="链长", en="chiefs"), chiefs=chiefs)
    return IndustryChainModel(config, scenario, seed=1, scale=0.001, start="2021-01", base=base_of(config))


@pytest.fixture(scope="module")
def judged(config):
    """A year of chiefs who spend as they judge; remedies by month."""
    model, chosen = with_chiefs(config), []
    for _ in range(12):
        run(model, 1)
        chosen.append({chief.chain: chief.remedy for chief in model.chiefs})
    return model, chosen


def bought(model) -> dict[tuple[str, str], float]:
    rows = series(model)
    rows = rows[rows.variable.str.startswith("chief_") & (rows.variable != "chief_money")]
    return rows.groupby(["chain", "variable"]).value.sum().to_dict()


def test_every_lever_that_helps_is_one_of_the_model():
    assert set(HELPS) <= set(LEVERS)


def test_a_chief_keeps_to_a_choice_for_a_quarter(judged):
    _, chosen = judged
    assert set(chosen[0].values()) == set(chosen[1].values()) == {""}
    for month in (2, 5, 8):
        assert chosen[month] == chosen[month + 1] == chosen[month + 2]
    assert any(chosen[2].values())


def test_a_choice_hangs_on_the_quarter_before_and_not_on_the_one_under_way(config):
    model = with_chiefs(config)
    run(model, 3)
    chief = next(chief for chief in model.chiefs if chief.chain == "apple")
    before = chief.remedy
    lost = np.zeros((len(model.index.stages), len(FACTORS)))
    lost[chief.stages, LABOUR] = 1e15
    chief.watch(lost)
    run(model, 2)
    assert chief.remedy == before
    run(model, 1)
    assert chief.judgement == "labour"
    assert chief.remedy == "skill_training@apple"


def test_without_error_the_largest_cause_is_named_and_its_worst_stage_helped(config):
    model = with_chiefs(config)
    chief = next(chief for chief in model.chiefs if chief.chain == "apple")
    stages = [model.index.stages[s] for s in chief.stages]
    offers, sure = model.policies.chiefs.on_offer("apple"), np.ones_like(chief.seen)
    chief.seen[stages.index("apple_juice_plant"), CAPITAL] = 5.0
    chief.seen[stages.index("apple_packing"), CAPITAL] = 4.0
    chief.seen[:, SEASON] = 100.0
    chief.judge(sure, 0.25, offers)
    assert (chief.judgement, chief.remedy) == ("capital", "apple_juice_lines@apple")
    assert not chief.seen.any()
    chief.seen[0, DEMAND], chief.seen[0, CAPITAL] = 9.0, 1.0
    chief.judge(sure, 0.25, offers)
    assert chief.judgement == "demand"
    chief.seen[0, DEMAND], chief.seen[0, CAPITAL] = 9.0, 1.0
    wrong = sure.copy()
    wrong[0, CAPITAL] = 50.0
    chief.judge(wrong, 0.25, offers)
    assert chief.judgement == "capital"


def test_losses_are_those_of_the_books(config):
    model = run(with_chiefs(config), 2)
    rows = series(model)
    for k, factor in enumerate(FACTORS):
        booked = rows[(rows.variable == f"lost_{factor}") & (rows.month == rows.month.max())].value.sum()
        assert losses_by_cause(model)[:, k].sum() == pytest.approx(booked)


def test_chiefs_spend_no_more_than_their_money_and_the_city_pays_it(judged):
    model, _ = judged
    spent = bought(model)
    each = MONEY * 1e8 / 9
    for chief in model.chiefs:
        mine = sum(value for (chain, _), value in spent.items() if chain == chief.chain)
        assert mine <= each * 9 / 12 * (1 + 1e-9)  # nothing is bought before the first quarter has been seen
    rows = series(model)
    paid = rows[rows.variable == "cost_city"].value.sum()
    upkeep = paid - sum(spent.values())
    assert sum(spent.values()) > 0.2 * MONEY * 1e8
    assert 0 <= upkeep <= 0.2 * paid


def test_evenly_means_the_same_money_for_every_measure(config):
    model = run(with_chiefs(config, rule="evenly"), 2)
    spent = bought(model)
    for chain in ("coal", "apple", "tourism"):
        values = [value for (of, _), value in spent.items() if of == chain]
        assert len(values) >= 6
        assert max(values) == pytest.approx(min(values), rel=0.2)  # running costs come off the second month
    total = sum(spent.values())
    assert total == pytest.approx(MONEY * 1e8 / 6, rel=0.1)


def test_what_is_bought_stays_within_the_range_of_the_catalogue(config):
    model = run(with_chiefs(config, rule="evenly", budget=200.0, payer="upper"), 12)
    purse = model.policies.chiefs
    full = 0
    for name, policy in purse.offers.items():
        most = policy.intensity.range[1] / policy.intensity.value
        assert purse.built[name] <= most * (1 + 1e-9)
        full += purse.built[name] >= most * (1 - 1e-9)
    assert full > 3


def test_no_money_is_the_same_as_no_chiefs_to_the_bit(config):
    none = Scenario(name="chiefs", label=Name(zh="链长", en="chiefs"))
    without = IndustryChainModel(config, none, seed=1, scale=0.001, start="2021-01", base=base_of(config))
    first, second = run(without, 5), run(with_chiefs(config, budget=0.0), 5)
    assert series(first).equals(series(second))


def test_money_does_something(judged, config):
    model, _ = judged
    without = run(with_chiefs(config, budget=0.0), 12)
    built = {name for name, share in model.policies.chiefs.built.items() if share > 0}
    assert "greenhouse_expansion@vegetable" in built
    area = [of.farms.level[of.farms.part(of.farms.activity("greenhouse"))].sum() for of in (model, without)]
    assert area[0] > area[1] * 1.01


def test_money_the_city_does_not_have_is_cut_and_buys_nothing(config):
    model = run(with_chiefs(config, rule="evenly", budget=200.0), 3)
    rows = series(model)
    cut = rows[rows.variable.str.startswith("cut_")].value.sum()
    assert cut > 0
    assert sum(bought(model).values()) + cut == pytest.approx(200e8 / 4, rel=0.05)


def test_a_chief_with_money_and_nothing_to_buy_is_refused(config):
    left = {key: policy for key, policy in config.policies.policies.items() if policy.target.chain is not None}
    left = {key: policy for key, policy in left.items() if policy.target.chain != "vegetable"}
    model = with_chiefs(config, budget=0.0)
    model.config = replace(config, policies=Policies(policies=left))
    model.scenario = with_chiefs(config).scenario
    with pytest.raises(ValueError, match="chief of chain 'vegetable' has money and no measure"):
        ChiefPurse(model)


def test_half_a_training_programme_trains_half(config):
    model = with_chiefs(config, budget=0.0)
    policy = config.policies.policies["skill_training"]
    many = policy.intensity.model_copy(update={"value": 50 * policy.intensity.value, "range": None})
    policy = policy.model_copy(update={"payer": "firm", "intensity": many})
    trained = []
    for share in (1 / 72, 0.5 / 72):
        before = model.workers.skill.copy()
        model.policies.full_share = share
        LEVERS["training"](model, policy, share)
        trained.append(float(model.workers.weight[model.workers.skill > before].sum()))
        model.workers.skill[:] = before
    assert trained[1] == pytest.approx(trained[0] / 2, rel=0.25)
    assert trained[0] > 0


def test_error_makes_chiefs_disagree(config):
    sharp = load(overrides={"parameters.government.chief_error": 0.0})
    dull = load(overrides={"parameters.government.chief_error": 1.5})
    named = [[chief.judgement for chief in run(with_chiefs(of, budget=0.0), 3).chiefs] for of in (sharp, dull)]
    assert named[0] != named[1]
