"""The people of the base year: rows drawn from the census so that every margin holds at every scale.

Residents are laid out by county x place x sex with weights that make each cell exact; ages follow the census of the
county and sex.  Members living elsewhere are the registered who are not resident (net).  Households are groups of
rows of one county and place with the census's mean size.
"""

from __future__ import annotations

import numpy as np

from ..config.loader import Config
from ..config.schema import County
from .labour import pension_ages
from .labour_loops import LAST_FARM_AGE
from .people import LEAVES_SCHOOL
from .people_loops import NINE_YEARS_END
from .randomness import Streams, child_key, name_key, systematic_round
from .sexes import seat_men_and_women
from .workers import FEMALE, MALE, OUTSIDE, PRIMARY_SCHOOL, RURAL, TERTIARY, TOWN

WORK_AGE = 16
AWAY_AGES = (17.0, 55.0)  # members living elsewhere are of working age; assumed


def worker_columns(config: Config, counties: list[County], *, scale: float, streams: Streams) -> dict[str, np.ndarray]:
    """Lay out all rows with age, sex, place, registration, schooling and household.

    Returns columns aligned by row; ``weight`` times rows sums to the census in every county x place x sex cell.
    """
    blocks = []
    elsewhere = members_elsewhere(config, counties)
    for c, name in enumerate(counties):
        facts, people = config.counties.counties[name], config.population
        male = sum(people.census_male.values[name].values())
        female = sum(people.census_female.values[name].values())
        residents = {TOWN: facts.residents_urban.amount, RURAL: facts.residents_rural.amount}
        for place, total in residents.items():
            for sex, share in ((MALE, male / (male + female)), (FEMALE, female / (male + female))):
                blocks.append(_block(config, name, c, place, sex, total * share, scale, streams))
        for sex, share in ((MALE, 0.58), (FEMALE, 0.42)):
            blocks.append(_block(config, name, c, OUTSIDE, sex, float(elsewhere[c]) * share, scale, streams))
    columns = {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}
    columns["education"] = _education(config, columns, counties)
    columns["household"] = _households(config, columns, counties, streams)
    # Members lie side by side, so that what a household shares stays in the processor's cache.
    order = np.argsort(columns["household"], kind="stable")
    return {key: column[order] for key, column in columns.items()}


def members_elsewhere(config: Config, counties: list[County]) -> np.ndarray:
    """Registered here but living elsewhere, (C,): the net figure by county, scaled to the city's registered total."""
    facts = [config.counties.counties[name] for name in counties]
    residents = np.array([f.residents_urban.amount + f.residents_rural.amount for f in facts])
    registered = np.array([f.registered.amount for f in facts])
    net = np.maximum(registered - residents, 0.0)
    return net * (registered.sum() - residents.sum()) / net.sum() if net.any() else net


def _block(
    config: Config, name: County, c: int, place: int, sex: int, persons: float, scale: float, streams: Streams
) -> dict[str, np.ndarray]:
    """Rows of one county x place x sex cell."""
    rows = max(2, round(persons * scale))
    origin = name_key("person", name, str(place), str(sex))
    key = child_key(np.full(rows, origin, dtype=np.uint64), 0, np.arange(rows))
    census = config.population.census_male if sex == MALE else config.population.census_female
    if place == OUTSIDE:
        low, high = AWAY_AGES
        age = low + (high - low) * streams.uniform("people.age", key, 0)
    else:
        age = _ages(census.values[name], key, rows, streams)
    return {
        "key": key,
        "weight": np.full(rows, persons / rows),
        "county": np.full(rows, c, dtype=np.int8),
        "place": np.full(rows, place, dtype=np.int8),
        "sex": np.full(rows, sex, dtype=np.int8),
        "age": age,
        "hukou_urban": (streams.uniform("people.hukou", key, 0) < _urban_registered(place)).astype(np.int8),
        "learning": _learning(age, place, key, streams),
        "skill": 0.3 + 0.4 * streams.uniform("people.skill", key, 0),
    }


def _urban_registered(place: int) -> float:
    """Share with urban registration: the city's 82.84e4 of 232.55e4 are mostly in town (plan 一); assumed."""
    return {TOWN: 0.72, RURAL: 0.10, OUTSIDE: 0.22}[place]


def _ages(census: dict[str, float], key: np.ndarray, rows: int, streams: Streams) -> np.ndarray:
    """Ages by systematic sampling of the census groups, spread evenly inside a group."""
    spans = np.array([(*_span(group), count) for group, count in census.items()])
    starts, ends, weight = spans[np.argsort(spans[:, 0])].T
    per_group = systematic_round(weight / weight.sum() * rows, float(streams.uniform("people.ages", key[:1], 0)[0]))
    group = np.repeat(np.arange(len(weight)), per_group)[:rows]
    group = np.pad(group, (0, rows - len(group)), mode="edge")
    group = group[np.argsort(streams.bits("people.age_order", key, 0))]
    low = starts[group]
    return low + (ends[group] - low) * streams.uniform("people.age", key, 0)


def _span(group: str) -> tuple[float, float]:
    """First age and the age after the last of a census group such as ``0``, ``5-9`` or ``85+`` (eight years)."""
    low, _, high = group.rstrip("+").partition("-")
    return float(low), float(low) + 8 if group.endswith("+") else float(high or low) + 1


