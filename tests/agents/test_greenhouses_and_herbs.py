"""Farms turn their own land: greenhouses come down and are built again, herbs follow prices late; area stays."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.budgets import investment_price
from pingliang.agents.drivers import Drivers, base_year_calendar
from pingliang.agents.greenhouses import BUILDING_MONTH
from pingliang.agents.randomness import Streams


def area(model, *activities: str) -> np.ndarray:
    """Mu of these activities on each farm, (N,)."""
    farms, total = model.farms, np.zeros(len(model.farms.cash))
    for name in activities:
        part = farms.part(farms.activity(name))
        total += np.bincount(farms.farm_of[part], farms.level[part], minlength=len(total))
    return total


def to_building(model):
    """Bring a copy of the model to the month in which houses are built, and step it."""
    while model.calendar != BUILDING_MONTH:
        model.step()
    return model


def test_at_the_base_prices_as_many_greenhouses_are_built_as_wear_out(another, monkeypatch):
    model = to_building(another())
    houses, farms = model.greenhouses, model.farms
    part = farms.part(houses.a)
    before, wear = farms.level[part].copy(), farms.planned_investment.copy()
    np.testing.assert_allclose(houses.standing.sum(axis=0), before)
    monkeypatch.setattr(houses, "appetite", lambda model: np.ones(len(model.index.counties)))
    houses.turn_fields(model)
    np.testing.assert_allclose(houses.built, houses.worn, rtol=1e-12)
    np.testing.assert_allclose(farms.level[part], before, rtol=1e-12)
    np.testing.assert_allclose(houses.extra, 0.0, atol=1e-9 * wear.max())


def test_owners_build_more_where_a_mu_earns_more_and_small_changes_move_nobody(another):
    model = another()
    houses = model.greenhouses
    small, large = houses.rules.inaction.amount / 2, houses.rules.inaction.amount + 0.3
    wishes = []
    for change in (-large, -small, small, large):
        houses.expected = houses.usual * (1 + change) * investment_price(model)
        wishes.append(houses.appetite(model))
    assert (wishes[0] < 0.9).all()
    np.testing.assert_array_equal(wishes[1:3], 1.0)
    assert (wishes[3] > 1.1).all()


@pytest.mark.parametrize("wish", [0.0, 0.5, 1.6])
def test_houses_are_put_on_the_farms_own_field_and_their_land_goes_back_to_it(another, monkeypatch, wish):
    model = to_building(another())
    houses, farms = model.greenhouses, model.farms
    land, glass = area(model, "greenhouse", "herb", "grain"), farms.level[farms.part(houses.a)].sum()
    monkeypatch.setattr(houses, "appetite", lambda model: np.full(len(model.index.counties), wish))
    model.step()
    np.testing.assert_allclose(area(model, "greenhouse", "herb", "grain"), land, rtol=1e-12)
    now = farms.level[farms.part(houses.a)]
    assert (farms.level >= 0).all()
    assert now.sum() == pytest.approx(glass + (houses.built - houses.worn).sum(), rel=1e-9)
    assert houses.built.sum() <= wish * houses.worn.sum() * (1 + 1e-9)
    assert (houses.built.sum() > houses.worn.sum()) == (wish > 1)
    assert np.sign(houses.extra.sum()) == np.sign(wish - 1)
    assert max(model.audit().values()) <= 1e-9


def test_who_has_neither_money_nor_credit_builds_no_house(another, monkeypatch):
    model = to_building(another())
    houses, farms = model.greenhouses, model.farms
    monkeypatch.setattr(houses, "appetite", lambda model: np.ones(len(model.index.counties)))
    worker = farms.worked_by[farms.part(houses.a)]
    poor = np.zeros(len(farms.cash), dtype=bool)
    poor[worker[::2]] = True
    farms.cash[poor], farms.debt[poor] = 0.0, 10 * farms.capital[poor]
    worn = houses.standing[-1].copy()
    houses.turn_fields(model)
    assert not houses.standing[0][poor[worker]].any()
    np.testing.assert_allclose(houses.standing[0][~poor[worker]], worn[~poor[worker]])


def test_a_house_stands_for_its_life_and_no_longer(another, monkeypatch):
    houses = (model := to_building(another())).greenhouses
    years = len(houses.standing)
    for year in range(years):  # one house is put up, by a programme, and nothing is built again
        if year == 0:
            model.farms.level[model.farms.part(houses.a)][:] += 1.0
        monkeypatch.setattr(houses, "appetite", lambda model: np.zeros(len(model.index.counties)))
        houses.turn_fields(model)
        level = model.farms.level[model.farms.part(houses.a)]
        np.testing.assert_allclose(houses.standing.sum(axis=0), level, atol=1e-9)  # a billionth of a mu
        left = model.farms.level[model.farms.part(houses.a)]
        assert (left >= 1.0 - 1e-9).all() == (year < years - 1)
    assert left.sum() == pytest.approx(0.0, abs=1e-6)


def test_vegetables_are_dear_in_winter_after_the_data_end_too(config):
    drivers = Drivers(config, "2021-01", 120, Streams(4))
    path = drivers.paths["vegetable_price"].reshape(-1, 12)[3:]
    season = (path / path.mean(axis=1, keepdims=True)).mean(axis=0)
    known = base_year_calendar(config, "vegetable_price")
    assert season[[0, 1]].mean() > 1.2 * season[[5, 6]].mean()
    assert np.corrcoef(season, known)[0, 1] > 0.8


def test_a_greenhouse_of_2020_sold_dear_and_an_open_field_cheap(another):
    model = another()
    base, farms, margins = model.base, model.farms, model.margins
    counties = len(model.index.counties)
    for name, dear in (("greenhouse", True), ("open_vegetable", False)):
        a = farms.activity(name)
        stage = farms.stages[a]
        level = farms.by_gate(farms.level)[a].sum()
        mean = (base.output[stage] - base.use[:, stage].sum()) / level
        gates = slice(a * counties, (a + 1) * counties)
        got = (margins.base[gates] * model.level_base[a]).sum() / level
        assert (got > 1.01 * mean) == dear
        assert (got < 0.95 * mean) != dear


def herb_years(model, prices: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Herb land in the ground and mu due to be dug, by year, if herbs stand to grain as given."""
    planting, farms, choice = model.herb_planting, model.farms, model.crop_choice
    part, standing, dug, expected = farms.part(planting.herb), [], [], choice.price
    for price in prices:
        expected[planting.herb] += (price * expected[planting.other] - expected[planting.herb]) / choice.memory
        for calendar in (1, 3):
            model_at(model, calendar)
        standing.append(farms.level[part].sum())
        dug.append(farms.herb_due[0].sum())
    return np.array(standing), np.array(dug)


