"""Seasons: what does not keep is used when it is made; what keeps is made in its season and ordered when users need it.

Stages have a calendar of output (``season`` of a stage).  What does not keep has to be wanted when it is made, or the
base year could not happen: its users' calendar is its makers'.  What keeps is ordered by the calendar of its users;
makers with a season of their own carry stock from one to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..chains.base import Base
    from .firms import StageRules
    from .model import IndustryChainModel

LEAST = 0.05  # of a normal month: below it a stage's own calendar divides no need
ROUNDS = 30  # along a chain of users; chains of storable goods are far shorter


def order_calendars(base: Base, season: np.ndarray, chases: np.ndarray) -> np.ndarray:
    """When the products of a base year that keep are ordered, (P, 12) of mean 1.

    Firms order as they make, ``season`` (S, 12); stages that chase their orders (mask S, no season of their own) make
    as they are asked.  Farms, households, governments and buyers outside want the same every month.
    """
    index = base.index
    firm = np.zeros(len(season), dtype=bool)
    firm[index.stages_where(agent="firm")] = True
    here = 1 - base.import_share
    of_firms = base.use * here[:, None] * firm
    even = (base.use[:, ~firm].sum(axis=1) + base.final.sum(axis=1)) * here + base.exports
    made, wanted = season.copy(), np.ones((len(here), 12))
    for _ in range(ROUNDS):
        asked = of_firms @ made + even[:, None]
        mean = asked.mean(axis=1, keepdims=True)
        wanted = np.divide(asked, mean, out=np.ones_like(asked), where=mean > 0)
        made[chases] = wanted[index.product_of_stage[chases]]
    return wanted


def stock_on_calendar(made: np.ndarray, ordered: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Stock at the opening of each month that takes a calendar of output to one of orders, (S, 12), in mean months.

    In its tightest month it is ``least`` (S,) of the orders that come.
    """
    left = np.cumsum(made - ordered, axis=1)
    opening = np.roll(left, 1, axis=1)
    return np.asarray(opening + (least[:, None] * ordered - opening).max(axis=1, keepdims=True))


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
        self._slots: np.ndarray | None = None

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
        if self._slots is None:
            rows, slots = model.supply.firm_slots, model.supply.trade.slots
            self._slots = np.flatnonzero(self.swings[slots.product[rows]]) + rows.start
        return self._slots

    def slots_changed(self) -> None:
        """Forget which rows those are: firms came or went."""
        self._slots = None
