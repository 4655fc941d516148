"""Farms through the month: what grows, what is offered at the gate, who gets the money and who bore the cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .factors import WEATHER
from .farm_biology import (
    farms_age_orchards,
    farms_tend_herbs,
    herd_size,
    herds_move,
    orchard_crop,
)
from .farm_growth import grow_crops, harvest_orchards
from .farm_loops import (
    Books,
    Branches,
    Settlement,
    settle_branches,
    settle_herds,
    share_feeders,
    sum_by_farm,
    sum_by_gate,
)
from .farm_weather import weather_strikes
from .supply import FARM

if TYPE_CHECKING:
    from .model import IndustryChainModel

ROUNDING = 1e-12  # a store of which less than this is left has been sold out


def farms_offer(model: IndustryChainModel) -> np.ndarray:
    """What farms still bring to each farm-gate market this month, (A*C,).

    The month's quota is set when it opens: all of what does not keep, at most ``release_limit`` of what does.  Prices
    compare orders with ``gate_reference``, the store spread over the months until the next harvest as its buyers come.
    Of crops in stores and cellars owners bring more or less than that, ``gate_brought``, by what they expect of waiting
    (`farm_stores.py`).  Goods leave the store when both rounds are over, in `farms_allocate_sales`.
    """
    farms, counties = model.farms, len(model.index.counties)
    if model.quota_open:
        rest = farms.first_offer - model.trade.sold[model.supply.at_gates]
        return np.where(rest > ROUNDING * farms.first_offer, rest, 0.0)
    sales = model.config.parameters.farms
    part = model.store_part[:, model.calendar - 1]
    farms.gate_store = sum_by_gate(farms.first_of_gate, farms.stored)
    eager = np.ones(len(farms.gate_store))
    for store in model.stores:
        store.lay_up(model, farms.gate_store[store.gates])
        eager[store.gates] = store.willingness(model)
    even = part.repeat(counties)
    # who would rather wait asks for more (`pricing.price_of_waiting`), but sells to who comes
    release = np.minimum(np.maximum(sales.release_limit.amount, even) * np.maximum(eager, 1.0), 1.0)
    farms.first_offer = np.maximum(farms.gate_store * release, 0.0)
    model.gate_reference = farms.gate_store * np.minimum(even, 1.0)
    model.gate_brought = farms.gate_store * np.minimum(even * eager, 1.0)
    model.quota_open = True
    return farms.first_offer


def farms_take_in_feeders(model: IndustryChainModel) -> None:
    """After the trade round bought feeder cattle join the growers; what inputs cost is paid at the month's end."""
    farms, trade, counties = model.farms, model.trade, len(model.index.counties)
    rows = model.supply.trade.rows(FARM)
    _note_inputs(model, rows)
    if not farms.herd_activities:
        return
    feeders = rows[_buys_feeders(model, rows)]
    animals = trade.local[feeders] + trade.imported[feeders]
    heads = np.bincount(gate_of_slots(model, feeders), animals, minlength=len(model.gate_price))
    a = farms.activity("fattening")
    gates, level = slice(a * counties, (a + 1) * counties), farms.gate_level
    each = np.divide(heads, level, out=np.zeros(len(heads)), where=level > 0)[gates]
    first = farms.first_of_gate[a * counties : (a + 1) * counties + 1]
    share_feeders(farms.farm_of, first, farms.level, each, farms.growers, farms.bought)


def _note_inputs(model: IndustryChainModel, rows: np.ndarray) -> None:
    """Tell the crops and herds what part of the inputs they need came; feeders are animals, not inputs to grow on."""
    slots, trade = model.supply.trade.slots, model.trade
    gate, gates = gate_of_slots(model, rows), len(model.gate_price)
    worth = model.base.price[slots.product[rows]] * ~_buys_feeders(model, rows)
    ratio = np.divide(
        model.farms.gate_level, model.level_base.ravel(), out=np.ones(gates), where=model.level_base.ravel() > 0
    )
    asked = np.bincount(gate, worth * slots.base[rows] * ratio[gate], minlength=gates)
    got = np.bincount(gate, worth * (trade.local[rows] + trade.imported[rows]), minlength=gates)
    model.care.inputs_came(asked, got)


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
    """One month of biology: what is made goes into the farm's store; herds, trees and herbs age."""
    farms, farming, care = model.farms, model.config.farming, model.care
    farms.gate_level = sum_by_gate(farms.first_of_gate, farms.level)
    if model.calendar == 1:
        _new_farm_year(model)
    if farms.activity("herb") >= 0:
        farms_tend_herbs(farms, farming, model.calendar)
    when = (model.year, model.calendar)
    places: list[str] = list(model.index.counties)
    shelter = _shelter(model)
    weather_strikes(
        model.weather, farming, farms.activities, places, when, model.streams, model.policies.hazards, shelter
    )
    care.hands_work(model)
    shares, weather = care.shares(model), np.ones_like(model.weather)
    if WEATHER not in model.restraints.relaxed:
        weather = model.weather
    _harvest(model, weather, shares.min(axis=0))
    if farms.herd_activities:
        _move_herds(model, shares[:, farms.activity("fattening")].min(axis=0))
    made = sum_by_gate(farms.first_of_gate, farms.made)
    care.note(model, made, weather, shares)


