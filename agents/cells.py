"""Measures of the month by stage and county, summed up from agent columns; nothing is kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled
from .factors import DEMAND, FACTORS, INPUT, SEASON
from .limits import lost_output, shadow_values
from .market import sum_by_product_and_stage
from .workers import OUTSIDE, TOWN

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
    works = farms.by_gate(farms.level) > 0
    for k in range(causes):  # branches of a gate share their limits
        out["bound"][k, farms.stages] = works & (model.care.bound.reshape(works.shape) == k)
    return out


def lost_cells(model: IndustryChainModel) -> dict[str, np.ndarray]:
    """Potential output lost to each factor, CNY at the month's prices, and what one more unit of it was worth, (S, C).

    ``lost_<factor>`` sums firms; ``shadow_<factor>`` is value added per unit of the factor (units: `limits.UNITS`), the
    mean over firms it bound, weighted by what they lost; zero where it bound nobody.
    """
    firms, stages, counties = model.firms, len(model.index.stages), len(model.index.counties)
    code = firms.stage.astype(np.int64) * counties + firms.county
    lost, shadow = lost_output(model) * firms.price, shadow_values(model)
    on_farms = (model.care.lost * model.gate_price).reshape(len(FACTORS), -1, counties)
    out = {}
    for k, factor in enumerate(FACTORS):
        if not (lost[k].any() or on_farms[k].any()):
            continue
        cells = np.bincount(code, lost[k], minlength=stages * counties).reshape(stages, counties)
        firms_lost = cells.copy()
        cells[model.farms.stages] += on_farms[k]
        out[f"lost_{factor}"] = cells
        if k not in (DEMAND, SEASON):
            worth = np.bincount(code, lost[k] * shadow, minlength=stages * counties).reshape(stages, counties)
            out[f"shadow_{factor}"] = np.divide(worth, firms_lost, out=np.zeros_like(worth), where=firms_lost > 0)
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
    links, at = supply.trade.links, np.flatnonzero(model.trade.unmet > 0)
    value = model.trade.unmet[at] * model.base.price[links.product[at]]
    code = links.product[at] * stages + links.stage[at]
    unmet = np.bincount(code, value, minlength=len(products) * stages)
    for name, sums in (("short", short), ("unmet", unmet)):
        for cell in np.flatnonzero(sums > 1.0):
            out[f"{name}_{products[cell // stages]}", int(cell % stages)] = float(sums[cell])
    return out


def input_sources(model: IndustryChainModel) -> dict[str, np.ndarray]:
    """CNY a month by buying stage, (S,): inputs bought here and outside, and income of owners elsewhere."""
    firms, stages = model.firms, len(model.index.stages)
    return {
        "inputs_local": model.trade.flows.sum(axis=0),
        "inputs_outside": bought_outside(model).sum(axis=0),
        "outside_dividends": np.bincount(firms.stage, firms.outside_dividends, minlength=stages),
    }


def bought_outside(model: IndustryChainModel) -> np.ndarray:
    """CNY of the month by product and buying stage, (P, S), that firms and farms paid outside."""
    links, shape = model.supply.trade.links, (len(model.index.products), len(model.index.stages))
    return sum_by_product_and_stage(links.product, links.stage, model.trade.paid_outside, *shape)


def price_level(model: IndustryChainModel) -> np.ndarray:
    """Prices of December over 2020 by product, (P,): mean of local sellers by base sales, outside where none sells."""
    product, size = model.supply.seller_product, model.seller_size
    price = np.r_[model.gate_price, model.firms.price] / model.base.price[product]
    count = len(model.base.price)
    weight = np.bincount(product, size, minlength=count)
    level = np.bincount(product, size * price, minlength=count)
    outside = model.outside_price / model.base.price
    return np.divide(level, weight, out=outside.copy(), where=weight > 0)


def prices_and_stocks(model: IndustryChainModel) -> tuple[np.ndarray, np.ndarray]:
    """What a stage's goods cost on average this month and how much of them lies unsold, (S,) each.

    Price in CNY per unit: the mean over sellers, weighted by what each sold in the base year, so that a change of who
    sells moves it little; not a number where a stage has no seller of the base year.  Stock in units of the product:
    finished goods of firms and stores of farms; not a number for what does not keep.  Herds are no stock.
    """
    firms, farms, stages = model.firms, model.farms, len(model.index.stages)
    seller = np.r_[farms.stages.repeat(len(model.index.counties)), firms.stage]
    weight = np.bincount(seller, model.seller_size, minlength=stages)
    worth = np.bincount(seller, model.seller_size * np.r_[model.gate_price, firms.price], minlength=stages)
    price = np.divide(worth, weight, out=np.full(stages, np.nan), where=weight > 0)
    stock = np.bincount(firms.stage, firms.stock, minlength=stages)
    stock[farms.stages] = farms.by_gate(farms.stored).sum(axis=1)
    return price, np.where(model.rules.storable, stock, np.nan)


def handled_goods(model: IndustryChainModel) -> np.ndarray:
    """Cost of goods a trading, packing or storing firm sells on, CNY (F,): not its output in national accounts."""
    supply = model.supply
    slots = supply.trade.slots
    resold = model.resold_slots
    cost = supply.used[resold] * supply.price[resold]
    return np.bincount(slots.buyer[resold], cost, minlength=len(model.firms.price))


def farm_labour_days(model: IndustryChainModel) -> np.ndarray:
    """Days of work that crops and animals ask for this month, (S, C)."""
    asked = np.zeros((len(model.index.stages), len(model.index.counties)))
    asked[model.farms.stages] = model.care.work(model, model.calendar - 1)
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
    sums = np.zeros((8, counties))
    for row in range(len(county)):
        c, persons = county[row], weight[row]
        if place[row] == OUTSIDE:
            sums[2, c] += persons
            continue
        sums[0, c] += persons
        income = 0.0
        for kind in incomes:
            income += kind[row]
        if place[row] == TOWN:
            sums[1, c] += persons
            sums[6, c] += persons * income
        else:
            sums[7, c] += persons * income
        if employer[row] >= 0:
            sums[3, c] += persons
        elif participates[row] == 1:
            if farm[row] >= 0:
                sums[3, c] += persons
                sums[5, c] += persons
            else:
                sums[4, c] += persons
    return sums


def farm_jobs(model: IndustryChainModel, hands: np.ndarray) -> np.ndarray:
    """Persons at work on farms by activity and county (A, C): ``hands`` (C,) shared by base jobs x activity level."""
    farms = model.farms
    level = farms.by_gate(farms.level)
    ratio = np.divide(level, model.level_base, out=np.zeros_like(level), where=model.level_base > 0)
    need = model.base.jobs[farms.stages] * ratio
    total = need.sum(axis=0)
    return need / np.where(total > 0, total, 1.0) * hands
