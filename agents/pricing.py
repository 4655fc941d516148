"""Prices: anchors of makers and takers, and the monthly step toward them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..config.parameters_schema import Firms as FirmRules
from .supply import EXPORT

if TYPE_CHECKING:
    from .model import IndustryChainModel


def demand_gap(model: IndustryChainModel) -> np.ndarray:
    """Last month's orders beyond what the firm expected, and missing stock where goods keep, (F,); 0 at the base.

    Both in normal months' orders, so that a few orders more in a slack month weigh no more than as many in the peak.
    """
    firms, rules = model.firms, model.config.parameters.firms
    if model.month == 0:
        return np.zeros(len(firms.price))
    gap = (firms.ordered_before - firms.expected) / np.maximum(firms.smoothed, 1e-12)
    # the stock wanted moves with the season, what it is short of weighs by a normal month's
    wanted = model.rules.cover[firms.stage, model.calendar - 1] * firms.smoothed
    normal = max(rules.inventory_target.amount, 1e-12) * firms.smoothed
    missing = (wanted - firms.stock) / np.maximum(normal, 1e-12) * 0.25
    return gap + np.where(model.rules.storable[firms.stage], missing, 0.0)


def adjust_prices(
    price: np.ndarray, premium: np.ndarray, gap: np.ndarray, anchor: np.ndarray, taker: np.ndarray, rules: FirmRules
) -> tuple[np.ndarray, np.ndarray]:
    """Move prices toward the anchor, up when orders outran supply and down when stock was left.

    Price-quantity quadrants (CANVAS, Hommes et al. 2025): the premium over the anchor answers last month's gap between
    orders and supply; a maker's price changes by at most ``price_limit`` a month, a taker's follows outside at once.
    """
    low, high = 1 / (1 + rules.premium_limit.amount), 1 + rules.premium_limit.amount
    new_premium = np.clip((premium * (1 + rules.price_step.amount * np.clip(gap, -1.0, 1.0))) ** 0.95, low, high)
    limit = rules.price_limit.amount
    wanted = anchor * new_premium
    step = np.clip(wanted / price, 1 - limit, 1 + limit)
    return np.where(taker, wanted, price * step), new_premium


def firm_anchor(model: IndustryChainModel, unit_cost: np.ndarray) -> np.ndarray:
    """What a firm's price leans on, (F,): what outside leaves at the gate for takers, else unit cost."""
    firms, index = model.firms, model.index
    follows = model.follows_outside[firms.product]
    outside = model.freight.worth_outside(model, firms.product, firms.stage, firms.county)
    p = model.config.parameters.outside.price_pass_through.amount
    cost = model.base.price[firms.product] * (unit_cost / np.maximum(firms.unit_cost_base, 1e-12))
    bare = firms.price / firms.premium  # costs pass into the price before the premium, which would build up on itself
    sluggish = bare * (cost / np.maximum(bare, 1e-12)) ** p
    return np.where(follows, outside, sluggish) if len(index.products) else outside


def handled_cost(model: IndustryChainModel, prices: np.ndarray) -> np.ndarray:
    """Goods that dealers, packers and stores sell on, CNY a unit sold, (F,); ``prices`` by slot resold."""
    slots, resold = model.supply.trade.slots, model.resold_slots
    cost = slots.coefficient[resold] * prices
    return np.bincount(slots.buyer[resold], cost, minlength=len(model.firms.price))


def handling_fee(model: IndustryChainModel, unit_cost: np.ndarray, goods: np.ndarray) -> np.ndarray:
    """What dealers, packers and stores ask on top of the ``goods`` (F,) they sell on, CNY a unit.

    The fee of 2020 moves with the cost of the work; goods are passed on at what they cost to replace, or a margin of
    some per cent would bear every swing of a harvest's price.
    """
    firms, slots = model.firms, model.supply.trade.slots
    before = handled_cost(model, model.base.price[slots.product[model.resold_slots]])
    work = (unit_cost - goods) / np.maximum(firms.unit_cost_base - before, 1e-12)
    return (model.base.price[firms.product] - before) * np.maximum(work, 0.0)


def farm_gate_anchor(model: IndustryChainModel) -> np.ndarray:
    """What markets outside leave at each farm gate, with the brand premium of its stage, (A*C,)."""
    product = model.index.product_of_stage[model.gate_stage]
    return model.freight.worth_outside(model, product, model.gate_stage, model.gate_county)


def gate_demand(model: IndustryChainModel) -> np.ndarray:
    """Units buyers wanted of each farm gate this month, (A*C,): what it sold, and what no gate could serve.

    Buyers whose usual gate has run out buy at another, so that a glut here ends a shortage there.
    """
    product, at = model.supply.seller_product, model.supply.at_gates
    short, found = np.zeros(len(product)), np.zeros(len(product))
    for deals in (model.trade, model.sales):
        more = deals.ordered - deals.sold
        short += np.maximum(more, 0.0)
        found += np.maximum(-more, 0.0)
    missing, spot = (np.bincount(product, units, minlength=len(model.base.price)) for units in (short, found))
    nowhere = 1 - np.divide(np.minimum(spot, missing), missing, out=np.zeros_like(missing), where=missing > 0)
    sold = model.trade.sold + model.sales.sold
    return np.asarray((sold + short * nowhere[product])[at])


def gate_gap(model: IndustryChainModel) -> np.ndarray:
    """Demand at each farm gate beyond the store spread evenly until the next harvest, over a normal month's, (A*C,).

    Traders from outside come when owners bring much; here they count as if owners neither waited nor hurried, so that
    the premium, which lasts, learns of plenty and shortage alone (`price_of_waiting` is what a month's haste costs).
    What is missing at a season's end weighs no more than as much at its height.
    """
    due, brought = model.gate_reference, model.gate_brought
    exports = model.sales.orders[model.supply.final.rows(EXPORT)[model.supply.at_gates]]
    put_off = exports * (np.divide(due, brought, out=np.ones(len(due)), where=brought > 0) - 1)
    weight = np.maximum(np.maximum(due, model.gate_base), 1e-9)
    return np.where(due > 0, (gate_demand(model) + put_off - due) / weight, 0.0)


def price_of_waiting(model: IndustryChainModel) -> np.ndarray:
    """What owners who would rather wait ask this month on top, and who is in haste lets go, as a factor (A*C,).

    Competitive storage (Williams and Wright 1991): fruit kept in autumn is dearer in autumn and cheaper in spring.  So
    the factor answers what was kept back last month and is gone with it; in the premium, whose memory is longer than a
    winter, autumn's scarcity would raise the spring's price.
    """
    kept = np.divide(model.gate_reference, model.gate_brought, out=np.ones(len(model.gate_price)),
                     where=model.gate_brought > 0)  # fmt: skip
    return 1 + model.config.parameters.firms.price_step.amount * np.clip(kept - 1, -1.0, 1.0)
