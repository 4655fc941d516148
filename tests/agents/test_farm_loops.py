"""The loops over farms' branches say what the rules say: shares add up, animals and goods are neither lost nor made."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.farm_growth import Goods, Herd, HerdRates, bear_apples, move_herds, weigh_herds
from pingliang.agents.farm_loops import (
    Books,
    Branches,
    Settlement,
    settle_branches,
    settle_herds,
    share_feeders,
    sum_by_farm,
    sum_by_gate,
)

FARMS, GATES, BRANCHES = 40, 6, 120
RATES = HerdRates((0.02, 0.02, 0.08, 0.03, 0.01), 0.82, 1.3, 6.0, 18.0, 0.15, 0.25, 0.6)
CULLED, PACE = np.full(3, 0.12), np.ones(3)


@pytest.fixture
def draw() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def branches(draw):
    """Farm, gate and gates' bounds of branches sorted by gate; one gate has none."""
    gate = np.sort(draw.choice([0, 1, 3, 4, 5], BRANCHES))
    return draw.integers(0, FARMS, BRANCHES).astype(np.uint32), gate, np.searchsorted(gate, np.arange(GATES + 1))


def test_sums_have_the_order_of_the_branches(draw, branches):
    farm, gate, first = branches
    values, rate = draw.lognormal(size=BRANCHES), np.arange(GATES) / 7
    assert np.array_equal(sum_by_gate(first, values), np.bincount(gate, values, minlength=GATES))
    by_farm = np.bincount(farm, values * rate[gate], minlength=FARMS)
    assert np.array_equal(sum_by_farm(farm, first, values, rate, FARMS), by_farm)


def settled(branches, level, stored, made, **month):
    """Settle a month of these branches; returns their columns and the farms' books."""
    farm, _, first = branches
    none = np.zeros(GATES)
    rules = Settlement(**{"sold": none, "spoilt": none, "price": none, "earned": none, "billed": none} | month)
    columns = Branches(level, made, stored, *np.zeros((4, BRANCHES)))
    books = Books(*np.zeros((4, FARMS)))
    settle_branches(farm, first, rules, columns, books)
    return columns, books


def test_sellers_of_a_gate_fare_alike(draw, branches):
    farm, gate, _ = branches
    stored, level = draw.lognormal(size=BRANCHES), np.zeros(BRANCHES)
    opening, share = stored.copy(), np.array([1.0, 0.4, 0.2, 0.5, 1.0, 0.0])
    earned, price = np.arange(GATES) * 3.0, np.full(GATES, 10.0)
    columns, books = settled(branches, level, stored, np.zeros(BRANCHES), sold=share, earned=earned, price=price)
    np.testing.assert_allclose(columns.sold, opening * share[gate])
    np.testing.assert_allclose(columns.stored + columns.sold, opening)
    np.testing.assert_allclose(books.revenue, np.bincount(farm, opening * earned[gate], minlength=FARMS))
    assert np.array_equal(books.cash, books.revenue)
    np.testing.assert_allclose(books.stock_value_change, np.bincount(farm, -10 * columns.sold, minlength=FARMS))


def test_what_is_sold_out_leaves_exactly_nothing(draw, branches):
    stored = draw.lognormal(size=BRANCHES)
    columns, _ = settled(branches, stored.copy(), stored, stored.copy(), sold=np.ones(GATES))
    assert not columns.stored.any()


def test_only_old_stock_spoils(branches):
    made, stored = np.full(BRANCHES, 2.0), np.full(BRANCHES, 5.0)
    columns, _ = settled(branches, made, stored, made, spoilt=np.full(GATES, 0.1), price=np.full(GATES, 4.0))
    np.testing.assert_allclose(columns.lost, 0.3)
    np.testing.assert_allclose(columns.stored, 4.7)
    np.testing.assert_allclose(columns.output_value, 1.7 * 4)


