"""People: ageing, births, deaths, schooling, and migration as an individual choice of place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config.loader import Config
from ..config.parameters_schema import Migration
from .farms import FarmSet
from .labour import unemployed
from .randomness import Streams, child_key, drawn
from .workers import FEMALE, JUNIOR, MALE, OUTSIDE, PRIMARY_SCHOOL, RURAL, SENIOR, TERTIARY, TOWN, WorkerSet

LEAVES_SCHOOL = {PRIMARY_SCHOOL: 16.0, JUNIOR: 16.0, SENIOR: 19.0, TERTIARY: 22.0}
STAY, AWAY = 7, 8  # alternatives 0-6 are the seven towns, then staying put and outside


@dataclass
class VitalRates:
    """Monthly probabilities by single year of age: ``death`` (2, 111) by sex and ``birth`` (111,) of women."""

    death: np.ndarray
    birth: np.ndarray
    boys: float

    @classmethod
    def of(cls, config: Config, year: int) -> VitalRates:
        """Rates in force in a calendar year: the mortality period that holds it and fertility interpolated by year."""
        people = config.population
        death = np.stack(
            [_by_age(_period(table.values, year)) for table in (people.mortality_male, people.mortality_female)]
        )
        years = sorted(people.fertility.values, key=int)
        ages = sorted(people.fertility.values[years[0]], key=int)
        table = np.array([[people.fertility.values[y].get(a, 0.0) for a in ages] for y in years])
        now = [np.interp(year, [int(y) for y in years], table[:, k]) for k in range(len(ages))]
        birth = np.zeros(111)
        for a, rate in zip(ages, now, strict=True):
            birth[int(a) : int(a) + 5] = rate
        ratio = people.sex_ratio_at_birth.amount
        return cls(1 - np.exp(-death / 12), 1 - np.exp(-birth / 12), ratio / (1 + ratio))


def _period(values: dict[str, dict[str, float]], year: int) -> dict[str, float]:
    chosen = [key for key in sorted(values) if int(key.split("-")[0]) <= year]
    return values[chosen[-1] if chosen else sorted(values)[0]]


def _by_age(groups: dict[str, float]) -> np.ndarray:
    """Spread rates by group start over single years 0-110."""
    starts = sorted(int(a) for a in groups)
    rates = np.zeros(111)
    for i, start in enumerate(starts):
        end = starts[i + 1] if i + 1 < len(starts) else 111
        rates[start:end] = groups[str(start)]
    return rates


def people_age(workers: WorkerSet) -> None:
    """Everyone grows a month older."""
    workers.age[workers.alive] += 1 / 12


def people_die(
    workers: WorkerSet, rates: VitalRates, streams: Streams, month: int, counties: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Draw deaths; the household inherits cash and debt.

    Returns rows that died, cash (CNY by county) left without heirs, and debt nobody is left to pay.
    """
    year = np.minimum(workers.age.astype(np.int64), 110)
    risk = rates.death[workers.sex, year]
    dead = workers.alive & (streams.uniform("people.death", workers.key, month) < risk)
    rows = np.flatnonzero(dead)
    home = workers.alive & ~dead & (workers.household >= 0)
    size = int(workers.household.max()) + 1
    heirs = np.bincount(workers.household[home], workers.weight[home], minlength=size)
    for name in ("cash", "debt"):
        column = getattr(workers, name)
        left = np.bincount(workers.household[rows], workers.weight[rows] * column[rows], minlength=size)
        share = np.divide(left, heirs, out=np.zeros(size), where=heirs > 0)[workers.household[home]]
        column[home] += share
        if name == "cash":
            workers.pooling[home] += share
    orphaned = heirs[workers.household[rows]] == 0
    estates = np.where(orphaned, workers.weight[rows] * workers.cash[rows], 0.0)
    unpaid = float((workers.weight[rows] * workers.debt[rows])[orphaned].sum())
    return rows, np.bincount(workers.county[rows], estates, minlength=counties), unpaid


def people_are_born(workers: WorkerSet, rates: VitalRates, streams: Streams, month: int) -> np.ndarray:
    """Add one row for each birth: same household, county, place and weight as the mother.  Returns the new rows."""
    year = np.minimum(workers.age.astype(np.int64), 110)
    risk = np.where(workers.sex == FEMALE, rates.birth[year], 0.0)
    risk = risk * (workers.alive & (workers.place != OUTSIDE))
    mothers = np.flatnonzero(drawn(streams, "people.birth", workers.key, month, risk))
    key = child_key(workers.key[mothers], month + 1, 0)
    boy = streams.uniform("people.sex", key, month) < rates.boys
    newborn = workers.create_agents(
        len(mothers),
        key=key,
        weight=workers.weight[mothers],
        sex=np.where(boy, MALE, FEMALE).astype(np.int8),
        county=workers.county[mothers],
        place=workers.place[mothers],
        hukou_urban=workers.hukou_urban[mothers],
        household=workers.household[mothers],
        farm=workers.farm[mothers],
        skill=np.full(len(mothers), 0.4),
    )
    return newborn.row_numbers


def people_leave_school(workers: WorkerSet, streams: Streams, month: int) -> None:
    """Schooling ends at the age of the level reached; who leaves school looks for work, farm members on the farm."""
    education = workers.education
    at_15 = np.flatnonzero(workers.alive & _turns(workers.age, 15.0))
    draw = streams.uniform("people.schooling", workers.key[at_15], 0)
    # Attainment of those now in school: nine years for all, senior 55 %, tertiary 30 % (assumed, national rates).
    education[at_15] = np.where(draw < 0.30, TERTIARY, np.where(draw < 0.55, SENIOR, JUNIOR))
    leaving_age = np.array([LEAVES_SCHOOL[k] for k in range(4)])[education]
    entering = np.flatnonzero(workers.alive & _turns(workers.age, leaving_age) & (workers.place != OUTSIDE))
    draw = streams.uniform("people.schooling", workers.key[entering], 0)
    workers.participates[entering[draw < 0.9]] = 1


