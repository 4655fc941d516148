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
def sum_by_gate(gate: np.ndarray, values: np.ndarray, gates: int) -> np.ndarray:
    """Sum a quantity of branches (B,) by farm-gate market, (G,)."""
    total = np.zeros(gates)
    for b in range(len(gate)):
        total[gate[b]] += values[b]
    return total


@compiled
def open_gates(
    gate: np.ndarray, stored: np.ndarray, released: np.ndarray, ahead: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum what branches may sell this month, the share ``released`` (G,) of their store, by farm-gate market.

    Returns it and the store spread evenly over the months ``ahead`` (G,) of the next harvest, (G,) each.
    """
    offered, even = np.zeros(len(released)), np.zeros(len(released))
    for b in range(len(gate)):
        g = gate[b]
        quota = stored[b] * released[g]
        if quota > 0:
            offered[g] += quota
        even[g] += stored[b] / ahead[g]
    return offered, even


@compiled
def part_sold(quota: float, offered: float, units: float) -> float:
    """Share a gate's sales over its branches by what each had to offer; sellers of a gate fare alike."""
    return quota / offered * units if quota > 0 and offered > 0 else 0.0


@compiled
def pay_first_round(
    farm: np.ndarray,
    gate: np.ndarray,
    stored: np.ndarray,
    released: np.ndarray,
    first: Round,
    revenue: np.ndarray,
    cash: np.ndarray,
) -> None:
    """Pay farms, ``revenue`` and ``cash`` (N,), for what they sold in the first round; goods leave the store later."""
    for b in range(len(gate)):
        g = gate[b]
        money = part_sold(stored[b] * released[g], first.offered[g], first.revenue[g])
        revenue[farm[b]] += money
        cash[farm[b]] += money


@compiled
def offer_rest(gate: np.ndarray, stored: np.ndarray, released: np.ndarray, first: Round) -> np.ndarray:
    """Sum what the first round left of branches' quotas by farm-gate market, (G,)."""
    offered = np.zeros(len(released))
    for b in range(len(gate)):
        g = gate[b]
        quota = stored[b] * released[g]
        left = quota - part_sold(quota, first.offered[g], first.sold[g])
        if left > 0:
            offered[g] += left
    return offered


@compiled
def share_purchases(
    farm: np.ndarray,
    gate: np.ndarray,
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
    for b in range(len(gate)):
        g = gate[b]
        if level[b] == 0 or not total[g] > 0:
            continue
        share = level[b] / total[g]
        bill = share * cost[g]
        used_value[b] += bill
        purchases[farm[b]] += bill
        cash[farm[b]] -= bill
        if heads[g] != 0:
            growers[farm[b]] += share * heads[g]
            bought[farm[b]] += share * heads[g]


@compiled
def grow_crops(
    gate: np.ndarray,
    crops: np.ndarray,
    level: np.ndarray,
    yields: np.ndarray,
    season: np.ndarray,
    trend: float,
    boost: np.ndarray,
    made: np.ndarray,
    stored: np.ndarray,
) -> None:
    """Harvest of fields and sheds: level x yield a year x season / 12 x trend x what policies added.

    ``crops`` (G,) says which gates this rule is for; ``yields``, ``season`` and ``boost`` are (G,).
    """
    for b in range(len(gate)):
        g = gate[b]
        if crops[g]:
            made[b] = level[b] * yields[g] * season[g] / 12 * trend * boost[g]
            stored[b] += made[b]


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
    branch: np.ndarray,
    county: np.ndarray,
    crop: np.ndarray,
    factor: np.ndarray,
    season: np.ndarray,
    frost: np.ndarray,
    boost: np.ndarray,
    made: np.ndarray,
    stored: np.ndarray,
) -> None:
    """Pick a month's part of the year's ``crop`` (N,) on each farm's orchard ``branch`` (N,), less what frost took.

    ``factor``, ``season``, ``frost`` and ``boost`` are (C,); fills ``made`` and ``stored`` (B,).
    """
    for n in range(len(branch)):
        c, b = county[n], branch[n]
        made[b] = crop[n] * factor[c] * season[c] / 12 * (1 - frost[c]) * boost[c]
        stored[b] += made[b]


@compiled
def move_herds(
    branch: np.ndarray,
    county: np.ndarray,
    retention: np.ndarray,
    rates: HerdRates,
    herd: Herd,
    born: np.ndarray,
    died: np.ndarray,
    made: np.ndarray,
    stored: np.ndarray,
) -> None:
    """Move every herd one month on: deaths, births, weaning, ageing; calves and finished animals come to the gate.

    ``branch`` (N, 2) are a farm's breeding and fattening branches, ``retention`` (C,) the share of female calves kept.
    Fills the ``herd``, ``born`` and ``died`` (N,), ``made`` and ``stored`` (B,).  Calves offered last month that found
    no buyer are fattened where they were born.
    """
    cows, heifers, calves, growers, finishers = herd
    for n in range(len(branch)):
        lost = 0.0
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
        breeding, fattening = branch[n]
        unsold = stored[breeding]
        calves[n] += births - weaned
        heifers[n] += kept - grown
        cows[n] += grown - culled
        growers[n] -= advanced
        growers[n] += ready - to_market
        growers[n] += unsold
        finishers[n] += advanced - finished
        born[n] += births
        died[n] += lost
        made[breeding] = to_market - unsold
        made[fattening] = finished + culled
        stored[breeding] += made[breeding]
        stored[fattening] += made[fattening]


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
def settle_branches(
    farm: np.ndarray,
    gate: np.ndarray,
    released: np.ndarray,
    first: Round,
    second: Round,
    spoilage: np.ndarray,
    price: np.ndarray,
    made: np.ndarray,
    stored: np.ndarray,
    sold: np.ndarray,
    lost: np.ndarray,
    output_value: np.ndarray,
    stock_value_change: np.ndarray,
    revenue: np.ndarray,
    cash: np.ndarray,
) -> None:
    """Share both rounds' sales over branches, pay the second, let old store spoil, value output and change of stock.

    ``released`` is the share of the store for sale this month, ``spoilage`` the share lost a month, ``price`` CNY a
    unit, (G,) each.  What was harvested this month does not spoil yet.  Fills ``stored`` to ``stock_value_change``
    (B,), ``revenue`` and ``cash`` (N,).
    """
    for b in range(len(gate)):
        g = gate[b]
        quota = stored[b] * released[g]
        units = part_sold(quota, first.offered[g], first.sold[g])
        more = part_sold(quota - units, second.offered[g], second.sold[g])
        money = part_sold(quota - units, second.offered[g], second.revenue[g])
        revenue[farm[b]] += money
        cash[farm[b]] += money
        left = stored[b] - units - more
        spoilt = spoilage[g] * max(left - max(made[b], 0.0), 0.0)
        stored[b] = left - spoilt
        sold[b] = units + more
        lost[b] = spoilt
        output_value[b] = (made[b] - spoilt) * price[g]
        stock_value_change[b] = (made[b] - spoilt - sold[b]) * price[g]


@compiled
def settle_herds(
    branch: np.ndarray,
    county: np.ndarray,
    price: np.ndarray,
    opening: np.ndarray,
    closing: np.ndarray,
    sold: np.ndarray,
    sold_calves: np.ndarray,
    sold_head: np.ndarray,
    output_value: np.ndarray,
    stock_value_change: np.ndarray,
) -> None:
    """Value the growth of herds, from ``opening`` to ``closing`` (N, 2), at the finished animal's ``price`` (C,).

    Growth of herds is capital formation: it counts as output.  Also notes heads sold by farm (N,).
    """
    for n in range(len(branch)):
        sold_calves[n] += sold[branch[n, 0]]
        sold_head[n] += sold[branch[n, 1]]
        for k in range(2):
            growth = closing[n, k] * price[county[n]] - opening[n, k] * price[county[n]]
            output_value[branch[n, k]] += growth
            stock_value_change[branch[n, k]] += growth
