"""Loops over persons for the succession of farms: who comes home to one, who has a claim to one, who seeks one."""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .persons import Persons
from .workers import OUTSIDE, RURAL

YOUNGEST_FARMER, OLDEST_FOUNDER = 18.0, 60.0


@compiled
def come_home(persons: Persons, county: np.ndarray, farm_of_house: np.ndarray) -> float:
    """Let villagers without a farm work that of their household, in its ``county`` (N,); returns how many do.

    ``farm_of_house`` (H + 1,) is -1 for households without a farm, and for the last cell.
    """
    came = 0.0
    for i in range(len(persons.key)):
        if persons.alive[i] and persons.farm[i] < 0 and persons.place[i] == RURAL:
            farm = farm_of_house[persons.household[i]]
            if farm >= 0 and county[farm] == persons.county[i]:
                persons.farm[i] = farm
                came += persons.weight[i]
    return came


@compiled
def find_claims(persons: Persons, farms: int, farm_of_house: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Say which farms somebody has a claim to, (N,), and list villagers out of work who could take one.

    A claim has who lives on the farm, and every member of its household with rural registration wherever he or she is.
    """
    claimed = np.zeros(farms, np.bool_)
    seekers, count = np.empty(len(persons.key), np.int64), 0
    for i in range(len(persons.key)):
        if not persons.alive[i]:
            continue
        if persons.farm[i] >= 0 and persons.place[i] != OUTSIDE:
            claimed[persons.farm[i]] = True
        elif persons.hukou_urban[i] == 0 and farm_of_house[persons.household[i]] >= 0:
            claimed[farm_of_house[persons.household[i]]] = True
        seeks = (persons.place[i] == RURAL) & (persons.farm[i] < 0) & (persons.employer[i] < 0)
        of_age = YOUNGEST_FARMER <= persons.age[i] < OLDEST_FOUNDER
        if seeks and of_age and persons.participates[i] == 1 and persons.household[i] >= 0:
            seekers[count] = i
            count += 1
    return claimed, seekers[:count]
