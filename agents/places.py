"""What places offer to those who weigh a move, and how moves, births and deaths change town and village."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .moving import Moves, Places
from .workers import INCOMES, OUTSIDE, SPENDING, TOWN, WorkerSet

if TYPE_CHECKING:
    from .model import IndustryChainModel

OUTSIDE_EMPLOYMENT = 0.92  # share of migrants in work; assumed, as for all migrant workers nationally
SERVICES_SMOOTHING = 1 / 12  # weight of the month in public services, so that one bad month moves nobody


def describe_places(model: IndustryChainModel, seekers: np.ndarray, hands: np.ndarray) -> Places:
    """Expected yearly income by town (wage x chance of work) and village (drawings, day wages), rents and services.

    ``seekers`` and ``hands`` (C,) are persons without work and working on farms.  Rents outside follow wages there.
    """
    firms, counties = model.firms, len(model.index.counties)
    bill = np.bincount(firms.county, firms.wage * firms.staffed, minlength=counties)
    jobs = np.bincount(firms.county, firms.staffed, minlength=counties)
    chance = jobs / np.maximum(jobs + seekers, 1.0)
    town = 12 * bill / np.maximum(jobs, 1.0) * chance
    draws = np.bincount(model.farms.county, model.farms.drawings + model.farms.day_wages, minlength=counties)
    model.village_income = 0.9 * model.village_income + 0.1 * 12 * draws / np.maximum(hands, 1.0)
    rules, policies = model.config.parameters.migration, model.policies
    with_permit = min(rules.permit_content.amount + policies.permit, 1.0)
    return Places(
        town_income=np.maximum(town, 1000.0),
        village_income=np.maximum(model.village_income, 1000.0),
        outside_income=OUTSIDE_EMPLOYMENT * model.migrant_wage,
        rent=model.housing.relative_rent,
        outside_rent=model.migrant_wage / model.config.population.migrant_wage.amount,
        rent_weight=model.config.parameters.housing.cost_share.amount,
        distance=model.distance,
        services=np.log(public_services(model)),
        amenity=policies.amenity,
        sending=policies.sending,
        content=(with_permit, min(rules.content_without.amount, with_permit)),
        pay=model.schooling_pay,
        room=model.housing.room,
    )


def public_services(model: IndustryChainModel) -> np.ndarray:
    """Public consumption per resident by county over its trend from 2020, (C,), smoothed over a year.

    Budgets that are cut, or shared among more people, buy each of them less; the trend is that of transfers, so other
    places are taken to keep pace with it.
    """
    growth = (1 + model.config.parameters.government.transfer_growth.amount) ** (model.month / 12)
    spent = -np.array([government.account.flows["consumption"] for government in model.governments])
    persons = model.residents
    base = model.base_government / model.base_residents
    now = np.maximum(spent / growth / np.maximum(persons, 1.0) / base, 0.05)
    model.services += SERVICES_SMOOTHING * (now - model.services)
    return np.asarray(model.services)


def count_moves(model: IndustryChainModel, moves: Moves) -> dict[str, np.ndarray]:
    """Persons by county: arrivals from outside, departures, moves inside in and out; and those of townspeople.

    ``routes`` (C + 1, C + 1) are persons who changed county by origin and destination, the last being outside.
    """
    workers, counties = model.workers, len(model.index.counties)
    weight, county = workers.weight[moves.rows], workers.county[moves.rows]
    place = workers.place[moves.rows]
    departed, returned = place == OUTSIDE, moves.left == OUTSIDE
    inside = ~departed & ~returned

    def persons(mask: np.ndarray, where: np.ndarray) -> np.ndarray:
        return np.bincount(where[mask], weight[mask], minlength=counties)

    start = np.where(returned, counties, moves.origin).astype(np.int64)
    end = np.where(departed, counties, county).astype(np.int64)
    routes = np.bincount(start * (counties + 1) + end, weight, minlength=(counties + 1) ** 2)
    return {
        "arrivals": persons(returned, county),
        "departures": persons(departed, moves.origin),
        "moved_in": persons(inside, county),
        "moved_out": persons(inside, moves.origin),
        "town_in": persons(place == TOWN, county),
        "town_out": persons(moves.left == TOWN, moves.origin),
        "routes": routes.reshape(counties + 1, counties + 1),
    }


def places_are_reclassified(model: IndustryChainModel) -> np.ndarray:
    """Statistics come to call some village residents' places urban: no one moves, and no policy does it.

    An outside driver; returns persons by county, (C,).
    """
    workers, counties = model.workers, len(model.index.counties)
    rate = model.config.parameters.migration.reclassified_rate.amount / 12
    if rate == 0:
        return np.zeros(counties)
    village = np.flatnonzero(workers.alive & (workers.place != TOWN) & (workers.place != OUTSIDE))
    draw = model.streams.uniform("places.reclassified", workers.key[village], model.month)
    rows = village[draw < rate]
    workers.place[rows] = TOWN
    return np.bincount(workers.county[rows], workers.weight[rows], minlength=counties)


def count_residents(model: IndustryChainModel) -> None:
    """Carry residents by county over to the next month by the month's own flows."""
    flows = model.people_flows
    model.residents += flows["births"] - flows["deaths"] + flows["arrivals"] - flows["departures"]
    model.residents += flows["moved_in"] - flows["moved_out"]


def departed_flows(workers: WorkerSet, dead: np.ndarray) -> dict[str, float]:
    """What those who died this month had earned and spent in it, CNY: their rows go, the flows must not."""
    weight = workers.weight[dead]

    def total(*names: str) -> float:
        return float(sum((weight * getattr(workers, name)[dead]).sum() for name in names))

    return {
        "earned": total("wage_income", "mixed_income", "dividend_income"),
        "benefits": total("transfer_income"),
        "remitted": total("remittance_income"),
        "spent": total("consumption", "housing"),
        "rents": total("rent_paid") - total("rent_income"),
        "net": total(*INCOMES) - total(*SPENDING),
    }


def departed_accounts(workers: WorkerSet, dead: np.ndarray) -> dict[str, np.ndarray]:
    """Household, cash, debt and flows of each person who died this month, CNY of its row, for the sectors' accounts."""
    weight = workers.weight[dead]
    names = ("cash", "debt", *INCOMES, *SPENDING)
    money = {f"departed {name}": weight * getattr(workers, name)[dead] for name in names}
    return {"departed household": workers.household[dead], **money}
