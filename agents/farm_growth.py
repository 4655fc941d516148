"""Loops over what lives on farms: fields, orchards by tree age, herds by cohort, one pass each a month.

Arrays (B,) are by branch, (H,) by branch of one activity, (N,) by farm, (C,) by county; goods in product units, animals
in head.  Branches are always met in the same order, so sums have one order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled


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