def model_at(model, calendar: int) -> None:
    """Let one month of the farm year pass for herbs alone."""
    from pingliang.agents.farm_biology import farms_tend_herbs

    model.month = calendar - 1
    model.herb_planting.turn_fields(model)
    farms_tend_herbs(model.farms, model.config.farming, calendar)


def test_herb_land_follows_prices_late_and_what_is_dug_follows_later(another):
    model = another()
    land = area(model, "herb", "grain")
    standing, dug = herb_years(model, [1.0, 1.6, 1.6, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    np.testing.assert_allclose(area(model, "herb", "grain"), land, rtol=1e-12)
    assert standing[0] == pytest.approx(model.level_base[model.herb_planting.herb].sum())
    assert np.argmax(standing) > 2  # the price was back in the fourth year, land went on growing
    assert np.argmax(dug) >= 3
    assert dug[1] / dug[0] - 1 < 0.5 * (standing[1] / standing[0] - 1) + 0.05
    assert (standing[:3] < standing.max()).all()


def test_herbs_that_fall_in_price_give_land_back_only_as_it_is_dug(another):
    model = another()
    planting, farms = model.herb_planting, model.farms
    part = farms.part(planting.herb)
    model.crop_choice.price[planting.herb] = 0.0  # nobody wants to plant any more
    years = []
    for _ in range(len(farms.herb_due)):
        for calendar in (1, 3):
            model_at(model, calendar)
        np.testing.assert_allclose(farms.herb_due.sum(axis=0), farms.level[part], atol=1e-9)
        years.append(farms.level[part].sum())
    assert years[0] > 0.3 * model.level_base[planting.herb].sum()
    assert years[0] > years[1] > years[2] > 0
    assert years[3] == pytest.approx(0.0, abs=1e-6)


def test_a_years_herb_price_swings_as_much_as_quotes_did(config):
    changes = []
    for seed in range(40):
        path = (
            np.log(Drivers(config, "2021-01", 180, Streams(seed)).paths["herb_price"]).reshape(-1, 12)[2:].mean(axis=1)
        )
        changes.append(np.diff(path))
    spread = float(np.concatenate(changes).std())
    assert 0.1 < spread < 0.2  # mean of three quotes, August 2019 to 2022: 0.16
