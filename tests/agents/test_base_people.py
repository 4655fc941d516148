"""The people of the base year are those of the census, within what sampling and whole rows leave open."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.labour import unemployed
from pingliang.agents.workers import FEMALE, MALE, OUTSIDE, TOWN

from .built import build

TWICE = 1.96  # standard errors of a 95 % interval


@pytest.fixture(scope="module")
def city(config):
    """Return the city of the end of 2020 in rows of a hundred persons."""
    return build(config, scale=0.01)


def counted(city, mask) -> float:
    return float(city.workers.weight[mask].sum())


@pytest.mark.parametrize("sex", [MALE, FEMALE])
def test_every_age_of_the_pyramid_is_the_census_to_two_rows(city, sex):
    """Town and villages of a county round each group to a whole row."""
    workers, people = city.workers, city.config.population
    census = people.census_male if sex == MALE else people.census_female
    row, checked = float(workers.weight.max()), 0
    for c, county in enumerate(city.index.counties):
        here = (workers.county == c) & (workers.sex == sex) & (workers.place != OUTSIDE)
        for group, persons in census.values[county].items():
            low, _, high = group.rstrip("+").partition("-")
            last = 200.0 if group.endswith("+") else float(high or low) + 1
            model = counted(city, here & (workers.age >= float(low)) & (workers.age < last))
            assert abs(model - persons) <= 2 * row, (county, group, model, persons)
            checked += 1
    assert checked >= 7 * 18


def test_the_city_s_pyramid_is_the_census_within_one_percent_of_a_sex(city):
    workers, people = city.workers, city.config.population
    for sex, table in ((MALE, people.census_male), (FEMALE, people.census_female)):
        here = (workers.sex == sex) & (workers.place != OUTSIDE)
        for group in ("20-24", "45-49", "60-64"):
            low = float(group[:2])
            persons = sum(ages[group] for ages in table.values.values())
            assert counted(city, here & (workers.age >= low) & (workers.age < low + 5)) == pytest.approx(
                persons, rel=0.01
            )


def test_employment_by_county_and_industry_is_within_the_sampling_interval(city):
    """The long form asked a tenth: a count of n is known to about 1.96 sqrt(n); a row is some eight of the asked."""
    workers, people = city.workers, city.config.population
    rate, row, checked = people.sample_rate.amount, float(workers.weight.max()), 0
    for c, county in enumerate(city.index.counties):
        for i, industry in enumerate(city.industries):
            asked = people.employed_sample.values[county].get(industry, 0.0)
            here = (workers.county == c) & (workers.industry == i) & (workers.place != OUTSIDE)
            allowed = max(TWICE * np.sqrt(asked) / rate, row)
            assert abs(counted(city, here) - asked / rate) <= allowed, (county, industry)
            checked += asked > 0
    assert checked > 100


def test_who_is_out_of_work_is_the_share_of_the_base_within_a_sampling_interval(city):
    """Adults; who leaves school looks for a first job beside them."""
    workers = city.workers
    seeking = unemployed(workers) & (workers.age >= 18)
    at_work = workers.employer >= 0
    share = city.config.parameters.labour.unemployment_share.amount
    rows = int((seeking | at_work).sum())
    found = counted(city, seeking) / counted(city, seeking | at_work)
    assert found == pytest.approx(share, abs=TWICE * np.sqrt(share * (1 - share) / rows))


def test_every_county_has_the_urban_share_of_the_census(city):
    workers = city.workers
    for c, county in enumerate(city.index.counties):
        facts = city.config.counties.counties[county]
        here = (workers.county == c) & (workers.place != OUTSIDE)
        share = facts.residents_urban.amount / (facts.residents_urban.amount + facts.residents_rural.amount)
        assert counted(city, here & (workers.place == TOWN)) / counted(city, here) == pytest.approx(share, rel=1e-9)
