"""One look at all persons each winter: who comes home to a farm, who works or claims one, and who seeks one."""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .labour_loops import LAST_FARM_AGE
from .persons import Persons
from .workers import OUTSIDE, RURAL

ADULT = 16.0
YOUNGEST_FOUNDER, OLDEST_FOUNDER = 18.0, 60.0


@compiled
def look_for_farmers(
    persons: Persons, county: np.ndarray, farm_of_house: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Let villagers without a farm work that of their household, in its ``county`` (N,); count who is there to run it.

    ``farm_of_house`` (H + 1,) is -1 for households without a farm, and for the last cell.  Returns by farm (N,) persons
    who work on it, other grown-up members at home, and whether anybody has a claim to it: who lives on it, and members
    of its household with rural registration wherever they are; and rows of villagers out of work who could take one.
    """
    full, other = np.zeros(len(county)), np.zeros(len(county))
    claimed = np.zeros(len(county), np.bool_)
    seekers, count = np.empty(len(persons.key), np.int64), 0
    for i in range(len(persons.key)):
        if not persons.alive[i]:
            continue
        farm, age, away = persons.farm[i], persons.age[i], persons.place[i] == OUTSIDE
        works = (persons.participates[i] == 1) & (persons.employer[i] < 0)
        if farm < 0:
            house = farm_of_house[persons.household[i]]
            if house >= 0 and persons.hukou_urban[i] == 0:
                claimed[house] = True
            if persons.place[i] != RURAL:
                continue
            if house >= 0 and county[house] == persons.county[i]:
                farm = persons.farm[i] = house
            elif works and YOUNGEST_FOUNDER <= age < OLDEST_FOUNDER and persons.household[i] >= 0:
                seekers[count] = i
                count += 1
        if farm < 0 or away:
            continue
        claimed[farm] = True
        if ADULT <= age < LAST_FARM_AGE:
            if works:
                full[farm] += persons.weight[i]
            else:
                other[farm] += persons.weight[i]
    return full, other, claimed, seekers[:count]
