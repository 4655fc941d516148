"""Firms: who they are at base, what they expect, plan, produce and price.

A firm belongs to one stage in one county; its quantities are in city units, so sums over firms are city totals at every
scale.  Expectations, stocks and prices follow CANVAS (Hommes et al. 2025) and ARIO (Hallegatte 2013); criticality of
inputs follows Pichler et al. (2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..chains.base import Base
from .agentset import ColumnarAgent, ColumnarAgentSet
from .network import Slots

SMALLEST_COEFFICIENT = 0.004  # CNY per CNY; smaller generic inputs are folded into the larger ones
TRADED = 0.02  # a service with a smaller import share in the base year cannot be bought outside

COLUMNS: dict[str, tuple[str, float]] = {
    "stage": ("i4", -1), "county": ("i4", -1), "product": ("i4", -1), "anchor": ("i4", -1),
    "capital": ("f8", 0), "capacity": ("f8", 0), "productivity": ("f8", 0), "pace": ("f8", 1),
    "stock": ("f8", 0), "price": ("f8", 0), "premium": ("f8", 1), "wage": ("f8", 0), "jobs": ("f8", 0),
    "staffed": ("f8", 0), "day_posts": ("f8", 0), "rounding": ("f8", 0), "skill_gap": ("f8", 0),
    "rows_wanted": ("i4", 0), "rows": ("i4", 0), "smoothed": ("f8", 0), "expected": ("f8", 0), "target": ("f8", 0),
    "available": ("f8", 0), "made": ("f8", 0), "sold": ("f8", 0), "ordered": ("f8", 0), "lost": ("f8", 0),
    "bound": ("i4", 0), "scarce": ("i4", -1), "owner": ("i8", -1), "outside_share": ("f8", 0), "distress": ("i4", 0),
    "age": ("i4", 0), "surplus": ("f8", 0),
    "pipeline": ("f8", 0), "capacity_base": ("f8", 0), "unit_cost_base": ("f8", 0), "profit": ("f8", 0),
    "service_limit": ("f8", 0), "affordable": ("f8", 0), "planned_investment": ("f8", 0), "closing": ("i4", 0),
    "opening": ("i4", 0), "poor": ("i4", 0), "founding": ("f8", 0),
    "ordered_before": ("f8", 0), "project": ("f8", 0), "cash": ("f8", 0), "debt": ("f8", 0),
    "used_value": ("f8", 0), "output_value": ("f8", 0),
    "stock_value_change": ("f8", 0), "unit_cost": ("f8", 0), "export_base": ("f8", 0), "invested": ("f8", 0),
    "revenue": ("f8", 0), "purchases": ("f8", 0), "wage_bill": ("f8", 0), "tax": ("f8", 0), "interest": ("f8", 0),
    "dividends": ("f8", 0), "outside_dividends": ("f8", 0), "investment": ("f8", 0), "borrowed": ("f8", 0),
    "equity": ("f8", 0), "written_off": ("f8", 0),
}  # fmt: skip
INFLOWS = ("revenue", "equity", "founding", "borrowed")
OUTFLOWS = ("purchases", "wage_bill", "tax", "interest", "dividends", "outside_dividends", "investment")
MONTHLY = (*INFLOWS, *OUTFLOWS, "written_off", "made", "sold", "ordered", "lost", "used_value", "output_value",
           "stock_value_change", "invested")  # fmt: skip


class Firm(ColumnarAgent):
    """One firm, a view of a row."""

    columns: ClassVar = COLUMNS
    references: ClassVar = {"owner": "Worker"}


class FirmSet(ColumnarAgentSet):
    """All firms, by column."""

    monthly: ClassVar = MONTHLY
    inflows: ClassVar = INFLOWS
    outflows: ClassVar = OUTFLOWS


def input_recipes(base: Base) -> np.ndarray:
    """CNY of input per CNY of output, (P, S), without crumbs: each stage's sum stays what it was.

    What falls below `SMALLEST_COEFFICIENT` is folded into the larger inputs of the sector's column; named recipe cells
    are facts about animals, fruit or coal per unit and stay as long as there are others.
    """
    index, coefficient = base.index, base.coefficients
    kept = np.where(coefficient >= SMALLEST_COEFFICIENT, coefficient, 0.0)
    takes = kept.copy()
    for s, item in enumerate(index.stage.values()):
        takes[[index.product_code(key) for key in item.recipe], s] = 0.0
    takes = np.where(takes.sum(axis=0) > 0, takes, kept)
    sums = takes.sum(axis=0)
    missing = coefficient.sum(axis=0) - kept.sum(axis=0)
    return np.asarray(kept + takes * np.divide(missing, sums, out=np.zeros_like(sums), where=sums > 0))


def firm_slots(base: Base, kept: np.ndarray, columns: dict[str, np.ndarray], made_per_sold: np.ndarray) -> Slots:
    """Input slots of all firms, generic crumbs folded so that each firm's value added share is the stage's.

    ``kept`` (P, S) are `input_recipes`.  Accounts know inputs by what was sold; a unit made takes less by what spoils,
    ``made_per_sold`` (S,).
    """
    index = base.index
    at_stage, product = np.nonzero(kept.T > 0)
    first = np.searchsorted(at_stage, np.arange(len(index.stages)))
    count = np.bincount(at_stage, minlength=len(index.stages))
    stage = columns["stage"]
    firm = np.repeat(np.arange(len(stage)), count[stage])
    offset = np.arange(len(firm)) - np.repeat(np.cumsum(count[stage]) - count[stage], count[stage])
    entry = first[stage[firm]] + offset
    item = product[entry]
    unit_value = base.price[index.product_of_stage[stage[firm]]]
    return Slots(
        kind=np.zeros(len(firm), dtype=np.int64),
        buyer=firm,
        stage=stage[firm].astype(np.int64),
        county=columns["county"][firm].astype(np.int64),
        product=item,
        coefficient=kept[item, stage[firm]] * unit_value / base.price[item] / made_per_sold[stage[firm]],
        base=kept[item, stage[firm]] * columns["base_output"][firm] / base.price[item] / 12,
        key=columns["key"][firm],
    )


@dataclass
class StageRules:
    """Per-stage constants that rules read, (S,); ``lasting`` is the share of posts staffed in the slackest month too.

    By month (S, 12): ``season`` of output, ``orders`` when buyers ask, ``pace`` output a post, and of what keeps
    ``cover`` and ``spoils``: stock wanted when the month opens and what spoils of it in the month, in normal months'
    orders.
    """

    season: np.ndarray
    orders: np.ndarray
    cover: np.ndarray
    spoils: np.ndarray
    pace: np.ndarray
    lasting: np.ndarray
    storable: np.ndarray
    tax_rate: np.ndarray
    depreciation_rate: np.ndarray
    base_price: np.ndarray
    labour_cost_share: np.ndarray
    spoilage: np.ndarray
    made_per_sold: np.ndarray


def firms_form_expectations(firms: FirmSet, season: np.ndarray) -> None:
    """Expect last orders, smoothed and unmet demand included, times the season in which buyers ask; it is (F,)."""
    firms.expected[:] = firms.smoothed * season


def firms_plan_output(firms: FirmSet, stages: StageRules, calendar: int, adjustment: float) -> None:
    """Aim at the season's part of normal orders, at what will spoil, and at a part of the gap to the stock wanted.

    Services aim at what they expect.
    """
    m, stage = calendar - 1, firms.stage
    normal = (stages.season[stage, m] + stages.spoils[stage, m]) * firms.smoothed
    gap = stages.cover[stage, m] * firms.smoothed - firms.stock
    made = np.maximum(normal + gap / adjustment, 0.0)
    firms.target[:] = np.where(stages.storable[stage], made, firms.expected)


def firms_learn_demand(firms: FirmSet, smoothing: float, season: np.ndarray) -> None:
    """Correct the normal month by a part of what orders missed the season's share of it; a slack month teaches little.

    ``smoothing`` is the newest month's weight; with 1 the last month alone is what firms know.
    Over a year the corrections cancel where normal times season adds up to the orders, whatever their own calendar.
    """
    weight = np.minimum(smoothing, 1 / np.maximum(season, 0.05))
    firms.smoothed += weight * (firms.ordered - season * firms.smoothed)


def desired_jobs(firms: FirmSet) -> np.ndarray:
    """Posts needed for the target, within capacity; those who stay all year do more in a busy month."""
    reach = np.minimum(firms.target, firms.capacity)
    return reach / np.maximum(firms.productivity * firms.pace, 1e-12)
