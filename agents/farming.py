"""Farms through the month: what grows, what is offered at the gate, who gets the money and who bore the cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .farm_biology import (
    farms_age_orchards,
    frost_losses,
    herd_size,
    herds_move,
    months_to_harvest,
    orchard_crop,
)
from .farm_growth import grow_crops, harvest_orchards
from .farm_loops import Books, Branches, Settlement, settle_branches, settle_herds, share_feeders, sum_by_farm, sum_by_gate
from .supply import FARM

if TYPE_CHECKING:
    from .model import IndustryChainModel

ROUNDING = 1e-12  # a store of which less than this is left has been sold out


def farms_offer(model: IndustryChainModel) -> np.ndarray:
    """What farms still bring to each farm-gate market this month, (A*C,).

    The month's quota is set when it opens: all of what does not keep, at most ``release_limit`` of what does.  Prices
    compare orders with ``gate_reference``, the store spread evenly over the months until the next harvest.  Goods
    leave the store when both rounds are over, in `farms_allocate_sales`.
    """
    farms, rules, counties = model.farms, model.rules, len(model.index.counties)
    if model.quota_open:
        rest = farms.first_offer - model.trade.sold[model.supply.at_gates]
        return np.where(rest > ROUNDING * farms.first_offer, rest, 0.0)
    sales = model.config.parameters.farms
    ahead = np.ones(len(farms.stages))
    for a, s in enumerate(farms.stages):
        if rules.spoilage[s] < sales.perishable_above.amount:
            ahead[a] = months_to_harvest(rules.season[s], model.calendar)
    farms.gate_store = sum_by_gate(farms.first_of_gate, farms.stored)
    release = np.maximum(sales.release_limit.amount, 1 / ahead).repeat(counties)
    farms.first_offer = np.maximum(farms.gate_store * release, 0.0)
    model.gate_reference = farms.gate_store / ahead.repeat(counties)
    model.quota_open = True
    return farms.first_offer


def farms_take_in_feeders(model: IndustryChainModel) -> None:
    """After the trade round bought feeder cattle join the growers; what inputs cost is paid at the month's end."""
    farms, trade, counties = model.farms, model.trade, len(model.index.counties)
    if not farms.herd_activities:
        return
    rows = model.supply.trade.rows(FARM)
    feeders = rows[_buys_feeders(model, rows)]
    animals = trade.local[feeders] + trade.imported[feeders]
    heads = np.bincount(gate_of_slots(model, feeders), animals, minlength=len(model.gate_price))
    a = farms.activity("fattening")
    gates, level = slice(a * counties, (a + 1) * counties), farms.gate_level
    each = np.divide(heads, level, out=np.zeros(len(heads)), where=level > 0)[gates]
    first = farms.first_of_gate[a * counties : (a + 1) * counties + 1]
    share_feeders(farms.farm_of, first, farms.level, each, farms.growers, farms.bought)


def gate_of_slots(model: IndustryChainModel, rows: np.ndarray) -> np.ndarray:
    """Farm-gate code (activity x county) of the farms that buy in these trade slots."""
    slots = model.supply.trade.slots
    activity = np.full(len(model.index.stages), -1)
    activity[model.farms.stages] = np.arange(len(model.farms.stages))
    return activity[slots.stage[rows]] * len(model.index.counties) + slots.county[rows]


def _buys_feeders(model: IndustryChainModel, rows: np.ndarray) -> np.ndarray:
    """Which of these trade slots order feeder cattle."""
    products = model.index.products
    feeder = products.index("feeder_calf") if "feeder_calf" in products else -1
    return model.supply.trade.slots.product[rows] == feeder


def grow_farms(model: IndustryChainModel) -> None:
    """One month of biology: what is made goes into the farm's store; herds and trees age."""
    farms, farming = model.farms, model.config.farming
    if model.calendar == 1:
        farms_age_orchards(farms, farming)
        model.frost = frost_losses(farming, model.index.counties, model.year, model.streams)
    yearly = (1 + farming.productivity_growth.amount) ** (model.month / 12)
    season = model.rules.season[farms.stages, model.calendar - 1]
    yields, boost, counties = model.yield_base, model.policies.farm_yield, len(model.index.counties)
    for a, activity in enumerate(farms.activities):
        part = farms.part(a)
        made, stored = farms.made[part], farms.stored[part]
        if season[a] == 0:
            made[:] = 0.0
        elif activity == "orchard":
            crop = orchard_crop(farms, farming, model.year)
            factor, at = model.orchard_factor, farms.farm_of[part]
            harvest_orchards(at, farms.county, crop, factor, season[a], model.frost, boost[a], made, stored)
        elif a not in farms.herd_activities:
            first = farms.first_of_gate[a * counties : (a + 1) * counties + 1]
            grow_crops(first, farms.level, yields[a], season[a], yearly, boost[a], farms.made, farms.stored)
    if farms.herd_activities:
        _move_herds(model)


