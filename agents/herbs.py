"""How much land goes to herbs each spring: farmers go by prices of the years they remember, and wait for the crop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .farm_biology import PLANTING_MONTH
from .farms import FIELDS
from .land_use import fields_of, land_at_hand, turn_land

if TYPE_CHECKING:
    from .farms import FarmSet
    from .model import IndustryChainModel

ACTIVITY = "herb"
MOST = 2.0  # times the land that was dug


class HerbPlanting:
    """What farmers plant by the prices they expect of herbs and of the crop that the land could bear instead.

    A crop planted now is dug after one to four years, so land follows prices late, and a price that brought much land
    in finds it still full of herbs when it falls.  Expectations are those of the choice of crops (`crop_choice.py`).

    Attributes
    ----------
    fields : (H,) branch of the same farm whose land herbs are put on.
    """

    @staticmethod
    def possible(farms: FarmSet) -> bool:
        """Whether farms have the crop and the field that its land comes from."""
        return min(farms.activity(ACTIVITY), farms.activity(FIELDS[ACTIVITY])) >= 0

    def __init__(self, model: IndustryChainModel) -> None:
        farms = model.farms
        self.response = model.config.farming.herb_response.amount
        self.herb, self.other = (farms.activity(name) for name in (ACTIVITY, FIELDS[ACTIVITY]))
        self.fields = fields_of(farms, ACTIVITY)

    def appetite(self, price: np.ndarray) -> np.ndarray:
        """Land to plant over the land that was dug, (C,): 1 where herbs stand to the other crop as in 2020.

        ``price`` (A, C) is what activities are expected to fetch at harvest, against 2020.
        """
        return np.clip(1 + self.response * (price[self.herb] / price[self.other] - 1), 0.0, MOST)

    def turn_fields(self, model: IndustryChainModel) -> None:
        """In March farms turn fields to herbs, or give some of the land that was dug back to the other crop."""
        if model.calendar != PLANTING_MONTH:
            return
        farms = model.farms
        part = farms.part(self.herb)
        bare = np.maximum(farms.level[part] - farms.herb_due.sum(axis=0), 0.0)
        county = farms.gate_of[part] % len(model.index.counties)
        more = bare * (self.appetite(model.crop_choice.price)[county] - 1)
        turn_land(farms, ACTIVITY, self.fields, np.minimum(more, land_at_hand(farms, ACTIVITY, self.fields)))
