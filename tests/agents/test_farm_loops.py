"""The loops over farms' branches say what the rules say: shares add up, animals and goods are neither lost nor made."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.farm_loops import (
    Herd,
    HerdRates,
    Round,
    bear_apples,
    move_herds,
    offer_rest,
    open_gates,
    pay_first_round,
    settle_branches,
    settle_herds,
    share_purchases,
    sum_by_gate,
    weigh_herds,
)

FARMS, GATES, BRANCHES = 40, 6, 120
RATES = HerdRates((0.02, 0.02, 0.08, 0.03, 0.01), 0.82, 1.3, 6.0, 18.0, 0.12, 0.15, 0.25, 0.6)


@pytest.fixture
def draw() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def branches(draw):
    """Farm and gate of each branch, farm by farm."""
    return np.sort(draw.integers(0, FARMS, BRANCHES)).astype(np.int32), draw.integers(0, GATES, BRANCHES).astype(
        np.int32
    )


def test_sums_by_gate_have_the_order_of_the_branches(draw, branches):
    values = draw.lognormal(size=BRANCHES)
    assert np.array_equal(sum_by_gate(branches[1], values, GATES), np.bincount(branches[1], values, minlength=GATES))


def test_sales_of_both_rounds_are_shared_by_what_was_offered(draw, branches):
    farm, gate = branches
    stored, made = draw.lognormal(size=BRANCHES), np.zeros(BRANCHES)
    opening, released = stored.copy(), np.array([1.0, 0.4, 0.4, 0.5, 1.0, 0.4])
    quota = opening * released[gate]
    offered, even = open_gates(gate, stored, released, 1 / released)
    np.testing.assert_allclose(offered, np.bincount(gate, quota, minlength=GATES))
    np.testing.assert_allclose(even, offered)
    first = Round(offered, 0.7 * offered, 9 * offered)
    revenue, cash = np.zeros(FARMS), np.full(FARMS, 3.0)
    pay_first_round(farm, gate, stored, released, first, revenue, cash)
    np.testing.assert_allclose(revenue, np.bincount(farm, 9 * quota, minlength=FARMS))
    rest = offer_rest(gate, stored, released, first)
    np.testing.assert_allclose(rest, 0.3 * offered)
    assert np.array_equal(stored, opening)
    sold, lost, output, change = np.empty((4, BRANCHES))
    none, price = np.zeros(GATES), np.full(GATES, 10.0)
    settle_branches(
        farm, gate, released, first, Round(rest, 0.5 * rest, rest), none, price,
        made, stored, sold, lost, output, change, revenue, cash,
    )  # fmt: skip
    np.testing.assert_allclose(sold, 0.85 * quota)
    np.testing.assert_allclose(stored + sold, opening)
    np.testing.assert_allclose(change, -10 * sold)
    np.testing.assert_allclose(revenue, np.bincount(farm, 9.3 * quota, minlength=FARMS))
    np.testing.assert_allclose(cash, 3 + revenue)


def test_inputs_are_shared_by_level(draw, branches):
    farm, gate = branches
    level, cost, heads = draw.lognormal(size=BRANCHES), np.arange(GATES) * 10.0, np.zeros(GATES)
    level[gate == 2], heads[4] = 0.0, 8.0
    used, (purchases, cash, growers, bought) = np.zeros(BRANCHES), np.zeros((4, FARMS))
    total = sum_by_gate(gate, level, GATES)
    share_purchases(farm, gate, level, total, cost, heads, used, purchases, cash, growers, bought)
    np.testing.assert_allclose(np.bincount(gate, used, minlength=GATES), np.where(np.arange(GATES) == 2, 0.0, cost))
    np.testing.assert_allclose(used, np.divide(level, total[gate], out=used * 0, where=level > 0) * cost[gate])
    np.testing.assert_allclose(purchases, np.bincount(farm, used, minlength=FARMS))
    assert np.array_equal(cash, -purchases)
    assert np.array_equal(growers, bought)
    assert growers.sum() == pytest.approx(8.0)


def test_herds_neither_lose_nor_make_animals(draw):
    cohorts = draw.lognormal(size=(5, FARMS))
    county = draw.integers(0, 3, FARMS).astype(np.int32)
    branch = np.arange(2 * FARMS, dtype=np.int32).reshape(FARMS, 2)
    born, died, made, stored = np.zeros(FARMS), np.zeros(FARMS), np.zeros(2 * FARMS), draw.lognormal(size=2 * FARMS)
    stored[1::2] = 0.0
    opening = cohorts.sum(axis=0) + stored[::2] + stored[1::2]
    move_herds(branch, county, np.array([0.2, 0.6, 1.0]), RATES, Herd(*cohorts), born, died, made, stored)
    np.testing.assert_allclose(cohorts.sum(axis=0) + stored[::2] + stored[1::2], opening + born - died)
    # calves nobody bought are back in the herd, so the gate has this month's calves only
    assert (stored >= 0).all()
    assert (made[1::2] > 0).all()


def test_growth_of_herds_is_output_at_the_gate_price(draw):
    cohorts = draw.lognormal(size=(5, FARMS))
    worth = np.array([1.0, 0.8, 0.4, 0.6, 0.9])
    opening = weigh_herds(worth, Herd(*cohorts))
    np.testing.assert_allclose(opening[:, 0], worth[:3] @ cohorts[:3])
    closing = weigh_herds(worth, Herd(*(1.1 * cohorts)))
    branch = np.arange(2 * FARMS, dtype=np.int32).reshape(FARMS, 2)
    county, price = draw.integers(0, 3, FARMS).astype(np.int32), np.array([8e3, 1e4, 1.2e4])
    sold, calves, head, output, change = np.ones(2 * FARMS), *np.zeros((2, FARMS)), *np.zeros((2, 2 * FARMS))
    settle_herds(branch, county, price, opening, closing, sold, calves, head, output, change)
    np.testing.assert_allclose(output.reshape(FARMS, 2), 0.1 * opening * price[county][:, None])
    assert np.array_equal(output, change)
    assert calves.sum() == head.sum() == FARMS


def test_only_old_stock_spoils(branches):
    farm, gate = branches
    made, stored = np.full(BRANCHES, 2.0), np.full(BRANCHES, 5.0)
    sold, lost, output, change = np.empty((4, BRANCHES))
    none, tenth, price = Round(*np.zeros((3, GATES))), np.full(GATES, 0.1), np.full(GATES, 4.0)
    revenue, cash = np.zeros((2, FARMS))
    settle_branches(
        farm, gate, tenth, none, none, tenth, price, made, stored, sold, lost, output, change, revenue, cash
    )
    assert np.allclose(lost, 0.3)
    assert np.allclose(stored, 4.7)
    assert np.allclose(output, 1.7 * 4)
    assert np.array_equal(output, change)


def test_trees_bear_more_every_second_year(draw):
    trees, yields = draw.lognormal(size=(5, FARMS)), np.array([0.0, 0.6, 1.5, 1.4, 0.9])
    key = draw.integers(0, 2**63, FARMS).astype(np.uint64)
    first, second = (bear_apples(key, tuple(trees), yields, year, 0.1) for year in (2021, 2022))
    np.testing.assert_allclose(first + second, 2 * yields @ trees)
    np.testing.assert_allclose(np.abs(first - second), 0.2 * yields @ trees)
    assert 0 < (first > second).sum() < FARMS
