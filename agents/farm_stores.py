"""Where growers lay up a crop that keeps, what is lost there, and when they sell: stores and cellars by county.

A county's cold and controlled-atmosphere stores hold what their plant has room for, less what the stores' own firms
keep in it; the rest of the crop lies in cellars, where more is lost.  Owners compare the price of today with what the
best month until the next harvest is expected to bring, less loss, interest and the cost of keeping (competitive
storage: Williams and Wright 1991, Storage and Commodity Markets), and bring more or less to market.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .farm_biology import months_to_harvest
from .money import interest_rates

if TYPE_CHECKING:
    from ..config.farm_schema import Storage
    from .model import IndustryChainModel


class Stores:
    """Stores and cellars of one activity by county.

    Attributes
    ----------
    a, stage : activity of the growers and stage of the firms whose plant is the room.
    capacity, room : (C,) product units that the county's stores hold, and what of it is left for growers.
    held, cellar : (C,) product units growers have in stores and in cellars.
    profile : (C, 12) logarithm of the gate price by calendar month over its year, as owners expect it.
    recent : (C, 12) logarithm of the last twelve gate prices, by calendar month.
    """

    def __init__(self, model: IndustryChainModel, activity: str) -> None:
        counties = len(model.index.counties)
        self.rules: Storage = model.config.farming.storage[activity]
        self.a = model.farms.activity(activity)
        self.stage = model.index.stage_code(self.rules.stage)
        self.gates = slice(self.a * counties, (self.a + 1) * counties)
        self.held, self.cellar = np.zeros(counties), np.zeros(counties)
        price = model.gate_price[self.gates]
        season = model.rules.season[model.farms.stages[self.a]]
        self.profile = np.log(1 + np.outer(self.rules.spring_gain.amount / price, climb(season)))
        self.profile -= self.profile.mean(axis=1, keepdims=True)
        self.recent = np.log(price)[:, None] + self.profile
        self.measure(model)

    def measure(self, model: IndustryChainModel) -> None:
        """Measure the room: what stores that work can hold, and what their firms have not taken for themselves."""
        firms, supply, counties = model.firms, model.supply, len(self.held)
        mine = (firms.stage == self.stage) & (firms.opening == 0)
        self.capacity = 12 * np.bincount(firms.county[mine], firms.capacity[mine], minlength=counties)
        taken = np.bincount(firms.county[mine], firms.stock[mine], minlength=counties)
        slots = supply.trade.slots
        kept = model.resold_slots[slots.stage[model.resold_slots] == self.stage]
        taken += np.bincount(slots.county[kept], supply.stock[kept], minlength=counties)
        self.room = np.maximum(self.capacity - taken, 0.0)

    def lay_up(self, model: IndustryChainModel, crop: np.ndarray) -> None:
        """Put the growers' ``crop`` (C,) into stores as far as there is room, the rest into cellars."""
        self.measure(model)
        self.held = np.minimum(crop, self.room)
        self.cellar = crop - self.held

    def willingness(self, model: IndustryChainModel) -> np.ndarray:
        """How much more than an even share owners bring to market this month, (C,): 1 where waiting pays as much."""
        rules, ahead = self.rules, months_to_harvest(model.rules.season[model.farms.stages[self.a]], model.calendar)
        price, loan = model.gate_price[self.gates], self._interest(model)
        best = {
            kind: worth_of_waiting(price, self.profile, model.calendar, ahead, losses, loan, rules.keeping_cost.amount)
            for kind, losses in (("held", np.full(12, rules.store_loss.amount)), ("cellar", self._cellar_losses()))
        }
        total = self.held + self.cellar
        eager = sum(
            getattr(self, kind) * np.exp(rules.timing_response.amount * (1 - worth / price))
            for kind, worth in best.items()
        )
        return np.divide(eager, total, out=np.ones(len(total)), where=total > 0)

    def lost_share(self, calendar: int, rest: np.ndarray) -> np.ndarray:
        """Share of what is left unsold, ``rest`` (C,), that is lost this month in stores and cellars together, (C,)."""
        held = np.minimum(rest, self.held)  # fruit in cellars is sold first
        lost = self.rules.store_loss.amount * held + self._cellar_losses()[calendar - 1] * (rest - held)
        self.held, self.cellar = held, rest - held
        return np.divide(lost, rest, out=np.zeros(len(rest)), where=rest > 0)

    def learn_prices(self, calendar: int, price: np.ndarray) -> None:
        """Correct what the month is expected to bring over its year by what it brought, ``price`` (C,)."""
        self.recent[:, calendar - 1] = np.log(price)
        seen = self.recent[:, calendar - 1] - self.recent.mean(axis=1)
        self.profile[:, calendar - 1] += self.rules.learning.amount * (seen - self.profile[:, calendar - 1])

    def _cellar_losses(self) -> np.ndarray:
        return np.array([self.rules.cellar_loss.amounts[str(month)] for month in range(1, 13)])

    def _interest(self, model: IndustryChainModel) -> float:
        rate = model.drivers.value("lending_rate", model.month)
        return interest_rates(model.config.parameters.finance, rate)[1]


def climb(season: np.ndarray) -> np.ndarray:
    """How far each month lies on the way from the last harvest to the middle of what is left until the next, 0 to 1.

    ``season`` (12,) is output by month.  A crop in store gains until spring and no more.
    """
    left = np.array([months_to_harvest(season, month) for month in range(1, 13)])
    longest = int(left.max())
    return np.minimum((longest - left) / max(0.6 * longest, 1.0), 1.0)


def worth_of_waiting(
    price: np.ndarray,
    profile: np.ndarray,
    calendar: int,
    ahead: int,
    losses: np.ndarray,
    interest: float,
    cost: float,
) -> np.ndarray:
    """Most that a unit of today is expected to bring in one of the ``ahead`` months to come, CNY of today (C,).

    Price by its calendar ``profile`` (C, 12) of logarithms, less ``losses`` (12,) by month, ``interest`` a month and
    the ``cost`` of keeping, CNY a unit and month.
    """
    best, left, paid = np.full(len(price), -np.inf), 1.0, 0.0
    now = profile[:, calendar - 1]
    for m in range(1, ahead + 1):
        paid += cost * left / (1 + interest) ** m
        left *= 1 - losses[(calendar - 2 + m) % 12]
        then = price * np.exp(profile[:, (calendar - 1 + m) % 12] - now)
        best = np.maximum(best, then * left / (1 + interest) ** m - paid)
    return best