def _turns(age: np.ndarray, birthday: np.ndarray | float) -> np.ndarray:
    """Whose birthday was this month; the months of a life tile without gap although their sum is not exact."""
    past = age - birthday + 1e-6
    return np.asarray((past >= 0) & (past < 1 / 12))


@dataclass
class Places:
    """What a person weighs, by town of the seven counties.

    ``town_income`` (7,) and ``village_income`` (7,) CNY a head a year, ``outside_income``; ``distance`` (7, 7) km;
    ``amenity`` (7,) services, permit content and housing of towns in utility units, beyond the base.
    """

    town_income: np.ndarray
    village_income: np.ndarray
    outside_income: float
    distance: np.ndarray
    amenity: np.ndarray


def people_choose_place(
    workers: WorkerSet, farms: FarmSet, rules: Migration, places: Places, streams: Streams, month: int
) -> dict[str, np.ndarray]:
    """Adults who weigh a move choose among staying, seven towns and outside by multinomial logit.

    Draws are keyed by (person, alternative, month): an added alternative shifts nobody else's.  Those living outside
    choose between staying there and coming back.  Returns rows that moved by kind.
    """
    age_factor = np.exp(-np.maximum(workers.age - rules.move_age_peak.amount, 0) / rules.move_age_decay.amount)
    jobless = unemployed(workers)
    chance = rules.consideration_rate.amount * age_factor * np.where(jobless, rules.jobless_push.amount, 1.0)
    chance = chance * (workers.alive & (workers.age >= 16) & (workers.age < 65))
    rows = np.flatnonzero(drawn(streams, "migration.think", workers.key, month, chance))
    utility = _utilities(workers, rows, rules, places, jobless[rows])
    key = workers.key[rows]
    noise = streams.gumbel("migration.taste", key[:, None], month, alternative=np.arange(9)[None, :])
    choice = np.argmax(utility + noise, axis=1)
    return _move(workers, rows, choice)


def _utilities(
    workers: WorkerSet, rows: np.ndarray, rules: Migration, places: Places, jobless: np.ndarray
) -> np.ndarray:
    """Deterministic utility (n, 9) of each alternative."""
    weight, distance = rules.income_weight.amount, rules.distance_weight.amount
    county, place = workers.county[rows], workers.place[rows]
    towns = len(places.town_income)
    utility = np.full((len(rows), 9), -np.inf)
    km = places.distance[county]
    utility[:, :towns] = weight * np.log(places.town_income) + places.amenity
    utility[:, :towns] += distance * np.log1p(km / 100) + rules.town_amenity.amount
    here = np.where(place == TOWN, places.town_income[county], places.village_income[county])
    here = np.where(place == OUTSIDE, places.outside_income, here)
    here = np.where(jobless, here / rules.jobless_push.amount, here)
    ties = np.where(place == OUTSIDE, rules.outside_ties.amount, rules.home_ties.amount)
    utility[:, STAY] = weight * np.log(here) + ties
    utility[:, STAY] += np.where(place == TOWN, places.amenity[county], 0.0)
    utility[:, STAY] += np.where(place == TOWN, rules.town_amenity.amount, 0.0)
    utility[:, STAY] += np.where(place == OUTSIDE, rules.outside_amenity.amount, 0.0)
    utility[:, AWAY] = weight * np.log(places.outside_income) + rules.outside_amenity.amount
    utility[:, AWAY] += distance * np.log1p(rules.outside_distance.amount / 100)
    utility[place == OUTSIDE, AWAY] = -np.inf
    in_town = np.flatnonzero(place == TOWN)
    utility[in_town, county[in_town]] = -np.inf
    return utility


def _move(workers: WorkerSet, rows: np.ndarray, choice: np.ndarray) -> dict[str, np.ndarray]:
    """Carry out the choices: who leaves the county leaves job and farm; the household at home stays the same.

    Who moves into a town of the same county keeps the land and goes on farming until a job is found.
    """
    towns = choice < STAY
    leaving = choice == AWAY
    was_outside = workers.place[rows] == OUTSIDE
    was_rural = workers.place[rows] == RURAL
    moved = rows[towns | leaving]
    changes_county = towns & (workers.county[rows] != choice)
    gives_up_job = rows[leaving | changes_county]
    workers.employer[gives_up_job] = -1
    workers.farm[gives_up_job] = -1
    workers.place[rows[leaving]] = OUTSIDE
    workers.place[rows[towns]] = TOWN
    origin = workers.county[moved].copy()
    workers.county[rows[towns]] = choice[towns].astype(np.int8)
    workers.participates[rows[towns & was_outside & (workers.age[rows] < 60)]] = 1
    return {
        "departed": rows[leaving],
        "returned": rows[towns & was_outside],
        "to_town": rows[towns & was_rural],
        "between_towns": rows[towns & changes_county & ~was_outside & ~was_rural],
        "moved": moved,
        "origin": origin,
    }


def people_settle(workers: WorkerSet, rules: Migration, streams: Streams, month: int) -> None:
    """Town residents with rural registration may convert it or take a residence permit: acts of their own."""
    eligible = workers.alive & (workers.place == TOWN) & (workers.hukou_urban == 0)
    convert = drawn(streams, "settle.convert", workers.key, month, rules.convert_rate.amount * eligible)
    asking = eligible & ~convert & (workers.permit == 0)
    permit = drawn(streams, "settle.permit", workers.key, month, rules.permit_rate.amount * asking)
    workers.hukou_urban[convert] = 1
    workers.permit[permit] = 1
