"""Loops over all persons: who grows older, dies, gives birth, leaves school, thinks of moving.

Most things happen to few people in a month.  So everyone's draws are first compared with the largest chance anybody
has, in loops without a question that the processor works through several rows at a time; only who is marked then is
looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import bound_of, compiled, mix_word, uniform_of, word_of
from .persons import Persons
from .workers import FEMALE, JUNIOR, OUTSIDE, SENIOR, TERTIARY, TOWN

NINE_YEARS_END, LATEST = 15, 22  # ages at which schooling is decided, and by which it ends
YOUNGEST_MOVER, OLDEST_MOVER = 16, 65
OLD = 70  # from here on deaths are no longer rare
DRAWERS, DRAWER_SHIFT = 4096, np.uint64(52)  # keys by their first 12 bits
BLOCK = 4096  # rows marked at a time: their marks stay in the processor's first cache
DEATH, BIRTH, SCHOOL, THOUGHT = (np.uint8(1 << k) for k in range(4))  # what a row may be marked for


class Chances(NamedTuple):
    """What may happen to a person in a month.

    ``death`` (2, 111) by sex and year of age, ``birth`` (111,) of women; ``leaves_school`` (4,) age by schooling;
    ``attains`` (2,) shares of those who turn 15 that go on to college, and to senior school or college;
    ``participation`` share of school leavers who look for work; ``think`` a month at ``peak`` age, falling with
    ``decay`` years, times ``push`` for those without work.
    """

    death: np.ndarray
    birth: np.ndarray
    leaves_school: np.ndarray
    attains: np.ndarray
    participation: float
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
def live_a_month(persons: Persons, chances: Chances, occasions: Occasions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Everyone grows a month older; who dies, gives birth or thinks of moving is drawn, schooling ends.

    Returns rows that die, mothers, and rows that think of moving.
    """
    count = len(persons.age)
    dead, mothers, thinking = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
    deaths, births, thoughts = 0, 0, 0
    marks = np.empty(BLOCK, np.uint8)
    for start in range(0, count, BLOCK):
        stop = min(start + BLOCK, count)
        age = persons.age[start:stop]
        grow_older(age, persons.alive[start:stop])
        mark_draws(persons.key[start:stop], age, chances, occasions, marks)
        mark_birthdays(age, marks)
        for i in range(start, stop):
            mark = marks[i - start]
            if mark == 0 or not persons.alive[i]:
                continue
            if mark & DEATH and dies(persons, i, chances.death, occasions.death):
                dead[deaths] = i
                deaths += 1
                continue
            if mark & BIRTH and gives_birth(persons, i, chances.birth, occasions.birth):
                mothers[births] = i
                births += 1
            if mark & SCHOOL:
                leave_school(persons, i, chances, occasions.schooling)
            if mark & THOUGHT and thinks(persons, i, chances, occasions.think):
                thinking[thoughts] = i
                thoughts += 1
    return dead[:deaths], mothers[:births], thinking[:thoughts]


@compiled
def grow_older(age: np.ndarray, alive: np.ndarray) -> None:
    """Add a month to the age of the living."""
    for i in range(len(age)):
        age[i] = age[i] + 1 / 12 if alive[i] else age[i]


@compiled
def mark_draws(keys: np.ndarray, age: np.ndarray, chances: Chances, occasions: Occasions, marks: np.ndarray) -> None:
    """Mark rows whose draw is below the largest chance to die at their time of life, to give birth, to think."""
    seldom, often = bound_of(chances.death[:, :OLD].max()), bound_of(chances.death.max())
    birth, thought = bound_of(chances.birth.max()), bound_of(chances.think * max(chances.push, 1.0))
    for i in range(len(keys)):
        mixed = mix_word(keys[i])
        death = often if age[i] >= OLD else seldom
        mark = DEATH if word_of(occasions.death, mixed) < death else np.uint8(0)
        mark |= BIRTH if word_of(occasions.birth, mixed) < birth else np.uint8(0)
        marks[i] = mark | (THOUGHT if word_of(occasions.think, mixed) < thought else np.uint8(0))


@compiled
def mark_birthdays(age: np.ndarray, marks: np.ndarray) -> None:
    """Mark rows that had a birthday this month at an age at which schooling is decided or ends."""
    for i in range(len(age)):
        since = age[i] + 1e-6 - np.floor(age[i] + 1e-6)
        of_age = (age[i] > NINE_YEARS_END - 1) & (age[i] < LATEST + 1) & (since < 1 / 12 + 1e-9)
        marks[i] |= SCHOOL if of_age else np.uint8(0)


