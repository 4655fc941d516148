"""Measures of the month by stage and county, summed up from agent columns; nothing is kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled, end_of_run
from .factors import DEMAND, FACTORS, INPUT, SEASON
from .limits import lost_output, shadow_values
from .workers import OUTSIDE, RURAL, TOWN

if TYPE_CHECKING:
    from .model import IndustryChainModel


def stage_cells(model: IndustryChainModel, hands: np.ndarray) -> dict[str, np.ndarray]:
    """Stage x county matrices of the month, (S, C) from agent columns; ``hands`` (C,) work on farms."""
    firms, farms, index = model.firms, model.farms, model.index
    stages, counties = len(index.stages), len(index.counties)
    code = firms.stage.astype(np.int64) * counties + firms.county

    def cells(values: np.ndarray) -> np.ndarray:
        return np.bincount(code, values, minlength=stages * counties).reshape(stages, counties)

    base_price = model.base.price[index.product_of_stage]
    handled = cells(handled_goods(model))
    out = {
        "turnover": cells(firms.output_value),
        "output": cells(firms.output_value) - handled,
        "value_added": cells(firms.output_value - firms.used_value),
        "quantity": cells(firms.made - firms.lost),
        "jobs": cells(firms.staffed),
    }
    capacity = cells(firms.capacity)
    causes = len(FACTORS)
    bound = np.bincount(code * causes + firms.bound, firms.capacity, minlength=stages * counties * causes)
    bound = np.moveaxis(bound.reshape(stages, counties, causes), 2, 0)
    out["turnover"][farms.stages] = out["output"][farms.stages] = farms.by_gate(farms.output_value)
    out["value_added"][farms.stages] = farms.by_gate(farms.output_value - farms.used_value)
    out["quantity"][farms.stages] = farms.by_gate(farms.made)
    out["jobs"][farms.stages] = farm_jobs(model, hands)
    out["output_2020"] = out["quantity"] * (base_price * model.margin_share)[:, None]
    out["utilisation"] = np.divide(cells(firms.made), capacity, out=np.zeros_like(capacity), where=capacity > 0)
    out["labour_days"] = farm_labour_days(model)
    out["bound"] = np.divide(bound, capacity, out=np.zeros(bound.shape), where=capacity > 0)
    return out


def lost_cells(model: IndustryChainModel) -> dict[str, np.ndarray]:
    """Potential output lost to each factor, CNY at the month's prices, and what one more unit of it was worth, (S, C).

    ``lost_<factor>`` sums firms; ``shadow_<factor>`` is value added per unit of the factor (units: `limits.UNITS`), the
    mean over firms it bound, weighted by what they lost; zero where it bound nobody.
    """
    firms, stages, counties = model.firms, len(model.index.stages), len(model.index.counties)
    code = firms.stage.astype(np.int64) * counties + firms.county
    lost, shadow = lost_output(model) * firms.price, shadow_values(model)
    out = {}
    for k, factor in enumerate(FACTORS):
        if not lost[k].any():
            continue
        cells = np.bincount(code, lost[k], minlength=stages * counties).reshape(stages, counties)
        out[f"lost_{factor}"] = cells
        if k not in (DEMAND, SEASON):
            worth = np.bincount(code, lost[k] * shadow, minlength=stages * counties).reshape(stages, counties)
            out[f"shadow_{factor}"] = np.divide(worth, cells, out=np.zeros_like(cells), where=cells > 0)
    return out


def shortages(model: IndustryChainModel) -> dict[tuple[str, int], float]:
    """CNY a month by (variable, stage).

    ``short_<product>``: output lost because this input was the scarcest; ``unmet_<product>``: orders for it that nobody
    served, by ordering stage.
    """
    firms, supply, products = model.firms, model.supply, model.index.products
    stages, out = len(model.index.stages), {}
    rows = np.flatnonzero((firms.bound == INPUT) & (firms.scarce >= 0))
    lost = lost_output(model)[INPUT, rows] * firms.price[rows]
    code = supply.trade.slots.product[firms.scarce[rows]] * stages + firms.stage[rows]
    short = np.bincount(code, lost, minlength=len(products) * stages)
    inner = supply.trade.links.stage >= 0
    links = supply.trade.links
    value = model.trade.unmet[inner] * model.base.price[links.product[inner]]
    code = links.product[inner] * stages + links.stage[inner]
    unmet = np.bincount(code, value, minlength=len(products) * stages)
    for name, sums in (("short", short), ("unmet", unmet)):
        for at in np.flatnonzero(sums > 1.0):
            out[f"{name}_{products[at // stages]}", int(at % stages)] = float(sums[at])
    return out


def input_sources(model: IndustryChainModel) -> dict[str, np.ndarray]:
    """CNY a month by buying stage, (S,): inputs bought here and outside, and income of owners elsewhere."""
    links, firms, stages = model.supply.trade.links, model.firms, len(model.index.stages)
    return {
        "inputs_local": np.bincount(links.stage, model.trade.paid_local, minlength=stages),
        "inputs_outside": np.bincount(links.stage, model.trade.paid_outside, minlength=stages),
        "outside_dividends": np.bincount(firms.stage, firms.outside_dividends, minlength=stages),
    }


def price_level(model: IndustryChainModel) -> np.ndarray:
    """Prices of December over 2020 by product, (P,): mean of local sellers by base sales, outside where none sells."""
    product, size = model.supply.seller_product, model.seller_size
    price = np.r_[model.gate_price, model.firms.price] / model.base.price[product]
    count = len(model.base.price)
    weight = np.bincount(product, size, minlength=count)
    level = np.bincount(product, size * price, minlength=count)
    outside = model.outside_price / model.base.price
    return np.divide(level, weight, out=outside.copy(), where=weight > 0)


def handled_goods(model: IndustryChainModel) -> np.ndarray:
    """Cost of goods a trading, packing or storing firm sells on, CNY (F,): not its output in national accounts."""
    supply = model.supply
    slots = supply.trade.slots
    resold = model.resold_slots
    cost = supply.used[resold] * supply.price[resold]
    return np.bincount(slots.buyer[resold], cost, minlength=len(model.firms.price))


def farm_labour_days(model: IndustryChainModel) -> np.ndarray:
    """Days of work the crops ask for in an average month, (S, C): area x days a mu a year; animals have no figure."""
    farms, days = model.farms, model.config.farming.labour_days.amounts
    counties = len(model.index.counties)
    asked = np.zeros((len(model.index.stages), counties))
    level = farms.by_gate(farms.level)
    for a, activity in enumerate(farms.activities):
        if activity in model.config.farming.area:
            asked[farms.stages[a]] = level[a] * days.get(activity, 0.0) / 12
    return asked


@compiled
def count_people(
    county: np.ndarray,
    place: np.ndarray,
    weight: np.ndarray,
    employer: np.ndarray,
    farm: np.ndarray,
    participates: np.ndarray,
    incomes: tuple[np.ndarray, ...],
    counties: int,
) -> np.ndarray:
    """Persons by county, (8, C).

    Residents, in town, members elsewhere, at work, seeking work, on the family farm, and CNY of income in town and in
    villages.  Dead rows weigh nothing.
    """
    sums, start = np.zeros((counties, 8)), 0
    while start < len(county):
        stop = end_of_run(county, start)
        run = slice(start, stop)
        count_run(place[run], weight[run], employer[run], farm[run], participates[run], sums[county[start], :6])
        income_run(place[run], weight[run], incomes, start, sums[county[start], 6:])
        start = stop
    return sums.T


@compiled
def count_run(
    place: np.ndarray,
    weight: np.ndarray,
    employer: np.ndarray,
    farm: np.ndarray,
    participates: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Add persons of one county to its ``sums`` (6,): the first six of `count_people`."""
    home, urban, away, working, seeking, hands = sums
    for row in range(len(place)):
        persons, here, at, on = weight[row], place[row], employer[row], farm[row]
        free = (here != OUTSIDE) & (at < 0) & (participates[row] == 1)
        works = ((here != OUTSIDE) & (at >= 0)) | (free & (on >= 0))
        home += persons if here != OUTSIDE else 0.0
        away += persons if here == OUTSIDE else 0.0
        urban += persons if here == TOWN else 0.0
        working += persons if works else 0.0
        seeking += persons if free & (on < 0) else 0.0
        hands += persons if free & (on >= 0) else 0.0
    sums[:] = home, urban, away, working, seeking, hands


@compiled
def income_run(
    place: np.ndarray, weight: np.ndarray, incomes: tuple[np.ndarray, ...], start: int, sums: np.ndarray
) -> None:
    """Add incomes of persons of one county, the first of them row ``start``, to its ``sums`` (2,): town, villages."""
    town, village = sums
    for row in range(len(place)):
        income = 0.0
        for kind in incomes:
            income += kind[
                np.uint64(start + row)
            ]  # unsigned, or the loop would ask each time if it counts from the end
        income *= weight[row]
        town += income if place[row] == TOWN else 0.0
        village += income if place[row] == RURAL else 0.0
    sums[:] = town, village


def farm_jobs(model: IndustryChainModel, hands: np.ndarray) -> np.ndarray:
    """Persons at work on farms by activity and county (A, C): ``hands`` (C,) shared by base jobs x activity level."""
    farms = model.farms
    level = farms.by_gate(farms.level)
    ratio = np.divide(level, model.level_base, out=np.zeros_like(level), where=model.level_base > 0)
    need = model.base.jobs[farms.stages] * ratio
    total = need.sum(axis=0)
    return need / np.where(total > 0, total, 1.0) * hands
