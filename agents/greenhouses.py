"""Greenhouses stand for some years; whether they are built again depends on what they earn and what owners can pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .budgets import investment_price
from .farms import FIELDS
from .land_use import fields_of, land_at_hand, turn_land

if TYPE_CHECKING:
    from .farms import FarmSet
    from .model import IndustryChainModel

ACTIVITY = "greenhouse"
BUILDING_MONTH = 8  # the houses are empty between the last picking in July and planting in September
MOST = 2.0  # times what wears out in a year


class Greenhouses:
    """Houses by years since they were built, and who puts up new ones.

    At the base as many are built as wear out, and the money for it is part of the wear that farms replace; only what is
    built more or less than that is asked for here.

    Attributes
    ----------
    standing : (Y, H) mu of the greenhouse branches by years since building; Y is the life of a house.
    fields : (H,) branch of the same farm's grain, whose land houses are put on.
    expected : (C,) CNY that a mu is expected to earn over bought inputs in a year at prices of outside markets; what a
        gate's own shortage or glut of a season adds is not taken to last, what finds no buyer and spoils is seen.
    seen : (C,) CNY the county's houses earned so far this year.
    extra : (N,) CNY a month that farms lay out beyond the wear of their capital, less than nought where houses are not
        built again.
    worn, built : (C,) mu of the last building season.
    """

    @staticmethod
    def possible(farms: FarmSet) -> bool:
        """Whether farms have the crop and the field that its land comes from."""
        return min(farms.activity(ACTIVITY), farms.activity(FIELDS[ACTIVITY])) >= 0

    def __init__(self, model: IndustryChainModel) -> None:
        farms, base = model.farms, model.base
        farming = model.config.farming
        self.rules, self.a = farming.greenhouse, farms.activity(ACTIVITY)
        years = max(round(self.rules.life.amount), 1)
        self.standing = np.tile(farms.level[farms.part(self.a)] / years, (years, 1))
        self.fields = fields_of(farms, ACTIVITY)
        self.gates = slice(self.a * len(model.index.counties), (self.a + 1) * len(model.index.counties))
        self.usual = model.margins.base[self.gates]
        self.memory = farming.land.margin_memory.amount
        self.expected, self.seen, self.months = self.usual.copy(), np.zeros(len(self.usual)), 0
        self.extra: np.ndarray = np.zeros(len(farms.cash))
        self.worn, self.built = np.zeros(len(model.index.counties)), np.zeros(len(model.index.counties))
        stage = farms.stages[self.a]
        self.cost = float(base.capital[stage] / farms.by_gate(farms.level)[self.a].sum())

    def turn_fields(self, model: IndustryChainModel) -> None:
        """In August the oldest houses come down, and owners build as many as pay and as they can pay for."""
        if model.calendar != BUILDING_MONTH:
            return
        farms, part = model.farms, model.farms.part(self.a)
        self.standing[0] += farms.level[part] - self.standing.sum(axis=0)  # put up meanwhile by programmes
        worn = self.standing[-1].copy()
        built = np.minimum(worn * self.appetite(model)[self._county(model)], self.affordable(model))
        built = np.minimum(built, worn + land_at_hand(farms, ACTIVITY, self.fields))
        self.standing[1:] = self.standing[:-1].copy()
        self.standing[0] = built
        turn_land(farms, ACTIVITY, self.fields, built - worn)
        bill = (built - worn) * self.cost / 12
        self.extra = np.bincount(farms.worked_by[part], bill, minlength=len(farms.cash))
        for total, mu in ((self.worn, worn), (self.built, built)):
            total[:] = np.bincount(self._county(model), mu, minlength=len(total))

    def see_margins(self, model: IndustryChainModel, goods: np.ndarray, bills: np.ndarray) -> None:
        """Note what the month's ``goods`` (G,) and ``bills`` (G,) CNY left; after December expectations move."""
        gates = self.gates
        price = model.gate_price[gates] / model.gate_premium[gates]
        self.seen += goods[gates] * price - bills[gates]
        self.months += 1
        if model.calendar == 12:
            level = model.farms.gate_level[gates]
            if self.months == 12:
                mean = np.divide(self.seen, level, out=self.expected.copy(), where=level > 0)
                self.expected += (mean - self.expected) / self.memory
            self.seen[:], self.months = 0.0, 0

    def appetite(self, model: IndustryChainModel) -> np.ndarray:
        """Mu owners want to build over what wears out, (C,): 1 as long as a mu earns over its cost about as in 2020.

        What cannot be undone waits: small gains and losses change nothing (inaction of Dixit 1989).
        """
        gain = np.divide(self.expected, self.usual, out=np.ones(len(self.usual)), where=self.usual > 0)
        earned = gain / investment_price(model) - 1
        felt = np.sign(earned) * np.maximum(np.abs(earned) - self.rules.inaction.amount, 0.0)
        return np.clip(1 + self.rules.margin_response.amount * felt, 0.0, MOST)

    def affordable(self, model: IndustryChainModel) -> np.ndarray:
        """Mu that who works each branch can pay for: deposits and what the bank still lends on plant, (H,)."""
        farms = model.farms
        worker = farms.worked_by[farms.part(self.a)]
        credit = model.config.parameters.finance.credit_limit.amount * farms.capital - farms.debt
        means = np.maximum(farms.cash, 0.0) + np.maximum(credit, 0.0)
        part = np.divide(self.standing[-1], np.bincount(worker, self.standing[-1], minlength=len(means))[worker],
                         out=np.zeros(len(worker)), where=self.standing[-1] > 0)  # fmt: skip
        return np.asarray(part * means[worker] / (self.cost * investment_price(model)))

    def _county(self, model: IndustryChainModel) -> np.ndarray:
        farms = model.farms
        return farms.gate_of[farms.part(self.a)] % len(model.index.counties)