def _learning(age: np.ndarray, place: int, key: np.ndarray, streams: Streams) -> np.ndarray:
    """Order in which people have more schooling: the young and the townspeople have more (assumed slopes)."""
    slope = np.clip((45 - age) / 25, -1, 1) * 0.8 + (1.0 if place == TOWN else 0.0)
    return np.asarray(slope + streams.normal("people.education", key, 0))


def _education(config: Config, columns: dict[str, np.ndarray], counties: list[County]) -> np.ndarray:
    """Schooling level of everyone: the census's counts of residents by county; members elsewhere by the same marks."""
    age, learning = columns["age"], columns.pop("learning")
    level = np.full(len(age), PRIMARY_SCHOOL, dtype=np.int8)
    oldest = np.where(age < NINE_YEARS_END, PRIMARY_SCHOOL, TERTIARY)  # the census counts the level attended
    for c, name in enumerate(counties):
        here = columns["county"] == c
        adults = here & (columns["place"] != OUTSIDE) & (age >= 15)
        order = np.flatnonzero(adults)[np.argsort(-learning[adults], kind="stable")]
        passed = np.cumsum(columns["weight"][order])
        counts = [config.population.schooling.values[name][key] for key in ("tertiary", "senior", "junior")]
        ends = np.searchsorted(passed, np.cumsum(counts)).clip(0, len(order) - 1)
        marks = learning[order[ends]][::-1]
        level[here] = np.digitize(learning[here], marks)
    return np.minimum(level, oldest).astype(np.int8)


def _households(config: Config, columns: dict[str, np.ndarray], counties: list[County], streams: Streams) -> np.ndarray:
    """Group rows of one county and place into households of the census's mean size; members elsewhere keep a home.

    Adults and children are dealt in turn so that most households have both.
    """
    household = np.full(len(columns["key"]), -1, dtype=np.int32)
    next_id = 0
    for c, name in enumerate(counties):
        facts = config.counties.counties[name]
        size = (facts.residents_urban.amount + facts.residents_rural.amount) / facts.households.amount
        homes: dict[int, np.ndarray] = {}
        for place in (TOWN, RURAL):
            rows = np.flatnonzero((columns["county"] == c) & (columns["place"] == place))
            count = max(1, round(len(rows) / size))
            adult = (columns["age"][rows] >= 25) & (columns["age"][rows] < 60)
            order = rows[np.lexsort((streams.bits("people.household", columns["key"][rows], 0), ~adult))]
            household[order] = next_id + np.arange(len(order)) % count
            homes[place] = np.arange(next_id, next_id + count)
            next_id += count
        away = np.flatnonzero((columns["county"] == c) & (columns["place"] == OUTSIDE))
        rural_home = streams.uniform("people.home", columns["key"][away], 0) < 0.75
        for place, chosen in ((RURAL, rural_home), (TOWN, ~rural_home)):
            rows = away[chosen]
            pick = streams.integers("people.home_of", columns["key"][rows], 0, high=len(homes[place]))
            household[rows] = homes[place][pick]
    return household


def assign_base_jobs(
    config: Config, columns: dict[str, np.ndarray], counties: list[County], industries: list[str], streams: Streams
) -> np.ndarray:
    """Industry of each employed row, -1 for others: the grossed-up census by county of residence.

    Non-farm jobs go first to townspeople of working age, better schooled first by a noisy rank, to men and women as the
    industry has them; farming to villagers.
    """
    industry = np.full(len(columns["key"]), -1, dtype=np.int8)
    people, noise = config.population, streams.normal("people.job_rank", columns["key"], 0)
    farming = industries.index("agriculture_forestry_fishery")
    # Better paid industries choose first among those who rank high by schooling and living in town.
    paid = people.wages.amounts
    women = np.array([people.women_share.amounts[name] for name in industries])
    school_ends = np.array([LEAVES_SCHOOL[level] for level in range(4)])
    pension = pension_ages(config.parameters.labour)
    others = sorted((i for i in range(len(industries)) if i != farming), key=lambda i: -paid[industries[i]])
    for c, name in enumerate(counties):
        here = np.flatnonzero((columns["county"] == c) & (columns["place"] != OUTSIDE))
        persons = np.array([people.employed_sample.values[name].get(i, 0.0) for i in industries])
        persons = persons / people.sample_rate.amount
        start = float(streams.uniform("people.jobs", np.array([name_key("jobs", name)], dtype=np.uint64), 0)[0])
        rows_wanted = systematic_round(persons / float(columns["weight"][here].mean()), start)
        age, urban = columns["age"][here], columns["place"][here] == TOWN
        adult = (age >= WORK_AGE + 2) & (age >= school_ends[columns["education"][here]])
        score = noise[here] + np.where(urban, 2.0, 0.0) + 0.4 * columns["education"][here]
        free = np.flatnonzero(adult & (age < pension[columns["sex"][here]]))
        order = here[free[np.argsort(-score[free], kind="stable")]]
        seated, at = seat_men_and_women(
            order, columns["sex"][order], rows_wanted[others], np.array(others), women[others], start
        )
        industry[seated] = at
        score = noise[here] + np.where(urban, -1.2, 1.2)
        free = np.flatnonzero(adult & (age < LAST_FARM_AGE) & (industry[here] < 0))
        order = here[free[np.argsort(-score[free], kind="stable")]]
        industry[order[: rows_wanted[farming]]] = farming
    return industry
