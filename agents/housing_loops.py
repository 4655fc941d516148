"""Loops over all persons about dwellings and papers: rents, who buys, who takes a permit or converts registration."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled, uniform_of
from .persons import Persons
from .workers import OUTSIDE, TOWN

OWNS, RENTS, PUBLIC = 0, 1, 2  # tenure in town; nobody pays rent elsewhere
SCHOOL_FROM, SCHOOL_TO = 6.0, 18.0


class Lettings(NamedTuple):
    """Of a month, by county and tenure (C, 3): persons in town and CNY they paid; CNY put into town dwellings (C,)."""

    people: np.ndarray
    paid: np.ndarray
    built: np.ndarray


@compiled
def pay_rents(persons: Persons, due: np.ndarray) -> Lettings:
    """Tenants pay ``due`` (C, 3) CNY a head from the cash they have; private landlords of the county share it evenly.

    Where nobody in town owns a dwelling no private rent is paid.
    """
    counties = len(due)
    people, paid, built = np.zeros((counties, 3)), np.zeros((counties, 3)), np.zeros(counties)
    for i in range(len(persons.key)):
        persons.rent_paid[i] = 0.0
        persons.rent_income[i] = 0.0
        if persons.place[i] == TOWN:
            people[persons.county[i], persons.tenure[i]] += persons.weight[i]
            built[persons.county[i]] += persons.weight[i] * persons.housing[i]
    for i in range(len(persons.key)):
        tenure, county = persons.tenure[i], persons.county[i]
        if tenure == OWNS or (tenure == RENTS and people[county, OWNS] == 0):
            continue
        rent = min(due[county, tenure], max(persons.cash[i], 0.0))
        persons.rent_paid[i] = rent
        persons.cash[i] -= rent
        paid[county, tenure] += persons.weight[i] * rent
    for i in range(len(persons.key)):
        county = persons.county[i]
        if persons.place[i] == TOWN and persons.tenure[i] == OWNS and paid[county, RENTS] > 0:
            share = paid[county, RENTS] / people[county, OWNS]
            persons.rent_income[i] = share
            persons.cash[i] += share
    return Lettings(people, paid, built)


class Papers(NamedTuple):
    """Chances a month and occasions of their draws.

    ``public`` (C,) is the chance of a tenant to get a free public flat; ``land_kept`` the chance to keep the land.
    """

    convert: float
    permit: float
    buy: float
    land_kept: float
    public: np.ndarray
    converting: np.uint64
    asking: np.uint64
    buying: np.uint64
    land: np.uint64
    moving: np.uint64


@compiled
def settle_in_town(persons: Persons, papers: Papers, oldest: float) -> np.ndarray:
    """Three acts of townspeople: convert a rural registration, take a permit, and come to own or get a public flat.

    Below ``oldest`` years only can registration be converted with a claim to a town pension.  Returns persons who
    converted and who took a permit, (2,).
    """
    done = np.zeros(2)
    for i in range(len(persons.key)):
        if persons.place[i] != TOWN:
            continue
        key = persons.key[i]
        if persons.hukou_urban[i] == 0:
            if persons.age[i] < oldest and uniform_of(papers.converting, key) < papers.convert:
                persons.hukou_urban[i] = 1
                done[0] += persons.weight[i]
                if papers.land_kept < 1 and uniform_of(papers.land, key) >= papers.land_kept:
                    persons.farm[i] = -1
            elif persons.permit[i] == 0 and uniform_of(papers.asking, key) < papers.permit:
                persons.permit[i] = 1
                done[1] += persons.weight[i]
        if persons.tenure[i] != OWNS and uniform_of(papers.buying, key) < papers.buy:
            persons.tenure[i] = OWNS
        elif persons.tenure[i] == RENTS and uniform_of(papers.moving, key) < papers.public[persons.county[i]]:
            persons.tenure[i] = PUBLIC
    return done


@compiled
def look_home(persons: Persons, rows: np.ndarray, households: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What those who weigh a move (``rows``) have at home.

    Returns by row whether a child of school age lives in the household's village home, where members at home live
    (-1: nobody is left) and the farm they work (-1: none).
    """
    slot = np.full(households + 1, -1, np.int32)
    count = 0
    for i in rows:
        if slot[persons.household[i] + 1] < 0 and persons.household[i] >= 0:
            slot[persons.household[i] + 1] = count
            count += 1
    child, home, farm = np.zeros(count, np.bool_), np.full(count, -1, np.int8), np.full(count, -1, np.int32)
    for i in range(len(persons.key)):
        s = slot[persons.household[i] + 1]
        if s < 0 or not persons.alive[i] or persons.place[i] == OUTSIDE:
            continue
        home[s] = max(home[s], persons.place[i]) if home[s] == TOWN else persons.place[i]
        farm[s] = max(farm[s], persons.farm[i])
        if persons.place[i] != TOWN and SCHOOL_FROM <= persons.age[i] < SCHOOL_TO:
            child[s] = True
    out_child, out_home = np.zeros(len(rows), np.bool_), np.full(len(rows), -1, np.int8)
    out_farm = np.full(len(rows), -1, np.int32)
    for n in range(len(rows)):
        s = slot[persons.household[rows[n]] + 1]
        if s >= 0:
            out_child[n], out_home[n], out_farm[n] = child[s], home[s], farm[s]
    return out_child, out_home, out_farm
