"""People: ageing, births, deaths, schooling, and migration as an individual choice of place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config.loader import Config
from ..config.parameters_schema import Migration
from .people_loops import Chances, Occasions, live_a_month, members_of, settle
from .persons import persons_of
from .randomness import Streams, child_key
from .workers import FEMALE, JUNIOR, MALE, OUTSIDE, PRIMARY_SCHOOL, SENIOR, TERTIARY, TOWN, WorkerSet

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


@dataclass
class Month:
    """Whom something happens to this month: rows that die, mothers, and rows that think of moving."""

    dead: np.ndarray
    mothers: np.ndarray
    thinking: np.ndarray


def people_age(workers: WorkerSet, rates: VitalRates, rules: Migration, streams: Streams, month: int) -> Month:
    """Everyone grows a month older and may leave school; deaths, births and thoughts of moving are drawn.

    Schooling ends at the age of the level reached; who leaves school looks for work, farm members on the farm.
    """
    chances = Chances(
        rates.death,
        rates.birth,
        np.array([LEAVES_SCHOOL[k] for k in range(4)]),
        rules.consideration_rate.amount,
        rules.move_age_peak.amount,
        rules.move_age_decay.amount,
        rules.jobless_push.amount,
    )
    occasions = Occasions(
        streams.occasion("people.death", month),
        streams.occasion("people.birth", month),
        streams.occasion("people.schooling", 0),
        streams.occasion("migration.think", month),
    )
    return Month(*live_a_month(persons_of(workers), chances, occasions))


def people_die(workers: WorkerSet, rows: np.ndarray, counties: int) -> tuple[np.ndarray, float]:
    """The household inherits cash and debt of those who die (``rows``).

    Returns cash (CNY by county) left without heirs, and debt nobody is left to pay.
    """
    bereaved = members_of(workers.household, rows, int(workers.household.max()) + 1)
    homes, at = np.unique(workers.household[bereaved], return_inverse=True)
    gone = np.isin(bereaved, rows)
    heirs, weight = bereaved[~gone], workers.weight[bereaved]
    heads = np.bincount(at[~gone], weight[~gone], minlength=len(homes))
    for column in (workers.cash, workers.debt):
        left = np.bincount(at[gone], weight[gone] * column[bereaved[gone]], minlength=len(homes))
        column[heirs] += np.divide(left, heads, out=np.zeros(len(homes)), where=heads > 0)[at[~gone]]
    orphaned = bereaved[gone][heads[at[gone]] == 0]
    estates = workers.weight[orphaned] * workers.cash[orphaned]
    unpaid = float((workers.weight[orphaned] * workers.debt[orphaned]).sum())
    return np.bincount(workers.county[orphaned], estates, minlength=counties), unpaid


def people_are_born(
    workers: WorkerSet, mothers: np.ndarray, rates: VitalRates, streams: Streams, month: int
) -> np.ndarray:
    """Add one row for each birth: same household, county, place and weight as the mother.  Returns the new rows."""
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
    workers: WorkerSet, rows: np.ndarray, rules: Migration, places: Places, streams: Streams, month: int
) -> Moves:
    """Adults who weigh a move (``rows``) choose among staying, seven towns and outside by multinomial logit.

    Draws are keyed by (person, alternative, month): an added alternative shifts nobody else's.  Those living outside
    choose between staying there and coming back.
    """
    jobless = (workers.participates[rows] == 1) & (workers.employer[rows] < 0) & (workers.farm[rows] < 0)
    utility = _utilities(workers, rows, rules, places, jobless & (workers.place[rows] != OUTSIDE))
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


@dataclass
class Moves:
    """Rows that moved this month, from which county and place (``origin``, ``left``)."""

    rows: np.ndarray
    origin: np.ndarray
    left: np.ndarray


def _move(workers: WorkerSet, rows: np.ndarray, choice: np.ndarray) -> Moves:
    """Carry out the choices: who leaves the county leaves job and farm; the household at home stays the same.

    Who moves into a town of the same county keeps the land and goes on farming until a job is found.
    """
    towns = choice < STAY
    leaving = choice == AWAY
    was_outside = workers.place[rows] == OUTSIDE
    moved = rows[towns | leaving]
    moves = Moves(moved, workers.county[moved], workers.place[moved])
    changes_county = towns & (workers.county[rows] != choice)
    gives_up_job = rows[leaving | changes_county]
    workers.employer[gives_up_job] = -1
    workers.farm[gives_up_job] = -1
    workers.place[rows[leaving]] = OUTSIDE
    workers.place[rows[towns]] = TOWN
    workers.county[rows[towns]] = choice[towns].astype(np.int8)
    workers.participates[rows[towns & was_outside & (workers.age[rows] < 60)]] = 1
    return moves


def people_settle(workers: WorkerSet, rules: Migration, streams: Streams, month: int) -> None:
    """Town residents with rural registration may convert it or take a residence permit: acts of their own."""
    settle(
        persons_of(workers),
        rules.convert_rate.amount,
        rules.permit_rate.amount,
        streams.occasion("settle.convert", month),
        streams.occasion("settle.permit", month),
    )