def _shelter(model: IndustryChainModel) -> dict[tuple[str, str], np.ndarray]:
    """Part of its loss to a hazard that an activity still takes, (C,) by (hazard, activity): nets keep hail off."""
    orchard = model.farms.activity("orchard")
    if not model.nets.area.any() or orchard < 0:
        return {}
    level = model.farms.gate_level.reshape(-1, len(model.nets.area))[orchard]
    return {("hail", "orchard"): model.nets.exposed(level)}


def _new_farm_year(model: IndustryChainModel) -> None:
    """Trees age; owners replant more where apples pay; what work the year's trees and animals ask for is known."""
    farms, farming = model.farms, model.config.farming
    orchard = farms.activity("orchard")
    if orchard >= 0:
        margin = _margin(model, orchard)
        farms_age_orchards(farms, farming, np.clip(1 + farming.orchard.margin_response.amount * margin, 0.0, 2.0))
        model.nets.wear(model)
    model.care.count_year(model)


def _harvest(model: IndustryChainModel, weather: np.ndarray, care: np.ndarray) -> None:
    """Crops of the month: yield of 2020 x season x trend x what weather, care (A, C) and policies left or added."""
    farms, counties = model.farms, len(model.index.counties)
    yearly = (1 + model.config.farming.productivity_growth.amount) ** (model.month / 12)
    season = model.rules.season[farms.stages, model.calendar - 1]
    for a, activity in enumerate(farms.activities):
        part, first = farms.part(a), farms.first_of_gate[a * counties : (a + 1) * counties + 1]
        if season[a] == 0:
            farms.made[part] = 0.0
            continue
        rate = season[a] / 12 * weather[a] / model.mean_weather[a] * care[a] * model.policies.farm_yield[a]
        if activity == "orchard":
            crop = orchard_crop(farms, model.config.farming, model.year)
            harvest_orchards(farms.farm_of, first, crop, rate * model.orchard_factor, farms.made, farms.stored)
        elif activity == "herb":
            dug = rate * model.yield_base[a] * model.herb_years * yearly
            grow_crops(first - first[0], farms.herb_due[0], dug, farms.made[part], farms.stored[part])
        elif a not in farms.herd_activities:
            grow_crops(first, farms.level, rate * model.yield_base[a] * yearly, farms.made, farms.stored)


def _move_herds(model: IndustryChainModel, growth: np.ndarray) -> None:
    """Herds follow expected margins: where the signal is high more heifers are kept and fewer cows culled.

    ``growth`` (C,) is the pace of fattening that feed and work allow.
    """
    rate = model.config.farming.cattle.cull_rate.amount
    herds_move(
        model.farms,
        model.config.farming,
        model.calendar,
        np.clip(model.heifer_retention * (1 + model.herd_signal), 0.0, 1.0),
        np.clip(rate * (1 - model.herd_signal), 0.0, 1.0),
        growth,
        grower_exit=model.grower_exit,
        finisher_exit=model.finisher_exit,
        calf_market_share=model.calf_market_share,
    )


def farms_allocate_sales(model: IndustryChainModel) -> None:
    """After the final round: farms are paid and pay for inputs, what spoils is lost, output and stocks are valued."""
    farms, counties = model.farms, len(model.index.counties)
    books = Books(farms.revenue, farms.purchases, farms.cash, farms.stock_value_change)
    columns = Branches(*[getattr(farms, name) for name in Branches._fields])
    month = _settlement(model)
    settle_branches(farms.worked_by, farms.first_of_gate, month, columns, books)
    if farms.herd_activities:
        breeding, fattening = (farms.part(a) for a in farms.herd_activities)
        gates = slice(farms.activity("fattening") * counties, (farms.activity("fattening") + 1) * counties)
        settle_herds(
            farms.farm_of[breeding], farms.county, model.gate_price[gates],
            model.herd_opening, herd_units(model), (farms.sold[breeding], farms.sold[fattening]),
            (farms.output_value[breeding], farms.output_value[fattening]), (farms.sold_calves, farms.sold_head),
            farms.stock_value_change,
        )  # fmt: skip
    perishable = model.rules.spoilage[farms.stages] >= model.config.parameters.farms.perishable_above.amount
    spoilt, made = (sum_by_gate(farms.first_of_gate, goods) for goods in (farms.lost, farms.made))
    goods, bills = made - spoilt, month.billed * farms.gate_level
    model.margins.note(goods * month.price - bills)
    cost = np.array([_cost_index(model, a) for a in range(len(farms.stages))])
    model.crop_choice.see_prices(model.gate_price.reshape(-1, counties), cost, model.calendar)
    if model.greenhouses is not None:
        model.greenhouses.see_margins(model, goods, bills)
    model.care.unsold(spoilt, made, perishable.repeat(counties))


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

    spoilt = model.rules.spoilage[farms.stages].repeat(counties)
    for own in model.stores:
        rest = np.maximum(store[own.gates] - sold[own.gates], 0.0)
        spoilt[own.gates] = own.lost_share(model.calendar, rest)
        own.learn_prices(model.calendar, model.gate_price[own.gates])
    return Settlement(
        sold=np.where(share > 1 - ROUNDING, 1.0, share),
        spoilt=spoilt,
        price=model.gate_price,
        earned=each(money, store),
        billed=each(bill, farms.gate_level),
    )