@compiled
def count_hands(persons: Persons, counties: int) -> np.ndarray:
    """Count persons (2, C) without work and working on farms by county."""
    hands, last, idle, tilling = np.zeros((2, counties)), 0, 0.0, 0.0
    for i in range(len(persons.county)):
        if persons.county[i] != last:  # neighbours mostly share a county: its sums stay in the processor
            hands[0, last], hands[1, last] = idle, tilling
            last = persons.county[i]
            idle, tilling = hands[0, last], hands[1, last]
        weight, farm = persons.weight[i], persons.farm[i]
        free = (persons.place[i] != OUTSIDE) & (persons.participates[i] == 1) & (persons.employer[i] < 0)
        idle += weight if free & (farm < 0) else 0.0
        tilling += weight if free & (farm >= 0) else 0.0
    hands[0, last], hands[1, last] = idle, tilling
    return hands


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
def thinks(persons: Persons, i: int, chances: Chances, occasion: np.uint64) -> bool:
    """Whether an adult weighs a move this month; the young and those without work do so more often."""
    age = persons.age[i]
    if not YOUNGEST_MOVER <= age < OLDEST_MOVER:
        return False
    seeking = (persons.place[i] != OUTSIDE) & (persons.participates[i] == 1)
    push = chances.push if seeking & (persons.employer[i] < 0) & (persons.farm[i] < 0) else 1.0
    factor = np.exp(-max(age - chances.peak, 0.0) / chances.decay)
    return uniform_of(occasion, persons.key[i]) < chances.think * factor * push


@compiled
def turns(age: float, birthday: float) -> bool:
    """Whose birthday was this month; the months of a life tile without gap although their sum is not exact."""
    past = age - birthday + 1e-6
    return (past >= 0) & (past < 1 / 12)


@compiled
def leave_school(persons: Persons, i: int, chances: Chances, occasion: np.uint64) -> None:
    """Schooling is decided after nine years and ends at the age of the level reached; most then look for work."""
    age, draw = persons.age[i], uniform_of(occasion, persons.key[i])
    if turns(age, NINE_YEARS_END):
        persons.education[i] = (
            TERTIARY if draw < chances.attains[0] else (SENIOR if draw < chances.attains[1] else JUNIOR)
        )
    ends = turns(age, chances.leaves_school[persons.education[i]])
    other = 4096 * draw - np.floor(
        4096 * draw
    )  # the draw's later digits: who looks for work has nothing to do with schooling
    if ends and persons.place[i] != OUTSIDE and other < chances.participation:
        persons.participates[i] = 1


@compiled
def adults_in_town(persons: Persons, asked: np.ndarray, youngest: float, oldest: float) -> np.ndarray:
    """List townspeople of the counties ``asked`` for, (C,) mask, from ``youngest`` to below ``oldest``, by row."""
    found, n = np.empty(len(persons.key), np.int32), 0
    for i in range(len(persons.key)):
        if asked[persons.county[i]] & (persons.place[i] == TOWN):
            found[n] = i  # written in any case and kept only where it counts: no question to guess wrong
            n += (persons.age[i] >= youngest) & (persons.age[i] < oldest)
    return found[:n]


@compiled
def places_of_ranks(keys: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Find where in ``keys`` (n,) those of some ``ranks`` (k,) stand, counted from 0 in ascending order.

    Keys are dealt into drawers by their first bits; only drawers that hold a rank asked for are sorted.
    """
    until = np.zeros(DRAWERS + 1, np.int64)
    for key in keys:
        until[(key >> DRAWER_SHIFT) + np.uint64(1)] += 1
    until = np.cumsum(until)
    drawer = np.searchsorted(until, ranks, side="right") - 1
    asked = np.zeros(DRAWERS, np.bool_)
    asked[drawer] = True
    size = np.where(asked, np.diff(until), 0)
    first = np.cumsum(size) - size
    held, filled = np.empty(size.sum(), np.int64), first.copy()
    for i in range(len(keys)):
        d = keys[i] >> DRAWER_SHIFT
        if asked[d]:
            held[filled[d]] = i
            filled[d] += 1
    for d in np.flatnonzero(asked):
        inside = held[first[d] : filled[d]]
        held[first[d] : filled[d]] = inside[np.argsort(keys[inside])]
    return held[first[drawer] + ranks - until[drawer]]


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
