"""Farms through the month: what grows, what is offered at the gate, who gets the money and who bore the cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .farm_biology import (
    farms_age_orchards,
    frost_losses,
    herd_moves,
    herd_value,
    months_to_harvest,
    orchard_crop,
)
from .farms import FarmSet
from .supply import FARM

if TYPE_CHECKING:
    from .model import IndustryChainModel

PERISHABLE = 0.15  # share lost a month above which a crop is not held back for later months
RELEASE = 0.4  # most of a keeping crop that growers part with in a month; Jingning sold 64 % by 5 November 2019
BREEDERS = ("cows", "heifers", "calves")
FATTENERS = ("growers", "finishers")


def gate_of(model: IndustryChainModel, a: int) -> np.ndarray:
    """Farm-gate market code of activity ``a`` for each farm, (N,)."""
    return a * len(model.index.counties) + model.farms.county


def farms_offer(model: IndustryChainModel) -> np.ndarray:
    """What farms still bring to each farm-gate market this month, (A*C,).

    The month's quota is set when it opens: all of what does not keep, at most ``RELEASE`` of what does.  Prices compare
    orders with ``gate_reference``, the store spread evenly over the months until the next harvest.
    """
    farms, counties = model.farms, len(model.index.counties)
    total = np.zeros(len(model.gate_price))
    for a, s in enumerate(farms.stages):
        if not model.quota_open:
            keeps = model.rules.spoilage[s] < PERISHABLE
            ahead = months_to_harvest(model.rules.season[s], model.calendar) if keeps else 1
            model.quota[:, a] = farms.stored[:, a] * max(RELEASE, 1 / ahead)
            model.gate_reference[a * counties : (a + 1) * counties] = np.bincount(
                farms.county, farms.stored[:, a] / ahead, minlength=counties
            )
        farms.offered[:, a] = np.maximum(model.quota[:, a] - farms.sold[:, a], 0.0)
        total[a * counties : (a + 1) * counties] = np.bincount(farms.county, farms.offered[:, a], minlength=counties)
    model.quota_open = True
    return total


def farms_sell(model: IndustryChainModel, sold: np.ndarray, revenue: np.ndarray) -> None:
    """Share a round's farm-gate sales (A*C,) over farms by what they offered; take the goods out of store."""
    farms = model.farms
    offered = np.zeros(len(sold))
    counties = len(model.index.counties)
    for a in range(len(farms.stages)):
        code = gate_of(model, a)
        offered[a * counties : (a + 1) * counties] = np.bincount(farms.county, farms.offered[:, a], minlength=counties)
        part = np.divide(farms.offered[:, a], offered[code], out=np.zeros(len(code)), where=offered[code] > 0)
        units = part * sold[code]
        farms.sold[:, a] += units
        farms.stored[:, a] -= units
        money = part * revenue[code]
        farms.revenue += money
        farms.cash += money


def farms_allocate_purchases(model: IndustryChainModel) -> None:
    """After the trade round: farms pay for inputs, take in bought feeders, and are paid for what they sold."""
    farms, slots = model.farms, model.supply.trade.slots
    rows = np.flatnonzero(slots.kind == FARM)
    counties, count = len(model.index.counties), len(model.firms.price)
    paid, quantity = model.trade.paid[rows], model.trade.quantity[rows]
    feeder = model.index.products.index("feeder_calf") if "feeder_calf" in model.index.products else -1
    for a, s in enumerate(farms.stages):
        mine = slots.stage[rows] == s
        cost = np.bincount(slots.county[rows][mine], paid[mine], minlength=counties)
        share = activity_share(farms, a, counties)
        bill = share * cost[farms.county]
        farms.used_value[:, a] += bill
        farms.purchases += bill
        farms.cash -= bill
        animals = mine & (slots.product[rows] == feeder)
        heads = np.bincount(slots.county[rows][animals], quantity[animals], minlength=counties)
        bought = share * heads[farms.county]
        farms.growers += bought
        farms.bought += bought
    farms_sell(model, model.trade.sold[count:], model.trade.revenue[count:])


def activity_share(farms: FarmSet, a: int, counties: int) -> np.ndarray:
    """Each farm's share of its county's activity, (N,)."""
    total = np.bincount(farms.county, farms.level[:, a], minlength=counties)[farms.county]
    return np.divide(farms.level[:, a], total, out=np.zeros(len(total)), where=total > 0)


def grow_farms(model: IndustryChainModel) -> None:
    """One month of biology: what is made goes into the farm's store; herds and trees age."""
    farms, farming = model.farms, model.config.farming
    if model.calendar == 1:
        farms_age_orchards(farms, farming)
        model.frost = frost_losses(farming, model.index.counties, model.year, model.streams)
    yearly = (1 + farming.productivity_growth.amount) ** (model.month / 12)
    for a, s in enumerate(farms.stages):
        season = model.rules.season[s, model.calendar - 1]
        activity = farms.activities[a]
        if activity == "orchard":
            crop = orchard_crop(farms, farming, model.year) * model.orchard_factor[farms.county]
            farms.made[:, a] = crop * season / 12 * (1 - model.frost[farms.county])
        elif activity not in ("breeding", "fattening"):
            farms.made[:, a] = farms.level[:, a] * model.yield_base[a, farms.county] * season / 12 * yearly
        farms.made[:, a] *= model.policies.farm_yield[a]
    _grow_herds(model)
    farms.stored += farms.made


