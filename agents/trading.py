"""The two market rounds of a month from orders to accounts: what users want, what they pay, what is left in stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import households, money
from .budgets import export_season, government_plan, investment_price
from .limits import name_binding_factor
from .relaxation import inputs_at_once
from .supply import GOVERNMENT, HOUSEHOLD, INVESTMENT, run_market, use_inputs

if TYPE_CHECKING:
    from .households import Wishes
    from .market import Deliveries
    from .model import IndustryChainModel
    from .supply import Market


def clear_round(model: IndustryChainModel, market: Market, orders: np.ndarray, available: np.ndarray) -> Deliveries:
    """Run one market round and settle its trade with outside."""
    price = np.r_[model.gate_price, model.firms.price]
    deliveries = run_market(
        model.supply,
        market,
        orders,
        price,
        available,
        model.outside_price,
        len(model.index.stages),
        model.config.parameters.outside.import_substitution.amount,
        model.freight.import_gain(model),
        inputs_at_once(model) if market is model.supply.trade else None,
    )
    money.to_outside(model.outside, model.bank, "imports", float(deliveries.paid_outside.sum()))
    if model.network_watch is not None:
        model.network_watch.see_round(model, market, available, price, deliveries)
    at = model.supply.at_firms
    model.firms.sold += deliveries.sold[at]
    model.firms.ordered += deliveries.ordered[at]
    model.firms.revenue += deliveries.revenue[at]
    model.firms.cash += deliveries.revenue[at]
    return deliveries


def final_budgets(model: IndustryChainModel, wishes: Wishes, works: np.ndarray) -> np.ndarray:
    """CNY each final slot wants to spend this month; also kept by user for paying later."""
    slots, counties = model.supply.final.slots, len(model.index.counties)
    basket = model.seasons.basket[:, :, model.calendar - 1]
    county, product = slots.county, slots.product
    wanted = np.zeros(len(slots.kind))
    rows = slots.kind == HOUSEHOLD
    wanted[rows] = (wishes.budget[county[rows]] * basket[:, :2][product[rows]]).sum(axis=1)
    rows = slots.kind == GOVERNMENT
    model.government_budget = government_plan(model)
    wanted[rows] = model.government_budget[county[rows]] * basket[product[rows], 2]
    rows = slots.kind == INVESTMENT
    firms = np.bincount(model.firms.county, model.firms.planned_investment, minlength=counties)
    farms = np.bincount(model.farms.county, model.farms.planned_investment, minlength=counties)
    model.investment_market = firms + farms + wishes.plan.sum(axis=1) + works
    wanted[rows] = model.investment_market[county[rows]] * basket[product[rows], 3]
    return wanted


def export_orders(model: IndustryChainModel, price: np.ndarray) -> np.ndarray:
    """Outside orders by seller: base x demand x (price / what outside pays)^elasticity, at the season of the product.

    What outside pays at the seller's gate is the outside price, for a brand its premium, and what its way got cheaper.
    """
    product, policies, supply = model.supply.seller_product, model.policies, model.supply
    relative = price / model.freight.worth_outside(model, product, supply.seller_stage, supply.seller_county)
    scale = model.supply.export_base * model.outside_demand[product] * policies.demand[model.supply.seller_stage]
    season = export_season(model)
    return scale * season * relative ** model.export_elasticity[product]


def users_pay(model: IndustryChainModel, wishes: Wishes, wanted: np.ndarray, works: np.ndarray) -> None:
    """Charge households, governments and investors what was delivered to them."""
    slots, paid, counties = model.supply.final.slots, model.sales.paid, len(model.index.counties)
    quantity = model.sales.quantity
    model.final_price = np.where(quantity > 0, paid / np.where(quantity > 0, quantity, 1.0), model.final_price)
    rows = np.flatnonzero(slots.kind == HOUSEHOLD)
    filled = np.divide(paid[rows], wanted[rows], out=np.zeros(len(rows)), where=wanted[rows] > 0)
    share = model.seasons.basket[slots.product[rows], :2, model.calendar - 1] * filled[:, None]
    code = slots.county[rows]
    fill = np.stack([np.bincount(code, share[:, k], minlength=counties) for k in range(2)], axis=1)
    by_county = np.bincount(slots.county, np.where(slots.kind == GOVERNMENT, paid, 0.0), minlength=counties)
    for government, value in zip(model.governments, by_county, strict=True):
        government.account.receive("consumption", -float(value))
    invested = np.bincount(slots.county, np.where(slots.kind == INVESTMENT, paid, 0.0), minlength=counties)
    fill_c = np.divide(invested, model.investment_market, out=np.zeros(counties), where=model.investment_market > 0)
    price = investment_price(model)
    for agents in (model.firms, model.farms):
        spent = agents.planned_investment * fill_c[agents.county]
        agents.investment += spent
        agents.cash -= spent
        agents.invested += spent / price
    project = model.firms.project * fill_c[model.firms.county] / price
    model.firms.invested -= project
    model.firms.capital += project
    model.firms.project[:] = 0
    dwellings = np.stack([fill_c * model.housing.build_share, fill_c], axis=1)
    households.households_pay(model.workers, wishes, fill, dwellings)
    for government, value in zip(model.governments, works * fill_c, strict=True):
        government.account.receive("works", -float(value))


def settle_goods(model: IndustryChainModel) -> None:
    """Services are made as sold; inputs are used; spoilage; output and stocks are valued at the month's price."""
    firms, supply, rules = model.firms, model.supply, model.rules
    storable = rules.storable[firms.stage]
    firms.made[:] = np.where(storable, firms.made, firms.sold)
    name_binding_factor(model)
    model.quotas.book(model)
    used, inputs = use_inputs(supply, firms.made, model.trade.quantity, len(firms.price))
    firms.used_value[:] = used
    before = firms.stock.copy()
    firms.stock[:] = np.where(storable, np.maximum(before + firms.made - firms.sold, 0.0), 0.0)
    firms.lost[:] = rules.spoilage[firms.stage] * firms.stock
    firms.stock -= firms.lost
    firms.output_value[:] = firms.made * firms.price - firms.lost * firms.price
    firms.stock_value_change[:] = (firms.stock - before) * firms.price + inputs
