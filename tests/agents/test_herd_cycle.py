"""Herds by themselves: what births allow, a herd at rest, no cattle from outside, a price that falls and comes back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from pingliang.agents.farm_biology import herds_move
from pingliang.agents.farms import COHORTS

from .built import build


class HerdYears(NamedTuple):
    """City sums by month, head: stock as the month ends with what is offered, and what happened in it."""

    cows: np.ndarray
    stock: np.ndarray
    born: np.ndarray
    died: np.ndarray
    sold: np.ndarray
    most: np.ndarray  # births if every cow calved at the stated rate


def stock_of(farms) -> float:
    part = farms.part(farms.herd_activities[0])
    return float(sum(farms.table[c].sum() for c in COHORTS) + farms.stored[part].sum())


def feeders_at_rest(model) -> float:
    """Head a month from outside that keep growers at rest, while calves are fattened where they were born."""
    rules, farms = model.config.farming.cattle, model.farms
    leaving = model.grower_exit + rules.mortality.amounts["growers"] / 12
    weaned = farms.calves.sum() / rules.calf_months.amount
    return float(farms.growers.sum() * leaving - weaned * (1 - 0.5 * model.heifer_retention))


def keep(model, months: int, feeders: float, signal=lambda month: 0.0) -> HerdYears:
    """Let herds move and sell what is finished; ``signal`` is what owners make of prices in a month."""
    rules, farms = model.config.farming.cattle, model.farms
    counties, told = len(model.index.counties), []
    breeding, fattening = (farms.part(a) for a in farms.herd_activities)
    keepers = farms.farm_of[breeding]
    for month in range(months):
        calendar, wish = month % 12 + 1, np.full(counties, float(signal(month)))
        farms.born[:], farms.died[:] = 0.0, 0.0
        season = rules.calving_season.amounts[str(calendar)]
        most = farms.cows.sum() * rules.calving_rate.amount / 12 * season
        farms.growers[keepers] += feeders / len(keepers)
        herds_move(
            farms, model.config.farming, calendar, np.clip(model.heifer_retention * (1 + wish), 0.0, 1.0),
            rules.cull_rate.amount * (1 - wish), np.ones(counties), grower_exit=model.grower_exit,
            finisher_exit=model.finisher_exit, calf_market_share=model.calf_market_share,
        )  # fmt: skip
        sold = farms.stored[fattening].sum()
        farms.stored[fattening] = 0.0
        told.append((farms.cows.sum(), stock_of(farms), farms.born.sum(), farms.died.sum(), sold, most))
    return HerdYears(*np.array(told).T)


@pytest.fixture
def herd(config):
    return build(config)


def by_year(flow: np.ndarray) -> np.ndarray:
    return flow.reshape(-1, 12).sum(axis=1)


def test_births_never_exceed_cows_times_the_calving_rate(herd):
    years = keep(herd, 48, feeders_at_rest(herd), lambda month: 0.8 * np.sin(month))
    assert (years.born <= years.most * (1 + 1e-12)).all()
    assert (years.born > 0.95 * years.most).all()


def test_a_herd_at_rest_keeps_its_structure_at_constant_prices(herd):
    farms = herd.farms
    feeders = feeders_at_rest(herd)
    keep(herd, 12, feeders)
    before = np.array([farms.table[cohort].sum() for cohort in COHORTS])
    years = keep(herd, 120, feeders)
    after = np.array([farms.table[cohort].sum() for cohort in COHORTS])
    np.testing.assert_allclose(after, before, rtol=0.03)
    np.testing.assert_allclose(years.cows, years.cows[0], rtol=0.02)
    np.testing.assert_allclose(by_year(years.sold)[1:], by_year(years.sold)[1], rtol=0.02)


def test_without_cattle_from_outside_sales_fall_within_36_months_to_what_births_permit(herd):
    feeders = feeders_at_rest(herd)
    assert 12 * feeders > 0.2 * 12 * herd.farms.cows.sum() * herd.config.farming.cattle.calving_rate.amount / 12
    before = by_year(keep(herd, 12, feeders).sold)[0]
    start = stock_of(herd.farms)
    years = keep(herd, 72, 0.0)
    sold, born, died = (by_year(flow) for flow in (years.sold, years.born, years.died))
    permitted = born - died
    assert sold[0] > 1.1 * permitted[0]  # those bought before are still sold
    np.testing.assert_allclose(sold[3:], permitted[3:], rtol=0.02)
    assert sold[3] < before - 0.8 * 12 * feeders * 0.9
    change = np.diff(np.r_[start, years.stock])
    np.testing.assert_allclose(change, years.born - years.died - years.sold, atol=1e-6 * start)


def test_a_fall_of_prices_sells_cows_at_once_shrinks_herds_for_years_and_herds_come_back(herd):
    def signal(month: int) -> float:
        return -0.5 if month < 24 else 0.0 if month < 48 else 0.3

    feeders = feeders_at_rest(herd)
    years = keep(herd, 120, feeders, signal)
    cows, sold = years.cows, by_year(years.sold)
    lowest = int(cows.argmin())
    assert cows[23] < cows[0]
    assert 30 < lowest < 60  # heifers not kept are missing as cows when the price is back
    assert cows[lowest] < 0.9 * cows[0]
    assert cows[-1] > 1.05 * cows[lowest]
    assert sold[0] > sold[3:6].min()  # first more, then fewer animals come to market
