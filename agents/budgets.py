"""Public budgets and the reference paths of final demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .supply import INVESTMENT

if TYPE_CHECKING:
    from .model import IndustryChainModel


def government_plan(model: IndustryChainModel) -> np.ndarray:
    """Public consumption each county plans this month, (C,) CNY: grown with transfers, cut when cash is short."""
    p = model.config.parameters.government
    growth = (1 + p.transfer_growth.amount) ** (model.month / 12)
    planned = model.base_government * growth
    cash = np.array([max(government.account.cash, 0.0) for government in model.governments])
    return np.minimum(planned, p.budget_speed.amount * cash)


def government_works(model: IndustryChainModel) -> np.ndarray:
    """Public investment of the base, (C,) CNY this month: in the season of building, grown with transfers."""
    growth = (1 + model.config.parameters.government.transfer_growth.amount) ** (model.month / 12)
    return model.base_works * growth * model.seasons.invest[model.calendar - 1]


def by_product_limit(model: IndustryChainModel) -> np.ndarray:
    """Most a by-product collector can gather, (F,): its host's output of the last year x ratio, shared by capacity."""
    firms, limit = model.firms, np.full(len(model.firms.price), np.inf)
    for stage, (host, ratio) in model.hosts.items():
        mine = np.flatnonzero(firms.stage == stage)
        plant = max(float(firms.capacity[mine].sum()), 1e-300)
        limit[mine] = ratio * model.yearly_output[host] * firms.capacity[mine] / plant
    return limit


def export_season(model: IndustryChainModel) -> np.ndarray:
    """Season of outside orders by seller, (N,).

    Services follow their stage, goods of firms have none, and traders come to the farm gate when there is produce.
    """
    stage = model.supply.seller_stage
    season = np.where(model.rules.storable[stage], 1.0, model.rules.season[stage, model.calendar - 1])
    gates = model.supply.at_gates
    season[gates] = model.gate_brought / np.maximum(model.gate_base, 1e-9)
    return season


def investment_price(model: IndustryChainModel) -> float:
    """Price index of the investment basket, 2020 = 1, at what investors paid this month."""
    slots = model.supply.final.slots
    rows = np.flatnonzero(slots.kind == INVESTMENT)
    weight = slots.base[rows] * model.base.price[slots.product[rows]]
    relative = model.final_price[rows] / model.base.price[slots.product[rows]]
    return float((weight * relative).sum() / weight.sum())
