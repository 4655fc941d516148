"""Investment: wear, gestation, and the decision to replace and expand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .factors import FINANCE
from .money import loans_carried
from .relaxation import credit_limit

if TYPE_CHECKING:
    from .model import IndustryChainModel


def install_capital(model: IndustryChainModel) -> None:
    """Capital wears out; a part of what was ordered earlier comes into use; capacity follows capital."""
    firms, farms = model.firms, model.farms
    gestation = model.config.parameters.firms.gestation.amount
    firms.pipeline += firms.invested
    arriving = firms.pipeline / gestation
    firms.pipeline -= arriving
    before = np.maximum(firms.capital, 1e-9)
    wear = model.rules.depreciation_rate[firms.stage] * firms.capital / 12
    firms.capital[:] = np.maximum(firms.capital - wear + arriving, 0.0)
    firms.capacity *= firms.capital / before
    growth = (1 + model.config.parameters.firms.productivity_growth.amount) ** (1 / 12)
    firms.productivity *= growth
    farms.capital += farms.invested - model.farm_wear * farms.capital / 12


def decide_investment(model: IndustryChainModel) -> None:
    """Replace wear in proportion to use; expand toward wanted capacity when used above normal and profitable.

    Limited by cash above the reserve and by credit; CNY of the coming month in ``planned_investment``.
    """
    firms, farms, p = model.firms, model.farms, model.config.parameters
    wear = model.rules.depreciation_rate[firms.stage] * firms.capital / 12
    normal = np.maximum(model.normal_use[firms.stage], 0.05)
    use = firms.smoothed / np.maximum(firms.capacity, 1e-12)
    ratio = use / normal
    replace = wear * np.clip(ratio, 0.3, 1.0)
    expand = np.where(
        (ratio > 1.02) & (firms.profit > 0) & model.may_expand[firms.stage],
        p.firms.investment_speed.amount * (ratio - 1).clip(0, 0.5) * firms.capital,
        0.0,
    )
    surplus = firms.output_value - firms.used_value - firms.wage_bill - firms.tax
    firms.surplus += (surplus - firms.surplus) / 12
    # the bank lends on plant and stocks, and no more than what surplus pays interest on
    carried = loans_carried(firms.surplus, wear, p.finance) * model.policies.credit[firms.stage]
    collateral = 0.6 * credit_limit(model)
    credit = np.maximum(np.minimum(collateral, carried) - firms.debt, 0.0)
    means = np.maximum(firms.cash - firms.used_value - firms.wage_bill, 0.0) * 0.5 + 0.05 * credit
    if FINANCE in model.restraints.relaxed:
        means[:] = np.inf
    idle = (firms.closing != 0) | (firms.opening > 0)
    wanted = np.minimum(replace + expand, means + replace * (firms.cash > 0))
    season = model.seasons.invest[model.calendar % 12]  # of the month in which it is laid out
    firms.planned_investment[:] = np.where(idle, 0.0, wanted) * season
    renewal = model.farm_wear * farms.capital / 12
    if model.greenhouses is not None:
        renewal = np.maximum(renewal + model.greenhouses.extra, 0.0)
    farms.planned_investment[:] = renewal * (farms.cash > 0) * season
