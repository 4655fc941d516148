"""Farms: households with land and animals; what they own at base, what they grow, offer, buy and draw.

Activities are the farm stages of the supply graph.  Areas, animals and money of a row are totals over the real farms it
stands for, so sums are city totals at every scale (structure after AgriPoliS: Happe, Kellermann and Balmann 2006).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..chains.base import Base
from ..config.farm_schema import Farming
from .agentset import ColumnarAgent, ColumnarAgentSet
from .randomness import Streams, child_key, name_key

COHORTS = ("cows", "heifers", "calves", "growers", "finishers")
ORCHARD_AGES = ("0-4", "5-9", "10-19", "20-29", "30+")
COLUMNS: dict[str, tuple[str, float]] = {
    "county": ("i4", -1), "household": ("i4", -1), "cash": ("f8", 0), "debt": ("f8", 0),
    **dict.fromkeys(COHORTS, ("f8", 0)),
    **{f"orchard_{k}": ("f8", 0) for k in range(len(ORCHARD_AGES))},
    "born": ("f8", 0), "died": ("f8", 0), "bought": ("f8", 0), "sold_head": ("f8", 0), "sold_calves": ("f8", 0),
    "revenue": ("f8", 0), "purchases": ("f8", 0), "tax": ("f8", 0), "interest": ("f8", 0), "drawings": ("f8", 0),
    "outside_drawings": ("f8", 0), "investment": ("f8", 0), "borrowed": ("f8", 0), "subsidy": ("f8", 0),
    "written_off": ("f8", 0), "invested": ("f8", 0), "capital": ("f8", 0), "planned_investment": ("f8", 0),
}  # fmt: skip
INFLOWS = ("revenue", "subsidy", "borrowed")
OUTFLOWS = ("purchases", "tax", "interest", "drawings", "outside_drawings", "investment")
MONTHLY = (*INFLOWS, *OUTFLOWS, "written_off", "invested", "born", "died", "bought", "sold_head", "sold_calves")


class Farm(ColumnarAgent):
    """One farm household, a view of a row."""

    columns: ClassVar = COLUMNS


class FarmSet(ColumnarAgentSet):
    """All farms, by column, with matrices by activity.

    An activity on a farm is a branch; loops see the matrices as branches (B,), B = N x A, by `branches`.

    Attributes
    ----------
    stages : (A,) stage codes of the activities.
    level : (N, A) area in mu, or share of the county's herd or stock for animal activities.
    stored, made, sold, lost : (N, A) product units.
    output_value, stock_value_change, used_value : (N, A) CNY this month.
    farm_of, gate_of : (B,) farm row and farm-gate market (activity x county) of each branch.
    herd_branches : (N, 2) breeding and fattening branch of each farm, (0, 2) where no stage keeps cattle.
    orchard_branches : (N,) orchard branch of each farm.
    gate_level, gate_release : (G,) level of the activity, and share of the store for sale this month.
    first_offer, second_offer : (G,) product units offered in the month's two market rounds.
    """

    monthly: ClassVar = MONTHLY
    inflows: ClassVar = INFLOWS
    outflows: ClassVar = OUTFLOWS
    stages: np.ndarray
    activities: list[str]
    level: np.ndarray
    stored: np.ndarray
    made: np.ndarray
    sold: np.ndarray
    lost: np.ndarray
    output_value: np.ndarray
    stock_value_change: np.ndarray
    used_value: np.ndarray
    farm_of: np.ndarray
    gate_of: np.ndarray
    herd_branches: np.ndarray
    orchard_branches: np.ndarray
    gate_level: np.ndarray
    gate_release: np.ndarray
    first_offer: np.ndarray
    second_offer: np.ndarray

    MATRICES = ("level", "stored", "made", "sold", "lost", "output_value", "stock_value_change", "used_value")

    def set_activities(self, stages: np.ndarray, activities: list[str]) -> None:
        """Lay the matrices out once the rows exist."""
        self.__dict__.update(stages=stages, activities=activities)
        rows, size, counties = np.arange(len(self.table["county"])), len(stages), len(self.model.index.counties)
        for name in self.MATRICES:
            self.__dict__[name] = np.zeros((len(rows), size))
        self.farm_of = np.repeat(rows, size).astype(np.int32)
        gate = np.arange(size) * counties + self.table["county"][:, None]
        self.gate_of = gate.ravel().astype(np.int32)
        herd = [self.activity(name) for name in ("breeding", "fattening")]
        kept = rows if min(herd) >= 0 else rows[:0]
        self.herd_branches = (kept[:, None] * size + herd).astype(np.int32)
        self.orchard_branches = (rows * size + self.activity("orchard")).astype(np.int32)

    def branches(self, *names: str) -> list[np.ndarray]:
        """Matrices as branches (B,): views, farm by farm in the order of the activities."""
        return [self.__dict__[name].reshape(-1) for name in names]

    def activity(self, name: str) -> int:
        """Column of an activity in the matrices, -1 where no stage has it."""
        return self.activities.index(name) if name in self.activities else -1


def farm_columns(
    base: Base, farming: Farming, *, scale: float, streams: Streams
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Decide how many farms stand for each county and what each works.

    Returns columns and ``level`` (N, A): the share of the county's activity on each farm.  Which farm does what is
    drawn by participation; sizes are lognormal and rescaled, so each county x activity sums exactly.
    """
    index = base.index
    stages = index.stages_where(agent="farm")
    county, weight, key = [], [], []
    for c, name in enumerate(index.counties):
        real = farming.farms.amounts[name]
        count = max(3, round(scale * real))
        county.append(np.full(count, c, dtype=np.int32))
        weight.append(np.full(count, real / count))
        origin = np.full(count, name_key("farm", name), dtype=np.uint64)
        key.append(child_key(origin, 0, np.arange(count)))
    columns: dict[str, np.ndarray] = {
        "county": np.concatenate(county),
        "weight": np.concatenate(weight),
        "key": np.concatenate(key),
    }
    share = np.zeros((len(columns["county"]), len(stages)))
    for a, s in enumerate(stages):
        activity = index.stage[index.stages[s]].activity or ""
        taking = farming.participation.amounts[activity]
        draw = streams.uniform(f"farms.participation.{index.stages[s]}", columns["key"], 0)
        noise = streams.normal(f"farms.size.{index.stages[s]}", columns["key"], 0)
        size = np.exp(farming.size_dispersion.amount * noise)
        for c in range(len(index.counties)):
            rows = np.flatnonzero(columns["county"] == c)
            active = draw[rows] <= max(taking, np.sort(draw[rows])[min(1, len(rows) - 1)])
            chosen = size[rows] * active
            share[rows, a] = chosen / chosen.sum()
    return columns, share


