"""Seasonal day labour: farms in a peak, and firms with seasonal posts left open, hire neighbours by the day.

What a farm's own people cannot do in a busy month, and relatives do not do for nothing, is done by the day: by farm
people whose own fields leave them time, and by those out of work, of the same county.  Nobody's contract changes; the
day wage goes from the employer's account to the person's at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .day_labour_loops import Calls, call_up, count_free, pay_days
from .farm_loops import sum_by_farm
from .persons import persons_of

if TYPE_CHECKING:
    from .model import IndustryChainModel

MONTHS = range(12)


class DayLabour:
    """The market for days of work, county by county.

    Attributes
    ----------
    wage : CNY a day.
    wanted, offered, done (C,) : days this month; ``on_farms`` (C,) of those done, by whoever does them.
    from_idle (C,) : days that people out of work do on farms.
    persons (2, C) : persons who work a day or more: farm people, people out of work.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        self.wanted, self.offered, self.done, self.on_farms, self.from_idle = np.zeros((5, len(model.index.counties)))
        self.persons = np.zeros((2, len(model.index.counties)))
        self.wage = model.config.farming.day_wage.amount
        self.usual = self._usual_work(model)

    def _usual_work(self, model: IndustryChainModel) -> np.ndarray:
        """Days a unit of level asks for in the year's mean month, (G,): what a household is set up to do itself."""
        level = model.farms.gate_level
        yearly = sum(model.care.work(model, month).ravel() for month in MONTHS) / len(MONTHS)
        return np.divide(yearly, level, out=np.zeros(len(level)), where=level > 0)

    def open_month(self, model: IndustryChainModel) -> None:
        """Day wages follow those of migrants; the new year's trees and animals ask for their own work."""
        self.wage = day_wage(model)
        if model.calendar == 1:
            self.usual = self._usual_work(model)

    def own_and_asked(self, model: IndustryChainModel, kin: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Days of each farm's own people, what the month asks of them, and its mean month does, (N,).

        What the hands of a county can do with their helpers is shared by the adults without a job on each farm,
        ``kin`` (N,) persons.
        """
        farms, level, counties = model.farms, model.farms.gate_level, len(model.index.counties)
        asked = model.care.work(model, model.calendar - 1).ravel()
        rate = np.divide(asked, level, out=np.zeros(len(level)), where=level > 0)
        books = farms.worked_by, farms.first_of_gate, farms.level
        need, usual = (sum_by_farm(*books, each, len(kin)) for each in (rate, self.usual))
        home = np.bincount(farms.county, kin, minlength=counties)
        each = np.divide(model.care.supply(model), home, out=np.zeros(counties), where=home > 0)
        return kin * each[farms.county], need, usual

    def open_posts(self, model: IndustryChainModel) -> np.ndarray:
        """Posts that a season adds to those that last all year and that nobody took this month, (F,)."""
        firms = model.firms
        lasting = model.rules.lasting[firms.stage] * firms.smoothed / np.maximum(firms.productivity, 1e-12)
        seasonal = np.maximum(firms.jobs - lasting, 0.0)
        return np.clip(firms.jobs - firms.staffed, 0.0, seasonal)


def day_wage(model: IndustryChainModel) -> float:
    """What a day labourer gets, CNY a day: it follows migrants' wages."""
    followed = model.migrant_wage / model.config.population.migrant_wage.amount
    return float(model.config.farming.day_wage.amount * followed)


def days_are_hired(model: IndustryChainModel) -> None:
    """Match days wanted and days to spare in each county, call people up by a draw, and pay them.

    Who is called gives what days he or she has, all in the same part; where not enough were called the others help.
    """
    market, farms, firms, workers = model.day_labour, model.farms, model.firms, model.workers
    market.open_month(model)
    counties, farming = len(model.index.counties), model.config.farming
    persons = persons_of(workers)
    kin, rows = count_free(persons, len(farms.county))
    own, need, usual = market.own_and_asked(model, kin)
    peak = farming.paid_peak_share.amount * np.maximum(need - np.maximum(own, usual), 0.0)
    spare = np.divide(np.maximum(own - need, 0.0), own, out=np.zeros(len(own)), where=own > 0)
    days = farming.working_days.amount
    posts = market.open_posts(model)
    by_farms = np.bincount(farms.county, peak, minlength=counties)
    market.wanted = by_farms + days * np.bincount(firms.county, posts, minlength=counties)
    calls = Calls(days, spare, market.wanted, model.streams.occasion("labour.day", model.month))
    free, called, chosen, market.offered = call_up(persons, rows, calls)
    fill = np.minimum(np.divide(market.offered, market.wanted, out=np.zeros(counties), where=market.wanted > 0), 1.0)
    market.done = market.wanted * fill
    parts = parts_worked(market.done, chosen, market.offered)
    market.persons, done_by_idle = pay_days(persons, rows, free, called, parts, market.wage)
    market.on_farms = by_farms * fill
    on_farms = np.divide(market.on_farms, market.done, out=np.zeros(counties), where=market.done > 0)
    market.from_idle = done_by_idle * on_farms
    _employers_pay(model, peak * fill[farms.county], posts * fill[firms.county])


def parts_worked(done: np.ndarray, chosen: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """Part of their days that those called, and all others, work in each county, (2, C)."""
    rest = offered - chosen
    called = np.divide(np.minimum(done, chosen), chosen, out=np.zeros(len(done)), where=chosen > 0)
    others = np.divide(np.maximum(done - chosen, 0.0), rest, out=np.zeros(len(done)), where=rest > 0)
    return np.stack([called, others])


def _employers_pay(model: IndustryChainModel, days: np.ndarray, posts: np.ndarray) -> None:
    """Farms pay for ``days`` (N,), firms for ``posts`` (F,) of a month's days; these posts are staffed."""
    farms, firms, wage = model.farms, model.firms, model.day_labour.wage
    farms.day_wages += days * wage
    farms.cash -= days * wage
    bill = posts * model.config.farming.working_days.amount * wage
    firms.day_posts[:] = posts
    firms.staffed += posts
    firms.wage_bill += bill
    firms.cash -= bill
