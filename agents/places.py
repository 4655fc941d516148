"""What places offer to those who weigh a move, and how moves are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .people import Moves, Places
from .workers import INCOMES, OUTSIDE, SPENDING, WorkerSet

if TYPE_CHECKING:
    from .model import IndustryChainModel

OUTSIDE_EMPLOYMENT = 0.92  # share of migrants in work; assumed, as for all migrant workers nationally


def describe_places(model: IndustryChainModel, seekers: np.ndarray, hands: np.ndarray) -> Places:
    """Expected yearly income by town (wage x chance of work) and village (farm drawings), smoothed.

    ``seekers`` and ``hands`` (C,) are persons without work and working on farms.
    """
    firms, counties = model.firms, len(model.index.counties)
    bill = np.bincount(firms.county, firms.wage * firms.staffed, minlength=counties)
    jobs = np.bincount(firms.county, firms.staffed, minlength=counties)
    chance = jobs / np.maximum(jobs + seekers, 1.0)
    town = 12 * bill / np.maximum(jobs, 1.0) * chance
    draws = np.bincount(model.farms.county, model.farms.drawings, minlength=counties)
    model.village_income = 0.9 * model.village_income + 0.1 * 12 * draws / np.maximum(hands, 1.0)
    return Places(
        town_income=np.maximum(town, 1000.0),
        village_income=np.maximum(model.village_income, 1000.0),
        outside_income=OUTSIDE_EMPLOYMENT * model.migrant_wage,
        distance=model.distance,
        amenity=model.policies.amenity,
    )


def count_moves(model: IndustryChainModel, moves: Moves) -> dict[str, np.ndarray]:
    """Persons by county: arrivals from outside, departures to outside, and moves inside the city in and out."""
    workers, counties = model.workers, len(model.index.counties)
    weight, county = workers.weight[moves.rows], workers.county[moves.rows]
    departed, returned = workers.place[moves.rows] == OUTSIDE, moves.left == OUTSIDE
    inside = ~departed & ~returned

    def persons(mask: np.ndarray, where: np.ndarray) -> np.ndarray:
        return np.bincount(where[mask], weight[mask], minlength=counties)

    return {
        "arrivals": persons(returned, county),
        "departures": persons(departed, moves.origin),
        "moved_in": persons(inside, county),
        "moved_out": persons(inside, moves.origin),
    }


def departed_flows(workers: WorkerSet, dead: np.ndarray) -> dict[str, float]:
    """What those who died this month had earned and spent in it, CNY: their rows go, the flows must not."""
    weight = workers.weight[dead]

    def total(*names: str) -> float:
        return float(sum((weight * getattr(workers, name)[dead]).sum() for name in names))

    return {
        "earned": total("wage_income", "mixed_income", "dividend_income"),
        "benefits": total("transfer_income"),
        "remitted": total("remittance_income"),
        "spent": total(*SPENDING),
        "net": total(*INCOMES) - total(*SPENDING),
    }


def departed_accounts(workers: WorkerSet, dead: np.ndarray) -> dict[str, np.ndarray]:
    """Household, cash, debt and flows of each person who died this month, CNY of its row, for the sectors' accounts."""
    weight = workers.weight[dead]
    names = ("cash", "debt", *INCOMES, *SPENDING)
    money = {f"departed {name}": weight * getattr(workers, name)[dead] for name in names}
    return {"departed household": workers.household[dead], **money}
