"""Loops of day labour over persons: who has days to spare, who is called, who is paid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled, uniform_of
from .labour_loops import LAST_FARM_AGE
from .persons import Persons
from .workers import OUTSIDE

WORKING_AGE = 16  # yr; nobody works before (Labour Law of China, article 15)
MORE_CALLED = 1.5  # than the days need: who works by the day does not work every free day; assumed


class Calls(NamedTuple):
    """What days are offered and wanted: ``days`` a month and person, ``spare`` (N,) part of them left by the own farm.

    ``wanted`` (C,) days; ``occasion`` of the draw.
    """

    days: float
    spare: np.ndarray
    wanted: np.ndarray
    occasion: np.uint64


@compiled
def count_free(persons: Persons, farms: int) -> tuple[np.ndarray, np.ndarray]:
    """Adults without a job at home on each farm, (N,) persons; rows that may work by the day.

    The latter are in the labour force, resident, without a job: on a farm, or looking for work.  Last month's day
    wages are forgotten.
    """
    kin, rows, n = np.zeros(farms + 1), np.empty(len(persons.key), np.int32), 0
    for i in range(len(persons.key)):
        if persons.day_wages[i] != 0:  # of last month
            persons.day_wages[i] = 0.0
        age, farm = persons.age[i], persons.farm[i]
        grown = (age >= WORKING_AGE) & (age < LAST_FARM_AGE)
        free = grown & (persons.employer[i] < 0) & (persons.place[i] != OUTSIDE)
        kin[farm + 1] += persons.weight[i] if free else 0.0  # the first cell is for those without a farm
        rows[n] = i  # written in any case and kept only where it counts: no question to guess wrong
        n += free & (persons.participates[i] == 1)
    return kin[1:], rows[:n]


@compiled
def call_up(persons: Persons, rows: np.ndarray, calls: Calls) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw who is called: each with 1.5 times the chance of days wanted over days offered in the county.

    Returns days that each row's own farm, if there is one, leaves for others and whether it was called, (n,); and by
    county days of those called and of everyone, (C,).
    """
    days, called, offered = np.zeros(len(rows)), np.zeros(len(rows), np.bool_), np.zeros(len(calls.wanted))
    for n in range(len(rows)):
        i = rows[n]
        days[n] = calls.days * (calls.spare[persons.farm[i]] if persons.farm[i] >= 0 else 1.0)
        offered[persons.county[i]] += persons.weight[i] * days[n]
    chance = MORE_CALLED * calls.wanted / np.maximum(offered, 1e-9)
    chosen = np.zeros(len(calls.wanted))
    for n in range(len(rows)):
        if days[n] > 0:
            i, county = rows[n], persons.county[rows[n]]
            if uniform_of(calls.occasion, persons.key[i]) < chance[county]:
                called[n] = True
                chosen[county] += persons.weight[i] * days[n]
    return days, called, chosen, offered


@compiled
def pay_days(
    persons: Persons, rows: np.ndarray, days: np.ndarray, called: np.ndarray, parts: np.ndarray, wage: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pay everyone the days worked: ``parts`` (2, C) of their days, of those called and of the others, at ``wage``.

    Returns persons (2, C) who worked a day or more, of farms and without one, and days of the latter, (C,).
    """
    counties = parts.shape[1]
    heads, idle = np.zeros((2, counties)), np.zeros(counties)
    for n in range(len(rows)):
        i = rows[n]
        county, weight = persons.county[i], persons.weight[i]
        worked = days[n] * (parts[0, county] if called[n] else parts[1, county])
        if worked > 0:
            persons.day_wages[i] = wage * worked
            persons.cash[i] += wage * worked
            out = 1 if persons.farm[i] < 0 else 0
            heads[out, county] += weight if worked >= 1 else 0.0
            idle[county] += out * weight * worked
    return heads, idle
