"""Loops over farms' branches: what is on offer, what each sold, bought and lost, one settlement at month's end.

A branch is one activity on one farm.  Arrays (B,) are by branch: ``farm`` its row, ``gate`` its market (activity x
county); (G,) are by gate, (N,) by farm, (C,) by county.  Goods are in product units, animals in head, money in CNY.
Branches of a gate, and of a farm, are always met in the same order, so sums have one order.  Sellers of a gate fare
alike: each sells the same share of its store at the same price, so a month's two market rounds are settled at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled


class Settlement(NamedTuple):
    """What a month came to at each gate, (G,).

    Shares of the store ``sold`` and ``spoilt`` of the rest, the ``price``, money ``earned`` a unit of store and
    ``billed`` for inputs a unit of level, CNY.
    """

    sold: np.ndarray
    spoilt: np.ndarray
    price: np.ndarray
    earned: np.ndarray
    billed: np.ndarray


class Branches(NamedTuple):
    """Columns of the branches, (B,): what they have and what the month brought them."""

    level: np.ndarray
    made: np.ndarray
    stored: np.ndarray
    sold: np.ndarray
    lost: np.ndarray
    output_value: np.ndarray
    used_value: np.ndarray


class Books(NamedTuple):
    """Columns of the farms, (N,) CNY, which the settlement fills."""

    revenue: np.ndarray
    purchases: np.ndarray
    cash: np.ndarray
    stock_value_change: np.ndarray


@compiled
def sum_by_gate(first: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum a quantity of branches (B,) by farm-gate market, (G,)."""
    total = np.zeros(len(first) - 1)
    for g in range(len(total)):
        for value in values[first[g] : first[g + 1]]:
            total[g] += value
    return total


@compiled
def sum_by_farm(farm: np.ndarray, first: np.ndarray, values: np.ndarray, rate: np.ndarray, farms: int) -> np.ndarray:
    """Sum a quantity of branches (B,) times a rate of their gates (G,) by farm, (N,)."""
    total = np.zeros(farms)
    for g in range(len(rate)):
        if rate[g] != 0:
            at, mine = farm[first[g] : first[g + 1]], values[first[g] : first[g + 1]]
            for i in range(len(at)):
                total[at[i]] += mine[i] * rate[g]
    return total


@compiled
def settle_branches(farm: np.ndarray, first: np.ndarray, month: Settlement, branches: Branches, books: Books) -> None:
    """Take what was sold out of store, let old store spoil, value output at the gate, pay farms and their bills.

    What was harvested this month does not spoil yet.  A gate that sold all leaves exactly nothing in store.
    """
    level, made, stored, sold, lost, output_value, used_value = branches
    revenue, purchases, cash, stock_value_change = books
    for g in range(len(month.price)):
        share, spoilt, price = month.sold[g], month.spoilt[g], month.price[g]
        earned, billed = month.earned[g], month.billed[g]
        for b in range(first[g], first[g + 1]):
            n, store = farm[b], stored[b]
            out, money, bill = store * share, store * earned, level[b] * billed
            rest = 0.0 if share == 1.0 else store - out
            gone = spoilt * max(rest - max(made[b], 0.0), 0.0)
            stored[b] = rest - gone
            sold[b], lost[b] = out, gone
            output_value[b] = (made[b] - gone) * price
            used_value[b] += bill
            revenue[n] += money
            purchases[n] += bill
            cash[n] += money - bill
            stock_value_change[n] += (made[b] - gone - out) * price


@compiled
def share_feeders(
    farm: np.ndarray, first: np.ndarray, level: np.ndarray, heads: np.ndarray, growers: np.ndarray, bought: np.ndarray
) -> None:
    """Share bought feeders, ``heads`` a unit of level (C,), over the fattening branches; fills the last two (N,).

    ``first`` (C + 1,) are the bounds of the activity's gates.
    """
    for c in range(len(heads)):
        if heads[c] > 0:
            for b in range(first[c], first[c + 1]):
                growers[farm[b]] += level[b] * heads[c]
                bought[farm[b]] += level[b] * heads[c]


@compiled
def settle_herds(
    farm: np.ndarray,
    county: np.ndarray,
    price: np.ndarray,
    opening: np.ndarray,
    closing: np.ndarray,
    sold: tuple[np.ndarray, np.ndarray],
    output_value: tuple[np.ndarray, np.ndarray],
    heads_sold: tuple[np.ndarray, np.ndarray],
    stock_value_change: np.ndarray,
) -> None:
    """Value the growth of herds, from ``opening`` to ``closing`` (N, 2), at the finished animal's ``price`` (C,).

    Growth of herds is capital formation: it counts as output.  ``farm`` (H,) are the farms with cattle; ``sold`` and
    ``output_value`` are their breeding and fattening branches (H,), ``heads_sold`` and ``stock_value_change`` (N,).
    """
    for h in range(len(farm)):
        n = farm[h]
        for k in range(2):
            heads_sold[k][n] += sold[k][h]
            growth = closing[n, k] * price[county[n]] - opening[n, k] * price[county[n]]
            output_value[k][h] += growth
            stock_value_change[n] += growth
