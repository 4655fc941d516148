"""Who takes farms on: members who come home, new farmers where land is free, buyers of animals nobody is left to keep.

A household whose last farmer has left, died or grown too old lets its land at the next January (`land_market.py`); it
keeps the contract and gets the rent.  Its animals stay in their stable and are sold to another farm of the county,
cattle to the one that has most days to spare.  A farm to which nobody has a claim any more falls to the village, which
gives it to villagers out of work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .farm_biology import herd_size
from .land_loops import Plots
from .persons import persons_of
from .succession_loops import look_for_farmers

if TYPE_CHECKING:
    from .model import IndustryChainModel

NOBODY = -1


def look_at_farmers(model: IndustryChainModel) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Count who is there to run each farm, see `look_for_farmers`; who is back in the village works the farm again."""
    farms, workers = model.farms, model.workers
    farm_of_house = np.full(int(workers.household.max()) + 2, NOBODY, dtype=np.int64)
    farm_of_house[farms.household] = np.arange(len(farms.household))
    farm_of_house[NOBODY] = NOBODY  # those who belong to no household
    return look_for_farmers(persons_of(workers), farms.county, farm_of_house)


def farms_find_successors(model: IndustryChainModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Members back in the village work their household's farm again; new farmers take farms that are free.

    Returns which farms got a new household, and persons who work on each and who could help out, (N,) each.
    """
    full, other, claimed, seekers = look_at_farmers(model)
    taken = np.zeros(len(claimed), dtype=bool)
    if not claimed.all() and len(seekers):
        luck = model.streams.uniform("farms.new_farmer", model.workers.key[seekers], model.month)
        wanting = int((luck < model.config.farming.land.takeover_rate.amount).sum())
        seekers = seekers[np.argsort(luck, kind="stable")][:wanting]
        taken[_settle(model, np.flatnonzero(~claimed), seekers)] = True
    if taken.any():
        full, other, _, _ = look_at_farmers(model)  # their families moved in
    return taken, full, other


def _settle(model: IndustryChainModel, free: np.ndarray, seekers: np.ndarray) -> np.ndarray:
    """Give ``free`` farms, by lot, to the households of ``seekers`` (rows) of the same county, one each.

    Returns the farms given away; their money and debts go with them.
    """
    farms, workers = model.farms, model.workers
    free = free[np.argsort(model.streams.bits("farms.given", farms.key[free], model.month), kind="stable")]
    seekers = seekers[np.sort(np.unique(workers.household[seekers], return_index=True)[1])]
    given = []
    for c in range(len(model.index.counties)):
        there, settlers = free[farms.county[free] == c], seekers[workers.county[seekers] == c]
        pairs = min(len(there), len(settlers))
        farms.household[there[:pairs]] = workers.household[settlers[:pairs]]
        given.append(there[:pairs])
    return np.concatenate(given)


def animals_are_sold(model: IndustryChainModel) -> float:
    """Farms without anybody to keep their animals sell them; returns what cattle fetched, CNY.

    Cattle go to the farms with most days to spare, at the gate price of a finished animal by their worth against it;
    pigs and sheep, of which the model knows no stock, to neighbours who have some, for what is in store.
    """
    farms, land = model.farms, model.land
    fetched = 0.0
    if land.able.all():
        return fetched
    if farms.herd_activities:
        breeding, fattening = (farms.part(a) for a in farms.herd_activities)
        at = np.flatnonzero(~land.able[farms.worked_by[breeding]])  # both branches of a herd are in the same order
        stable = farms.farm_of[breeding][at].astype(np.int64)
        plots = Plots(
            breeding.start + at, np.zeros(len(at)), land.animal_days * farms.heads()[stable], np.zeros(len(at))
        )
        keeper, _, _ = land.auction(model, plots, farms.county[stable])
        worth = cattle_worth(model)[stable]
        _sell(model, breeding.start + at, keeper, worth)
        _sell(model, fattening.start + at, keeper, np.zeros(len(at)))
        fetched = float(worth.sum())
    a = farms.activity("pigs_sheep")
    if a >= 0:
        pens = farms.part(a)
        at = pens.start + np.flatnonzero(~land.able[farms.worked_by[pens]])
        keeper = _neighbours(model, pens, at)
        _sell(model, at, keeper, np.zeros(len(at)))
    return fetched


def _neighbours(model: IndustryChainModel, part: slice, branch: np.ndarray) -> np.ndarray:
    """Choose by lot a farm of the county that works the same activity and has somebody to do so, for each branch."""
    farms, able = model.farms, model.land.able
    works = np.zeros(len(able), dtype=bool)
    works[farms.worked_by[part]] = True
    others = np.flatnonzero(works & able)
    chosen = farms.worked_by[branch].astype(np.int64)
    for c in range(len(model.index.counties)):
        here, there = np.flatnonzero(farms.county[chosen] == c), others[farms.county[others] == c]
        if len(there):
            key = farms.key[farms.farm_of[branch[here]]]
            chosen[here] = there[model.streams.integers("farms.pens", key, model.month, high=len(there))]
    return chosen


def _sell(model: IndustryChainModel, branch: np.ndarray, keeper: np.ndarray, worth: np.ndarray) -> None:
    """Let ``keeper`` (D,) take the branches over and pay what they are worth."""
    before = model.farms.worked_by[branch].copy()
    model.farms.worked_by[branch] = keeper
    hand_over(model, branch, before, worth)


def hand_over(model: IndustryChainModel, branch: np.ndarray, before: np.ndarray, worth: np.ndarray) -> None:
    """Let new operators pay those ``before`` the ``worth`` (D,) CNY of what they take over, and of what is in store."""
    farms = model.farms
    worth = worth + farms.stored[branch] * model.gate_price[farms.gate_of[branch]]
    for farm, amount in ((before, worth), (farms.worked_by[branch], -worth)):
        received = np.bincount(farm, amount, minlength=len(farms.cash))
        farms.handed_over += received
        farms.cash += received


def cattle_worth(model: IndustryChainModel) -> np.ndarray:
    """Worth of the herd in each farm's stable at gate prices, CNY (N,)."""
    farms, counties = model.farms, len(model.index.counties)
    gate = model.gate_price.reshape(-1, counties)[farms.activity("fattening")]
    return np.asarray(herd_size(farms, model.config.farming).sum(axis=1) * gate[farms.county])
