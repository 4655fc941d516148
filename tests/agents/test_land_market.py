"""Letting land moves who works it and who is paid, never how much there is; reforms let more of it."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.accounts import Accounts
from pingliang.agents.land_loops import Operators, Plots, effort, let_plots
from pingliang.agents.land_market import land_changes_hands

from .built import build, run, series, worst


def one_county(hands, mu, cost=0.0, able=None):
    """Let the plots of some farms, ``mu`` each, of 10 days a mu; returns who works them and what work costs."""
    farms = len(hands)
    area, weight = np.array(mu, dtype=float), np.ones(farms)
    able = np.array(hands) > 0 if able is None else np.array(able)
    operators = Operators(area.copy(), 10 * area, np.array(hands, dtype=float), able, weight)
    plots = Plots(np.arange(farms), area, 10 * area, np.full(farms, cost))
    first = np.array([0, farms])
    return (*let_plots(plots, first, first, np.arange(farms, dtype=np.uint32), operators, 10.0, 0.0), operators)


def test_land_goes_to_who_has_hands_for_it():
    worker, own, other, operators = one_county([0, 500, 50], [10, 10, 10])
    assert worker[0] == 1  # nobody there: to the farm with most hands
    assert worker[1] == 1
    assert own[0] == 1.0  # all work has to be hired
    assert other[0] == effort(20.0, 200.0, 500.0, 10.0, 0.0)
    assert operators.area.sum() == 30


def test_a_farm_stops_taking_land_when_its_hands_are_busy():
    farms = 40
    worker, _, _, operators = one_county([0.0] * farms + [100, 100], [10] * (farms + 2))
    shares = [int((worker == n).sum()) for n in (farms, farms + 1)]
    assert shares == [21, 21]  # the next plot goes to the less busy one
    assert operators.area[farms] == operators.area[farms + 1]


def test_a_cost_above_the_gain_keeps_land_at_home_unless_nobody_can_farm():
    hands, mu = [10, 500], [10, 10]
    assert one_county(hands, mu)[0].tolist() == [1, 1]
    assert one_county(hands, mu, cost=0.9)[0].tolist() == [0, 1]
    assert one_county(hands, mu, cost=0.9, able=[False, True])[0].tolist() == [1, 1]


def test_at_the_base_the_share_given_is_let_and_farm_sizes_ask_for_the_work_of_2020(config):
    model = build(config, scale=0.01)
    land, farms = model.land, model.farms
    area = farms.by_gate(farms.level)[land.is_land].sum()
    assert land.rented(model).sum() / area == pytest.approx(config.farming.land.rented_share.amount, abs=0.02)
    assert (land.work_saved == 1.0).all()
    for _ in range(10):  # nothing changes: the market stays about where it is
        for term in range(land.years):
            land.households_decide(model, land.term == term)
    assert land.rented(model).sum() / area == pytest.approx(config.farming.land.rented_share.amount, abs=0.04)
    saved = land.work_by_size(model) / land.work_base
    weight = farms.by_gate(farms.level) * land.days[:, None]
    assert (saved * weight).sum() / weight.sum() == pytest.approx(1.0, abs=0.01)


def test_area_is_the_same_to_the_bit_and_no_plot_is_let_twice(config):
    model = build(config)
    farms, land = model.farms, model.land
    before, workers = farms.level.copy(), farms.worked_by.copy()
    land.households_decide(model, np.ones(len(farms.county), dtype=bool))
    land.households_decide(model, land.term == 1)
    assert np.array_equal(farms.level, before)
    assert not np.array_equal(farms.worked_by, workers)
    assert len(np.unique(land.leases)) == len(land.leases)
    assert np.array_equal(np.flatnonzero(farms.worked_by != farms.farm_of), land.leases)
    assert (farms.county[farms.worked_by] == farms.county[farms.farm_of]).all()
    assert (farms.worked_by == farms.farm_of)[~land.is_land[farms.gate_of // 7]].all()
    assert (land.rent >= 0).all()


def test_rent_paid_is_rent_received_and_the_books_close(config):
    model = build(config)
    Accounts(model)
    run(model, 13)
    land, farms = model.land, model.farms
    due = land.rent * farms.level[land.leases] / 12
    paid = np.bincount(farms.worked_by[land.leases], due, minlength=len(farms.county))
    received = np.bincount(farms.farm_of[land.leases], due, minlength=len(farms.county))
    np.testing.assert_allclose(farms.land_rent, received - paid, rtol=1e-9, atol=1e-6)
    assert received.sum() > 0
    assert paid.sum() == pytest.approx(received.sum(), rel=1e-12)
    assert model.accounts.largest_error() <= 1e-9


def test_a_rent_that_vanishes_on_its_way_trips_the_audit(another):
    model = another()
    pay = model.land.pay

    def lost(whose):
        pay(whose)
        whose.farms.land_rent[int(np.argmax(whose.farms.land_rent))] -= 1e4
        whose.farms.cash[int(np.argmax(whose.farms.land_rent))] -= 1e4

    model.land.pay = lost
    model.step()
    assert model.audit()["land rents"] > 1e-9


def test_who_takes_a_plot_over_pays_for_what_is_in_store(config):
    model = build(config)
    farms = model.farms
    cash, owners = farms.cash.copy(), farms.worked_by.copy()
    stored = farms.stored.copy()
    land_changes_hands(model)
    moved = np.flatnonzero(farms.worked_by != owners)
    worth = stored[moved] * model.gate_price[farms.gate_of[moved]]
    assert worth.sum() > 0
    expected = np.bincount(owners[moved], worth, minlength=len(cash))
    expected -= np.bincount(farms.worked_by[moved], worth, minlength=len(cash))
    np.testing.assert_allclose(farms.handed_over, expected, atol=1e-6)
    np.testing.assert_allclose(farms.cash - cash, expected, atol=1e-6)
    assert np.array_equal(farms.stored, stored)


def test_money_from_a_let_plot_goes_to_who_works_it(config):
    model = run(build(config), 10)  # October: crops are sold
    farms, land = model.farms, model.land
    gate = farms.gate_of
    sold = (
        farms.sold
        * np.divide(
            model.trade.revenue[model.supply.at_gates] + model.sales.revenue[model.supply.at_gates],
            farms.by_gate(farms.sold).ravel(),
            out=np.zeros(len(model.gate_price)),
            where=farms.by_gate(farms.sold).ravel() > 0,
        )[gate]
    )
    np.testing.assert_allclose(
        farms.revenue, np.bincount(farms.worked_by, sold, minlength=len(farms.cash)), rtol=1e-6, atol=1e-3
    )
    assert not np.allclose(farms.revenue, np.bincount(farms.farm_of, sold, minlength=len(farms.cash)))
    assert worst(model) <= 1e-9
    assert len(land.leases)


def test_the_reform_raises_the_share_that_is_let(config):
    policy = config.interventions["land_transfer_reform"]
    at_once = policy.model_copy(update={"start": "2021-01", "end": "2021-01"})
    shares = {}
    for name, policies in (("plain", []), ("reform", {"reform": at_once})):
        rows = series(run(build(config, policies, scale=0.004), 24))
        shares[name] = rows[rows.variable == "rented_share"].value.to_numpy()
    assert len(shares["plain"]) == 2
    assert (shares["reform"] > shares["plain"] + 0.005).all()
    assert shares["reform"][1] - shares["plain"][1] > shares["reform"][0] - shares["plain"][0]
