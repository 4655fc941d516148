"""Calendars of what keeps: orders come when users need it, crops last until the next harvest, dealers ask a fee."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.agents import months
from pingliang.agents.farm_biology import store_cycle
from pingliang.agents.pricing import gate_demand, handled_cost
from pingliang.agents.relaxation import security
from pingliang.agents.seasons import stock_on_calendar

from .built import build

AUTUMN = np.array([0, 0, 0, 0, 0, 0, 0, 0, 3.6, 8.4, 0, 0])
TWO_HARVESTS = np.array([0, 0, 0.6, 0.4, 0, 0, 0.4, 0.8, 2, 5, 2.8, 0])


def stage(model, name: str) -> int:
    return model.index.stage_code(name)


def test_orders_of_a_year_add_up_and_follow_the_users(another):
    rules = another().rules
    np.testing.assert_allclose(rules.orders.mean(axis=1)[rules.storable], 1.0)
    model = another()
    limestone, cement = (rules.orders[stage(model, name)] for name in ("limestone_quarrying", "cement_making"))
    assert limestone[5] > 2 * limestone[0]  # builders and kilns rest in January
    assert cement[5] > 1.5 * cement[0]


def test_stock_takes_a_calendar_of_making_to_one_of_orders():
    made, ordered = np.array([[2.0, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0]]), np.ones((1, 12))
    stock = stock_on_calendar(made, ordered, np.array([1.0]))
    np.testing.assert_allclose(stock[0, [0, 6, 11]], [1.0, 7.0, 2.0])
    flat = stock_on_calendar(ordered, ordered, np.array([1.0]))
    np.testing.assert_allclose(flat, 1.0)


def test_who_makes_what_spoils_makes_more_than_is_sold_and_milk_is_not_held(another):
    model = another()
    rules = model.rules
    milk, fruit = stage(model, "dairy"), stage(model, "apple_packing")
    assert rules.cover[milk].max() == 0.0
    assert rules.made_per_sold[milk] == 1.0
    assert 1.02 < rules.made_per_sold[fruit] < 1.1
    for _ in range(6):
        model.step()
    mine = model.firms.stage == milk
    assert model.firms.made[mine].sum() < 1.1 * model.firms.sold[mine].sum()


@pytest.mark.parametrize("season", [AUTUMN, TWO_HARVESTS])
def test_a_crop_serves_every_month_alike_until_the_next_harvest(season):
    orders = np.linspace(1.3, 0.7, 12)
    cycle = store_cycle(season, orders, 0.01)
    stock, sold, lost = cycle.left * season.sum(), [], 0.0
    for month in range(12):
        sale = cycle.part[month] * (stock + season[month])
        spoilt = 0.01 * max(stock - sale, 0.0)
        stock += season[month] - sale - spoilt
        sold.append(sale)
        lost += spoilt
    np.testing.assert_allclose(np.array(sold) / orders, sold[0] / orders[0], rtol=1e-6)
    assert stock == pytest.approx(cycle.left * season.sum(), rel=1e-6)
    assert lost == pytest.approx(cycle.lost * season.sum(), rel=1e-5)


def test_a_crop_that_does_not_spoil_is_sold_whole():
    assert store_cycle(AUTUMN, np.ones(12), 0.0).lost == pytest.approx(0.0, abs=1e-6)


def test_dealers_pass_on_what_fruit_costs_and_keep_their_fee(another):
    models = another(), another()
    for model in models:
        model.step()
    dear = models[1]
    fruit = dear.supply.trade.slots.product == dear.index.product_code("fresh_apple")
    dear.supply.price[fruit] *= 1.5
    fees = []
    for model in models:
        months.books_open(model)
        months.outside_world_moves(model)
        months.firms_expect_and_price(model)
        mine = model.firms.stage == stage(model, "apple_packing")
        fees.append((model.firms.price - handled_cost(model, model.supply.price[model.resold_slots]))[mine])
        assert (fees[-1] > 0).all()
    np.testing.assert_allclose(fees[1], fees[0], rtol=1e-6)


def test_a_gate_that_sells_what_another_lacks_is_asked_for_it(another):
    model = another()
    model.step()
    fruit = np.flatnonzero(model.supply.seller_product == model.index.product_code("fresh_apple"))
    deals = model.trade, model.sales
    for deal in deals:
        deal.ordered[fruit], deal.sold[fruit] = 0.0, 0.0
    model.trade.ordered[fruit[:2]] = 100.0, 100.0
    model.trade.sold[fruit[:2]] = 40.0, 160.0  # the second serves what the first has not
    np.testing.assert_allclose(gate_demand(model)[fruit[:2]], [40.0, 160.0])
    model.trade.sold[fruit[1]] = 130.0  # half of it is nowhere to be had
    np.testing.assert_allclose(gate_demand(model)[fruit[:2]], [70.0, 130.0])


def test_who_holds_a_harvest_can_borrow_on_it(another):
    model = another()
    mine = np.flatnonzero(model.firms.stage == stage(model, "apple_packing"))
    before = security(model)[mine]
    model.firms.stock[mine] *= 2
    assert (security(model)[mine] > 1.2 * before).all()


def test_known_pay_is_paid_and_nobody_pays_less_than_the_legal_minimum(another):
    model = another()
    base, index = model.base, model.index
    jobs = base.jobs.sum(axis=1)
    pay = np.divide(base.labour, jobs, out=np.full(len(jobs), np.inf), where=jobs > 0)
    firms = index.stages_where(agent="firm")
    room = base.value_added - base.tax - base.depreciation  # more than that nobody can pay
    least = model.config.parameters.labour.minimum_wage.amount
    assert (base.labour[firms] >= np.minimum(least * jobs, room)[firms] * (1 - 1e-12)).all()
    for name in ("dairy", "tree_nursery", "coal_mining"):
        assert pay[stage(model, name)] == pytest.approx(index.stage[name].wage.amount)


@pytest.mark.slow
def test_where_outside_wants_no_more_more_storage_lowers_spring_prices_and_sells_no_more(config):
    chain = config.chains["apple"]
    fixed = {
        name: product.model_copy(
            update={"export_elasticity": product.export_elasticity.model_copy(update={"value": -0.01})}
        )
        for name, product in chain.products.items()
        if product.export_elasticity is not None
    }
    rigid = replace(
        config,
        chains={**config.chains, "apple": chain.model_copy(update={"products": {**chain.products, **fixed}})},
    )
    shipped = config.policies.policies["apple_storage_capacity"]
    built = shipped.model_copy(update={"start": "2021-01", "end": "2021-02", "cost": None})
    sold, price, gates = [], [], build(config).stores[0].gates
    for policies in ({}, {"stores": built}):
        model, total, path = build(rigid, policies, scale=0.01), 0.0, []
        mine = stage(model, "apple_dealing")
        for month in range(32):
            model.step()
            total += float(model.firms.made[model.firms.stage == mine].sum()) if 12 <= month < 24 else 0.0
            path.append(np.average(model.gate_price[gates], weights=model.gate_base[gates]))
        sold.append(total)
        price.append(np.array(path))
    assert sold[1] == pytest.approx(sold[0], rel=5e-4)
    # fruit kept is dearer when it is kept and cheaper when it comes out: harvests of 2021 and 2022 and their springs
    dearer = price[1] / price[0] - 1
    for november in (10, 22):
        autumn, spring = dearer[november : november + 2].mean(), dearer[november + 4 : november + 10].mean()
        assert autumn > 0.001
        assert spring < autumn - 0.002
    assert dearer[26:32].mean() < 0.0  # March to August, once two crops were laid up in the stores
