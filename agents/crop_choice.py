"""Competition for land: each spring fields go from crops that are expected to earn less to those that earn more.

Land of a county answers relative margins with a constant elasticity of transformation (Powell and Gruen 1968), part of
the way each year (Nerlove 1956), once they differ by more than changing costs (Dixit 1989): at the margins of 2020
farms have the crops of 2020.  Pigs and sheep follow their margin against that of the crops, and take land through the
grain and fodder they eat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .crop_choice_loops import Fields, branches_of_farms, turn_fields
from .farm_biology import PLANTING_MONTH
from .farm_margins import price_season

if TYPE_CHECKING:
    from .model import IndustryChainModel

CROPS = ("orchard", "open_vegetable", "fodder", "grain")  # herbs and greenhouses choose by rules of their own
LEAST = 0.1  # of its margin of 2020: what a crop that earns nothing counts as


class CropChoice:
    """What farms expect crops to earn a mu against 2020, at the yields they know.

    Attributes
    ----------
    price, cost : (A, C), (A,) expected at harvest against 2020: gate prices, and what inputs cost.
    seen_price, seen_cost : the same of the year so far.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        farms, base, index = model.farms, model.base, model.index
        counties, stages = len(index.counties), farms.stages
        self.rules = model.config.farming.crop_choice
        self.memory = model.config.farming.land.margin_memory.amount
        self.crops = [farms.activity(name) for name in CROPS if farms.activity(name) >= 0]
        self.harvest = model.rules.season[stages] / 12
        self.usual = base.price[index.product_of_stage[stages]] * price_season(model)
        output, use = base.output[stages], base.use.sum(axis=0)[stages]
        self.output, self.use = output / (output - use), use / (output - use)
        self.price, self.cost = np.ones((len(stages), counties)), np.ones(len(stages))
        self.seen_price, self.seen_cost, self.months = np.zeros_like(self.price), np.zeros_like(self.cost), 0

    def see_prices(self, price: np.ndarray, cost: np.ndarray, calendar: int) -> None:
        """Note the month's gate prices (A, C) and cost indices (A,); December moves expectations towards the year's."""
        self.seen_price += self.harvest[:, calendar - 1, None] * price
        self.seen_cost += cost / 12
        self.months += 1
        if calendar == 12:
            if self.months == 12:
                self.price += (self.seen_price / self.usual[:, None] - self.price) / self.memory
                self.cost += (self.seen_cost - self.cost) / self.memory
            self.seen_price[:], self.seen_cost[:], self.months = 0.0, 0.0, 0

    def margin(self) -> np.ndarray:
        """Margin a unit that is expected of each activity over that of 2020, (A, C)."""
        gain = self.output[:, None] * self.price - (self.use * self.cost)[:, None]
        return np.maximum(gain, LEAST)

    def pull(self, level: np.ndarray) -> np.ndarray:
        """How much of each activity the county would have against 2020, (A, C), by its margin over that of the crops.

        ``level`` (A, C).  Nothing is changed for a difference below the ``threshold``.
        """
        margin, land = self.margin(), level[self.crops]
        whole = land.sum(axis=0)
        usual = np.divide((land * margin[self.crops]).sum(axis=0), whole, out=np.ones(len(whole)), where=whole > 0)
        gain = margin / usual - 1
        beyond = np.sign(gain) * np.maximum(np.abs(gain) - self.rules.threshold.amount, 0.0)
        return np.asarray(np.maximum(1 + beyond, LEAST) ** self.rules.elasticity.amount)

    def wanted(self, level: np.ndarray, base: np.ndarray) -> np.ndarray:
        """Mu by which the land of each crop is to change this year, (K, C); ``level`` and ``base`` (A, C) mu.

        Adds up to nought in every county.
        """
        land, pull = level[self.crops].sum(axis=0), base[self.crops] * self.pull(level)[self.crops]
        share = np.divide(pull, pull.sum(axis=0), out=np.zeros_like(pull), where=pull.sum(axis=0) > 0)
        return np.asarray(self.rules.speed.amount * (share * land - level[self.crops]))


def crops_compete(model: IndustryChainModel) -> None:
    """In March farms turn fields to crops that are expected to earn more, and keep more or fewer pigs and sheep."""
    if model.calendar != PLANTING_MONTH:
        return
    farms, choice, counties = model.farms, model.crop_choice, len(model.index.counties)
    level = farms.by_gate(farms.level)
    parts = [farms.part(a) for a in choice.crops]
    first, last = (np.array([getattr(part, end) for part in parts]) for end in ("start", "stop"))
    branch = branches_of_farms(first, last, farms.farm_of, len(farms.county))
    dwarf = model.config.farming.orchard.dwarf_share.amount
    young = np.zeros(len(farms.county))
    orchard = farms.activity("orchard")
    trees = choice.crops.index(orchard) if orchard >= 0 else -1
    fields = Fields(branch, farms.county, farms.level, farms.worked_by, farms.trees_30, young, trees)
    turn_fields(fields, choice.wanted(level, model.level_base))
    farms.trees_0 += (1 - dwarf) * young
    farms.dwarf_0 += dwarf * young
    pigs = farms.activity("pigs_sheep")
    if pigs >= 0:
        aim = model.level_base[pigs] * choice.pull(level)[pigs]
        now = level[pigs]
        change = np.divide(aim, now, out=np.ones(counties), where=now > 0) - 1
        part = farms.part(pigs)
        farms.level[part] *= 1 + choice.rules.speed.amount * change[farms.gate_of[part] - pigs * counties]
