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
from .farm_loops import sum_by_gate
from .randomness import Streams, child_key, name_key

COHORTS = ("cows", "heifers", "calves", "growers", "finishers")
TREES = (
    "trees_0", "trees_1", "trees_2", "trees_3", "trees_4_9", "trees_10_19", "trees_20_29", "trees_30",
    "dwarf_0", "dwarf_1", "dwarf_2_5", "dwarf_6",
)  # fmt: skip
# crops that take land of the household from another crop, and give it back to it (`land_use.py`)
FIELDS = {"greenhouse": "grain", "herb": "grain"}
COLUMNS: dict[str, tuple[str, float]] = {
    "county": ("i4", -1), "household": ("i4", -1), "cash": ("f8", 0), "debt": ("f8", 0),
    **dict.fromkeys(COHORTS, ("f8", 0)),
    **dict.fromkeys(TREES, ("f8", 0)),
    "born": ("f8", 0), "died": ("f8", 0), "bought": ("f8", 0), "sold_head": ("f8", 0), "sold_calves": ("f8", 0),
    "revenue": ("f8", 0), "purchases": ("f8", 0), "tax": ("f8", 0), "interest": ("f8", 0), "drawings": ("f8", 0),
    "outside_drawings": ("f8", 0), "day_wages": ("f8", 0), "investment": ("f8", 0), "borrowed": ("f8", 0),
    "subsidy": ("f8", 0), "premiums": ("f8", 0), "indemnities": ("f8", 0), "land_rent": ("f8", 0),
    "handed_over": ("f8", 0), "written_off": ("f8", 0), "invested": ("f8", 0), "capital": ("f8", 0),
    "planned_investment": ("f8", 0), "stock_value_change": ("f8", 0),
}  # fmt: skip
INFLOWS = ("revenue", "subsidy", "indemnities", "borrowed", "land_rent", "handed_over")
OUTFLOWS = ("purchases", "tax", "interest", "premiums", "day_wages", "drawings", "outside_drawings", "investment")
MONTHLY = (
    *INFLOWS, *OUTFLOWS, "written_off", "invested", "born", "died", "bought", "sold_head", "sold_calves",
    "stock_value_change",
)  # fmt: skip


class Farm(ColumnarAgent):
    """One farm household, a view of a row."""

    columns: ClassVar = COLUMNS


class FarmSet(ColumnarAgentSet):
    """All farms, by column, and their branches: one activity on one farm each, gate by gate, farm by farm.

    Farms have three activities of nine on average, so what differs by activity is kept by branch.

    Attributes
    ----------
    stages : (A,) stage codes of the activities.
    farm_of, gate_of : (B,) farm row and farm-gate market (activity x county) of each branch, sorted by gate.
    worked_by : (B,) farm that works it and in whose books it stands; another than ``farm_of`` where the land is let.
    first_of_gate : (G + 1,) where the branches of each gate begin; the last is B.
    level : (B,) area in mu, or for animals output of the base year in product units.
    stored, made, sold, lost : (B,) product units.
    output_value, used_value : (B,) CNY this month.
    gate_level, gate_store : (G,) level of the activity, and what its branches hold when the month's market opens.
    herb_due : (Y, H) mu of each herb branch to be dug this year, next year and so on.
    first_offer : (G,) product units offered in the month's first market round.
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
    used_value: np.ndarray
    farm_of: np.ndarray
    worked_by: np.ndarray
    gate_of: np.ndarray
    first_of_gate: np.ndarray
    gate_level: np.ndarray
    gate_store: np.ndarray
    first_offer: np.ndarray
    herb_due: np.ndarray

    BY_BRANCH = ("level", "stored", "made", "sold", "lost", "output_value", "used_value")

    def set_activities(self, stages: np.ndarray, activities: list[str], works: np.ndarray) -> None:
        """Lay out the branches once the rows exist; ``works`` (N, A) says which farm has which activity.

        Who has cattle has both branches of it: calves may be fattened where they were born.
        """
        self.__dict__.update(stages=stages, activities=activities)
        county, counties = self.table["county"], len(self.model.index.counties)
        herd = self.herd_activities
        works = works.copy()
        works[:, herd] = works[:, herd].any(axis=1, keepdims=True)
        for crop, field in FIELDS.items():  # a household has the field, be it nought mu now, to turn land to and from
            if min(self.activity(crop), self.activity(field)) >= 0:
                works[:, self.activity(field)] |= works[:, self.activity(crop)]
        activity, farm = np.nonzero(works.T)
        gate = activity * counties + county[farm]
        order = np.argsort(gate, kind="stable")
        self.farm_of, self.gate_of = farm[order].astype(np.uint32), gate[order].astype(np.int32)
        self.worked_by = self.farm_of.copy()
        self.first_of_gate = np.searchsorted(gate[order], np.arange(len(stages) * counties + 1))
        for name in self.BY_BRANCH:
            self.__dict__[name] = np.zeros(len(farm))

    @property
    def herd_activities(self) -> list[int]:
        """Breeding and fattening, or nothing where one of them is missing."""
        found = [self.activity("breeding"), self.activity("fattening")]
        return found if min(found) >= 0 else []

    def heads(self) -> np.ndarray:
        """Cattle on each farm, (N,) head."""
        return np.asarray(sum(self.table[cohort] for cohort in COHORTS))

    def part(self, a: int) -> slice:
        """Branches of activity ``a``, in the order of farms."""
        counties = len(self.model.index.counties)
        return slice(int(self.first_of_gate[a * counties]), int(self.first_of_gate[(a + 1) * counties]))

    def by_gate(self, values: np.ndarray) -> np.ndarray:
        """Sum a quantity of branches (B,) by activity and county, (A, C)."""
        counties = len(self.model.index.counties)
        return sum_by_gate(self.first_of_gate, values).reshape(-1, counties)

    def activity_share(self) -> np.ndarray:
        """Each branch's share of its county's activity, (B,)."""
        total = self.by_gate(self.level).ravel()[self.gate_of]
        return np.divide(self.level, total, out=np.zeros(len(total)), where=total > 0)

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
        part = farms.part(a)
        mine = farms.farm_of[part]
        farms.level[part] = share[mine, a] * total[county[mine]]
    orchard = farms.activity("orchard")
    if orchard >= 0:
        part = farms.part(orchard)
        for name in TREES:
            farms.table[name][farms.farm_of[part]] = farms.level[part] * farming.orchard.age_shares.amounts[name]
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
