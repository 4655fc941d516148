"""What farms expect a unit of each activity to earn over bought inputs: they learn from the years they see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .drivers import base_year_calendar

if TYPE_CHECKING:
    from .model import IndustryChainModel


def price_season(model: IndustryChainModel) -> np.ndarray:
    """What a year's harvest fetched in 2020 over what it would have at the year's mean price, (A,).

    A greenhouse sells when vegetables are dear, an open field when they are cheap.
    """
    stages, season = model.farms.stages, model.rules.season[model.farms.stages] / 12
    products = list(model.index.product.values())
    series = [products[p].outside_price for p in model.index.product_of_stage[stages]]
    return np.asarray((season * [base_year_calendar(model.config, name) for name in series]).sum(axis=1))


class Margins:
    """Margins over bought inputs by gate (G,), CNY a unit of level (crops: mu) and year.

    Attributes
    ----------
    base, expected : that of 2020, and what is expected now.
    year : CNY earned since January at each gate.
    months : months that it has been added up for.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        farms, base = model.farms, model.base
        stages, level = farms.stages, farms.by_gate(farms.level).ravel()
        sold = base.output[stages] * price_season(model)
        earned = (sold - base.use.sum(axis=0)[stages])[:, None] * base.county_share[stages]
        self.base = np.divide(earned.ravel(), level, out=np.zeros(len(level)), where=level > 0)
        self.expected, self.year, self.months = self.base.copy(), np.zeros(len(level)), 0

    def note(self, earned: np.ndarray) -> None:
        """Add what each gate's output of the month was worth over its bills, CNY (G,)."""
        self.year += earned
        self.months += 1

    def learn(self, model: IndustryChainModel) -> None:
        """In January expectations move towards what the past year earned, by one part of the years remembered."""
        if self.months == 12:
            level = model.farms.by_gate(model.farms.level).ravel()
            seen = np.divide(self.year, level, out=self.expected.copy(), where=level > 0)
            self.expected += (seen - self.expected) / model.config.farming.land.margin_memory.amount
        self.year[:], self.months = 0.0, 0
