"""Hauls: nothing changes at 2020's cost; a cheaper way moves what it carries, where it leads, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.months import outside_world_moves, policies_start_and_end
from pingliang.agents.policies import LEVERS
from pingliang.agents.policy_checks import check_policy
from pingliang.config.schema import Policy, PolicyTarget

from .built import build, run, total

KEY = "expressway_g85_opening"


@pytest.fixture(scope="module")
def way(config) -> Policy:
    """Return a way from Kongtong to Xi'an on which coal, apples and visitors go; open at once."""
    target = PolicyTarget(counties=["kongtong"], to=["xian"], stages=["coal_mining", "apple_dealing"])
    changes = {"target": target, "start": "2021-01", "end": "2021-01"}
    return config.interventions[KEY].model_copy(update=changes)


def opened(config, policy: Policy, gain: float = 0.2):
    intensity = policy.intensity.model_copy(update={"value": gain})
    model = build(config, {"way": policy.model_copy(update={"intensity": intensity})})
    outside_world_moves(model)
    policies_start_and_end(model)
    return model


def test_freight_of_2020_is_in_the_base_year_and_changes_nothing(six_months):
    freight = six_months.freight
    assert not freight.cheaper
    assert (freight.need == 1).all()
    assert (freight.saved_outside == 0).all()
    assert (freight.import_gain(six_months) == 0).all()
    np.testing.assert_array_equal(freight.way(0), six_months.distance)
    product, stage = six_months.firms.product, six_months.firms.stage
    worth = freight.worth_outside(six_months, product, stage, six_months.firms.county)
    np.testing.assert_array_equal(worth, six_months.outside_price[product] * six_months.policies.premium[stage])


def test_a_way_saves_its_part_of_the_haul_to_outside_where_it_leads(config, way):
    model = opened(config, way)
    index, freight = model.index, model.freight
    coal, here = index.product_code("raw_coal"), index.county_code("kongtong")
    km = 245.9 * config.counties.detour.amount * config.counties.gates.amounts["xian"]
    reach = freight.hauls[coal, here, freight.places.index("xian")] / (245.9 * config.counties.detour.amount)
    assert 0 < reach < 1
    assert freight.saved_outside[coal, here] == pytest.approx(0.2 * 0.45 * km * reach)
    elsewhere = np.arange(len(index.counties)) != here
    assert (freight.saved_outside[coal, elsewhere] == 0).all()
    assert (freight.saved_outside[index.product_code("cement")] == 0).all()


def test_what_is_heavy_and_cheap_goes_less_far(six_months):
    freight, code = six_months.freight, six_months.index.product_code
    far = freight.hauls[:, 0, -1]
    assert far[code("limestone")] < far[code("raw_coal")] < far[code("fresh_apple")] == freight.km[0, -1]
    most = six_months.config.parameters.outside.freight_limit.amount
    mean = six_months.base.county_share.T @ six_months.base.output / six_months.base.output.sum()
    cost = freight.rate * (mean @ (freight.hauls[:, :, 7:] @ freight.gate_share).T)
    assert (cost <= most * six_months.base.price * (1 + 1e-9)).all()


def test_sellers_on_the_way_get_what_is_saved_and_others_nothing(config, way):
    model, plain = opened(config, way), opened(config, way, 0.0)
    for one in (model, plain):
        one.step()
    coal = model.firms.stage == model.index.stage_code("coal_mining")
    apples = model.firms.stage == model.index.stage_code("apple_dealing")
    here = model.firms.county == model.index.county_code("kongtong")
    gained = model.firms.price / plain.firms.price
    assert (gained[coal & ~here] == 1).all()
    if (coal & here).any():
        assert (gained[coal & here] > 1).all()
    assert (gained[apples & ~here] <= 1 + 1e-12).all()
    assert (model.firms.ordered > plain.firms.ordered)[apples & here].all()


def test_firms_buy_less_transport_when_their_inputs_come_cheaper(config, way):
    everywhere = way.model_copy(update={"target": PolicyTarget(to=["xian", "kongtong", "huating"])})
    model, plain = opened(config, everywhere), opened(config, everywhere, 0.0)
    slots, before = model.supply.trade.slots, plain.supply.trade.slots
    carried = model.freight.carrier[slots.product]
    np.testing.assert_array_equal(slots.coefficient[~carried], before.coefficient[~carried])
    own = np.arange(len(slots.kind)) >= model.supply.firm_slots.start
    ratio = slots.coefficient[carried & own] / before.coefficient[carried & own]
    assert ((ratio <= 1) & (ratio > 1 - 0.2)).all()
    assert ratio.min() < 0.99
    np.testing.assert_array_equal(model.freight.transport_needed(slots)[~carried], 1.0)


def test_no_more_is_saved_than_transport_was_bought_for_goods(config, way):
    everything = way.model_copy(update={"target": PolicyTarget(to=list(opened(config, way).freight.places))})
    model = opened(config, everything, 1.0)
    part = config.parameters.outside.freight_part.amount
    assert (model.freight.need >= 1 - part - 1e-12).all()
    assert (model.freight.cut <= 1).all()


def test_a_way_to_outside_brings_imports_nearer_too(config, way):
    model = opened(config, way)
    coal = model.index.product_code("raw_coal")
    assert model.freight.import_gain(model)[coal] > 0
    inside = way.model_copy(update={"target": PolicyTarget(counties=["huating"], to=["kongtong"])})
    model = opened(config, inside)
    assert model.freight.import_gain(model)[coal] < 0


def test_roads_inside_a_county_shorten_the_first_leg_of_every_haul(config, way):
    model = opened(config, way.model_copy(update={"target": PolicyTarget(counties=["jingning"])}))
    freight, here = model.freight, model.index.county_code("jingning")
    apple = model.index.product_code("fresh_apple")
    assert freight.saved_outside[apple, here] == pytest.approx(0.2 * freight.rate[apple] * freight.km[here, here])
    assert (np.delete(freight.saved_outside[apple], here) == 0).all()


@pytest.mark.parametrize("key", ["expressway_g85_opening", "expressway_s28_opening", "expressway_extension_opening",
                                 "railway_opening", "airport_opening", "rural_roads_opening"])  # fmt: skip
def test_every_way_of_the_plan_raises_what_is_sold_outside(config, key):
    policy = config.interventions[key]
    assert policy.lever == "transport"
    assert policy.cost is None
    intensity = policy.intensity.model_copy(update={"value": policy.intensity.range[1]})
    at_once = policy.model_copy(update={"start": "2021-01", "end": "2021-01", "intensity": intensity})
    model, plain = (run(build(config, policies), 4) for policies in ({key: at_once}, []))
    assert total(model, "exports").sum() > total(plain, "exports").sum()


WRONG = [
    ({"target": PolicyTarget(to=["atlantis"])}, "no place 'atlantis'"),
    ({"target": PolicyTarget(counties=["huating"], to=["huating"])}, "leads from a county to another place"),
    ({"target": PolicyTarget(stages=["thermal_power"], to=["xian"])}, "'thermal_power' makes is not carried"),
]


@pytest.mark.parametrize(("changes", "says"), WRONG)
def test_a_way_that_could_change_nothing_is_refused(six_months, config, changes, says):
    policy = config.interventions[KEY]
    check_policy(six_months, KEY, policy, tuple(LEVERS))
    with pytest.raises(ValueError, match=says):
        check_policy(six_months, "broken", policy.model_copy(update=changes), tuple(LEVERS))
