"""How much land goes to herbs each spring: farmers go by prices of the years they remember, and wait for the crop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .drivers import base_year_calendar
from .farm_biology import PLANTING_MONTH
from .farms import FIELDS
from .land_use import fields_of, land_at_hand, turn_land

if TYPE_CHECKING:
    from .farms import FarmSet
    from .model import IndustryChainModel

ACTIVITY = "herb"
MOST = 2.0  # times the land that was dug


class HerbPlanting:
    """Prices farmers expect of herbs and of what else the land could bear, and what they plant by them.

    A crop planted now is dug after one to four years, so land follows prices late, and a price that brought much land
    in finds it still full of herbs when it falls.

    Attributes
    ----------
    expected : (2, C) price in the months of harvest over that of 2020: herbs, and the crop they take land from.
    seen : (2, C) the same of the year so far, by how much of the harvest falls into each month.
    fields : (H,) branch of the same farm whose land herbs are put on.
    """

    @staticmethod
    def possible(farms: FarmSet) -> bool:
        """Whether farms have the crop and the field that its land comes from."""
        return min(farms.activity(ACTIVITY), farms.activity(FIELDS[ACTIVITY])) >= 0

    def __init__(self, model: IndustryChainModel) -> None:
        farms, counties = model.farms, len(model.index.counties)
        self.response = model.config.farming.herb_response.amount
        self.memory = model.config.farming.land.margin_memory.amount
        self.crops = [farms.activity(name) for name in (ACTIVITY, FIELDS[ACTIVITY])]
        self.fields = fields_of(farms, ACTIVITY)
        stages = farms.stages[self.crops]
        self.harvest = model.rules.season[stages] / 12
        product = model.index.product_of_stage[stages]
        calendar = [
            base_year_calendar(model.config, list(model.index.product.values())[p].outside_price) for p in product
        ]
        self.usual = model.base.price[product] * (self.harvest * np.array(calendar)).sum(axis=1)
        self.expected, self.seen = np.ones((2, counties)), np.zeros((2, counties))
        self.months = 0

    def see_prices(self, model: IndustryChainModel) -> None:
        """Note the month's gate prices; in December expectations move towards the year's."""
        price = model.gate_price.reshape(-1, self.seen.shape[1])[self.crops]
        self.seen += self.harvest[:, model.calendar - 1, None] * price
        self.months += 1
        if model.calendar == 12:
            if self.months == 12:
                self.expected += (self.seen / self.usual[:, None] - self.expected) / self.memory
            self.seen[:], self.months = 0.0, 0

    def appetite(self) -> np.ndarray:
        """Land to plant over the land that was dug, (C,): 1 where herbs stand to the other crop as in 2020."""
        return np.clip(1 + self.response * (self.expected[0] / self.expected[1] - 1), 0.0, MOST)

    def turn_fields(self, model: IndustryChainModel) -> None:
        """In March farms turn fields to herbs, or give some of the land that was dug back to the other crop."""
        if model.calendar != PLANTING_MONTH:
            return
        farms = model.farms
        part = farms.part(self.crops[0])
        bare = np.maximum(farms.level[part] - farms.herb_due.sum(axis=0), 0.0)
        county = farms.gate_of[part] % self.seen.shape[1]
        more = bare * (self.appetite()[county] - 1)
        turn_land(farms, ACTIVITY, self.fields, np.minimum(more, land_at_hand(farms, ACTIVITY, self.fields)))
