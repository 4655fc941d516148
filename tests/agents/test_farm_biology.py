"""Farms have biology: trees bear in their time, frost costs a crop, herds follow prices late, herbs tie up land."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from pingliang.agents import farm_weather
from pingliang.agents.factors import LABOUR, SEASON
from pingliang.agents.farm_biology import farms_age_orchards, orchard_crop
from pingliang.agents.farm_growth import tend_herbs
from pingliang.agents.farm_weather import hazard_losses, mean_weather
from pingliang.agents.farms import TREES
from pingliang.agents.randomness import Streams
from pingliang.config.schema import Policy

from .built import build, run, series, worst


@pytest.mark.parametrize(("planted", "first_crop"), [("trees_0", 2025), ("dwarf_0", 2023)])
def test_an_orchard_planted_in_2021_bears_in_its_time(config, planted, first_crop):
    trees = {name: np.full(5, 3.0 if name == planted else 0.0) for name in TREES}
    table = {"key": np.arange(5, dtype=np.uint64)}
    farms = SimpleNamespace(county=np.zeros(5, dtype=np.int32), table=table, **trees)
    for year in range(2022, first_crop + 1):
        assert not orchard_crop(farms, config.farming, year - 1).any()
        farms_age_orchards(farms, config.farming, np.ones(1))
        np.testing.assert_allclose(sum(trees.values()), 3.0)
    assert (orchard_crop(farms, config.farming, first_crop) > 0).all()


def test_low_margins_stop_replanting_and_area_stays(config):
    trees = {name: np.full(5, 2.0) for name in TREES}
    farms = SimpleNamespace(county=np.zeros(5, dtype=np.int32), table={}, **trees)
    farms_age_orchards(farms, config.farming, np.zeros(1))
    assert not trees["trees_0"].any()
    assert not trees["dwarf_0"].any()
    np.testing.assert_allclose(sum(trees.values()), 2.0 * len(TREES))


def crop_of(model, year: int) -> np.ndarray:
    """Apples picked in a year by county, t."""
    rows = series(model)
    rows = rows[(rows.variable == "quantity") & (rows.stage == "apple_orchard") & (rows.month // 100 == year)]
    return rows.groupby("county").value.sum().reindex(list(model.index.counties)).to_numpy()


def test_april_frost_cuts_that_countys_harvest_of_the_year_and_no_other(config, monkeypatch):
    still = build(config)
    struck = build(config)

    def weather(frost):
        loss = {("frost", 2021): frost}
        return lambda name, hazard, counties, year, streams: loss.get((name, year), np.zeros(len(counties)))

    some = np.zeros(len(still.index.counties))
    some[2] = 0.3
    for model, frost in ((still, np.zeros(len(some))), (struck, some)):
        monkeypatch.setattr(farm_weather, "hazard_losses", weather(frost))
        run(model, 23)
    np.testing.assert_allclose(crop_of(struck, 2021) / crop_of(still, 2021), 1 - some, rtol=2e-3)
    np.testing.assert_allclose(crop_of(struck, 2022) / crop_of(still, 2022), 1.0, rtol=2e-3)
    rows = series(struck)
    lost = rows[(rows.variable == "lost_weather") & (rows.stage == "apple_orchard")]
    assert set(lost.county) == {list(still.index.counties)[2]}
    assert set(lost.month // 100) == {2021}


def test_neighbours_share_their_weather_and_its_mean_is_the_stated_one(config):
    frost = config.farming.weather["frost"]
    counties = [f"county {k}" for k in range(7)]
    losses = np.array([hazard_losses("frost", frost, counties, year, Streams(3)) for year in range(2000, 4000)])
    assert losses.mean() == pytest.approx(frost.probability.amount * frost.loss.amount, rel=0.1)
    struck = losses > 0
    both = (struck[:, 0] & struck[:, 1]).mean()
    assert both > 1.5 * struck[:, 0].mean() * struck[:, 1].mean()


def test_mean_weather_counts_hazards_before_the_harvest_only(config):
    frost = config.farming.weather["frost"]
    farming = SimpleNamespace(weather={"frost": frost})
    spring, autumn = np.zeros(12), np.zeros(12)
    spring[1], autumn[9] = 12, 12
    left = mean_weather(farming, ["orchard", "orchard"], np.stack([spring, autumn]))
    np.testing.assert_allclose(left, [1.0, 1 - frost.probability.amount * frost.loss.amount])


def test_herbs_tie_up_land_until_they_are_dug():
    level, due, planted = np.array([0.0]), np.zeros((4, 1)), np.array([0.0, 0.75, 0.0, 0.25])
    level[0] = 100.0  # land that joins in spring 2021
    tend_herbs(level, due, planted, False, True)
    dug = [due[0, 0]]
    for _ in range(3):
        tend_herbs(level, due, planted, True, False)
        dug.append(due[0, 0])
        tend_herbs(level, due, planted, False, True)
        assert due.sum() == pytest.approx(100.0)
    assert dug == [0.0, 75.0, 0.0, pytest.approx(25.0 + 0.75 * 75.0)]


def test_greenhouses_earn_in_winter_when_open_fields_bear_nothing(two_years):
    rows = series(two_years)
    winter = rows[(rows.variable == "quantity") & (rows.month % 100).isin([12, 1, 2, 3])]
    assert (winter[winter.stage == "greenhouse"].groupby("month").value.sum() > 0).all()
    assert not winter[winter.stage == "open_vegetable"].value.any()


def test_work_of_the_months_adds_up_to_the_year(two_years):
    care, farms = two_years.care, two_years.farms
    for activity, days in two_years.config.farming.labour_days.amounts.items():
        assert care.days[farms.activity(activity)].sum() == pytest.approx(days)


def test_crops_without_hands_are_bound_by_labour(another):
    model, alone = another(), another()
    alone.care.supply_base *= 0.3
    for city in (model, alone):
        for _ in range(4):
            city.step()
            assert worst(city) <= 1e-9
    orchard = model.farms.part(model.farms.activity("orchard"))
    assert alone.farms.made[orchard].sum() < 0.9 * model.farms.made[orchard].sum()
    gates = slice(0, len(model.index.counties))
    start = model.farms.activity("orchard") * len(model.index.counties)
    gates = slice(start, start + len(model.index.counties))
    assert (alone.care.bound[gates] == LABOUR).all()
    lost = alone.care.lost[LABOUR, gates].sum()
    made = alone.farms.made[orchard].sum()
    assert made + lost == pytest.approx(model.farms.made[orchard].sum(), rel=0.02)


def test_every_branch_says_what_bound_it(six_months):
    rows = series(six_months)
    farms = [six_months.index.stages[s] for s in six_months.farms.stages]
    bound = rows[rows.variable.str.startswith("bound_") & rows.stage.isin(farms)]
    works = six_months.farms.by_gate(six_months.farms.level) > 0
    assert (bound.groupby("month").value.sum() == works.sum()).all()
    orchards = bound[(bound.stage == "apple_orchard") & (bound.value > 0)]
    assert set(orchards.variable) == {"bound_season"}
    assert SEASON in six_months.care.bound


def test_births_are_what_cows_bear_and_the_herd_identity_closes_by_the_year(two_years):
    rows = series(two_years)
    year = {v: rows[(rows.variable == f"cattle_{v}") & (rows.month == 202212)].value.sum() for v in (
        "born", "bought", "died", "sold_head", "sold_calves", "stock"
    )}  # fmt: skip
    before = rows[(rows.variable == "cattle_stock") & (rows.month == 202112)].value.sum()
    change = year["born"] + year["bought"] - year["died"] - year["sold_head"] - year["sold_calves"]
    assert year["stock"] == pytest.approx(before + change, rel=1e-9)
    rules = two_years.config.farming.cattle
    assert 0 < year["born"] <= 1.1 * two_years.farms.cows.sum() * rules.calving_rate.amount


def test_a_fall_of_the_beef_price_shrinks_herds_late_and_for_years(config):
    shipped = next(p for p in config.policies.policies.values() if p.lever == "premium")
    target = shipped.target.model_copy(update={"stages": ["cattle_fattening"], "counties": []})
    fall = shipped.model_copy(
        update={
            "target": target, "start": "2021-06", "end": "2021-06", "cost": None, "recurrent_cost": None,
            "intensity": shipped.intensity.model_copy(update={"value": -0.3, "range": (-0.5, 0.0)}),
        }
    )  # fmt: skip
    assert isinstance(fall, Policy)
    steady, fallen = build(config), build(config, {"fall": fall})
    gap = []
    for _ in range(54):
        for model in (steady, fallen):
            model.step()
        gap.append(1 - fallen.farms.cows.sum() / steady.farms.cows.sum())
    assert gap[6] < 0.01
    assert gap[12] < gap[24] < gap[36] < gap[53]
    assert gap[53] > 0.02