def _grow_herds(model: IndustryChainModel) -> None:
    """Move herds on; finished and culled animals and calves for sale come to the gate, the rest stay."""
    farms, farming = model.farms, model.config.farming
    breeding, fattening = farms.activity("breeding"), farms.activity("fattening")
    if breeding < 0 or fattening < 0:
        return
    retention = np.clip(model.heifer_retention * (1 + model.herd_signal[farms.county]), 0.0, 1.0)
    moves = herd_moves(farms, farming, model.calendar, model.grower_exit, model.finisher_exit, retention)
    farms.born += moves["born"]
    farms.died += moves["died"]
    to_market = moves["calves_ready"] * model.calf_market_share
    farms.growers += moves["calves_ready"] - to_market
    # Calves offered last month that found no buyer are fattened where they were born.
    kept = farms.stored[:, breeding].copy()
    farms.growers += kept
    farms.made[:, breeding] = to_market - kept
    farms.made[:, fattening] = moves["finished"] + moves["culled"]


def herd_values(model: IndustryChainModel) -> dict[int, np.ndarray]:
    """Value of growing herds by activity column, CNY (N,): breeding stock and fattening stock at today's gate price."""
    farms = model.farms
    breeding, fattening = farms.activity("breeding"), farms.activity("fattening")
    if breeding < 0 or fattening < 0:
        return {}
    price = model.gate_price[gate_of(model, fattening)]
    return {
        breeding: herd_value(farms, model.config.farming, price, BREEDERS),
        fattening: herd_value(farms, model.config.farming, price, FATTENERS),
    }


def farms_allocate_sales(model: IndustryChainModel) -> None:
    """After the final round: farms are paid, what spoils is lost, output and stocks are valued at the gate."""
    farms, count = model.farms, len(model.firms.price)
    farms_sell(model, model.sales.sold[count:], model.sales.revenue[count:])
    breeding, fattening = farms.activity("breeding"), farms.activity("fattening")
    if breeding >= 0:
        farms.sold_calves += farms.sold[:, breeding]
        farms.sold_head += farms.sold[:, fattening]
    for a, s in enumerate(farms.stages):
        price = model.gate_price[gate_of(model, a)]
        lost = model.rules.spoilage[s] * np.maximum(farms.stored[:, a] - np.maximum(farms.made[:, a], 0.0), 0.0)
        farms.lost[:, a] = lost
        farms.stored[:, a] -= lost
        farms.output_value[:, a] = (farms.made[:, a] - lost) * price
        change = farms.made[:, a] - lost - farms.sold[:, a]
        farms.stock_value_change[:, a] = change * price
    closing = herd_values(model)
    for a, value in closing.items():
        growth = value - model.herd_opening[a] * model.gate_price[gate_of(model, fattening)]
        farms.output_value[:, a] += growth
        farms.stock_value_change[:, a] += growth


def herd_units(model: IndustryChainModel) -> dict[int, np.ndarray]:
    """Herds weighted by relative value (no price), (N,) by activity: the volume whose growth is capital formation."""
    farms = model.farms
    breeding, fattening = farms.activity("breeding"), farms.activity("fattening")
    if breeding < 0 or fattening < 0:
        return {}
    one = np.ones(len(farms.county))
    return {
        breeding: herd_value(farms, model.config.farming, one, BREEDERS),
        fattening: herd_value(farms, model.config.farming, one, FATTENERS),
    }


def farm_input_scale(model: IndustryChainModel, rows: np.ndarray) -> np.ndarray:
    """Orders of farm inputs against the base month, by slot: activity level, and margin for bought feeders."""
    farms, slots, counties = model.farms, model.supply.trade.slots, len(model.index.counties)
    scale = np.ones(len(rows))
    for a, s in enumerate(farms.stages):
        level = np.bincount(farms.county, farms.level[:, a], minlength=counties)
        ratio = np.divide(level, model.level_base[a], out=np.ones(counties), where=model.level_base[a] > 0)
        mine = slots.stage[rows] == s
        scale[mine] = ratio[slots.county[rows][mine]]
    if "feeder_calf" in model.index.products:
        feeder = slots.product[rows] == model.index.products.index("feeder_calf")
        scale[feeder] *= np.maximum(1 + model.herd_signal[slots.county[rows][feeder]], 0.0)
    return scale


def update_herd_signal(model: IndustryChainModel) -> None:
    """Expected margin of fattening against the base, smoothed: high margins keep heifers and buy feeders."""
    farms = model.farms
    fattening = farms.activity("fattening")
    if fattening < 0:
        return
    counties = len(model.index.counties)
    price = model.gate_price[fattening * counties : (fattening + 1) * counties]
    base = model.base.price[model.index.product_of_stage[farms.stages[fattening]]]
    cost = _cost_index(model, fattening)
    signal = model.config.farming.cattle.margin_response.amount * (price / base - cost)
    model.herd_signal += 0.15 * (np.clip(signal, -0.8, 0.8) - model.herd_signal)


def _cost_index(model: IndustryChainModel, a: int) -> float:
    """Cost of an activity's inputs against 2020, by base weights, from prices paid by its slots."""
    slots = model.supply.trade.slots
    mine = slots.stage == model.farms.stages[a]
    mine &= slots.kind == FARM
    weight = slots.base[mine] * model.base.price[slots.product[mine]]
    relative = model.supply.price[mine] / model.base.price[slots.product[mine]]
    return float((weight * relative).sum() / weight.sum()) if weight.sum() > 0 else 1.0
