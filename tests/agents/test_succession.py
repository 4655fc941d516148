"""Farms nobody can run give up land and animals to those who can; people who come home, or seek land, take farms on."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents import money
from pingliang.agents.farming import cattle_price, farm_collateral
from pingliang.agents.farms import COHORTS
from pingliang.agents.households import Heads
from pingliang.agents.land_market import land_changes_hands
from pingliang.agents.succession import cattle_worth, farms_find_successors, look_at_farmers
from pingliang.agents.workers import OUTSIDE, RURAL

from .built import build


@pytest.fixture
def deserted(config):
    """Return a model in January in which everybody left every third farm, and which farms these are."""
    model = build(config)
    workers = model.workers
    gone = np.arange(len(model.farms.county)) % 3 == 0
    leave(workers, np.flatnonzero((workers.farm >= 0) & gone[workers.farm]))
    return model, gone


def leave(workers, rows) -> None:
    workers.place[rows] = OUTSIDE
    workers.farm[rows] = -1
    workers.employer[rows] = -1


def test_no_farm_has_land_or_animals_without_somebody_to_decide(deserted):
    model, gone = deserted
    farms, land = model.farms, model.land
    land_changes_hands(model)
    assert not land.able[gone].any()
    assert land.able[~gone].all()
    assert land.able[farms.worked_by].all()
    assert (farms.county[farms.worked_by] == farms.county[farms.farm_of]).all()


def test_land_animals_people_and_money_are_all_still_there(deserted):
    model, gone = deserted
    farms, workers = model.farms, model.workers
    names = ("level", "stored")
    before = {name: getattr(farms, name).copy() for name in names}
    heads = {name: getattr(farms, name).copy() for name in COHORTS}
    cash, opening, worth = farms.cash.sum(), farms.cash.copy(), cattle_worth(model)
    persons = workers.weight[workers.alive].sum()
    land_changes_hands(model)
    for name in names:
        assert np.array_equal(getattr(farms, name), before[name])
    for name in COHORTS:
        assert np.array_equal(getattr(farms, name), heads[name])
    assert farms.cash.sum() == pytest.approx(cash, rel=1e-12)
    np.testing.assert_allclose(farms.cash - opening, farms.handed_over, atol=1e-4)
    assert workers.weight[workers.alive].sum() == persons
    breeding = farms.part(farms.activity("breeding"))
    sellers = farms.farm_of[breeding][gone[farms.farm_of[breeding]]]
    assert model.land.herds_sold == pytest.approx(worth[sellers].sum())
    assert (farms.handed_over[sellers] >= worth[sellers] * (1 - 1e-9)).all()


def test_both_branches_of_a_herd_go_to_one_keeper_who_can_borrow_on_it(deserted):
    model, gone = deserted
    farms = model.farms
    security = farm_collateral(model, cattle_price(model))
    land_changes_hands(model)
    breeding, fattening = (farms.part(farms.activity(name)) for name in ("breeding", "fattening"))
    assert np.array_equal(farms.worked_by[breeding], farms.worked_by[fattening])
    now = farm_collateral(model, cattle_price(model))
    assert now.sum() == pytest.approx(security.sum(), rel=1e-12)
    sold = farms.farm_of[breeding][gone[farms.farm_of[breeding]]]
    np.testing.assert_allclose(now[sold], farms.capital[sold], atol=1e-3)
    keepers = np.unique(farms.worked_by[breeding][farms.worked_by[breeding] != farms.farm_of[breeding]])
    assert (now[keepers] > security[keepers]).all()


def test_who_comes_home_works_the_household_farm_again_and_gets_its_land_back(deserted):
    model, gone = deserted
    farms, workers, land = model.farms, model.workers, model.land
    land_changes_hands(model)
    back = np.flatnonzero((workers.place == OUTSIDE) & np.isin(workers.household, farms.household[gone]))
    back = back[(workers.age[back] > 20) & (workers.age[back] < 50)]
    workers.place[back], workers.participates[back] = RURAL, 1
    farms_find_successors(model)
    assert (workers.farm[back] >= 0).all()
    np.testing.assert_array_equal(farms.household[workers.farm[back]], workers.household[back])
    let = gone[farms.farm_of[land.leases]].mean()
    land.count_hands(*look_at_farmers(model)[:2])
    for term in range(land.years):
        land.households_decide(model, land.term == term)
    assert gone[farms.farm_of[land.leases]].mean() < 0.8 * let


def test_a_farm_without_claims_goes_to_a_villager_out_of_work_with_its_account(config):
    model = build(config)
    farms, workers = model.farms, model.workers
    farm = 5
    house, here = farms.household[farm], farms.county[farm]
    others = np.flatnonzero((workers.county == here) & (workers.place == RURAL) & (workers.household != house))
    landless = workers.household[others[(workers.age[others] > 30) & (workers.age[others] < 50)][0]]
    family = np.flatnonzero((workers.household == landless) & (workers.place == RURAL))
    old_farm = workers.farm[family[0]]
    workers.farm[family], workers.employer[family], workers.participates[family] = -1, -1, 1
    farms.household[old_farm] = -1
    workers.farm[others[(workers.household[others] != landless)][0]] = old_farm  # somebody else runs theirs
    claimants = np.flatnonzero((workers.household == house) | (workers.farm == farm))
    cash, debt = farms.cash.copy(), farms.debt.copy()
    taken = np.zeros(len(farms.county), dtype=bool)
    for model.month in range(40):  # until the lot falls on one of the family
        taken = farms_find_successors(model)[0]
        assert not taken[farm]  # the household still has a claim
    workers.at_rows(claimants).leave_model()
    for model.month in range(40):
        taken |= farms_find_successors(model)[0]
    assert taken[farm]
    assert farms.household[farm] == landless
    assert (workers.farm[family] == farm).all()
    assert np.array_equal(farms.cash, cash)
    assert np.array_equal(farms.debt, debt)


def test_money_of_a_deserted_farm_goes_to_its_members_elsewhere(another):
    model = another()
    farms = model.farms
    hands = np.ones(len(farms.cash))
    hands[::2] = 0.0
    draw = np.full(len(hands), 100.0)
    farms.day_wages[:] = farms.drawings[:] = farms.outside_drawings[:] = 0.0
    each = money.farms_pay_members(farms, Heads(hands, hands, hands, hands), draw, 0.4, model.outside, model.bank)
    assert each[1] == 60.0
    assert each[0] == 0.0
    assert farms.outside_drawings[0] == 100.0
    assert farms.outside_drawings[1] == pytest.approx(40.0)
    np.testing.assert_allclose(farms.drawings + farms.outside_drawings, draw)


def test_farms_are_given_up_as_years_pass_and_none_stays_without_somebody_to_decide(two_years):
    land, farms = two_years.land, two_years.farms
    assert land.able[farms.worked_by].all()
    rows = two_years.recorder.table().to_pandas()
    assert "farms_without_farmer" in set(rows.variable)
