"""Loops of the land market: what farms have to work, which plots come up, who takes them, what rent is paid.

A plot is the land of one activity of one farm household (a branch of `farms.py`).  Arrays (B,) are by branch, (D,) by
plot that comes up, (N,) by farm, (C,) by county; land in mu, work in days a year.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

from .compiled import compiled


class Operators(NamedTuple):
    """Farms as those who work land, (N,).

    ``area`` in mu and ``days`` of work they have to do, ``hands`` days they can give, ``able`` whether somebody in the
    household can run a farm; ``weight`` real farms behind the row.
    """

    area: np.ndarray
    days: np.ndarray
    hands: np.ndarray
    able: np.ndarray
    weight: np.ndarray


class Plots(NamedTuple):
    """Plots that come up, (D,), in the order in which they do.

    ``branch``, ``area`` mu, ``work`` days a year, and the transaction ``cost`` of letting them, as a part of the wages
    their work is worth.
    """

    branch: np.ndarray
    area: np.ndarray
    work: np.ndarray
    cost: np.ndarray


@compiled
def work_of_farms(
    first: np.ndarray, days: np.ndarray, level: np.ndarray, worked_by: np.ndarray, farms: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sum land and the days it asks for by who works it, (N,) each; ``days`` (G,) a mu, below 0 where there is none."""
    area, work = np.zeros(farms), np.zeros(farms)
    for g in range(len(days)):
        if days[g] >= 0:
            for b in range(first[g], first[g + 1]):
                area[worked_by[b]] += level[b]
                work[worked_by[b]] += level[b] * days[g]
    return area, work


@compiled
def work_by_size(
    first: np.ndarray, days: np.ndarray, level: np.ndarray, worked_by: np.ndarray, factor: np.ndarray
) -> np.ndarray:
    """Mean of a ``factor`` (N,) of farms over the land they work at each gate, (G,); 1 where there is no land."""
    mean = np.ones(len(days))
    for g in range(len(days)):
        total, weighed = 0.0, 0.0
        for b in range(first[g], first[g + 1]):
            total += level[b]
            weighed += level[b] * factor[worked_by[b]]
        if days[g] >= 0 and total > 0:
            mean[g] = weighed / total
    return mean


@compiled
def effort(area: float, days: float, hands: float, mean: float, saving: float) -> float:
    """Cost of a day's work on a farm over the day wage: more with little land, and the more of it must be hired.

    Work a mu falls with the ``area`` a farm works (mu, over the ``mean`` of 2020) by the elasticity ``saving``; own
    hands do hands / (hands + work) of it, the rest has to be paid.
    """
    size = (max(area, 1.0) / mean) ** (-saving)
    work = days * size
    return size * work / (work + hands) if hands > 0 else size


@compiled
def plots_that_come_up(
    first: np.ndarray, land: np.ndarray, farm_of: np.ndarray, worked_by: np.ndarray, due: np.ndarray, able: np.ndarray
) -> np.ndarray:
    """List the branches whose household decides anew this winter (``due``, (N,)), or whose operator is not ``able``.

    ``land`` (G,) says at which gates there is land.
    """
    count = 0
    found = np.empty(first[-1], np.int64)
    for g in range(len(land)):
        if land[g]:
            for b in range(first[g], first[g + 1]):
                if due[farm_of[b]] or not able[worked_by[b]]:
                    found[count] = b
                    count += 1
    return found[:count]


@compiled
def let_plots(
    plots: Plots,
    first: np.ndarray,
    first_farm: np.ndarray,
    farm_of: np.ndarray,
    operators: Operators,
    mean: float,
    saving: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Owners let each plot to the farm of their county with the least cost of work if that saves more than it costs.

    Plots are with their owners when it begins; ``first`` (C + 1,) bounds those of a county and ``first_farm`` its
    farms.  A household that cannot farm lets its land whatever that costs.  Returns by plot (D,) who works it and the
    cost of a day's work, over the day wage, of its owner and of who would take it.
    """
    area, days, hands, able, weight = operators
    worker = farm_of[plots.branch].astype(np.int64)
    own, other, cost = np.zeros(len(worker)), np.zeros(len(worker)), np.zeros(len(area))
    for c in range(len(first) - 1):
        if first[c] == first[c + 1]:
            continue
        for n in range(first_farm[c], first_farm[c + 1]):
            cost[n] = effort(area[n] / weight[n], days[n], hands[n], mean, saving)
        queue = [(np.inf, np.int64(-1))]
        for n in range(first_farm[c], first_farm[c + 1]):
            if able[n] and hands[n] > 0:
                queue.append((cost[n], np.int64(n)))
        heapq.heapify(queue)
        for p in range(first[c], first[c + 1]):
            o, mu, work = worker[p], plots.area[p], plots.work[p]
            told, j = queue[0]
            while j >= 0 and cost[j] != told:  # who took land or let some stands where it no longer belongs
                heapq.heapreplace(queue, (cost[j], j))
                told, j = queue[0]
            own[p] = other[p] = cost[o]
            if j < 0 or j == o:
                continue
            other[p] = effort((area[j] + mu) / weight[j], days[j] + work, hands[j], mean, saving)
            if able[o] and own[p] - other[p] <= plots.cost[p]:
                continue
            worker[p] = j
            area[o] -= mu
            days[o] -= work
            area[j] += mu
            days[j] += work
            cost[j] = other[p]
            cost[o] = effort(area[o] / weight[o], days[o], hands[o], mean, saving)
            if able[o] and hands[o] > 0:
                heapq.heappush(queue, (cost[o], o))
    return worker, own, other


@compiled
def pay_rents(
    leases: np.ndarray,
    rent: np.ndarray,
    level: np.ndarray,
    farm_of: np.ndarray,
    worked_by: np.ndarray,
    received: np.ndarray,
) -> None:
    """Add to what farms ``received`` less paid (N,) a month of each plot's ``rent`` (L,) CNY a mu and year.

    Who works a let plot pays its household.
    """
    for k in range(len(leases)):
        b = leases[k]
        amount = rent[k] * level[b] / 12
        received[worked_by[b]] -= amount
        received[farm_of[b]] += amount
