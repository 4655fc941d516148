"""Seasonal day labour: who has days to spare is called, employers pay what persons get, who lacks hands is bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.agents.day_labour import parts_worked
from pingliang.agents.day_labour_loops import WORKING_AGE, Calls, call_up, count_free, pay_days
from pingliang.agents.factors import LABOUR
from pingliang.agents.persons import Persons
from pingliang.agents.workers import COLUMNS, OUTSIDE, TOWN

from .built import build, series, worst

DAYS = 22.0


def six_persons(**changed: list) -> Persons:
    """Farm hands of farms 0 and 1, an old helper, a clerk, a jobless townsman, a child: all of county 0."""
    columns = {name: np.zeros(6, COLUMNS[name][0]) for name in Persons._fields if name in COLUMNS}
    columns |= {
        "age": np.array([40.0, 40.0, 70.0, 40.0, 30.0, 12.0]),
        "farm": np.array([0, 1, 1, 1, -1, 0], np.int32),
        "employer": np.array([-1, -1, -1, 3, -1, -1], np.int32),
        "participates": np.array([1, 1, 0, 1, 1, 0], np.int8),
        "place": np.array([0, 0, 0, 0, TOWN, 0], np.int8),
        "day_wages": np.full(6, 50.0),
    }
    columns |= {name: np.asarray(values, COLUMNS[name][0]) for name, values in changed.items()}
    return Persons(np.arange(1, 7, dtype=np.uint64), np.ones(6, bool), np.full(6, 10.0), **columns)


def test_adults_without_a_job_are_a_farms_own_people():
    persons = six_persons()
    kin, rows = count_free(persons, 2)
    assert kin.tolist() == [10.0, 20.0]  # neither the clerk nor the child
    assert rows.tolist() == [0, 1, 4]  # the old helper offers nothing to others
    assert not persons.day_wages.any()


@pytest.mark.parametrize("change", [{"place": [0, 0, 0, 0, OUTSIDE, 0]}, {"age": [40, 40, 70, 40, 15.9, 12]}])
def test_nobody_elsewhere_or_too_young_works_by_the_day(change):
    assert count_free(six_persons(**change), 2)[1].tolist() == [0, 1]


@pytest.mark.parametrize("wanted", [0.0, 100.0, 300.0, 330.0, 5000.0])
def test_days_wanted_are_worked_as_far_as_there_are_any(wanted):
    """Farm 0 has half its days left, farm 1 none: 110 + 220 days are on offer."""
    persons = six_persons()
    _, rows = count_free(persons, 2)
    calls = Calls(DAYS, np.array([0.5, 0.0]), np.array([wanted]), np.uint64(7))
    days, called, chosen, offered = call_up(persons, rows, calls)
    assert offered.tolist() == [330.0]
    done = min(wanted, 330.0)
    parts = parts_worked(np.array([done]), chosen, offered)
    heads, idle = pay_days(persons, rows, days, called, parts, 100.0)
    assert (persons.weight * persons.day_wages).sum() == pytest.approx(100.0 * done)
    assert persons.cash.tolist() == persons.day_wages.tolist()
    assert (persons.day_wages <= 100.0 * DAYS * np.array([0.5, 0, 0, 0, 1, 0]) + 1e-9).all()
    assert idle[0] == pytest.approx(persons.day_wages[4] / 100 * 10)
    assert heads.sum() == pytest.approx(10.0 * (persons.day_wages >= 100).sum())


@pytest.fixture
def harvest(config):
    """Return a city in which days were hired in October, seats of the month still unsettled."""
    model = build(config, start="2021-10")
    model.step()
    return model


def test_employers_pay_what_persons_get(harvest):
    workers, farms, firms, market = harvest.workers, harvest.farms, harvest.firms, harvest.day_labour
    got = (workers.weight * workers.day_wages).sum()
    paid = farms.day_wages.sum() + firms.day_posts.sum() * DAYS * market.wage
    assert got == pytest.approx(paid, rel=1e-6)  # some of those paid died in the month
    assert farms.day_wages.sum() > 1e8
    assert worst(harvest) <= 1e-9
    farms.day_wages[np.argmax(farms.day_wages)] *= 1.001
    harvest.audit_book.close()
    assert worst(harvest) > 1e-9


def test_day_labourers_have_no_job_are_grown_and_work_no_more_than_a_month(harvest):
    workers = harvest.workers
    rows = np.flatnonzero(workers.day_wages)
    assert len(rows) > 20
    assert (workers.employer[rows] < 0).all()
    assert (workers.age[rows] >= WORKING_AGE).all()
    assert (workers.day_wages[rows] <= DAYS * harvest.day_labour.wage * (1 + 1e-9)).all()
    assert (workers.farm[rows] >= 0).any()
    assert (workers.farm[rows] < 0).any()


def test_the_harvest_hires_and_the_winter_does_not(two_years):
    rows = series(two_years)
    days = rows[rows.variable == "day_labour"]
    orchard = days[days.stage == "apple_orchard"].groupby("month").value.sum()
    assert orchard[202110] > 5 * orchard.get(202112, 0.0)
    assert orchard[202106] > orchard[202107]
    wages = rows[rows.variable == "day_wage"].set_index("month").value
    assert 100 < wages[202101] < 180


def test_without_paid_peaks_farms_hire_nobody(config):
    farming = config.farming
    none = farming.paid_peak_share.model_copy(update={"value": 0.0})
    model = build(replace(config, farming=farming.model_copy(update={"paid_peak_share": none})), start="2021-10")
    model.step()
    assert not model.farms.day_wages.any()
    assert model.day_labour.done.sum() == pytest.approx(model.firms.day_posts.sum() * DAYS)


def test_who_lacks_hands_is_bound_by_labour_in_that_month(config):
    """Half the hands leave in June: bagging goes undone, long before the harvest it costs."""
    model = build(config, start="2021-06")
    model.farm_hands = model.farm_hands * 0.3
    model.step()
    farms, counties = model.farms, len(model.index.counties)
    orchard = model.care.bound.reshape(-1, counties)[farms.activity("orchard")]
    assert (orchard == LABOUR).any()
    assert model.care.missing.max() > 0


def test_people_out_of_work_help_where_hands_are_short(config):
    model = build(config, start="2021-06")
    model.day_labour.from_idle[:] = 0.0
    model.farm_hands = model.farm_hands * 0.3
    model.care.hands_work(model)
    alone = model.care.missing.sum()
    model.day_labour.from_idle[:] = 1e4
    model.care.hands_work(model)
    assert model.care.missing.sum() == pytest.approx(alone - 7e4, rel=1e-6)


def test_seasonal_posts_left_open_are_filled_by_the_day(config):
    """Nobody applies for posts in April: builders' seasonal posts go to day labourers, those of all year stay open."""
    model = build(config, start="2021-04")
    model.firms.staffed[:] = 0.0
    model.firms.jobs[:] *= 1.3
    posts = model.day_labour.open_posts(model)
    assert posts.sum() > 0
    firms = model.firms
    lasting = model.rules.lasting[firms.stage] * firms.smoothed / np.maximum(firms.productivity, 1e-12)
    assert (posts <= np.maximum(firms.jobs - lasting, 0) + 1e-9).all()
    assert not posts[lasting >= firms.jobs].any()
