"""Where the people side ends: no post open, nobody out of work, a county everyone leaves, no child born."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.agents import labour, moving
from pingliang.agents.people_loops import OLDEST_MOVER, YOUNGEST_MOVER
from pingliang.agents.workers import OUTSIDE

from .built import build, run, series, total
from .test_model_extremes import set_to

MONTHS = 3


def persons(model) -> float:
    return float(model.workers.weight[model.workers.alive].sum())


def test_with_no_post_open_nobody_is_hired(config, monkeypatch):
    plan = labour.firms_open_vacancies

    def no_more_than_there_are(firms, row_weight):
        plan(firms, row_weight)
        firms.rows_wanted[:] = np.minimum(firms.rows_wanted, firms.rows)

    monkeypatch.setattr(labour, "firms_open_vacancies", no_more_than_there_are)
    monkeypatch.setattr(labour, "workers_leave", _nobody_quits(labour.workers_leave))
    model = run(build(config), MONTHS)
    rows = series(model)
    assert not rows[rows.variable.str.startswith("hired_from_")].value.any()
    assert total(model, "job_finding_rate").max() == 0
    assert np.isfinite(rows.value).all()


def _nobody_quits(leave):
    """Quits open posts within the month in which they happen."""

    def leaving(workers, firms, rules, streams, month, flows):
        none = {"quit_rate": rules.quit_rate.model_copy(update={"value": 0.0})}
        none |= {
            name: getattr(rules, name).model_copy(update={"value": 120.0})
            for name in ("retirement_age_male", "retirement_age_female")
        }
        return leave(workers, firms, rules.model_copy(update=none), streams, month, flows)

    return leaving


def test_with_nobody_out_of_work_posts_are_filled_from_farms_and_other_firms(config):
    none = config
    for name in ("unemployment_share", "quit_rate", "layoff_speed"):
        none = set_to(none, f"labour.{name}", 0.0)
    model = build(none)
    # who seeks work in the base year are school leavers of 16 and 17, who look for the first time
    assert model.workers.age[labour.unemployed(model.workers)].max() < 18
    run(model, MONTHS)
    assert total(model, "hired_from_farm").sum() > 0
    assert total(model, "unemployed").max() < 0.02 * total(model, "employed").min()
    assert np.isfinite(series(model).value).all()


@pytest.fixture
def deserted(config, monkeypatch):
    """Return a city of which everyone of age leaves the first county, for outside, after three months."""
    rule = moving._utilities

    def away(workers, rows, rules, places, homes):
        utility = rule(workers, rows, rules, places, homes)
        utility[:, moving.AWAY] += np.where(workers.county[rows] == 0, 1e6, 0.0)
        utility[:, 0] = -np.inf
        utility[workers.county[rows] == 0, moving.BACK] = -np.inf
        return utility

    monkeypatch.setattr(moving, "_utilities", away)
    everyone = config
    for name, value in (("consideration_rate", 1.0), ("move_age_peak", 100.0)):
        everyone = set_to(everyone, f"migration.{name}", value)
    return run(build(everyone), MONTHS)


def test_a_county_everyone_leaves_stands_empty_and_the_books_close(deserted):
    workers = deserted.workers
    there = (workers.county == 0) & (workers.place != OUTSIDE) & workers.alive
    grown = there & (workers.age >= YOUNGEST_MOVER + 0.1) & (workers.age < OLDEST_MOVER)
    assert not grown.any()
    at_work = workers.employer[(workers.county == 0) & (workers.employer >= 0)]
    assert len(at_work) == 0
    rows = series(deserted)
    last = rows[(rows.variable == "farm_hands") & (rows.month == rows.month.max())].set_index("county").value
    here = deserted.index.counties
    assert last[here[0]] < 0.2 * last[list(here[1:])].mean()
    assert np.isfinite(rows.value).all()


def test_without_births_the_city_only_grows_older(config):
    people = config.population
    none = {year: dict.fromkeys(ages, 0.0) for year, ages in people.fertility.values.items()}
    barren = people.model_copy(update={"fertility": people.fertility.model_copy(update={"values": none})})
    model = build(replace(config, population=barren))
    before, age = persons(model), np.average(model.workers.age, weights=model.workers.weight)
    run(model, MONTHS)
    assert total(model, "births").sum() == 0
    gone = total(model, "deaths").sum()
    alive = model.workers.alive
    assert gone > 0
    assert persons(model) < before
    assert (model.workers.age[alive] >= MONTHS / 12 - 1e-9).all()
    assert np.average(model.workers.age[alive], weights=model.workers.weight[alive]) > age


def test_a_destination_nobody_wants_changes_nothing(config, monkeypatch):
    asked = set_to(config, "migration.consideration_rate", 0.3)
    plain = run(build(asked), MONTHS)
    rule = moving._utilities

    def one_more(*args):
        utility = rule(*args)
        return np.column_stack([utility, np.full(len(utility), -1e9)])

    monkeypatch.setattr(moving, "_utilities", one_more)
    assert run(build(asked), MONTHS).recorder.table().equals(plain.recorder.table())
    assert total(plain, "departures").sum() > 0
