"""The agents of the base year add up to the base year, at every scale."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.farms import COHORTS, TREES
from pingliang.agents.supply import FARM
from pingliang.agents.workers import FEMALE, MALE, OUTSIDE, RURAL, TOWN

from .built import base_of, build

EXACT = 1e-9
INDUSTRIES = {"primary": 109.85e8, "secondary": 116.70e8, "tertiary": 249.61e8}
SCALES = [0.001, 0.01, pytest.param(0.1, marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=SCALES)
def city(request, config):
    """Return the city of the end of 2020."""
    return build(config, scale=request.param)


def cells(rows, columns, values, shape):
    return np.bincount(rows * shape[1] + columns, values, minlength=shape[0] * shape[1]).reshape(shape)


def firm_output(city):
    """Yearly output of each firm at base prices: what it expects to sell in a month of 2020, times twelve."""
    return city.firms.smoothed * city.firms.price * 12


def stage_output(city):
    """Yearly output by stage and county (S, C), firms from their rows and farms from their farm-gate markets."""
    shape = (len(city.index.stages), len(city.index.counties))
    out = cells(city.firms.stage, city.firms.county, firm_output(city), shape)
    return out + cells(city.gate_stage, city.gate_county, city.gate_base * city.gate_price * 12, shape)


def test_output_of_every_stage_in_every_county_is_the_base_year(city):
    wanted = city.base.output[:, None] * city.base.county_share
    np.testing.assert_allclose(stage_output(city), wanted, rtol=EXACT)


def test_gdp_and_three_industries_of_the_base_accounts_are_observed(config):
    base = base_of(config)
    assert base.value_added.sum() == pytest.approx(476.16e8, rel=1e-3)
    for industry, observed in INDUSTRIES.items():
        assert base.industry_value_added(industry) == pytest.approx(observed, rel=1e-3)


def test_gdp_and_three_industries_add_up_from_agents(city):
    slots = city.supply.trade.slots
    bought = np.bincount(
        slots.stage, slots.base * 12 * city.base.price[slots.product], minlength=len(city.index.stages)
    )
    value_added = stage_output(city).sum(axis=1) - bought
    np.testing.assert_allclose(value_added.sum(), city.base.value_added.sum(), rtol=EXACT)
    for industry in INDUSTRIES:
        mine = city.index.stages_where(industry=industry)
        np.testing.assert_allclose(value_added[mine].sum(), city.base.value_added[mine].sum(), rtol=EXACT)


def test_residents_are_the_census_in_every_county_place_and_sex(city, config):
    workers = city.workers
    for c, name in enumerate(city.index.counties):
        facts, people = config.counties.counties[name], config.population
        heads = {
            MALE: sum(people.census_male.values[name].values()),
            FEMALE: sum(people.census_female.values[name].values()),
        }
        for place, persons in ((TOWN, facts.residents_urban.amount), (RURAL, facts.residents_rural.amount)):
            for sex in (MALE, FEMALE):
                here = (workers.county == c) & (workers.place == place) & (workers.sex == sex)
                assert workers.weight[here].sum() == pytest.approx(
                    persons * heads[sex] / sum(heads.values()), rel=EXACT
                )


def test_city_has_its_residents_and_urban_share(city):
    workers = city.workers
    home, town = workers.place != OUTSIDE, workers.place == TOWN
    assert workers.weight[home].sum() == pytest.approx(1_848_607, rel=1e-3)
    assert workers.weight[town].sum() / workers.weight[home].sum() == pytest.approx(0.4477, rel=1e-3)
    registered = sum(facts.registered.amount for facts in city.config.counties.counties.values())
    assert workers.weight.sum() == pytest.approx(registered, rel=1e-3)


def test_farm_land_is_the_counties_land(city, config):
    for activity, area in config.farming.area.items():
        level = city.farms.by_gate(city.farms.level)[city.farms.activity(activity)]
        for c, name in enumerate(city.index.counties):
            if area.amounts.get(name, 0.0) > 0:
                assert level[c] == pytest.approx(area.amounts[name], rel=EXACT)
    trees = sum(getattr(city.farms, name) for name in TREES)
    part = city.farms.part(city.farms.activity("orchard"))
    np.testing.assert_allclose(trees[city.farms.farm_of[part]], city.farms.level[part], rtol=EXACT)
    assert trees.sum() == pytest.approx(city.farms.level[part].sum(), rel=EXACT)


def test_herd_is_the_counties_herd_in_every_cohort(city, config):
    cattle = config.farming.cattle
    for cohort in COHORTS:
        heads = np.bincount(city.farms.county, getattr(city.farms, cohort), minlength=7)
        wanted = [cattle.stock.amounts[name] * cattle.cohort_shares.amounts[cohort] for name in city.index.counties]
        np.testing.assert_allclose(heads, wanted, rtol=EXACT)


def census(city):
    """Persons employed by industry: the long-form sample, grossed up."""
    people = city.config.population
    return {
        name: sum(table.get(name, 0.0) for table in people.employed_sample.values.values()) / people.sample_rate.amount
        for name in city.industries
    }


def test_jobs_are_within_one_percent_of_the_census_by_industry(city):
    by_stage = city.base.jobs.sum(axis=1)
    offered = np.bincount(city.firms.stage, city.firms.jobs, minlength=len(by_stage))
    firms = city.index.stages_where(agent="firm")
    np.testing.assert_allclose(offered[firms], by_stage[firms], rtol=EXACT)
    industry = np.array([item.census for item in city.index.stage.values()])
    for name, persons in census(city).items():
        jobs = by_stage[industry == name].sum()
        assert jobs == pytest.approx(persons, rel=0.01), f"{name}: {jobs:.0f} jobs, census {persons:.0f}"


def test_rows_at_work_are_within_rounding_of_the_census_by_industry(city):
    workers, rows_of_county = city.workers, len(city.index.counties)
    for i, (name, persons) in enumerate(census(city).items()):
        at_work = workers.weight[workers.industry == i].sum()
        # every county rounds its own sample to whole rows, up or down
        assert abs(at_work - persons) <= rows_of_county * workers.weight.max() + 0.01 * persons, name
    assert workers.weight[workers.industry >= 0].sum() == pytest.approx(sum(census(city).values()), rel=0.01)


def test_every_occupied_cell_has_a_firm_and_named_firms_stand_for_themselves(city):
    shape = (len(city.index.stages), len(city.index.counties))
    there = cells(city.firms.stage, city.firms.county, np.ones(len(city.firms.stage)), shape) > 0
    firms = city.index.stages_where(agent="firm")
    assert (there[firms] == (city.base.county_share[firms] > 0)).all()
    named = city.firms.anchor >= 0
    assert (city.firms.weight[named] == 1).all()
    anchors = {(key, i) for key, item in city.index.stage.items() for i in range(len(item.anchors))}
    built = {
        (city.index.stages[s], int(i)) for s, i in zip(city.firms.stage[named], city.firms.anchor[named], strict=True)
    }
    assert built <= anchors
    assert len(built) >= 0.9 * len(anchors)


def test_money_of_the_base_year_is_on_the_books(city, config):
    accounts = config.parameters.base
    workers = city.workers
    held = city.firms.cash.sum() + city.farms.cash.sum() + (workers.weight * workers.cash).sum()
    held += sum(government.account.cash for government in city.all_governments)
    owed = city.firms.debt.sum() + city.farms.debt.sum() + (workers.weight * workers.debt).sum()
    assert held == pytest.approx(accounts.deposits.amount, rel=1e-6)
    assert owed == pytest.approx(accounts.loans.amount, rel=1e-6)


def test_every_input_has_two_suppliers_where_there_are_two(city):
    links, slots = city.supply.trade.links, city.supply.trade.slots
    suppliers = np.bincount(links.slot[links.share > 0], minlength=len(slots.product))
    makers = np.bincount(city.supply.seller_product[: len(city.firms.price)], minlength=len(city.index.products))
    gates = np.bincount(city.supply.seller_product[len(city.firms.price) :], minlength=len(city.index.products))
    linked = suppliers > 0
    alone = linked & (suppliers < np.minimum(2, (makers + gates)[slots.product]))
    assert not alone.any()


def test_farm_buyers_are_slots_of_the_trade_round(city):
    slots = city.supply.trade.slots
    assert set(slots.stage[slots.kind == FARM]) <= set(city.index.stages_where(agent="farm").tolist())
