"""Moving: adults choose among home, seven towns and outside; townspeople settle by acts of their own.

Multinomial logit on expected income, rent, distance, services, schools and ties.  Draws are keyed by (person,
alternative, month), so an added alternative shifts nobody else's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config.parameters_schema import Migration
from .family_moves import families_go_along
from .housing_loops import OWNS, RENTS, Papers, look_home, settle_in_town
from .people_loops import YOUNGEST_MOVER
from .persons import persons_of
from .randomness import Streams
from .workers import OUTSIDE, RURAL, TOWN, WorkerSet

STAY, AWAY, BACK = 7, 8, 9  # 0-6 are the seven towns, then staying put, outside, and back to the village home


@dataclass
class Places:
    """What a person weighs, by town of the seven counties, (C,).

    ``town_income`` and ``village_income`` CNY a head a year at mean schooling, ``outside_income`` the same;
    ``rent`` over that of 2020 and ``outside_rent``; ``rent_weight`` the share of spending on housing;
    ``distance`` (C, C) km; ``services`` log public services per resident against their trend; ``amenity`` in utility
    units, beyond the base; ``sending`` what is added to the utility of going outside; ``content`` part of schools and
    services open to rural-registered townspeople with and without a permit; ``pay`` (4,) by schooling; ``room`` persons
    who still find a dwelling.
    """

    town_income: np.ndarray
    village_income: np.ndarray
    outside_income: float
    rent: np.ndarray
    outside_rent: float
    rent_weight: float
    distance: np.ndarray
    services: np.ndarray
    amenity: np.ndarray
    sending: np.ndarray
    content: tuple[float, float]
    pay: np.ndarray
    room: np.ndarray


@dataclass
class Moves:
    """Rows that moved this month, from which county and place (``origin``, ``left``)."""

    rows: np.ndarray
    origin: np.ndarray
    left: np.ndarray


@dataclass
class Homes:
    """What those who weigh a move have at home: a ``child`` at school there, where it is, and its farm."""

    child: np.ndarray
    place: np.ndarray
    farm: np.ndarray

    def of(self, numbers: np.ndarray) -> Homes:
        """Give the homes of some of them, by number."""
        return Homes(self.child[numbers], self.place[numbers], self.farm[numbers])


def people_choose_place(
    workers: WorkerSet, rows: np.ndarray, rules: Migration, places: Places, streams: Streams, month: int
) -> Moves:
    """Adults who weigh a move (``rows``) stay, go to a town or outside; those outside may also return to the village.

    Some take their family along.  Where a town has no dwelling left for all of them, those who chose it later in the
    order of their keys stay where they are.
    """
    homes = Homes(*look_home(persons_of(workers), rows, int(workers.household.max()) + 1))
    utility = _utilities(workers, rows, rules, places, homes)
    key = workers.key[rows]
    noise = streams.gumbel("migration.taste", key[:, None], month, alternative=np.arange(utility.shape[1])[None, :])
    choice = np.argmax(utility + noise, axis=1)
    along, mover = families_go_along(workers, rows, choice != STAY, rules, streams, month)
    lead = np.r_[np.arange(len(rows)), mover]  # who goes along does what the mover does
    rows, choice, homes = np.r_[rows, along], choice[lead], homes.of(lead)
    _find_dwellings(workers, rows, choice, lead, places.room)
    return _move(workers, rows, choice, homes, month)


def _utilities(workers: WorkerSet, rows: np.ndarray, rules: Migration, places: Places, homes: Homes) -> np.ndarray:
    """Deterministic utility (n, 10) of each alternative; minus infinity where there is no such choice."""
    weight, distance = rules.income_weight.amount, rules.distance_weight.amount
    county, place = workers.county[rows], workers.place[rows]
    towns, pay = len(places.town_income), np.log(places.pay[workers.education[rows]])
    in_town, outside = place == TOWN, place == OUTSIDE
    utility = np.full((len(rows), BACK + 1), -np.inf)
    town = weight * (np.log(places.town_income) - places.rent_weight * np.log(places.rent)) + places.amenity
    town += rules.services_weight.amount * places.services
    away = weight * (np.log(places.outside_income) - places.rent_weight * np.log(places.outside_rent))
    away += rules.outside_amenity.amount
    open_to = _content(workers, rows, places.content)
    schools = rules.school_pull.amount * homes.child
    utility[:, :towns] = town + distance * np.log1p(places.distance[county] / 100) + (weight * pay)[:, None]
    utility[:, :towns] += (np.maximum(open_to, places.content[0]) * rules.town_amenity.amount)[:, None]
    # Children are at school in the county of the home: its own town is the one whose schools they can change to.
    utility[np.arange(len(rows)), county] += np.where(place == RURAL, open_to * schools, 0.0)
    utility[np.arange(len(rows)), county] += np.where(outside & (homes.place == TOWN), rules.home_ties.amount, 0.0)
    utility[:, STAY] = weight * np.log(places.village_income[county]) + rules.home_ties.amount
    here = town[county] + weight * pay + open_to * rules.town_amenity.amount + rules.home_ties.amount
    utility[:, STAY] = np.where(in_town, here, utility[:, STAY])
    utility[:, STAY] = np.where(outside, away + weight * pay + rules.outside_ties.amount, utility[:, STAY])
    jobless = (workers.participates[rows] == 1) & (workers.employer[rows] < 0) & (workers.farm[rows] < 0) & ~outside
    utility[:, STAY] -= np.where(jobless, weight * np.log(rules.jobless_push.amount), 0.0)
    utility[:, AWAY] = away + weight * pay + distance * np.log1p(rules.outside_distance.amount / 100)
    utility[:, AWAY] += places.sending[county]
    utility[outside, AWAY] = -np.inf
    back = outside & (homes.place == RURAL)
    utility[back, BACK] = weight * np.log(places.village_income[county[back]]) + rules.home_ties.amount
    utility[in_town, county[in_town]] = -np.inf
    return utility


def _content(workers: WorkerSet, rows: np.ndarray, content: tuple[float, float]) -> np.ndarray:
    """Part of a town's schools and services open to a person, by registration and permit."""
    rural = np.where(workers.permit[rows] == 1, content[0], content[1])
    return np.where(workers.hukou_urban[rows] == 1, 1.0, rural)


