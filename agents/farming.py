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
from .farm_loops import (
    Round,
    grow_crops,
    harvest_orchards,
    offer_rest,
    open_gates,
    pay_first_round,
    pay_second_round,
    settle_branches,
    settle_herds,
    share_purchases,
    sum_by_farm,
    value_stocks,
)
from .supply import FARM

if TYPE_CHECKING:
    from .model import IndustryChainModel


def farms_offer(model: IndustryChainModel) -> np.ndarray:
    """What farms still bring to each farm-gate market this month, (A*C,).

    The month's quota is set when it opens: all of what does not keep, at most ``release_limit`` of what does.  Prices
    compare orders with ``gate_reference``, the store spread evenly over the months until the next harvest.  Goods
    leave the store when both rounds are over, in `farms_allocate_sales`.
    """
    farms, rules, counties = model.farms, model.rules, len(model.index.counties)
    sales = model.config.parameters.farms
    if model.quota_open:
        farms.second_offer = offer_rest(farms.first_of_gate, farms.stored, farms.gate_release, _first_round(model))
        return farms.second_offer
    ahead = np.ones(len(farms.stages))
    for a, s in enumerate(farms.stages):
        if rules.spoilage[s] < sales.perishable_above.amount:
            ahead[a] = months_to_harvest(rules.season[s], model.calendar)
    farms.gate_release = np.maximum(sales.release_limit.amount, 1 / ahead).repeat(counties)
    farms.first_offer, model.gate_reference = open_gates(
        farms.first_of_gate, farms.stored, farms.gate_release, ahead.repeat(counties)
    )
    model.quota_open = True
    return farms.first_offer


def _first_round(model: IndustryChainModel) -> Round:
    at = model.supply.at_gates
    return Round(model.farms.first_offer, model.trade.sold[at], model.trade.revenue[at])


def farms_allocate_purchases(model: IndustryChainModel) -> None:
    """After the trade round: farms pay for inputs, take in bought feeders, and are paid for what they sold."""
    farms, trade = model.farms, model.trade
    rows = model.supply.trade.rows(FARM)
    gate, gates = gate_of_slots(model, rows), len(model.gate_price)
    feeders = rows[_buys_feeders(model, rows)]
    cost = np.bincount(gate, trade.paid_local[rows] + trade.paid_outside[rows], minlength=gates)
    animals = trade.local[feeders] + trade.imported[feeders]
    heads = np.bincount(gate_of_slots(model, feeders), animals, minlength=gates)
    share_purchases(
        farms.farm_of, farms.first_of_gate, farms.level, farms.gate_level, cost, heads,
        farms.used_value, farms.purchases, farms.cash, farms.growers, farms.bought,
    )  # fmt: skip
    pay_first_round(
        farms.farm_of,
        farms.first_of_gate,
        farms.stored,
        farms.gate_release,
        _first_round(model),
        farms.revenue,
        farms.cash,
    )


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
    """After the final round: farms are paid, what spoils is lost, output and stocks are valued at the gate."""
    farms, sales, counties, at = model.farms, model.sales, len(model.index.counties), model.supply.at_gates
    spoilage = model.rules.spoilage[farms.stages].repeat(counties)
    released, first, price = farms.gate_release, farms.first_of_gate, model.gate_price
    rounds = _first_round(model), Round(farms.second_offer, sales.sold[at], sales.revenue[at])
    pay_second_round(farms.farm_of, first, farms.stored, released, *rounds, farms.revenue, farms.cash)
    goods = farms.made, farms.stored, farms.sold, farms.lost
    settle_branches(first, released, *rounds, spoilage, price, *goods, farms.output_value)
    value_stocks(farms.farm_of, first, price, farms.made, farms.sold, farms.lost, farms.stock_value_change)
    if farms.herd_activities:
        breeding, fattening = (farms.part(a) for a in farms.herd_activities)
        gates = slice(farms.activity("fattening") * counties, (farms.activity("fattening") + 1) * counties)
        settle_herds(
            farms.farm_of[breeding], farms.county, price[gates],
            model.herd_opening, herd_units(model), (farms.sold[breeding], farms.sold[fattening]),
            (farms.output_value[breeding], farms.output_value[fattening]), (farms.sold_calves, farms.sold_head),
            farms.stock_value_change,
        )  # fmt: skip


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
