"""Loops over all persons: who grows older, dies, gives birth, leaves school, thinks of moving.

Most things happen to few people in a month, so a draw is compared first with the largest chance anybody has; what
follows is then seldom reached, and the processor guesses right.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled, uniform_of
from .persons import Persons
from .workers import FEMALE, JUNIOR, OUTSIDE, SENIOR, TERTIARY, TOWN

NINE_YEARS_END, LATEST = 15, 22  # ages at which schooling is decided, and by which it ends
TERTIARY_SHARE, SENIOR_SHARE = 0.30, 0.55  # attainment of those now in school: nine years for all; assumed, national
PARTICIPATION = 0.9  # share of school leavers who look for work; assumed
YOUNGEST_MOVER, OLDEST_MOVER = 16, 65


class Chances(NamedTuple):
    """What may happen to a person in a month.

    ``death`` (2, 111) by sex and year of age, ``birth`` (111,) of women; ``leaves_school`` (4,) age by schooling;
    ``think`` a month at ``peak`` age, falling with ``decay`` years, times ``push`` for those without work.
    """

    death: np.ndarray
    birth: np.ndarray
    leaves_school: np.ndarray
    think: float
    peak: float
    decay: float
    push: float


class Occasions(NamedTuple):
    """Words of the draws of the month; ``schooling`` is drawn once a life."""

    death: np.uint64
    birth: np.uint64
    schooling: np.uint64
    think: np.uint64


@compiled
def live_a_month(
    persons: Persons, chances: Chances, occasions: Occasions, counties: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Everyone grows a month older; who dies, gives birth or thinks of moving is drawn, schooling ends.

    Returns rows that die, mothers, rows that think of moving, and persons (2, C) without work and working on farms by
    county, as they are after school.
    """
    count = len(persons.age)
    dead, mothers, thinking = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
    deaths, births, thoughts = 0, 0, 0
    most_deaths, most_births = chances.death.max(), chances.birth.max()
    most_thoughts = chances.think * max(chances.push, 1.0)
    hands = np.zeros((2, counties))
    for i in range(count):
        if not persons.alive[i]:
            continue
        persons.age[i] += 1 / 12
        age, key = persons.age[i], persons.key[i]
        if uniform_of(occasions.death, key) < most_deaths and dies(persons, i, chances.death, occasions.death):
            dead[deaths] = i
            deaths += 1
            continue
        if uniform_of(occasions.birth, key) < most_births and gives_birth(persons, i, chances.birth, occasions.birth):
            mothers[births] = i
            births += 1
        since = age + 1e-6 - np.floor(age + 1e-6)  # a birthday was this month
        if (since < 1 / 12 + 1e-9) & (age > NINE_YEARS_END - 1) & (age < LATEST + 1):
            leave_school(persons, i, chances.leaves_school, occasions.schooling)
        idle = (persons.place[i] != OUTSIDE) & (persons.participates[i] == 1) & (persons.employer[i] < 0)
        if idle:
            hands[0 if persons.farm[i] < 0 else 1, persons.county[i]] += persons.weight[i]
        if uniform_of(occasions.think, key) < most_thoughts and thinks(persons, i, idle, chances, occasions.think):
            thinking[thoughts] = i
            thoughts += 1
    return dead[:deaths], mothers[:births], thinking[:thoughts], hands


@compiled
def dies(persons: Persons, i: int, risk: np.ndarray, occasion: np.uint64) -> bool:
    """Whether a person dies this month, by sex and age."""
    year = min(int(persons.age[i]), 110)
    return uniform_of(occasion, persons.key[i]) < risk[persons.sex[i], year]


@compiled
def gives_birth(persons: Persons, i: int, risk: np.ndarray, occasion: np.uint64) -> bool:
    """Whether a woman at home gives birth this month, by age."""
    if persons.sex[i] != FEMALE or persons.place[i] == OUTSIDE:
        return False
    return uniform_of(occasion, persons.key[i]) < risk[min(int(persons.age[i]), 110)]


@compiled
def thinks(persons: Persons, i: int, idle: bool, chances: Chances, occasion: np.uint64) -> bool:
    """Whether an adult weighs a move this month; the young and those without work do so more often."""
    age = persons.age[i]
    if not YOUNGEST_MOVER <= age < OLDEST_MOVER:
        return False
    push = chances.push if idle and persons.farm[i] < 0 else 1.0
    factor = np.exp(-max(age - chances.peak, 0.0) / chances.decay)
    return uniform_of(occasion, persons.key[i]) < chances.think * factor * push


@compiled
def turns(age: float, birthday: float) -> bool:
    """Whose birthday was this month; the months of a life tile without gap although their sum is not exact."""
    past = age - birthday + 1e-6
    return (past >= 0) & (past < 1 / 12)


@compiled
def leave_school(persons: Persons, i: int, leaving_age: np.ndarray, occasion: np.uint64) -> None:
    """Schooling is decided after nine years and ends at the age of the level reached; most then look for work."""
    age, draw = persons.age[i], uniform_of(occasion, persons.key[i])
    if turns(age, NINE_YEARS_END):
        persons.education[i] = TERTIARY if draw < TERTIARY_SHARE else (SENIOR if draw < SENIOR_SHARE else JUNIOR)
    ends = turns(age, leaving_age[persons.education[i]])
    if ends and persons.place[i] != OUTSIDE and draw < PARTICIPATION:
        persons.participates[i] = 1


@compiled
def adults_in_town(persons: Persons, youngest: float, oldest: float) -> np.ndarray:
    """List townspeople from ``youngest`` to below ``oldest``, ascending rows."""
    found, n = np.empty(len(persons.key), np.int32), 0
    for i in range(len(persons.key)):
        if (persons.place[i] == TOWN) & (persons.age[i] >= youngest) & (persons.age[i] < oldest):
            found[n] = i
            n += 1
    return found[:n]


@compiled
def members_of(household: np.ndarray, rows: np.ndarray, households: int) -> np.ndarray:
    """List everyone in the households (of ``households`` in all) of some rows, those rows too, ascending."""
    marked = np.zeros(households + 1, np.bool_)  # the first cell is for those without
    for i in rows:
        marked[household[i] + 1] = True
    marked[0] = False
    found, n = np.empty(len(household), np.int32), 0
    for i in range(len(household)):
        if marked[household[i] + 1]:
            found[n] = i
            n += 1
    return found[:n]
