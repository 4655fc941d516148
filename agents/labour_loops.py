"""Loops of the labour market over all persons: who leaves work, who applies where, whom firms take, what is learnt."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled, uniform_of
from .persons import Persons
from .workers import JUNIOR, OUTSIDE, SENIOR, TERTIARY

LAST_FARM_AGE = 76  # from here on nobody works on the farm; assumed


class Leaving(NamedTuple):
    """Why work is left and sought: ``pension_age`` (2,) yr by sex, rates a month, occasions of the draws.

    ``searching`` (3,) are the occasions of the rounds of search.
    """

    pension_age: np.ndarray
    quit_rate: float
    search_employed: float
    search_farm: float
    quitting: np.uint64
    searching: np.ndarray


@compiled
def leave_work(persons: Persons, rows: np.ndarray, rules: Leaving) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Retire at pension age, quit at random; note who looks for work.

    ``rows`` (F,) of firms goes down with every row that leaves.  Returns persons retired and quitting; rows out of a
    job that look in some round of the month; and rows of the employed who look for another job.
    """
    retired, quits, out, looking = 0.0, 0.0, 0, 0
    idle, seeking = np.empty(len(persons.key), np.int32), np.empty(len(persons.key), np.int32)
    for i in range(len(persons.key)):
        at = persons.employer[i]
        if (at < 0) & (persons.participates[i] == 0):
            continue
        if leaves(persons, i, rules.pension_age):
            retired += persons.weight[i]
            persons.participates[i] = 1 if (persons.farm[i] >= 0) & (persons.age[i] < LAST_FARM_AGE) else 0
            persons.employer[i] = -1
        elif at >= 0 and uniform_of(rules.quitting, persons.key[i]) < rules.quit_rate:
            quits += persons.weight[i]
            persons.employer[i] = -1
        if persons.employer[i] >= 0:
            if uniform_of(rules.searching[0], persons.key[i]) < rules.search_employed:
                seeking[looking] = i
                looking += 1
            continue
        if at >= 0:
            rows[at] -= 1
        if looks(persons, i, rules):
            idle[out] = i
            out += 1
    return retired, quits, idle[:out], seeking[:looking]


@compiled
def leaves(persons: Persons, i: int, pension_age: np.ndarray) -> bool:
    """Whether a person retires from a job, from looking for one, or from the farm."""
    works = (persons.participates[i] == 1) & ((persons.employer[i] >= 0) | (persons.farm[i] < 0))
    of_farm = (persons.participates[i] == 1) & (persons.age[i] >= LAST_FARM_AGE)
    return (works & (persons.age[i] >= pension_age[persons.sex[i]])) | of_farm


@compiled
def looks(persons: Persons, i: int, rules: Leaving) -> bool:
    """Whether a person out of a job looks for one this month: all without a farm, some farm members, in some round."""
    if persons.participates[i] == 0 or persons.place[i] == OUTSIDE:
        return False
    if persons.farm[i] < 0:
        return True
    draw = 1.0
    for k in range(len(rules.searching)):
        draw = min(draw, uniform_of(rules.searching[k], persons.key[i]))
    return draw < rules.search_farm


