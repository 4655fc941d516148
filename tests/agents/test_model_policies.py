"""Interventions: a null one changes no bit, each moves what it should, one that could move nothing is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pingliang.agents.labour import unemployed, working_on_farm
from pingliang.agents.model import IndustryChainModel
from pingliang.agents.policies import LEVERS
from pingliang.agents.policy_checks import ACTIVITY, check_policy
from pingliang.agents.shocks import SHOCKS
from pingliang.config.loader import Config
from pingliang.config.schema import Policies, Policy, PolicyTarget

from .built import build, run, series, total, worst

# Half a year, from July, so that a December with its yearly figures is in it.  A row stands for a hundred persons;
# where it stands for a thousand, one row that moves or is hired outweighs what road works or a permit do by then.
START, END, MONTHS, SEED, SCALE = "2021-07", "2021-09", 6, 3, 0.01

# A shipped policy for every lever but shocks (test_model_shocks.py), and how much of it:
# what works on choices of a few needs more to show among 2300.
OF_LEVER = {
    "capacity": ("beef_processing_lines", 1),
    "orchard_renewal": ("orchard_renewal", 1),
    "breeding_cows": ("breeding_cow_support", 1),
    "greenhouse_area": ("greenhouse_expansion", 1),
    "herb_area": ("herb_expansion", 1),
    "demand": ("tourism_promotion", 1),
    "transport": ("railway_opening", 1),
    "premium": ("red_cattle_brand", 1),
    "productivity": ("vegetable_techniques", 1),
    "construction": ("rural_road_works", 1),
    "training": ("skill_training", 8),
    "services": ("town_services", 20),
    "permit": ("residence_permit_content", 3),
    "conversion": ("easier_registration", 40),
    "housing": ("public_rental_housing", 20),
    "crop_insurance": ("apple_crop_insurance", 1),
    "price_insurance": ("apple_price_insurance", 1),
    "hail_nets": ("apple_hail_nets", 1),
    "land_transfer": ("land_transfer_reform", 1),
    "guarantee": ("loan_guarantees", 2),
    "start_up": ("returner_start_ups", 10),
    "sent_work": ("east_west_labour", 2),
}
# What is signed in spring, or bears when hail falls, shows in test_farm_insurance.py; land is let in January
# (test_land_market.py).
ELSEWHERE = {"orchard_renewal", "crop_insurance", "price_insurance", "hail_nets", "land_transfer"}


SECOND_YEAR = {"permit"}  # who weighs a move once in years shows in a second December


def times(policy: Policy, factor: float, **changes: object) -> Policy:
    """Return a policy that begins at once, with so many times its intensity."""
    intensity = policy.intensity.model_copy(update={"value": policy.intensity.value * factor})
    return policy.model_copy(update={"start": START, "opens": None, "end": END, "intensity": intensity, **changes})


def null(policy: Policy) -> Policy:
    nothing = {"cost": None, "recurrent_cost": None}
    for name in nothing:
        given = getattr(policy, name)
        nothing[name] = given and given.model_copy(update={"value": 0.0})
    return times(policy, 0.0, **nothing)


def begin(config: Config, policies: Mapping[str, Policy] | list[str] | None = None) -> IndustryChainModel:
    return build(config, policies, seed=SEED, start=START, scale=SCALE)


@pytest.fixture(scope="module")
def shipped(config):
    return config.interventions


@pytest.fixture(scope="module")
def without(config):
    """Return the baseline that policies are compared with."""
    return run(begin(config), MONTHS)


@pytest.fixture(scope="module")
def longer(config):
    """Return the baseline with a second December."""
    return run(begin(config), MONTHS + 12)


def test_there_is_a_policy_for_every_lever(shipped):
    assert set(OF_LEVER) | set(SHOCKS) == set(LEVERS)
    for lever, (key, _) in OF_LEVER.items():
        assert shipped[key].lever == lever


def test_every_lever_at_zero_changes_no_bit(config, shipped, without):
    policies = {key: null(shipped[key]) for key, _ in OF_LEVER.values()}
    model = run(begin(config, policies), MONTHS)
    assert model.recorder.table().equals(without.recorder.table())
    pairs = zip(series(model).value, series(without).value, strict=True)
    assert max(abs(one - other) for one, other in pairs) == 0.0


def test_a_policy_that_has_not_begun_changes_no_bit(config, shipped):
    later = {"later": times(shipped["tourism_promotion"], 1, start="2021-10", end="2021-12")}
    model, plain = (run(begin(config, policies), 3) for policies in (later, []))
    assert model.recorder.table().equals(plain.recorder.table())
    model.step()
    plain.step()
    assert not model.recorder.table().equals(plain.recorder.table())


def gain(with_it, without, policy: Policy) -> float:
    """Change of the declared indicator over all months, as a share."""
    by_chain = policy.indicator in ("plan_output", "plan_value_added", "chain_jobs")
    chain = policy.target.chain if by_chain else None
    before = total(without, policy.indicator, chain)
    return float((total(with_it, policy.indicator, chain) - before).sum() / before.sum())


def moved(change: float, policy: Policy, least: float = 0.0) -> bool:
    """Whether the indicator went where the policy says it goes."""
    return change > least if policy.direction == "up" else change < -least


@pytest.mark.parametrize("lever", sorted(set(OF_LEVER) - ELSEWHERE))
def test_each_lever_moves_its_indicator_in_the_declared_direction(config, shipped, without, longer, lever):
    key, factor = OF_LEVER[lever]
    policy = times(shipped[key], factor, cost=None, recurrent_cost=None)
    months, plain = (MONTHS + 12, longer) if lever in SECOND_YEAR else (MONTHS, without)
    change = gain(run(begin(config, {key: policy}), months), plain, policy)
    assert moved(change, policy, least=1e-4), change


def test_replanted_orchards_bear_less_at_first(config, shipped, without):
    policy = times(shipped["orchard_renewal"], 1)
    assert policy.cannot is not None
    model = run(begin(config, {"renewal": policy}), MONTHS)
    assert -0.1 < gain(model, without, policy) < -1e-3
    assert model.farms.trees_0.sum() > without.farms.trees_0.sum()
    assert model.farms.trees_30.sum() < without.farms.trees_30.sum()


@pytest.mark.slow
def test_replanted_orchards_bear_more_in_the_end(config, shipped):
    policy = times(shipped["orchard_renewal"], 1)
    model, plain = (run(begin(config, policies), 174) for policies in ({"renewal": policy}, []))
    crops = [total(one, "apple_output") for one in (model, plain)]
    assert crops[0].loc[203512] > crops[1].loc[203512]


@pytest.mark.slow
def test_every_shipped_policy_moves_its_indicator(config, shipped, without, longer):
    still = {}
    for key, policy in config.policies.policies.items():
        if policy.lever in ELSEWHERE:
            continue
        reference, factor = OF_LEVER[policy.lever]
        if policy.lever == "services":
            factor *= shipped[reference].intensity.value / policy.intensity.value
        at_once = times(policy, factor)
        model = run(begin(config, {key: at_once}), MONTHS)
        if not moved(gain(model, without, at_once), policy):
            # building costs first: a plant may need a second year to pay
            still[key] = gain(run(model, 12), longer, at_once)
    assert not {key: change for key, change in still.items() if not moved(change, shipped[key])}


def test_a_plant_where_there_was_none_stands_in_its_county(config, shipped):
    key = "lingtai_power_plant"
    model = run(begin(config, {key: times(shipped[key], 1)}), 6)
    firms, power = model.firms, model.index.stage_code("thermal_power")
    plants = firms.stage == power
    there = plants & (firms.county == model.index.county_code("lingtai"))
    grown = firms.capacity[plants].sum() - firms.capacity_base[plants].sum()
    assert firms.capacity[there].sum() > 0.9 * grown
    assert grown == pytest.approx(shipped[key].intensity.amount / 12, rel=0.1)
    # owners outside brought their part, so the plant's debt is one a bank would carry
    limit = config.parameters.finance.credit_limit.amount
    assert (firms.debt[there] < limit * firms.capital[there]).all()


def test_what_a_plant_costs_is_paid_once_and_the_books_close(config, shipped):
    key = "optoelectronics_park"
    model = begin(config, {key: times(shipped[key], 1, end=START)})
    model.step()
    brought = model.firms.equity.sum()
    assert brought > 0
    assert brought == pytest.approx(-model.outside.account.flows["equity"], rel=1e-12)
    assert brought < shipped[key].cost.amount * model.firms.outside_share.max()
    assert worst(model) <= 1e-9


def test_those_without_work_are_trained_first(config, shipped):
    seats = shipped["skill_training"].intensity.amount
    model = begin(config, {"training": times(shipped["skill_training"], 12 * 40_000 / seats)})
    workers, before = model.workers, model.workers.skill.copy()
    model.policies.apply()
    gained = workers.skill > before
    idle, tilling = unemployed(workers), working_on_farm(workers)
    assert not gained[~idle & ~tilling].any()
    persons = {name: workers.weight[mask & gained].sum() for name, mask in (("idle", idle), ("tilling", tilling))}
    assert persons["idle"] == pytest.approx(min(40_000, workers.weight[idle].sum()), rel=0.25)
    assert persons["idle"] + persons["tilling"] == pytest.approx(40_000, rel=0.25)


# What is changed in a shipped policy, and what the refusal says.
REFUSED = [
    ("tourism_promotion", {"lever": "wishing"}, "no lever 'wishing'"),
    ("tourism_promotion", {"target": PolicyTarget(stages=["moon_landing"])}, "no stage 'moon_landing'"),
    ("tourism_promotion", {"target": PolicyTarget(chain="moon", stages=["tourist_lodging"])}, "no chain 'moon'"),
    (
        "tourism_promotion",
        {"target": PolicyTarget.model_construct(chain=None, stages=["tourist_lodging"], counties=["atlantis"])},
        "no county 'atlantis'",
    ),
    ("tourism_promotion", {"target": PolicyTarget()}, "needs target stages"),
    ("beef_processing_lines", {"target": PolicyTarget(stages=[])}, "needs target stages"),
    ("beef_processing_lines", {"target": PolicyTarget(stages=["apple_orchard"])}, "belongs to farms"),
    ("beef_processing_lines", {"target": PolicyTarget(stages=["tourist_lodging"])}, "counts in"),
    (
        "lingtai_power_plant",
        {"target": PolicyTarget(stages=["thermal_power"], counties=["lingtai", "jingning"])},
        "nowhere in jingning",
    ),
    ("vegetable_techniques", {"target": PolicyTarget(stages=["cattle_breeding"])}, "no yield to raise"),
]


@pytest.mark.parametrize(("key", "changes", "says"), REFUSED)
def test_a_policy_that_could_change_nothing_is_refused_by_name(six_months, shipped, key, changes, says):
    check_policy(six_months, key, shipped[key], tuple(LEVERS))
    broken = shipped[key].model_copy(update=changes)
    with pytest.raises(ValueError, match=says) as refusal:
        check_policy(six_months, "broken_policy", broken, tuple(LEVERS))
    assert "policy 'broken_policy'" in str(refusal.value)


def test_a_model_is_not_built_with_a_policy_that_could_change_nothing(config, shipped):
    broken = shipped["tourism_promotion"].model_copy(update={"target": PolicyTarget(stages=["moon_landing"])})
    with pytest.raises(ValueError, match=r"policy 'broken_policy' would change nothing: there is no stage"):
        begin(config, {"broken_policy": broken})


@pytest.mark.parametrize("lever", ["demand", "premium"])
def test_a_stage_that_sells_nothing_outside_cannot_sell_more_there(another, shipped, lever):
    model, name = another(), "tourist_lodging"
    policy = shipped[OF_LEVER[lever][0]].model_copy(update={"target": PolicyTarget(stages=[name])})
    check_policy(model, "broken_policy", policy, tuple(LEVERS))
    model.supply.export_base[model.supply.seller_stage == model.index.stage_code(name)] = 0.0
    with pytest.raises(ValueError, match=r"policy 'broken_policy'.*'tourist_lodging' sells nothing outside"):
        check_policy(model, "broken_policy", policy, tuple(LEVERS))


@pytest.mark.parametrize("lever", ["greenhouse_area", "herb_area", "breeding_cows", "orchard_renewal"])
def test_a_farm_activity_nobody_has_cannot_be_supported(another, shipped, lever):
    model, activity = another(), ACTIVITY[lever]
    policy = shipped[OF_LEVER[lever][0]]
    check_policy(model, "broken_policy", policy, tuple(LEVERS))
    model.farms.level[model.farms.part(model.farms.activity(activity))] = 0.0
    model.farms.trees_30[:] = 0.0
    with pytest.raises(ValueError, match=f"policy 'broken_policy'.*no farm there has the activity '{activity}'"):
        check_policy(model, "broken_policy", policy, tuple(LEVERS))


def test_every_shipped_policy_has_something_to_act_on(config, shipped):
    build(replace(config, policies=Policies(policies=dict(shipped))), list(shipped))
