"""Loops over farms' branches: one pass for what is offered, sold, bought, grown and valued in a month.

A branch is one activity on one farm.  Arrays (B,) are by branch: ``farm`` its row, ``gate`` its market (activity x
county); (G,) are by gate, (N,) by farm, (C,) by county.  Goods are in product units, animals in head, money in CNY.
Branches of a gate, and of a farm, are always met in the same order, so sums have one order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled


class Round(NamedTuple):
    """A market round by gate, (G,): units ``offered`` and ``sold``, and their ``revenue`` in CNY."""

    offered: np.ndarray
    sold: np.ndarray
    revenue: np.ndarray


class Herd(NamedTuple):
    """Animals by cohort on each farm, head, (N,) each."""

    cows: np.ndarray
    heifers: np.ndarray
    calves: np.ndarray
    growers: np.ndarray
    finishers: np.ndarray


class Goods(NamedTuple):
    """Product units of an activity's branches, (H,): what was ``made`` this month and what is ``stored``."""

    made: np.ndarray
    stored: np.ndarray


class HerdRates(NamedTuple):
    """What a herd does in a month: yearly ``mortality`` by cohort, then what the rules of the cattle say."""

    mortality: tuple[float, ...]
    calving_rate: float
    calving_season: float
    calf_months: float
    heifer_months: float
    cull_rate: float
    grower_exit: float
    finisher_exit: float
    calf_market_share: float


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
def open_gates(
    first: np.ndarray, stored: np.ndarray, released: np.ndarray, ahead: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum what branches may sell this month, the share ``released`` (G,) of their store, by farm-gate market.

    Returns it and the store spread evenly over the months ``ahead`` (G,) of the next harvest, (G,) each.
    """
    offered, even = np.zeros(len(released)), np.zeros(len(released))
    for g in range(len(released)):
        for store in stored[first[g] : first[g + 1]]:
            offered[g] += max(store * released[g], 0.0)
            even[g] += store / ahead[g]
    return offered, even


@compiled
def part_sold(quota: float, offered: float, units: float) -> float:
    """Share a gate's sales over its branches by what each had to offer; sellers of a gate fare alike."""
    return max(quota, 0.0) / offered * units if offered > 0 else 0.0


@compiled
def pay_first_round(
    farm: np.ndarray,
    first: np.ndarray,
    stored: np.ndarray,
    released: np.ndarray,
    trade: Round,
    revenue: np.ndarray,
    cash: np.ndarray,
) -> None:
    """Pay farms, ``revenue`` and ``cash`` (N,), for what they sold in the first round; goods leave the store later."""
    for g in range(len(released)):
        if trade.revenue[g] > 0:
            at, store = farm[first[g] : first[g + 1]], stored[first[g] : first[g + 1]]
            for i in range(len(at)):
                money = part_sold(store[i] * released[g], trade.offered[g], trade.revenue[g])
                revenue[at[i]] += money
                cash[at[i]] += money


@compiled
def offer_rest(first: np.ndarray, stored: np.ndarray, released: np.ndarray, trade: Round) -> np.ndarray:
    """Sum what the first round left of branches' quotas by farm-gate market, (G,)."""
    offered = np.zeros(len(released))
    for g in range(len(released)):
        for store in stored[first[g] : first[g + 1]]:
            quota = store * released[g]
            offered[g] += max(quota - part_sold(quota, trade.offered[g], trade.sold[g]), 0.0)
    return offered


@compiled
def share_purchases(
    farm: np.ndarray,
    first: np.ndarray,
    level: np.ndarray,
    total: np.ndarray,
    cost: np.ndarray,
    heads: np.ndarray,
    used_value: np.ndarray,
    purchases: np.ndarray,
    cash: np.ndarray,
    growers: np.ndarray,
    bought: np.ndarray,
) -> None:
    """Share the inputs of each gate, ``cost`` in CNY and feeders in ``heads`` (G,), over its branches by level.

    ``total`` (G,) is the gate's level; fills ``used_value`` (B,), the other arrays are (N,).
    """
    for g in range(len(total)):
        if total[g] > 0:
            at, mine = farm[first[g] : first[g + 1]], level[first[g] : first[g + 1]]
            used = used_value[first[g] : first[g + 1]]
            for i in range(len(at)):
                bill = mine[i] / total[g] * cost[g]
                used[i] += bill
                purchases[at[i]] += bill
                cash[at[i]] -= bill
            if heads[g] > 0:
                for i in range(len(at)):
                    growers[at[i]] += mine[i] / total[g] * heads[g]
                    bought[at[i]] += mine[i] / total[g] * heads[g]


@compiled
def grow_crops(
    first: np.ndarray,
    level: np.ndarray,
    yields: np.ndarray,
    season: float,
    trend: float,
    boost: float,
    made: np.ndarray,
    stored: np.ndarray,
) -> None:
    """Harvest of a field or shed: level x yield a year (C,) x season / 12 x trend x what policies added.

    ``first`` (C + 1,) are the bounds of the activity's gates; fills ``made`` and ``stored`` (B,).
    """
    for c in range(len(yields)):
        mine, crop = level[first[c] : first[c + 1]], made[first[c] : first[c + 1]]
        store = stored[first[c] : first[c + 1]]
        for i in range(len(mine)):
            crop[i] = mine[i] * yields[c] * season / 12 * trend * boost
            store[i] += crop[i]


@compiled
def bear_apples(
    key: np.ndarray,
    trees: tuple[np.ndarray, ...],
    yields: np.ndarray,
    year: int,
    alternate: float,
) -> np.ndarray:
    """Apples a farm's trees bear in the year without frost, t, (N,); ``trees`` (mu) and ``yields`` (t/mu) by age.

    Trees bear more every second year; which one is drawn by the farm's ``key``.
    """
    crop = np.zeros(len(key))
    for n in range(len(key)):
        fruit = 0.0
        for k in range(len(trees)):
            fruit += trees[k][n] * yields[k]
        rich = (np.int64(key[n] & np.uint64(1)) + year) % 2 == 0
        crop[n] = fruit * (1 + alternate if rich else 1 - alternate)
    return crop


@compiled
def harvest_orchards(
    farm: np.ndarray,
    county: np.ndarray,
    crop: np.ndarray,
    factor: np.ndarray,
    season: float,
    frost: np.ndarray,
    boost: float,
    made: np.ndarray,
    stored: np.ndarray,
) -> None:
    """Pick a month's part of the year's ``crop`` (N,), less what frost took, share (C,).

    ``factor`` (C,) gives the crop of the base year.  For the orchards' branches; fills ``made`` and ``stored``.
    """
    for b in range(len(farm)):
        n = farm[b]
        c = county[n]
        made[b] = crop[n] * factor[c] * season / 12 * (1 - frost[c]) * boost
        stored[b] += made[b]


@compiled
def move_herds(
    farm: np.ndarray,
    county: np.ndarray,
    retention: np.ndarray,
    rates: HerdRates,
    herd: Herd,
    born: np.ndarray,
    died: np.ndarray,
    breeding: Goods,
    fattening: Goods,
) -> None:
    """Move every herd one month on: deaths, births, weaning, ageing; calves and finished animals come to the gate.

    ``farm`` (H,) are the farms with cattle, ``retention`` (C,) the share of female calves kept.  Fills the ``herd``,
    ``born`` and ``died`` (N,) and the goods of both activities (H,).  Calves offered last month that found no buyer
    are fattened where they were born.
    """
    cows, heifers, calves, growers, finishers = herd
    for h in range(len(farm)):
        n, lost = farm[h], 0.0
        for k in range(len(herd)):
            loss = herd[k][n] * rates.mortality[k] / 12
            herd[k][n] -= loss
            lost += loss
        births = cows[n] * rates.calving_rate / 12 * rates.calving_season
        weaned = calves[n] / rates.calf_months
        kept = weaned * 0.5 * retention[county[n]]
        grown = heifers[n] / rates.heifer_months
        culled = cows[n] * rates.cull_rate / 12
        finished = finishers[n] * rates.finisher_exit
        advanced = growers[n] * rates.grower_exit
        ready = weaned - kept
        to_market = ready * rates.calf_market_share
        unsold = breeding.stored[h]
        calves[n] += births - weaned
        heifers[n] += kept - grown
        cows[n] += grown - culled
        growers[n] -= advanced
        growers[n] += ready - to_market
        growers[n] += unsold
        finishers[n] += advanced - finished
        born[n] += births
        died[n] += lost
        breeding.made[h] = to_market - unsold
        fattening.made[h] = finished + culled
        breeding.stored[h] += breeding.made[h]
        fattening.stored[h] += fattening.made[h]


@compiled
def weigh_herds(worth: np.ndarray, herd: Herd) -> np.ndarray:
    """Count each farm's breeding and fattening stock in finished animals, (N, 2); ``worth`` (5,) is by cohort."""
    cows, heifers, calves, growers, finishers = herd
    units = np.empty((len(cows), 2))
    for n in range(len(cows)):
        units[n, 0] = cows[n] * worth[0] + heifers[n] * worth[1] + calves[n] * worth[2]
        units[n, 1] = growers[n] * worth[3] + finishers[n] * worth[4]
    return units


@compiled
def pay_second_round(
    farm: np.ndarray,
    first: np.ndarray,
    stored: np.ndarray,
    released: np.ndarray,
    trade: Round,
    final: Round,
    revenue: np.ndarray,
    cash: np.ndarray,
) -> None:
    """Pay farms, ``revenue`` and ``cash`` (N,), for what they sold in the second round."""
    for g in range(len(released)):
        if final.revenue[g] > 0:
            at, store = farm[first[g] : first[g + 1]], stored[first[g] : first[g + 1]]
            for i in range(len(at)):
                quota = store[i] * released[g]
                rest = quota - part_sold(quota, trade.offered[g], trade.sold[g])
                money = part_sold(rest, final.offered[g], final.revenue[g])
                revenue[at[i]] += money
                cash[at[i]] += money


@compiled
def settle_branches(
    first: np.ndarray,
    released: np.ndarray,
    trade: Round,
    final: Round,
    spoilage: np.ndarray,
    price: np.ndarray,
    made: np.ndarray,
    stored: np.ndarray,
    sold: np.ndarray,
    lost: np.ndarray,
    output_value: np.ndarray,
) -> None:
    """Take what was sold in both rounds out of store, let old store spoil, value output at the gate.

    ``released`` is the share of the store for sale this month, ``spoilage`` the share lost a month, ``price`` CNY a
    unit, (G,) each.  What was harvested this month does not spoil yet.  Fills the last four (B,).
    """
    for g in range(len(price)):
        low, high = first[g], first[g + 1]
        crop, store, out = made[low:high], stored[low:high], sold[low:high]
        gone, value = lost[low:high], output_value[low:high]
        for i in range(len(store)):
            quota = store[i] * released[g]
            units = part_sold(quota, trade.offered[g], trade.sold[g])
            more = part_sold(quota - units, final.offered[g], final.sold[g])
            rest = store[i] - units - more
            spoilt = spoilage[g] * max(rest - max(crop[i], 0.0), 0.0)
            store[i] = max(rest - spoilt, 0.0)  # a farm that sells all it has may end a last digit below nought
            out[i] = units + more
            gone[i] = spoilt
            value[i] = (crop[i] - spoilt) * price[g]


@compiled
def value_stocks(
    farm: np.ndarray,
    first: np.ndarray,
    price: np.ndarray,
    made: np.ndarray,
    sold: np.ndarray,
    lost: np.ndarray,
    stock_value_change: np.ndarray,
) -> None:
    """Value the month's change of farms' stores (N,) at the gate price (G,)."""
    for g in range(len(price)):
        low, high = first[g], first[g + 1]
        at, crop, out, gone = farm[low:high], made[low:high], sold[low:high], lost[low:high]
        for i in range(len(at)):
            stock_value_change[at[i]] += (crop[i] - gone[i] - out[i]) * price[g]


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
