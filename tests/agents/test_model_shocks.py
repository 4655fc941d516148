"""Shocks: each moves its indicator where it says, none at zero, none twice; what would move nothing is refused."""

from __future__ import annotations

import pytest

from pingliang.agents.model import IndustryChainModel
from pingliang.agents.policies import LEVERS
from pingliang.agents.policy_checks import check_policy
from pingliang.agents.shocks import SHOCKS
from pingliang.config.loader import load
from pingliang.config.schema import Policy

from .built import build, run, total

# A year and a half, so that a price that falls by steps has fallen; a row for a hundred persons, as for policies.
START, MONTHS, SEED, SCALE = "2021-01", 18, 3, 0.01
BESIDE_THE_PLAN = {"apple_hail_nets"}  # measures the plan does not name
SHIPPED = sorted(set(load().shocks.policies) - BESIDE_THE_PLAN)


def begun(policy: Policy, **changes: object) -> Policy:
    """Return a shock of 2021: the same months, as many years earlier as it starts after 2021."""
    years = int(policy.start[:4]) - int(START[:4])
    dates = {
        name: text and f"{int(text[:4]) - years}{text[4:]}"
        for name in ("start", "end")
        if (text := getattr(policy, name))
    }
    return policy.model_copy(update={**dates, **changes})


def nothing(policy: Policy) -> Policy:
    return begun(policy, intensity=policy.intensity.model_copy(update={"value": 0.0}))


@pytest.fixture(scope="module")
def shocks(config):
    return config.shocks.policies


def begin(config, policies) -> IndustryChainModel:
    return build(config, policies, seed=SEED, start=START, scale=SCALE)


@pytest.fixture(scope="module")
def without(config):
    """Return the city that nothing befalls."""
    return run(begin(config, []), MONTHS)


def test_every_kind_of_shock_is_shipped(shocks):
    assert {policy.lever for key, policy in shocks.items() if key not in BESIDE_THE_PLAN} == set(SHOCKS)
    assert set(SHOCKS) <= set(LEVERS)


def lost(model, without, policy: Policy) -> float:
    """Share of the declared indicator that is gone, over all months."""
    chain = policy.target.chain if policy.indicator == "plan_output" else None
    before = total(without, policy.indicator, chain)
    return float((before - total(model, policy.indicator, chain)).sum() / before.sum())


@pytest.mark.parametrize("key", SHIPPED)
def test_each_shock_moves_its_indicator_down(config, shocks, without, key):
    policy = begun(shocks[key])
    assert policy.direction == "down"
    share = lost(run(begin(config, {key: policy}), MONTHS), without, policy)
    assert 1e-3 < share < 1, share


def test_shocks_of_zero_intensity_change_no_bit(config, shocks):
    model, plain = (run(begin(config, book), 8) for book in ({key: nothing(item) for key, item in shocks.items()}, []))
    assert model.recorder.table().equals(plain.recorder.table())


def test_frost_strikes_the_counties_named_and_no_other(config, shocks):
    policy = begun(shocks["april_frost"])
    policy = policy.model_copy(update={"target": policy.target.model_copy(update={"counties": ["jingning"]})})
    model, plain = (run(begin(config, book), 5) for book in ({"frost": policy}, []))
    orchard, jingning = model.farms.activity("orchard"), model.index.county_code("jingning")
    assert model.weather[orchard, jingning] == min(0.5, plain.weather[orchard, jingning])
    model.weather[orchard, jingning] = plain.weather[orchard, jingning]
    assert (model.weather == plain.weather).all()


def test_an_epidemic_is_not_taken_twice(config, shocks):
    policy = shocks["epidemic_closes_tourism"]
    held = policy.model_copy(update={"start": "2022-10", "end": "2022-12"})
    with pytest.raises(ValueError, match="is as low in those months without it"):
        begin(config, {"epidemic": held})
    model = begin(config, {"epidemic": begun(policy)})
    model.step()
    product = model.index.product_of_stage[model.index.stage_code("tourist_lodging")]
    normal = max(config.drivers.drivers["tourism_demand"].index.amounts.values())
    assert model.outside_demand[product] == pytest.approx((1 - policy.intensity.amount) * normal)


def test_counties_spend_less_when_transfers_stop_for_long(config, shocks):
    policy = begun(shocks["transfers_are_cut"])
    all_of_it = policy.intensity.model_copy(update={"value": 1.0})
    model, plain = (
        run(begin(config, book), 9) for book in ({"cut": policy.model_copy(update={"intensity": all_of_it})}, [])
    )
    spent, usual = (total(one, "expenditure") for one in (model, plain))
    assert spent.iloc[0] == usual.iloc[0]
    assert spent.iloc[-1] < 0.9 * usual.iloc[-1]


def test_prices_fall_by_steps_and_stay(config, shocks):
    policy = begun(shocks["coal_price_falls"])
    model, plain = begin(config, {"coal": policy}), begin(config, [])
    coal = model.index.product_code("raw_coal")
    left = []
    for _ in range(8):
        model.step()
        plain.step()
        left.append(model.outside_price[coal] / plain.outside_price[coal])
    assert left[:6] == sorted(left[:6], reverse=True)
    assert left[5:] == pytest.approx([1 - policy.intensity.amount] * 3)


# What is changed in a shipped shock, and what the refusal says.
REFUSED = [
    ("april_frost", {"hazard": "locusts"}, "needs a hazard of drought, frost, hail"),
    ("april_frost", {"start": "2021-06", "end": "2021-12"}, "does not lie between its start and end"),
    ("beef_price_falls", {"times": 5}, "at most 0.99"),
    ("transfers_are_cut", {"times": 11}, "at most 1"),
    ("epidemic_closes_tourism", {"stages": []}, "needs target stages"),
]


@pytest.mark.parametrize(("key", "changes", "says"), REFUSED)
def test_a_shock_that_could_change_nothing_is_refused(six_months, shocks, key, changes, says):
    policy = begun(shocks[key])
    if "times" in changes:
        more = policy.intensity.model_copy(update={"value": policy.intensity.value * changes["times"]})
        changes = {"intensity": more}
    elif "stages" in changes:
        changes = {"target": policy.target.model_copy(update=changes)}
    with pytest.raises(ValueError, match=says):
        check_policy(six_months, key, policy.model_copy(update=changes), tuple(LEVERS))
