"""What the record says of hires, jobs, moves and the urban share agrees with the people themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.agents.skills import count_schooled
from pingliang.agents.workers import OUTSIDE, TOWN

from .built import build, run


@pytest.fixture(scope="module")
def year(config):
    """A year of a small city: the model at its end, its record, and hires a month by the old count."""
    model = build(config, scale=0.002)
    start = urban_share(model)
    hired = 0.0
    for _ in range(12):
        run(model, 1)
        hired += model.labour.hired
    table = model.recorder.table().to_pandas()
    return model, table[table["month"] == 202112], start, hired


def urban_share(model):
    workers = model.workers
    home = workers.alive & (workers.place != OUTSIDE)
    return workers.weight[home & (workers.place == TOWN)].sum() / workers.weight[home].sum()


def total(table, *names):
    return table[table["variable"].isin(names)]["value"].sum()


def test_urban_parts_add_up_to_the_change(year):
    model, table, start, _ = year
    parts = total(table, *(f"urban_share_{name}" for name in ("natural", "migration", "reclassification")))
    assert parts == pytest.approx(urban_share(model) - start, abs=1e-12)
    assert total(table, "urban_share_migration") != 0


def test_origins_and_groups_count_the_same_hires(year):
    _, table, _, hired = year
    origins = total(
        table, *(f"year_hired_from_{name}" for name in ("firm", "farm", "unemployment", "returner", "school"))
    )
    for pair in (("men", "women"), ("skilled", "unskilled"), ("town_registered", "rural_registered"),
                 ("under_25", "25_to_50", "over_50")):  # fmt: skip
        assert total(table, *(f"year_hired_{name}" for name in pair)) == pytest.approx(origins)
    # Who is laid off and hired by the same firm within a month is no hire of the month.
    assert 0.9 * hired < origins <= hired * (1 + 1e-9)


def test_jobs_by_group_are_everyone_at_work(year):
    model, table, _, _ = year
    employed = table[(table["variable"] == "employed")]["value"].sum()
    for pair in (("men", "women"), ("under_25", "25_to_50", "over_50")):
        assert total(table, *(f"jobs_{name}" for name in pair)) == pytest.approx(employed)
    commuters = table[table["variable"].astype(str).str.startswith("work_in_")]["value"].sum()
    held = model.workers.weight[model.workers.employer >= 0].sum()
    assert commuters == pytest.approx(held)


def test_rates_lie_between_zero_and_one(year):
    _, table, _, _ = year
    for name in ("job_finding_rate", "separation_rate"):
        assert 0 < total(table, name) < 1


def test_reclassified_people_are_neither_migrants_nor_births(config):
    rules = config.parameters.migration
    changed = rules.model_copy(update={"reclassified_rate": rules.reclassified_rate.model_copy(update={"value": 0.05})})
    parameters = config.parameters.model_copy(update={"migration": changed})
    model = run(build(replace(config, parameters=parameters)), 12)
    table = model.recorder.table().to_pandas()
    parts = {name: total(table, f"urban_share_{name}") for name in ("natural", "migration", "reclassification")}
    assert 0.015 < parts["reclassification"] < 0.05
    assert parts["migration"] < 0.03


def test_schooled_posts_are_filled_by_the_schooled_and_shortage_pays(config):
    model = build(config, scale=0.002)
    model.workers.education[model.workers.employer < 0] = 0  # nobody who looks for a job has schooling
    run(model, 4)
    assert (model.firms.skill_gap > 0).any()
    assert model.skills.premium.max() > 1
    held = count_schooled(model.workers.employer, model.workers.education, len(model.firms.stage))
    assert (held <= model.firms.rows).all()


def test_pay_by_schooling_shares_out_the_wage_bill(config):
    model = run(build(config), 1)
    workers, firms = model.workers, model.firms
    at = workers.employer >= 0
    assert (workers.weight * workers.wage_income).sum() <= firms.wage_bill.sum() + 1e-3
    mean = [workers.wage_income[at & (workers.education == level)].mean() for level in range(4)]
    assert np.argmax(mean) == 3
