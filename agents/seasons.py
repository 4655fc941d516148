"""Seasons of what does not keep: heat, power, plants and building are used in the months in which they are made.

Stages have a calendar of output (``season`` of a stage).  What keeps is made in its season and used all year; what
does not keep has to be wanted when it is made, or the base year could not happen: its users' calendar is its makers'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..chains.base import Base
    from .firms import StageRules
    from .model import IndustryChainModel

LEAST = 0.05  # of a normal month: below it a stage's own calendar divides no need


class Seasons:
    """Month by month, how much of its share of the year each product that does not keep is wanted.

    Attributes
    ----------
    product : (P, 12) of mean 1; ones for what keeps.
    need : (P, S, 12) recipe of the month over that of the year: users that have a calendar of their own bring it along.
    basket : (P, 4, 12) shares of final budgets in the month, adding to 1.
    invest : (12,) money that investors lay out in the month over that of a mean month.
    """

    def __init__(self, base: Base, rules: StageRules) -> None:
        index = base.index
        self.product = np.ones((len(index.products), 12))
        made = np.zeros_like(self.product)
        np.add.at(made, index.product_of_stage, base.output[:, None] * rules.season)
        keeps = np.ones(len(index.products), dtype=bool)
        keeps[index.product_of_stage] = rules.storable
        swings = ~keeps & (made.sum(axis=1) > 0)
        self.product[swings] = made[swings] / made[swings].mean(axis=1, keepdims=True)
        self.swings = (self.product != 1.0).any(axis=1)
        of_user = np.maximum(rules.season, LEAST)
        need = self.product[:, None, :] / of_user
        need /= (need * of_user).mean(axis=2, keepdims=True)  # over the user's own year the recipe is that of 2020
        self.need = np.where(self.swings[:, None, None], need, 1.0)
        wanted = (base.final / base.final.sum(axis=0))[:, :, None] * self.product[:, None, :]
        self.basket = wanted / wanted.sum(axis=0)
        self.invest = wanted[:, 3].sum(axis=0)
        self._month = -1

    def of_slots(self, product: np.ndarray, stage: np.ndarray) -> np.ndarray:
        """Recipe of this month over that of the year for inputs of firms, (K,)."""
        return self.need[product, stage, self._month] if self._month >= 0 else np.ones(len(product))

    def turn(self, model: IndustryChainModel) -> None:
        """Recipes of firms take on the calendar of the month that begins."""
        at = self.swinging_slots(model)
        slots = model.supply.trade.slots
        before = self.of_slots(slots.product[at], slots.stage[at])
        self._month = model.calendar - 1
        slots.coefficient[at] *= self.of_slots(slots.product[at], slots.stage[at]) / before

    def swinging_slots(self, model: IndustryChainModel) -> np.ndarray:
        """Rows of the trade round in which firms buy what has a season and does not keep."""
        rows, slots = model.supply.firm_slots, model.supply.trade.slots
        return np.flatnonzero(self.swings[slots.product[rows]]) + rows.start
