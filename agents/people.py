"""People: ageing, births, deaths and schooling; `moving` holds the choice of place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config.loader import Config
from ..config.parameters_schema import Migration
from .people_loops import Chances, Occasions, live_a_month, members_of
from .persons import persons_of
from .randomness import Streams, child_key
from .workers import FEMALE, JUNIOR, MALE, PRIMARY_SCHOOL, SENIOR, TERTIARY, WorkerSet

LEAVES_SCHOOL = {PRIMARY_SCHOOL: 16.0, JUNIOR: 16.0, SENIOR: 19.0, TERTIARY: 22.0}


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
class Schooling:
    """What becomes of pupils: ``attains`` (2,), see `Chances`, and the share of leavers who look for work."""

    attains: np.ndarray
    participation: float


@dataclass
class Month:
    """Whom something happens to this month: rows that die, mothers, and rows that think of moving."""

    dead: np.ndarray
    mothers: np.ndarray
    thinking: np.ndarray


def people_age(
    workers: WorkerSet, rates: VitalRates, rules: Migration, schooling: Schooling, streams: Streams, month: int
) -> Month:
    """Everyone grows a month older and may leave school; deaths, births and thoughts of moving are drawn.

    Schooling ends at the age of the level reached; most of those who leave school look for work, farm members on the
    farm.
    """
    chances = Chances(
        rates.death,
        rates.birth,
        np.array([LEAVES_SCHOOL[k] for k in range(4)]),
        schooling.attains,
        schooling.participation,
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
        tenure=workers.tenure[mothers],
        skill=np.full(len(mothers), 0.4),
    )
    return newborn.row_numbers
