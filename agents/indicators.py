"""Loops that count who is hired from where, who holds the jobs and who commutes, by comparing rows before and after."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .persons import Persons
from .workers import OUTSIDE, SENIOR

ORIGINS = ("firm", "farm", "unemployment", "returner", "school")
FROM_FIRM, FROM_FARM, FROM_UNEMPLOYMENT, FROM_RETURN, FROM_SCHOOL = range(len(ORIGINS))
GROUPS = (
    "skilled", "unskilled", "men", "women", "under_25", "25_to_50", "over_50", "town_registered", "rural_registered",
    "returners",
)  # fmt: skip
AGE_GROUPS = tuple(range(0, 90, 5))  # first year of each; the last is open
SEXES = ("male", "female")  # by code
RETURNER_MONTHS = 24  # who came back longer ago counts as from here
FIRST_JOB_YEARS = 2.0  # after the end of school


class Posts(NamedTuple):
    """Of firms, by number (F,): chain and county of their jobs."""

    chain: np.ndarray
    county: np.ndarray


class Hires(NamedTuple):
    """Persons hired in a month by chain, county and origin (K, C, O) or group (K, C, G), and who changed chains (K, K).

    ``rates`` are persons: unemployed before, of them hired, employed before, of them out of work now.
    """

    origin: np.ndarray
    group: np.ndarray
    drawn: np.ndarray
    rates: np.ndarray


@compiled
def put_into_groups(persons: Persons, i: int, returner: bool, cells: np.ndarray) -> None:
    """Add a person to the cells (G,) of its groups: skill, sex, age, registration, returner."""
    weight, age = persons.weight[i], persons.age[i]
    cells[0 if persons.education[i] >= SENIOR else 1] += weight
    cells[2 + persons.sex[i]] += weight
    cells[4 if age < 25 else (5 if age <= 50 else 6)] += weight
    cells[7 if persons.hukou_urban[i] == 1 else 8] += weight
    if returner:
        cells[9] += weight


@compiled
def origin_of(persons: Persons, i: int, returner: bool, stage: int, school_ends: np.ndarray) -> int:
    """Where a person comes from who had no job in a firm: back from outside, out of school, off the farm, or idle.

    ``stage`` is that of the last job before the month, -1 for none ever.
    """
    if returner:
        return FROM_RETURN
    first_job = stage < 0 and persons.age[i] < school_ends[persons.education[i]] + FIRST_JOB_YEARS
    if first_job:
        return FROM_SCHOOL
    return FROM_FARM if persons.farm[i] >= 0 else FROM_UNEMPLOYMENT


@compiled
def count_hires(
    persons: Persons, before: np.ndarray, stage: np.ndarray, returned: np.ndarray, month: int, posts: Posts,
    school_ends: np.ndarray, chains: int, counties: int,
) -> Hires:  # fmt: skip
    """Compare employers before (N,) and after the labour market of the month; new rows of firms are the hires.

    ``stage`` (N,) is that of everyone's last job before the month, -1 for none ever.
    """
    origin, group = np.zeros((chains, counties, 5)), np.zeros((chains, counties, 10))
    drawn = np.zeros((chains, chains))
    idle, found, busy, left = 0.0, 0.0, 0.0, 0.0
    for i in range(len(before)):
        old, now, weight = before[i], persons.employer[i], persons.weight[i]
        seeks = (old < 0) & (persons.participates[i] == 1) & (persons.farm[i] < 0) & (persons.place[i] != OUTSIDE)
        idle += weight if seeks else 0.0
        found += weight if seeks & (now >= 0) else 0.0
        busy += weight if old >= 0 else 0.0
        left += weight if (old >= 0) & (now < 0) else 0.0
        if (now < 0) | (now == old):
            continue
        chain, county = posts.chain[now], posts.county[now]
        back = returned[i] >= 0 and month - returned[i] <= RETURNER_MONTHS
        if old >= 0:
            origin[chain, county, FROM_FIRM] += persons.weight[i]
            drawn[posts.chain[old], chain] += persons.weight[i]
        else:
            origin[chain, county, origin_of(persons, i, back, stage[i], school_ends)] += persons.weight[i]
        put_into_groups(persons, i, back, group[chain, county])
    return Hires(origin, group, drawn, np.array([idle, found, busy, left]))


@compiled
def count_jobs(
    persons: Persons, returned: np.ndarray, month: int, posts: Posts, chains: int, counties: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who holds jobs in firms (K, C, G) and works on farms (C, G); persons by home and job county (C, C)."""
    held, hands = np.zeros((chains, counties, 10)), np.zeros((counties, 10))
    commuting = np.zeros((counties, counties))
    for i in range(len(persons.key)):
        back = returned[i] >= 0 and month - returned[i] <= RETURNER_MONTHS
        at = persons.employer[i]
        if at >= 0:
            put_into_groups(persons, i, back, held[posts.chain[at], posts.county[at]])
            commuting[persons.county[i], posts.county[at]] += persons.weight[i]
        elif persons.participates[i] == 1 and persons.farm[i] >= 0 and persons.place[i] != OUTSIDE:
            put_into_groups(persons, i, back, hands[persons.county[i]])
    return held, hands, commuting


@compiled
def count_ages(age: np.ndarray, sex: np.ndarray, place: np.ndarray, weight: np.ndarray, groups: int) -> np.ndarray:
    """Residents by sex and five years of age, the last group open, (2, G)."""
    persons = np.zeros((2, groups))
    for i in range(len(age)):
        if place[i] != OUTSIDE:
            persons[sex[i], min(int(age[i] / 5), groups - 1)] += weight[i]
    return persons
