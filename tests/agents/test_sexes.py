"""Men and women: the base year seats them as industries have them, and they turn to posts accordingly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.agents.sexes import pull_of_stages, seat_men_and_women
from pingliang.agents.workers import FEMALE, MALE

from .built import build, run, series


@pytest.fixture(scope="module")
def city(config):
    return build(config, scale=0.01)


def with_women(config, share: float):
    """Return a configuration in which every industry has the same share of women."""
    table = config.population.women_share
    same = table.model_copy(update={"values": dict.fromkeys(table.values, share)})
    return replace(config, population=config.population.model_copy(update={"women_share": same}))


def test_each_industry_has_its_women(city):
    workers, share = city.workers, city.config.population.women_share.amounts
    for i, industry in enumerate(city.industries):
        at = workers.industry == i
        if industry == "agriculture_forestry_fishery" or at.sum() < 20:
            continue
        women = workers.weight[at & (workers.sex == FEMALE)].sum() / workers.weight[at].sum()
        assert women == pytest.approx(share[industry], abs=7 / at.sum() + 0.01), industry


def test_all_posts_of_the_base_are_filled_whoever_holds_them(config, city):
    for share in (0.05, 0.95):
        other = build(with_women(config, share), scale=0.01)
        posts = [np.bincount(model.workers.industry[model.workers.industry >= 0]) for model in (city, other)]
        np.testing.assert_array_equal(*posts)


def test_posts_go_by_order_within_a_sex_and_to_the_other_where_one_runs_out():
    sex = np.array([MALE, FEMALE, MALE, FEMALE, MALE, MALE], np.int8)
    order = np.arange(10, 16)
    rows, industries = seat_men_and_women(order, sex, np.array([2, 2]), np.array([7, 3]), np.array([0.5, 0.5]), 0.5)
    assert dict(zip(rows.tolist(), industries.tolist(), strict=True)) == {10: 7, 12: 3, 11: 7, 13: 3}
    rows, industries = seat_men_and_women(order, sex, np.array([4]), np.array([7]), np.array([1.0]), 0.5)
    assert sorted(rows.tolist()) == [10, 11, 12, 13]
    assert set(industries.tolist()) == {7}


def test_an_even_share_draws_both_alike(config):
    assert (pull_of_stages(build(with_women(config, 0.5))) == 1.0).all()


def test_mines_draw_men(city):
    pull, mining = pull_of_stages(city), city.index.stage_code("coal_mining")
    assert pull[:, mining] == pytest.approx([2 * 0.764, 2 * 0.236])


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_hires_follow_the_pull(config, share):
    """The base as it is; then women are drawn to trade and catering, men to all else, or the other way round."""
    model = build(config, scale=0.003)
    for_women = np.isin(
        [item.census for item in model.index.stage.values()], ["wholesale_retail", "accommodation_catering"]
    )
    women = np.where(for_women, share, 1 - share)
    model.sex_pull = np.stack([2 * (1 - women), 2 * women])
    before = model.workers.employer.copy()
    run(model, 1)
    workers = model.workers
    new = np.flatnonzero((workers.employer[: len(before)] >= 0) & (before < 0))
    stage = model.firms.stage[workers.employer[new]]
    female = workers.sex[new] == FEMALE
    assert (female[for_women[stage]].mean() > female[~for_women[stage]].mean()) == (share > 0.5)


def test_finding_work_does_not_hang_on_shares_alone(config):
    found = []
    for share in (0.3, 0.5):
        rows = series(run(build(with_women(config, share), scale=0.01), 3))
        found.append(rows[rows.variable == "job_finding_rate"].value.mean())
    assert found[0] == pytest.approx(found[1], rel=0.1)