def test_inputs_are_shared_by_level(draw, branches):
    farm, gate, first = branches
    level, billed, nothing = draw.lognormal(size=BRANCHES), np.arange(GATES) * 10.0, np.zeros(BRANCHES)
    columns, books = settled(branches, level, nothing.copy(), nothing, billed=billed)
    np.testing.assert_allclose(columns.used_value, level * billed[gate])
    np.testing.assert_allclose(books.purchases, np.bincount(farm, columns.used_value, minlength=FARMS))
    assert np.array_equal(books.cash, -books.purchases)
    total, (growers, bought) = sum_by_gate(first, level), np.zeros((2, FARMS))
    share_feeders(farm, first[4:6], level, np.array([8.0 / total[4]]), growers, bought)
    assert np.array_equal(growers, bought)
    assert growers.sum() == pytest.approx(8.0)


@pytest.fixture
def keepers() -> np.ndarray:
    """Farms with cattle: every second one."""
    return np.arange(0, FARMS, 2, dtype=np.uint32)


def test_herds_neither_lose_nor_make_animals(draw, keepers):
    cohorts = draw.lognormal(size=(5, FARMS))
    before, county = cohorts.copy(), draw.integers(0, 3, FARMS).astype(np.int32)
    born, died = np.zeros((2, FARMS))
    calves, cattle = (Goods(np.zeros(len(keepers)), store) for store in (np.ones(len(keepers)), np.zeros(len(keepers))))
    move_herds(
        keepers, county, np.array([0.2, 0.6, 1.0]), CULLED, PACE, RATES, Herd(*cohorts), born, died, calves, cattle
    )
    now = cohorts.sum(axis=0)[keepers] + calves.stored + cattle.stored
    np.testing.assert_allclose(now, before.sum(axis=0)[keepers] + 1 + (born - died)[keepers])
    # calves nobody bought are back in the herd, so the gate has this month's calves only
    np.testing.assert_allclose(calves.stored, calves.made + 1)
    assert (calves.stored > 0).all()
    assert np.array_equal(cohorts[:, 1::2], before[:, 1::2])


def test_growth_of_herds_is_output_at_the_gate_price(draw, keepers):
    cohorts = draw.lognormal(size=(5, FARMS))
    worth = np.array([1.0, 0.8, 0.4, 0.6, 0.9])
    opening, closing = weigh_herds(worth, Herd(*cohorts)), weigh_herds(worth, Herd(*(1.1 * cohorts)))
    np.testing.assert_allclose(opening[:, 0], worth[:3] @ cohorts[:3])
    county, price = draw.integers(0, 3, FARMS).astype(np.int32), np.array([8e3, 1e4, 1.2e4])
    sold, heads, output = ((np.full(size, value), np.full(size, value)) for size, value in (
        (len(keepers), 1.0), (FARMS, 0.0), (len(keepers), 0.0)
    ))  # fmt: skip
    change = np.zeros(FARMS)
    settle_herds(keepers, county, price, opening, closing, sold, output, heads, change)
    grown = 0.1 * opening * price[county][:, None]
    np.testing.assert_allclose(np.stack(output, axis=1), grown[keepers])
    np.testing.assert_allclose(change[keepers], grown[keepers].sum(axis=1))
    assert heads[0].sum() == heads[1].sum() == len(keepers)


def test_trees_bear_more_every_second_year(draw):
    trees, yields = draw.lognormal(size=(5, FARMS)), np.array([0.0, 0.6, 1.5, 1.4, 0.9])
    key = draw.integers(0, 2**63, FARMS).astype(np.uint64)
    first, second = (bear_apples(key, tuple(trees), yields, year, 0.1) for year in (2021, 2022))
    np.testing.assert_allclose(first + second, 2 * yields @ trees)
    np.testing.assert_allclose(np.abs(first - second), 0.2 * yields @ trees)
    assert 0 < (first > second).sum() < FARMS