def farm_taxes(model: IndustryChainModel) -> np.ndarray:
    """Net production taxes farms owe on the month's output, CNY (N,)."""
    farms = model.farms
    rate = model.rules.tax_rate[farms.stages].repeat(len(model.index.counties))
    return sum_by_farm(farms.worked_by, farms.first_of_gate, farms.output_value, rate, len(farms.county))


def herd_units(model: IndustryChainModel) -> np.ndarray:
    """Herds weighted by relative value (no price), (N, 2): the volume whose growth is capital formation."""
    return herd_size(model.farms, model.config.farming)


def farm_collateral(model: IndustryChainModel, price: np.ndarray) -> np.ndarray:
    """What a bank takes as security from each farm, CNY (N,): plant, and living cattle it keeps at gate prices (C,)."""
    farms, worth = model.farms, herd_units(model).sum(axis=1) * price[model.farms.county]
    for a in farms.herd_activities[:1]:
        part = farms.part(a)
        bought = part.start + np.flatnonzero(farms.worked_by[part] != farms.farm_of[part])
        sold = worth[farms.farm_of[bought]]
        np.subtract.at(worth, farms.farm_of[bought], sold)
        np.add.at(worth, farms.worked_by[bought], sold)
    return np.asarray(farms.capital + worth)


def cattle_price(model: IndustryChainModel) -> np.ndarray:
    """Gate price of a finished animal by county, CNY (C,); nought where nobody fattens."""
    counties, a = len(model.index.counties), model.farms.activity("fattening")
    return model.gate_price[a * counties : (a + 1) * counties] if a >= 0 else np.zeros(counties)


def farm_input_scale(model: IndustryChainModel, rows: np.ndarray) -> np.ndarray:
    """Orders of farm inputs against the base month, by slot: activity level, and margin for bought feeders."""
    farms, base = model.farms, model.level_base.ravel()
    ratio = np.divide(farms.gate_level, base, out=np.ones(len(base)), where=base > 0)
    scale = ratio[gate_of_slots(model, rows)]
    feeders, slots = _buys_feeders(model, rows), model.supply.trade.slots
    scale[feeders] *= np.maximum(1 + model.herd_signal[slots.county[rows[feeders]]], 0.0)
    if "apple_insurance" in model.index.products:
        insuring = slots.product[rows] == model.index.product_code("apple_insurance")
        scale[insuring] *= model.insurance.service_needed()[slots.county[rows[insuring]]]
    return scale


def update_herd_signal(model: IndustryChainModel) -> None:
    """Expected margin of fattening against the base, smoothed: high margins keep heifers and buy feeders.

    What owners of 2020 expected beyond the margin of a herd at rest they forget as they forget other years' margins.
    """
    farms = model.farms
    fattening = farms.activity("fattening")
    if fattening < 0:
        return
    rules, memory = model.config.farming.cattle, model.config.farming.land.margin_memory.amount
    hope = rules.growth_signal.amount * (1 - 1 / memory) ** (model.month / 12)
    signal = rules.margin_response.amount * _margin(model, fattening) + hope
    model.herd_signal += 0.15 * (np.clip(signal, -0.8, 0.8) - model.herd_signal)


def _margin(model: IndustryChainModel, a: int) -> np.ndarray:
    """Gate price of an activity over that of 2020, less the same of its inputs, (C,): 0 as at the base."""
    counties = len(model.index.counties)
    price = model.gate_price[a * counties : (a + 1) * counties]
    base = model.base.price[model.index.product_of_stage[model.farms.stages[a]]]
    return np.asarray(price / base - _cost_index(model, a))


def _cost_index(model: IndustryChainModel, a: int) -> float:
    """Cost of an activity's inputs against 2020, by base weights, from prices paid by its slots."""
    slots = model.supply.trade.slots
    rows = model.supply.trade.rows(FARM)
    mine = rows[slots.stage[rows] == model.farms.stages[a]]
    weight = slots.base[mine] * model.base.price[slots.product[mine]]
    relative = model.supply.price[mine] / model.base.price[slots.product[mine]]
    return float((weight * relative).sum() / weight.sum()) if weight.sum() > 0 else 1.0
