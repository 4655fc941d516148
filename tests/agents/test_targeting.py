"""A policy acts on the firms, farms and persons it names and on no others."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.policies import LEVERS
from pingliang.config.interventions import CHOOSES, changed
from pingliang.config.schema import PolicyUse

from .built import build
from .test_public_finance import quantity


def narrowed(config, key: str, **use):
    """A measure of the catalogue as a scenario narrows it, all of it in the first month, and free."""
    policy = changed(config.interventions[key], PolicyUse(policy=key, **use))
    return policy.model_copy(update={"start": "2021-01", "end": "2021-01", "opens": None})


def act(model, policy) -> None:
    model.policies.running = "probe"
    model.policies.full_share = 1.0
    LEVERS[policy.lever](model, policy, 1.0)


@pytest.mark.parametrize("size", ["small", "large"])
def test_plant_goes_to_firms_of_the_size_named(config, size):
    policy = narrowed(config, "lodging_expansion", size=size)
    model = build(config, {"probe": policy})
    before, firms = model.firms.capacity.copy(), model.firms
    act(model, policy)
    grown = firms.capacity > before
    stage = np.isin(firms.stage, [model.index.stage_code(name) for name in policy.target.stages])
    small = firms.capacity_base < model.mean_plant[firms.stage]
    assert grown.any()
    assert (grown == (stage & (small == (size == "small")))).all()
    added = (firms.capacity - before)[firms.stage == model.index.stage_code("tourist_lodging")].sum()
    assert added == pytest.approx(policy.intensity.amount / 12 / len(policy.target.stages))


def test_productivity_rises_in_small_firms_only(config):
    policy = narrowed(config, "innovation_platforms", size="small")
    model = build(config, {"probe": policy})
    before, firms = model.firms.productivity.copy(), model.firms
    act(model, policy)
    moved = firms.productivity != before
    assert moved.any()
    assert (firms.capacity_base < model.mean_plant[firms.stage])[moved].all()


def heads_or_mu(model, activity: str) -> np.ndarray:
    """Cows, or mu, of each farm that has the activity."""
    farms, part = model.farms, model.farms.part(model.farms.activity(activity))
    return (farms.cows[farms.farm_of[part]] if activity == "breeding" else farms.level[part]).copy()


def test_productivity_rises_in_the_counties_named_only(config):
    policy = narrowed(config, "innovation_platforms", counties=["kongtong"])
    model = build(config, {"probe": policy})
    before, firms = model.firms.productivity.copy(), model.firms
    act(model, policy)
    moved = firms.productivity != before
    assert moved.any()
    assert (firms.county[moved] == model.index.county_code("kongtong")).all()
    farms = narrowed(config, "vegetable_techniques", counties=["kongtong"])
    with pytest.raises(ValueError, match="belongs to farms"):
        build(config, {"probe": farms})


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize(
    ("key", "activity"), [("breeding_cow_support", "breeding"), ("greenhouse_expansion", "greenhouse")]
)
def test_cows_and_greenhouses_go_to_farms_of_the_size_named(config, key, activity, size):
    policy = narrowed(config, key, size=size)
    model = build(config, {"probe": policy})
    a = model.farms.activity(activity)
    small = model.farms.level[model.farms.part(a)] < model.mean_level[a]
    before = heads_or_mu(model, activity)
    act(model, policy)
    gain = heads_or_mu(model, activity) - before
    assert (small == (size == "small"))[gain > 0].all()
    # where a county has no farm of the size, its part comes to nothing
    assert 0.6 * policy.intensity.amount < gain.sum() <= policy.intensity.amount * (1 + 1e-9)


def test_old_orchards_of_small_farms_are_renewed(config):
    policy = narrowed(config, "orchard_renewal", size="small")
    model = build(config, {"probe": policy})
    farms, part = model.farms, model.farms.part(model.farms.activity("orchard"))
    orchard = np.bincount(farms.farm_of[part], farms.level[part], minlength=len(farms.county))
    before = farms.trees_30.copy()
    act(model, policy)
    moved = farms.trees_30 < before
    assert moved.any()
    assert (orchard < model.mean_level[farms.activity("orchard")])[moved].all()


@pytest.mark.parametrize(
    ("use", "named"),
    [
        ({"schooling": ["senior", "tertiary"]}, lambda w: w.education >= 2),
        ({"registration": "rural"}, lambda w: w.hukou_urban == 0),
        ({"registration": "town", "schooling": ["junior"]}, lambda w: (w.hukou_urban == 1) & (w.education == 1)),
    ],
)
def test_training_is_given_to_the_persons_named(config, use, named):
    policy = narrowed(config, "skill_training", **use)
    policy = policy.model_copy(update={"intensity": quantity(6e5, "person/yr"), "cost": None})
    model = build(config, {"probe": policy})
    before = model.workers.skill.copy()
    act(model, policy)
    moved = model.workers.skill > before
    assert moved.any()
    assert named(model.workers)[moved].all()


def test_a_closure_of_large_firms_spares_the_small(config):
    shock = next(policy for policy in config.shocks.policies.values() if policy.lever == "closure")
    target = shock.target.model_copy(update={"stages": ["tourist_lodging"], "anchor": None, "size": "large"})
    policy = shock.model_copy(update={"target": target, "start": "2021-01", "end": "2021-01"})
    model = build(config, {"probe": policy})
    act(model, policy)
    shut = model.firms.closing > 0
    assert shut.any()
    assert (model.firms.capacity_base >= model.mean_plant[model.firms.stage])[shut].all()


def test_nobody_of_the_size_is_refused(config):
    policy = narrowed(config, "greenhouse_expansion", size="small")
    model = build(config)
    farms, part = model.farms, model.farms.part(model.farms.activity("greenhouse"))
    farms.level[part] = 1e9
    from pingliang.agents.policy_checks import check_policy

    with pytest.raises(ValueError, match="no small farm there has the activity 'greenhouse'"):
        check_policy(model, "probe", policy, tuple(LEVERS))


def test_every_lever_that_chooses_is_one_of_the_model():
    assert {lever for levers in CHOOSES.values() for lever in levers} <= set(LEVERS)