@compiled
def rows_of_firms(employer: np.ndarray, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """List the rows employed by firms where ``wanted`` (F,) is above 0; ``rows`` (F,) counts each firm's."""
    count = 0
    asked = np.zeros(len(rows) + 1, np.bool_)  # the first cell is for those without a job
    for f in range(len(rows)):
        if wanted[f] > 0:
            count += rows[f]
            asked[f + 1] = True
    found, n = np.empty(count, np.int32), 0
    for i in range(len(employer)):
        if asked[employer[i] + 1]:
            found[n] = i
            n += 1
    return found


@compiled
def count_employed(employer: np.ndarray, rows: np.ndarray) -> None:
    """Count each firm's rows into ``rows`` (F,)."""
    count = np.zeros(len(rows) + 1, np.int32)  # the first cell is for those without a job
    for i in range(len(employer)):
        count[employer[i] + 1] += 1
    rows[:] = count[1:]


@compiled
def take_lowest(at: np.ndarray, score: np.ndarray, key: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Which of the candidates each firm takes: those of lowest score, ties by key.

    ``at`` (n,) firm, ``score`` (n,), ``key`` (n,) distinct, of each candidate; ``wanted`` (F,) whole numbers.
    Returns a mask (n,).  A selection within each firm stands for a sort of all candidates by firm, score and key.
    """
    start = np.zeros(len(wanted) + 1, np.int64)
    for candidate in range(len(at)):
        start[at[candidate] + 1] += 1
    start = np.cumsum(start)
    by_firm, filled = np.empty(len(at), np.int64), start[:-1].copy()
    for candidate in range(len(at)):
        by_firm[filled[at[candidate]]] = candidate
        filled[at[candidate]] += 1
    taken = np.zeros(len(at), np.bool_)
    for f in range(len(wanted)):
        group, left = by_firm[start[f] : start[f + 1]], wanted[f]
        if left <= 0 or len(group) == 0:
            continue
        if left < len(group):
            put_lowest_first(group, left, score, key)
        for candidate in group[:left]:
            taken[candidate] = True
    return taken


@compiled
def put_lowest_first(group: np.ndarray, left: int, score: np.ndarray, key: np.ndarray) -> None:
    """Reorder candidates so that the ``left`` lowest by score and key come first (quickselect, Hoare 1961)."""
    low, high = 0, len(group) - 1
    while low < high:
        middle, i, j = group[(low + high) // 2], low, high
        while i <= j:
            while is_lower(group[i], middle, score, key):
                i += 1
            while is_lower(middle, group[j], score, key):
                j -= 1
            if i <= j:
                group[i], group[j] = group[j], group[i]
                i += 1
                j -= 1
        if left - 1 <= j:
            high = j
        elif left - 1 >= i:
            low = i
        else:
            return


@compiled
def is_lower(one: int, other: int, score: np.ndarray, key: np.ndarray) -> bool:
    """Whether a candidate comes before another."""
    return score[one] < score[other] or (score[one] == score[other] and key[one] < key[other])


class Applicants(NamedTuple):
    """Who may apply this month, (n,) each: row, key, county, lowest wage accepted in CNY a month, chance to look."""

    row: np.ndarray
    key: np.ndarray
    county: np.ndarray
    least: np.ndarray
    chance: np.ndarray


class Vacancies(NamedTuple):
    """Where jobs are open, and how far they reach.

    ``cumulative`` (C, C) share of open wages in reach by home and job county, all 0 where there are none;
    ``before`` (C + 1,) open wages of the counties before, CNY a month; ``firm`` (K,) those with open jobs by county
    and key, ``stacked`` (K,) the sum of open wages up to each.
    """

    cumulative: np.ndarray
    before: np.ndarray
    firm: np.ndarray
    stacked: np.ndarray


@compiled
def apply(
    applicants: Applicants,
    vacancies: Vacancies,
    offer: np.ndarray,
    searching: np.uint64,
    counties: np.uint64,
    firms: np.uint64,
) -> tuple[np.ndarray, np.ndarray]:
    """Who looks applies to one firm, if its ``offer`` (F,) CNY a month is at least the lowest wage accepted.

    ``searching``, ``counties`` and ``firms`` are occasions.  Returns numbers of applicants and their firms, (m,) each.
    """
    who, at, n = np.empty(len(applicants.row), np.int64), np.empty(len(applicants.row), np.int64), 0
    last = len(vacancies.cumulative) - 1
    for a in range(len(applicants.row)):
        key, chance = applicants.key[a], applicants.chance[a]
        if chance <= 0 or (chance < 1 and uniform_of(searching, key) >= chance):
            continue
        home = applicants.county[a]
        if vacancies.cumulative[home, last] <= 0:
            continue
        draw, where = uniform_of(counties, key), 0
        while where < last and vacancies.cumulative[home, where] < draw:
            where += 1
        span = vacancies.before[where + 1] - vacancies.before[where]
        point = vacancies.before[where] + uniform_of(firms, key) * span
        found = np.searchsorted(vacancies.stacked, point, side="right")
        firm = vacancies.firm[min(found, len(vacancies.firm) - 1)]
        if offer[firm] >= applicants.least[a]:
            who[n], at[n] = a, firm
            n += 1
    return who[:n], at[:n]


@compiled
def take_jobs(
    taken: np.ndarray, at: np.ndarray, offer: np.ndarray, stage: np.ndarray, persons: Persons, rows: np.ndarray
) -> tuple[float, float]:
    """Hire rows ``taken`` (n,) at firms ``at`` (n,) for their ``offer`` (F,) CNY a month; ``rows`` (F,) are counted.

    Who comes to another ``stage`` (F,) brings a part of the skill along.  Returns persons hired, and those of them who
    leave the farm.
    """
    hired, from_farm = 0.0, 0.0
    for n in range(len(taken)):
        i = taken[n]
        hired += persons.weight[i]
        if persons.employer[i] >= 0:
            rows[persons.employer[i]] -= 1
        elif persons.farm[i] >= 0:
            from_farm += persons.weight[i]
        persons.employer[i] = at[n]
        rows[at[n]] += 1
        persons.wage[i] = offer[at[n]]
        persons.months_unemployed[i] = 0
        persons.participates[i] = 1
        if persons.skill_stage[i] != stage[at[n]]:
            persons.skill_stage[i] = stage[at[n]]
            persons.skill[i] *= 0.7
    return hired, from_farm


@compiled
def learn(persons: Persons, idle: np.ndarray, rate: np.ndarray) -> None:
    """Skill moves toward 1 in the job's stage and fades out of it; months out of work go up.

    ``idle`` are the rows that were out of a job this month; ``rate`` (4,) by education.
    """
    skills, employer, education = persons.skill, persons.employer, persons.education
    none, low, middle, high = rate
    for i in range(len(skills)):
        skill, level = skills[i], education[i]
        gap = 1 - skill if employer[i] >= 0 else -0.25 * skill
        pace = high if level == TERTIARY else (middle if level == SENIOR else (low if level == JUNIOR else none))
        skills[i] = skill + pace * gap
    for i in idle:
        if persons.employer[i] < 0 and persons.farm[i] < 0:
            persons.months_unemployed[i] += 1