def _move_herds(model: IndustryChainModel) -> None:
    """Herds follow expected margins: more heifers are kept where the herd signal is high."""
    herds_move(
        model.farms,
        model.config.farming,
        model.calendar,
        np.clip(model.heifer_retention * (1 + model.herd_signal), 0.0, 1.0),
        grower_exit=model.grower_exit,
        finisher_exit=model.finisher_exit,
        calf_market_share=model.calf_market_share,
    )


def farms_allocate_sales(model: IndustryChainModel) -> None:
    """After the final round: farms are paid and pay for inputs, what spoils is lost, output and stocks are valued."""
    farms, counties = model.farms, len(model.index.counties)
    books = Books(farms.revenue, farms.purchases, farms.cash, farms.stock_value_change)
    columns = Branches(*[getattr(farms, name) for name in Branches._fields])
    settle_branches(farms.farm_of, farms.first_of_gate, _settlement(model), columns, books)
    if farms.herd_activities:
        breeding, fattening = (farms.part(a) for a in farms.herd_activities)
        gates = slice(farms.activity("fattening") * counties, (farms.activity("fattening") + 1) * counties)
        settle_herds(
            farms.farm_of[breeding], farms.county, model.gate_price[gates],
            model.herd_opening, herd_units(model), (farms.sold[breeding], farms.sold[fattening]),
            (farms.output_value[breeding], farms.output_value[fattening]), (farms.sold_calves, farms.sold_head),
            farms.stock_value_change,
        )  # fmt: skip


def _settlement(model: IndustryChainModel) -> Settlement:
    """Shares and prices of both rounds at each gate: all branches of a gate fare alike."""
    farms, trade, sales, at = model.farms, model.trade, model.sales, model.supply.at_gates
    rows, counties = model.supply.trade.rows(FARM), len(model.index.counties)
    bills = trade.paid_local[rows] + trade.paid_outside[rows]
    bill = np.bincount(gate_of_slots(model, rows), bills, minlength=len(model.gate_price))
    sold, money, store = trade.sold[at] + sales.sold[at], trade.revenue[at] + sales.revenue[at], farms.gate_store
    share = np.divide(sold, store, out=np.zeros(len(store)), where=store > 0)

    def each(total: np.ndarray, units: np.ndarray) -> np.ndarray:
        return np.divide(total, units, out=np.zeros(len(units)), where=units > 0)

    return Settlement(
        sold=np.where(share > 1 - ROUNDING, 1.0, share),
        spoilt=model.rules.spoilage[farms.stages].repeat(counties),
        price=model.gate_price,
        earned=each(money, store),
        billed=each(bill, farms.gate_level),
    )


def farm_taxes(model: IndustryChainModel) -> np.ndarray:
    """Net production taxes farms owe on the month's output, CNY (N,)."""
    farms = model.farms
    rate = model.rules.tax_rate[farms.stages].repeat(len(model.index.counties))
    return sum_by_farm(farms.farm_of, farms.first_of_gate, farms.output_value, rate, len(farms.county))


def herd_units(model: IndustryChainModel) -> np.ndarray:
    """Herds weighted by relative value (no price), (N, 2): the volume whose growth is capital formation."""
    return herd_size(model.farms, model.config.farming)


def farm_input_scale(model: IndustryChainModel, rows: np.ndarray) -> np.ndarray:
    """Orders of farm inputs against the base month, by slot: activity level, and margin for bought feeders."""
    farms, base = model.farms, model.level_base.ravel()
    farms.gate_level = farms.by_gate(farms.level).ravel()
    ratio = np.divide(farms.gate_level, base, out=np.ones(len(base)), where=base > 0)
    scale = ratio[gate_of_slots(model, rows)]
    feeders = _buys_feeders(model, rows)
    scale[feeders] *= np.maximum(1 + model.herd_signal[model.supply.trade.slots.county[rows[feeders]]], 0.0)
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
    rows = model.supply.trade.rows(FARM)
    mine = rows[slots.stage[rows] == model.farms.stages[a]]
    weight = slots.base[mine] * model.base.price[slots.product[mine]]
    relative = model.supply.price[mine] / model.base.price[slots.product[mine]]
    return float((weight * relative).sum() / weight.sum()) if weight.sum() > 0 else 1.0