def _find_dwellings(
    workers: WorkerSet, rows: np.ndarray, choice: np.ndarray, lead: np.ndarray, room: np.ndarray
) -> None:
    """Let people into each town in the order of their keys until its dwellings are full; the others stay.

    Families, who share the number of the mover they follow, ``lead`` (n,), are let in together or not at all.
    """
    for c in range(len(room)):
        mine = np.flatnonzero(choice == c)
        weight = workers.weight[rows[mine]]
        if weight.sum() <= room[c]:
            continue
        turn = workers.key[rows[lead[mine]]]
        order = np.argsort(turn, kind="stable")
        turn = turn[order]
        whole = np.cumsum(weight[order])[np.searchsorted(turn, turn, side="right") - 1]
        choice[mine[order[whole > room[c]]]] = STAY


def _move(workers: WorkerSet, rows: np.ndarray, choice: np.ndarray, homes: Homes, month: int) -> Moves:
    """Carry out the choices: who leaves the county leaves job and farm; the household at home stays the same.

    Who moves into a town rents there; in its own county the land is kept and worked until a job is found.  Who comes
    back to the village works on the household's farm again.
    """
    towns, leaving, back = choice < STAY, choice == AWAY, choice == BACK
    was_outside = workers.place[rows] == OUTSIDE
    goes = towns | leaving | back
    moved = rows[goes]
    moves = Moves(moved, workers.county[moved], workers.place[moved])
    gives_up_job = rows[leaving | (towns & (workers.county[rows] != choice))]
    workers.employer[gives_up_job] = -1
    workers.farm[gives_up_job] = -1
    workers.place[rows[leaving]] = OUTSIDE
    workers.place[rows[towns]] = TOWN
    workers.place[rows[back]] = RURAL
    workers.county[rows[towns]] = choice[towns].astype(np.int8)
    workers.farm[rows[back]] = homes.farm[back]
    workers.tenure[rows[leaving | back]] = OWNS
    workers.tenure[rows[towns]] = RENTS
    workers.permit[gives_up_job] = 0
    workers.returned[rows[was_outside & goes]] = month
    grown = (workers.age[rows] >= YOUNGEST_MOVER) & (workers.age[rows] < 60)
    workers.participates[rows[(towns | back) & was_outside & grown]] = 1
    return moves


def people_settle(workers: WorkerSet, papers: Papers, pension_age: float) -> np.ndarray:
    """Convert registration, take a permit, buy: three acts; returns persons who did the first two, (2,)."""
    return settle_in_town(persons_of(workers), papers, pension_age)


def papers_of(
    rules: Migration, purchase_rate: float, conversion: float, public: np.ndarray, streams: Streams, month: int
) -> Papers:
    """Chances and draws of the month; ``conversion`` multiplies the rate of converting registration."""
    return Papers(
        min(rules.convert_rate.amount * conversion, 1.0),
        rules.permit_rate.amount,
        purchase_rate,
        rules.land_kept.amount,
        public,
        *(streams.occasion(f"settle.{act}", month) for act in ("convert", "permit", "buy", "land", "public")),
    )
