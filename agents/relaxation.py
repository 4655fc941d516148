"""What it means that a cause holds nobody back, for splitting a chain's shortfall from its target over causes.

Each cause is taken away in the way an official would mean it, at going prices, and the rest of the city lives on:

- demand: outside buys, at the price it pays anyway, what local buyers leave of the quantity the plan's target supposes,
  and firms that sell outside plan for it.  At farm gates it takes what is left of the month's even part of the store.
- labour: every post that is planned is filled at the going wage.
- capital: plant is never smaller than what firms plan to make, and credit is never short.
- inputs: what local suppliers cannot deliver comes from outside at once, at import prices.
- permits: plant that needs approval grows like any other, and no quota of water, energy or CO2 binds.

What is made is still paid for: wages for posts, import prices for inputs.  Plant is given.  Land, trees, herds, weather
and prices are causes nothing here takes away: they stay in the part beyond every cause (decision 013).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..chains.ledgers import base_bought_outside, base_flows, plan_ledger
from ..config.schema import Cause
from ..config.units import unit_factor
from .factors import CAPITAL, CO2, DEMAND, ENERGY, FINANCE, INPUT, LABOUR, PERMIT, WATER
from .supply import asked_of_sellers, inputs_in_stock

if TYPE_CHECKING:
    from ..chains.base import Base
    from ..config.loader import Config
    from .model import IndustryChainModel

FACTORS_OF: dict[Cause, tuple[int, ...]] = {
    "demand": (DEMAND,),
    "labour": (LABOUR,),
    "capital": (CAPITAL, FINANCE),
    "inputs": (INPUT,),
    "permits": (PERMIT, WATER, ENERGY, CO2),
}
BASE_YEAR = 2020


def relaxed_factors(causes: list[Cause] | None) -> frozenset[int]:
    """Factors that bind nobody when these causes are taken away."""
    return frozenset(factor for cause in causes or [] for factor in FACTORS_OF[cause])


def demand_growth(config: Config, base: Base) -> np.ndarray:
    """Growth of demand a month, as a factor, that the target of each stage's chain supposes, (S,); 1 without a target.

    From the chain's plan output of 2020 to its target at even growth, middle of a year to middle of a year; chains
    with a target for value added alone are taken by that.  A target below 2020 asks for no growth.
    """
    index = base.index
    value_added = base.output - base.use.sum(axis=0)
    ledger = plan_ledger(index, base.output, value_added, base_flows(base), base_bought_outside(base))
    growth = np.ones(len(index.chains))
    for indicator, now in (("plan_value_added", ledger.value_added), ("plan_output", ledger.output)):
        for item in config.plan.items.values():
            if item.kind == "target" and item.indicator == indicator and item.chain in index.chains and item.value:
                c, months = index.chains.index(item.chain), 12 * ((item.year or 0) - BASE_YEAR)
                target = item.value * (unit_factor(item.unit) if item.unit else 1.0)
                growth[c] = max(target / now[c], 1.0) ** (1 / months)
    return growth[index.chain_of_stage]


def buyers_wait(model: IndustryChainModel) -> np.ndarray:
    """Demand the targets suppose this month, product units (F,), for firms that make what sells outside; else 0.

    The stage's sales of 2020, grown, by the part each firm has of the stage's capacity, in season.  Dealers, packers
    and stores, paid by a margin on what others made, have no buyers of their own.
    """
    firms, base, index = model.firms, model.base, model.index
    stage, working = firms.stage, (firms.closing == 0) & (firms.opening == 0)
    chain = np.array([name != "rest" for name in index.chains])[index.chain_of_stage]
    sells = chain & (model.export_ratio[index.product_of_stage] > 0) & ~model.margin_stage
    monthly = base.output / base.price[index.product_of_stage] / 12 * model.target_growth ** (model.month + 6)
    plant = np.where(working, firms.capacity, 0.0)
    total = np.bincount(stage, plant, minlength=len(monthly))
    part = np.divide(plant, total[stage], out=np.zeros(len(plant)), where=total[stage] > 0)
    season = model.rules.season[:, model.calendar - 1]
    wanted = np.where(sells, monthly * np.where(model.rules.storable, 1.0, season), 0.0)
    return np.asarray(wanted[stage] * part)


def firms_plan_freely(model: IndustryChainModel) -> None:
    """Firms aim at what waiting buyers want as far as plant allows; where plant is given, they have what it takes."""
    firms, relaxed = model.firms, model.restraints.relaxed
    wanted = buyers_wait(model) if DEMAND in relaxed else np.zeros(len(firms.price))
    if CAPITAL in relaxed:
        working = (firms.closing == 0) & (firms.opening == 0)
        needed = np.where(working, np.maximum(firms.target, wanted), 0.0)
        firms.capacity[:] = np.maximum(firms.capacity, needed)
    wanted = np.minimum(wanted, firms.capacity)
    firms.expected[:] = np.maximum(firms.expected, wanted)
    firms.target[:] = np.maximum(firms.target, wanted)


def outside_takes_the_rest(model: IndustryChainModel, orders: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Outside orders (N,) that fill what waiting buyers want, from what local ones leave of what is ``left`` (N,).

    Firms keep the stock they want to have.  ``orders`` (K,) are those of local final users by slot.
    """
    supply, firms = model.supply, model.firms
    local = asked_of_sellers(supply, supply.final, orders)
    kept, wanted = np.zeros(len(left)), np.zeros(len(left))
    kept[supply.at_firms] = model.rules.cover[firms.stage, model.calendar % 12] * firms.smoothed
    wanted[supply.at_firms] = buyers_wait(model)
    chain = model.index.chain_of_stage[supply.seller_stage[supply.at_gates]]
    in_plan = np.array([name != "rest" for name in model.index.chains])[chain]
    wanted[supply.at_gates] = np.where(in_plan, model.gate_brought, 0.0)
    asked = model.trade.ordered + local
    return np.maximum(np.minimum(wanted - asked, left - local - kept), 0.0)


def unfilled_orders_stay(model: IndustryChainModel) -> None:
    """What waiting buyers wanted and plant could make counts as ordered, so that firms short of hands see no slack."""
    if DEMAND in model.restraints.relaxed:
        firms = model.firms
        firms.ordered[:] = np.maximum(firms.ordered, np.minimum(buyers_wait(model), firms.capacity))


def inputs_at_once(model: IndustryChainModel) -> np.ndarray | None:
    """Trade slots (mask) whose missing input comes from outside at once: those that would stop production; or None."""
    supply = model.supply
    if INPUT not in model.restraints.relaxed:
        return None
    if model.forms.criticality in ("leontief", "linear"):
        return np.ones(len(supply.critical), dtype=bool)
    return supply.critical | supply.important if model.forms.criticality == "half_critical" else supply.critical


def credit_limit(model: IndustryChainModel) -> np.ndarray:
    """Most the bank lends each firm on plant and goods in store, CNY (F,); no limit where finance holds nobody back."""
    share = model.config.parameters.finance.credit_limit.amount
    worth = security(model) * model.policies.credit[model.firms.stage]
    return np.full(len(worth), np.inf) if FINANCE in model.restraints.relaxed else share * worth


def security(model: IndustryChainModel) -> np.ndarray:
    """What a bank takes from a firm as security, CNY (F,): plant, and goods and inputs in store at this month's prices.

    Who buys a harvest borrows on it: a packer's plant is worth two months of fruit.
    """
    firms = model.firms
    return np.asarray(firms.capital + firms.stock * firms.price + inputs_in_stock(model.supply, len(firms.price)))
