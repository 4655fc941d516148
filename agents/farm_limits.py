"""What holds farm branches back: work and inputs they did not get, weather, buyers, land; and what it cost.

All branches of a county's activity share its labour (neighbours help each other) and its market, so the limits are by
farm gate.  A crop remembers the care of its whole season: work and inputs missing in spring cost the autumn's harvest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .factors import CAPITAL, DEMAND, FACTORS, INPUT, LABOUR, LAND, SEASON, WEATHER
from .farms import COHORTS, TREES

if TYPE_CHECKING:
    from .model import IndustryChainModel

HERDS = ("breeding", "fattening", "pigs_sheep")
MEMORY = 0.75  # of past care a month, where there is no season that ends
LITTLE = 1e-6  # days of work: what rounding leaves is not missing


class FarmCare:
    """Care of the season so far, and what bound each gate this month.

    Attributes
    ----------
    days (A, 12) : days of work a month and unit of level (crops: mu).
    asked, done (2, A, C) : work in days and inputs in CNY of 2020 that the season asked for and got.
    bound (G,) : code of the factor that bound (`factors.py`).
    lost (K, G) : product units lost to each factor.
    missing (G,) : days of work missing this month.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        farms, farming = model.farms, model.config.farming
        shape, gates = (len(farms.stages), len(model.index.counties)), len(model.gate_price)
        calendar, yearly = farming.labour_calendar.amounts, farming.labour_days.amounts
        self.days = np.zeros((shape[0], 12))
        for a, activity in enumerate(farms.activities):
            if activity in calendar:
                self.days[a] = [yearly[activity] / 12 * calendar[activity][str(m)] for m in range(1, 13)]
        self.asked, self.done = np.zeros((2, *shape)), np.zeros((2, *shape))
        self.bound, self.missing = np.full(gates, LAND), np.zeros(gates)
        self.lost = np.zeros((len(FACTORS), gates))
        self.count_year(model)
        self.hands_base = np.maximum(model.farm_hands, 1e-9)
        slack, free = 1 + farming.labour_slack.amount, farming.working_days.amount * model.farm_hands
        base = np.stack([self.work(model, month).sum(axis=0) for month in range(12)])
        self.supply_base = np.maximum(base * slack, free)
        herd = [a for a, activity in enumerate(farms.activities) if activity in HERDS]
        self.is_herd = np.isin(np.arange(shape[0]), herd)

    def count_year(self, model: IndustryChainModel) -> None:
        """Count cattle and dwarf trees of the year by county, (C,): they ask for work of their own."""
        farms, counties = model.farms, len(model.index.counties)
        animals = sum(getattr(farms, cohort) for cohort in COHORTS)
        dwarf = sum(getattr(farms, name) for name in TREES if name.startswith("dwarf"))
        self.heads = np.bincount(farms.county, animals, minlength=counties)
        self.dwarf = np.bincount(farms.county, dwarf, minlength=counties)

    def work(self, model: IndustryChainModel, month: int) -> np.ndarray:
        """Days of work each activity asks for in a month (0 to 11) by county, (A, C)."""
        farms, farming = model.farms, model.config.farming
        level = model.farms.gate_level.reshape(self.asked.shape[1:]).copy()
        orchard = farms.activity("orchard")
        if orchard >= 0:
            level[orchard] -= farming.dwarf_saving.amount * self.dwarf
        asked = level * self.days[:, [month]] * model.land.work_saved
        for a in farms.herd_activities:
            asked[a] += 0.5 * self.heads * farming.animal_days.amount / 12
        return np.asarray(asked)

    def supply(self, model: IndustryChainModel) -> np.ndarray:
        """Days a county's farm hands can work this month with their helpers, (C,)."""
        return np.asarray(self.supply_base[model.calendar - 1] * model.farm_hands / self.hands_base)

    def hands_work(self, model: IndustryChainModel) -> None:
        """Farm hands of a county share their days over its activities in proportion to what these ask for.

        The hands of 2020, with the help they found in peaks, did the work of 2020 and could have done a little more;
        with fewer hands there is as much less of both. People out of work who were hired by the day come on top.
        """
        asked, relaxed = self.work(model, model.calendar - 1), LABOUR in model.restraints.relaxed
        supply, wanted = self.supply(model) + model.day_labour.from_idle, asked.sum(axis=0)
        fill = np.minimum(np.divide(supply, wanted, out=np.ones(len(supply)), where=wanted > 0), 1.0)
        done = asked * (1.0 if relaxed else fill)
        for (factor, s), share in sorted(model.restraints.denied.items()):
            if factor == LABOUR:
                done[model.farms.stages == s] *= 1 - share
        self.missing[:] = (asked - done).ravel()
        self.asked[0] += asked
        self.done[0] += done

    def inputs_came(self, asked: np.ndarray, got: np.ndarray) -> None:
        """Note inputs wanted and delivered this month by gate, (G,) CNY of 2020."""
        self.asked[1] += asked.reshape(self.asked.shape[1:])
        self.done[1] += np.minimum(got, asked).reshape(self.asked.shape[1:])

    def shares(self, model: IndustryChainModel) -> np.ndarray:
        """Share of a full crop that work and inputs of the season allow, (2, A, C)."""
        response = model.config.farming.care_response.amount
        got = np.divide(self.done, self.asked, out=np.ones_like(self.done), where=self.asked > 0)
        if INPUT in model.restraints.relaxed:
            got[1] = 1.0
        return np.asarray(1 - response * (1 - got))

    def note(self, model: IndustryChainModel, made: np.ndarray, weather: np.ndarray, care: np.ndarray) -> None:
        """Say what bound each gate and what was lost, from what was ``made`` (G,) product units.

        ``weather`` (A, C) and ``care`` (2, A, C) are the shares of a full crop they left.
        """
        season = model.rules.season[model.farms.stages, model.calendar - 1]
        w, least = weather.ravel(), care.min(axis=0).ravel()
        full = np.divide(made, least * w, out=np.zeros(len(made)), where=least * w > 0)
        scarce = np.where(care[0].ravel() <= care[1].ravel(), LABOUR, INPUT)
        self.lost[:] = 0.0
        self.lost[WEATHER] = np.maximum(full * (1 - w), 0.0)
        self.lost[scarce, np.arange(len(made))] += np.maximum(full * w * (1 - least), 0.0)
        herd, idle = (mask.repeat(weather.shape[1]) for mask in (self.is_herd, season == 0))
        self.bound[:] = np.where(herd, CAPITAL, LAND)
        self.bound[w < 1] = WEATHER
        tight = least < w
        self.bound[tight] = scarce[tight]
        self.bound[idle] = SEASON
        self.bound[self.missing > LITTLE] = LABOUR
        self._end_seasons(model)

    def unsold(self, spoilt: np.ndarray, made: np.ndarray, perishable: np.ndarray) -> None:
        """Where more than a hundredth of what does not keep found no buyer, demand bound; (G,) product units."""
        self.lost[DEMAND] = np.where(perishable, spoilt, 0.0)
        self.bound[perishable & (spoilt > 0.01 * np.maximum(made, 0.0)) & (spoilt > 0)] = DEMAND

    def _end_seasons(self, model: IndustryChainModel) -> None:
        """A harvest's last month ends its season: the next crop starts with no care missing."""
        season = model.rules.season[model.farms.stages]
        always = (season > 0).all(axis=1)
        over = ~always & (season[:, model.calendar - 1] > 0) & (season[:, model.calendar % 12] == 0)
        for sums in (self.asked, self.done):
            sums[:, over] = 0.0
            sums[:, always] *= MEMORY
