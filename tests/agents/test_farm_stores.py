"""Stores and cellars: nobody sells what is not there, more room saves more of the crop, and owners weigh waiting."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pingliang.agents.farm_stores import climb, worth_of_waiting
from pingliang.agents.farming import farms_offer
from pingliang.agents.pricing import gate_gap, price_of_waiting
from pingliang.agents.supply import EXPORT

from .built import build, run, series, worst

SPRING = (3, 4, 5, 6, 7, 8)


@pytest.fixture
def store(another):
    """Stores of a model, and the model."""
    model = another()
    return model.stores[0], model


def test_stores_of_2020_hold_what_the_city_reported(store):
    stores, model = store
    amounts = model.config.chains["apple"].stages["apple_storage"]
    assert stores.capacity.sum() == pytest.approx(amounts.volume.amount / amounts.utilisation.amount, rel=0.05)
    assert (stores.room <= stores.capacity).all()


def test_fruit_goes_into_stores_first_and_never_beyond_their_room(store):
    stores, model = store
    crop = stores.room * np.linspace(0.2, 3.0, len(stores.room))
    stores.lay_up(model, crop)
    np.testing.assert_allclose(stores.held + stores.cellar, crop)
    assert (stores.held <= stores.room).all()
    assert stores.cellar[0] == 0.0
    assert stores.cellar[-1] == pytest.approx(crop[-1] - stores.room[-1])


def test_more_room_saves_more_of_the_same_crop(store):
    stores, _ = store
    crop, lost = np.full(len(stores.room), 2.0e5), []
    for share in (0.0, 0.25, 0.5, 1.0):
        stores.held = share * crop
        lost.append(stores.lost_share(2, crop).sum())
        np.testing.assert_allclose(stores.held + stores.cellar, crop)
    assert lost == sorted(lost, reverse=True)
    assert lost[0] > 2 * lost[-1]


def test_waiting_is_worth_the_best_month_less_loss_interest_and_cost():
    price, profile, losses = np.array([5000.0]), np.zeros((1, 12)), np.full(12, 0.01)
    flat = worth_of_waiting(price, profile, 10, 11, losses, 0.005, 20.0)
    assert flat[0] == pytest.approx((5000.0 * 0.99 - 20.0) / 1.005)
    profile[0, 3] = np.log(1.3)  # April
    spring = worth_of_waiting(price, profile, 10, 11, losses, 0.005, 20.0)
    kept = sum(20.0 * 0.99 ** (m - 1) / 1.005**m for m in range(1, 7))
    assert spring[0] == pytest.approx(5000.0 * 1.3 * (0.99 / 1.005) ** 6 - kept)
    too_late = worth_of_waiting(price, profile, 5, 4, losses, 0.005, 20.0)
    assert too_late[0] < 5000.0


def test_a_crop_gains_from_harvest_to_spring_and_no_more():
    season = np.zeros(12)
    season[[8, 9]] = 6.0
    way = climb(season)
    assert way[8] == 0.0
    assert way[[9, 10, 11, 0, 1, 2, 3]].tolist() == sorted(way[[9, 10, 11, 0, 1, 2, 3]])
    assert way[[4, 5, 6, 7]].tolist() == [1.0] * 4


def test_owners_who_expect_a_better_spring_bring_less_to_market(store):
    stores, model = store
    stores.lay_up(model, np.full(len(stores.room), 1.0e5))
    model.month = 10  # November
    stores.profile[:] = 0.0
    indifferent = stores.willingness(model)
    stores.profile[:, 2] = 0.3
    assert (stores.willingness(model) < 0.5 * indifferent).all()


def test_who_waits_asks_more_for_a_month_and_leaves_no_mark_on_the_premium(another):
    model = run(another(), 1)
    at, plain, step = model.stores[0].gates, gate_gap(model), model.config.parameters.firms.price_step.amount
    traders = model.supply.final.rows(EXPORT)[model.supply.at_gates][at]
    wished = model.sales.orders[traders] * model.gate_reference[at] / model.gate_brought[at]
    assert wished.any()
    fewer = model.sales.orders[traders] - 0.8 * wished  # they come as owners bring
    model.gate_brought[at] = 0.8 * model.gate_reference[at]
    model.sales.orders[traders] -= fewer
    for column in (model.sales.ordered, model.sales.sold):
        column[at] -= fewer
    np.testing.assert_allclose(gate_gap(model), plain, atol=1e-12)
    asked = price_of_waiting(model)
    np.testing.assert_allclose(asked[at], 1 + 0.25 * step)
    assert (np.delete(asked, np.r_[at]) == 1.0).all()


def test_owners_learn_the_prices_they_saw(store):
    stores, _ = store
    before = stores.profile.copy()
    stores.learn_prices(5, np.exp(stores.recent.mean(axis=1)) * 1.4)
    assert (stores.profile[:, 4] > before[:, 4]).all()
    np.testing.assert_array_equal(stores.profile[:, :4], before[:, :4])


def test_every_month_growers_sell_what_they_had_and_stores_hold_what_fits(config):
    model = build(config)
    stores = model.stores[0]
    for _ in range(14):
        had = model.farms.by_gate(model.farms.stored)[stores.a]
        model.step()
        assert worst(model) <= 1e-9
        made, sold, lost, left = (
            model.farms.by_gate(getattr(model.farms, name))[stores.a] for name in ("made", "sold", "lost", "stored")
        )
        assert (sold <= (had + made) * (1 + 1e-12)).all()
        np.testing.assert_allclose(had + made - sold - lost, left, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(stores.held + stores.cellar, left + lost, rtol=1e-9, atol=1e-6)
        assert (stores.held <= stores.room * (1 + 1e-12)).all()
        assert (stores.held >= 0).all()


def sold_after_winter(model, room: float, orders: float) -> tuple[float, float]:
    """Apples sold from March to August, and in all, of one crop with so much room in stores and so many orders, t."""
    stores, crop, spring, year = model.stores[0], np.full(len(model.index.counties), 2.0e5), 0.0, 0.0
    stores.measure = lambda _: setattr(stores, "room", np.full(len(crop), room))
    left = crop.copy()
    for month in range(10, 20):  # November to August
        model.month = month
        model.farms.stored[model.farms.part(stores.a)] = 0.0
        for c in range(len(left)):
            first = model.farms.first_of_gate[stores.a * len(left) + c]
            model.farms.stored[first] = left[c]
        model.quota_open = False
        sold = np.minimum(farms_offer(model)[stores.gates], orders)
        rest = left - sold
        left = rest * (1 - stores.lost_share(model.calendar, rest))
        spring += float(sold.sum()) if model.calendar in SPRING else 0.0
        year += float(sold.sum())
    return spring, year


@pytest.mark.parametrize("orders", [1.0e4, 2.0e4, 4.0e4, np.inf])
def test_more_storage_never_lowers_the_apples_sold_in_spring_at_the_same_harvest(another, orders):
    found = [sold_after_winter(another(), room, orders) for room in (0.0, 0.5e5, 1.0e5, 2.0e5)]
    for less, more in pairwise(found):
        assert more[0] >= less[0] * (1 - 1e-12)
        assert more[1] >= less[1] * (1 - 1e-12)
    if orders > 1.5e4:  # else even cellars hold what buyers want
        assert found[-1][1] > 1.005 * found[0][1]


def test_the_storage_policy_gives_growers_room_in_its_counties(config):
    shipped = config.policies.policies["apple_storage_capacity"]
    target = shipped.target.model_copy(update={"counties": ["jingning"]})
    built = shipped.model_copy(update={"start": "2021-01", "end": "2021-02", "target": target, "cost": None})
    model, plain = build(config, {"stores": built}), build(config)
    for city in (model, plain):
        for _ in range(3):
            city.step()
    more = model.stores[0].capacity - plain.stores[0].capacity
    c = list(model.index.counties).index("jingning")
    assert more[c] == pytest.approx(shipped.intensity.amount, rel=0.05)
    assert np.abs(np.delete(more, c)).max() < 0.05 * more[c]
    room = model.stores[0].room[c] - plain.stores[0].room[c]
    assert room == pytest.approx(shipped.intensity.amount, rel=0.05)


def test_stores_are_in_the_record(six_months):
    rows = series(six_months)
    for name in ("store_capacity", "in_stores", "in_cellars", "gate_sales"):
        mine = rows[(rows.variable == name) & (rows.stage == "apple_orchard")]
        assert len(mine) == 6 * len(six_months.index.counties)
        assert (mine.value >= 0).all()
    assert rows[rows.variable == "in_stores"].value.sum() > 0
