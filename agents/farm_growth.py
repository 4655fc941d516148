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
    grower_exit: float
    finisher_exit: float
    calf_market_share: float


@compiled
def grow_crops(first: np.ndarray, level: np.ndarray, rate: np.ndarray, made: np.ndarray, stored: np.ndarray) -> None:
    """Harvest ``rate`` (C,) product units a unit of level; fills ``made`` and ``stored`` (B,).

    ``first`` (C + 1,) are the bounds of the activity's gates.
    """
    for c in range(len(rate)):
        for b in range(first[c], first[c + 1]):
            made[b] = level[b] * rate[c]
            stored[b] += made[b]


@compiled
def age_trees(
    county: np.ndarray,
    trees: tuple[np.ndarray, ...],
    last: tuple[int, int],
    leaving: np.ndarray,
    appetite: np.ndarray,
    dwarf_share: float,
) -> None:
    """Move trees (mu by class) a year on: standard classes first, dwarf ones after ``last[0]``; the oldest are grubbed.

    ``leaving`` is the share of each class that moves up, or is grubbed and replanted for the two ``last`` classes;
    what is replanted follows the ``appetite`` (C,) of owners, so area does not change.
    """
    old, old_dwarf = last
    for n in range(len(county)):
        will = appetite[county[n]]
        cleared = trees[old][n] * min(leaving[old] * will, 1.0)
        cleared_dwarf = trees[old_dwarf][n] * min(leaving[old_dwarf] * will, 1.0)
        trees[old][n] -= cleared
        trees[old_dwarf][n] -= cleared_dwarf
        for k in range(old_dwarf - 1, -1, -1):
            if k != old:
                up = trees[k][n] if leaving[k] == 1.0 else trees[k][n] * leaving[k]
                trees[k][n] -= up
                trees[k + 1][n] += up
        trees[0][n] += cleared * (1 - dwarf_share)
        trees[old + 1][n] += cleared * dwarf_share + cleared_dwarf


@compiled
def bear_apples(
    key: np.ndarray,
    trees: tuple[np.ndarray, ...],
    yields: np.ndarray,
    year: int,
    alternate: float,
) -> np.ndarray:
    """Apples a farm's trees bear in the year without bad weather, t, (N,); ``trees`` (mu), ``yields`` (t/mu) by age.

    Trees bear more every second year; which one is drawn by the farm's ``key``.
    """
    crop = np.zeros(len(key))
    for n in range(len(key)):
        fruit = 0.0
        for k in range(len(trees)):
            if yields[k] > 0:
                fruit += trees[k][n] * yields[k]
        rich = (np.int64(key[n] & np.uint64(1)) + year) % 2 == 0
        crop[n] = fruit * (1 + alternate if rich else 1 - alternate)
    return crop


@compiled
def harvest_orchards(
    farm: np.ndarray, first: np.ndarray, crop: np.ndarray, rate: np.ndarray, made: np.ndarray, stored: np.ndarray
) -> None:
    """Pick the share ``rate`` (C,) of the year's ``crop`` (N,); fills ``made`` and ``stored`` (B,).

    ``first`` (C + 1,) are the bounds of the orchards' gates.
    """
    for c in range(len(rate)):
        for b in range(first[c], first[c + 1]):
            made[b] = crop[farm[b]] * rate[c]
            stored[b] += made[b]


@compiled
def tend_herbs(level: np.ndarray, due: np.ndarray, planted: np.ndarray, new_year: bool, spring: bool) -> None:
    """Herbs stay for years: ``due`` (Y, H) mu to be dug this year, next year and so on.

    With the new year what was dug leaves the land bare and all else is a year nearer; in spring bare land is planted,
    a share ``planted`` (Y,) for each number of years.
    """
    years = len(due)
    for h in range(len(level)):
        if new_year:
            for k in range(years - 1):
                due[k, h] = due[k + 1, h]
            due[years - 1, h] = 0.0
        if spring:
            bare = level[h]
            for k in range(years):
                bare -= due[k, h]
            if bare > 0:
                for k in range(years):
                    due[k, h] += bare * planted[k]


@compiled
def move_herds(
    farm: np.ndarray,
    county: np.ndarray,
    retention: np.ndarray,
    culling: np.ndarray,
    growth: np.ndarray,
    rates: HerdRates,
    herd: Herd,
    born: np.ndarray,
    died: np.ndarray,
    breeding: Goods,
    fattening: Goods,
) -> None:
    """Move every herd one month on: deaths, births, weaning, ageing; calves and finished animals come to the gate.

    ``farm`` (H,) are the farms with cattle, ``retention`` (C,) the share of female calves kept, ``culling`` (C,) cows
    sold a year and ``growth`` (C,) the pace of fattening, 1 with all feed and work.  Fills the ``herd``, ``born`` and
    ``died`` (N,) and the goods of both activities (H,).  Calves offered last month that found no buyer are fattened
    where they were born.
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
        culled = cows[n] * culling[county[n]] / 12
        pace = growth[county[n]]
        finished = finishers[n] * rates.finisher_exit * pace
        advanced = growers[n] * rates.grower_exit * pace
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
