"""What places offer to those who weigh a move, and how moves are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .labour import unemployed, working_on_farm
from .people import Places
from .workers import INCOMES, SPENDING, TOWN, WorkerSet

if TYPE_CHECKING:
    from .model import IndustryChainModel

OUTSIDE_EMPLOYMENT = 0.92  # share of migrants in work; assumed, as for all migrant workers nationally


def describe_places(model: IndustryChainModel) -> Places:
    """Expected yearly income by town (wage x chance of work) and village (farm drawings), smoothed."""
    workers, firms, counties = model.workers, model.firms, len(model.index.counties)
    bill = np.bincount(firms.county, firms.wage * firms.staffed, minlength=counties)
    jobs = np.bincount(firms.county, firms.staffed, minlength=counties)
    idle = unemployed(workers)
    seekers = np.bincount(workers.county[idle], workers.weight[idle], minlength=counties)
    chance = jobs / np.maximum(jobs + seekers, 1.0)
    town = 12 * bill / np.maximum(jobs, 1.0) * chance
    tilling = working_on_farm(workers)
    hands = np.bincount(workers.county[tilling], workers.weight[tilling], minlength=counties)
    draws = np.bincount(model.farms.county, model.farms.drawings, minlength=counties)
    model.village_income = 0.9 * model.village_income + 0.1 * 12 * draws / np.maximum(hands, 1.0)
    return Places(
        town_income=np.maximum(town, 1000.0),
        village_income=np.maximum(model.village_income, 1000.0),
        outside_income=OUTSIDE_EMPLOYMENT * model.migrant_wage,
        distance=model.distance,
        amenity=model.policies.amenity,
    )


def count_moves(model: IndustryChainModel, moves: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Persons by county: arrivals from outside, departures to outside, and moves inside the city in and out."""
    workers, counties = model.workers, len(model.index.counties)
    origin_of = dict(zip(moves["moved"].tolist(), moves["origin"].tolist(), strict=True))

    def persons(rows: np.ndarray, county: np.ndarray) -> np.ndarray:
        return np.bincount(county, workers.weight[rows], minlength=counties)

    def origins(rows: np.ndarray) -> np.ndarray:
        return np.array([origin_of[row] for row in rows.tolist()], dtype=np.int64)

    inside = moves["moved"][~np.isin(moves["moved"], np.r_[moves["departed"], moves["returned"]])]
    return {
        "arrivals": persons(moves["returned"], workers.county[moves["returned"]]),
        "departures": persons(moves["departed"], origins(moves["departed"])),
        "moved_in": persons(inside, workers.county[inside]),
        "moved_out": persons(inside, origins(inside)),
        "to_town": persons(moves["to_town"], workers.county[moves["to_town"]]),
        "town_after": np.bincount(
            workers.county[workers.place == TOWN], workers.weight[workers.place == TOWN], minlength=counties
        ),
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