def stock_farms(farms: FarmSet, base: Base, farming: Farming, share: np.ndarray) -> None:
    """Give farms their areas, trees by age, herd by cohort and capital at base."""
    index, county = base.index, farms.table["county"]
    for a, s in enumerate(farms.stages):
        activity = farms.activities[a]
        total = _city_level(base, farming, activity, int(s))
        farms.level[:, a] = share[:, a] * total[county]
    orchard = farms.activity("orchard")
    if orchard >= 0:
        for k, age in enumerate(ORCHARD_AGES):
            farms.table[f"orchard_{k}"][:] = farms.level[:, orchard] * farming.orchard.age_shares.amounts[age]
    breeding, fattening = farms.activity("breeding"), farms.activity("fattening")
    stock = np.array([farming.cattle.stock.amounts[c] for c in index.counties])[county]
    for cohort in COHORTS:
        owner = breeding if cohort in ("cows", "heifers", "calves") else fattening
        if owner >= 0:
            farms.table[cohort][:] = share[:, owner] * stock * farming.cattle.cohort_shares.amounts[cohort]
    worth = share * (base.capital[farms.stages] * base.county_share[farms.stages].T[county])
    farms.table["capital"][:] = worth.sum(axis=1)


def _city_level(base: Base, farming: Farming, activity: str, stage: int) -> np.ndarray:
    """Level of an activity by county: mu of land, or for animals the county's base output in product units a year."""
    price = base.price[base.index.product_of_stage[stage]]
    quantity = base.output[stage] * base.county_share[stage] / price
    if activity not in farming.area:
        return quantity
    amounts = farming.area[activity].amounts
    area = np.array([amounts.get(c, 0.0) for c in base.index.counties])
    # Where output is known but no area, the city's yield stands in.
    known = (area > 0) & (quantity > 0)
    return np.where(area > 0, area, quantity * area[known].sum() / quantity[known].sum())
