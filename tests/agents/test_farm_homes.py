"""The record of farm homes: what villagers live on adds up to what they earn, farms by size to all farms."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.recorder_homes import KINDS, SIZES, SOURCES, add_incomes
from pingliang.agents.workers import OUTSIDE, RURAL, TOWN

from .built import series


def december(model, variable: str, year: int = 2022) -> float:
    rows = series(model)
    return rows[(rows.variable == variable) & (rows.month == year * 100 + 12)].value.sum()


def test_sources_are_counted_once_and_only_for_villagers():
    kind, household = np.array([0, 4], dtype=np.int8), np.array([0, 0, 1, 1])
    place, weight = np.array([RURAL, TOWN, RURAL, OUTSIDE]), np.array([2.0, 5.0, 3.0, 7.0])
    columns = tuple(np.full(4, float(value)) for value in (100, 50, 20, 10, 5, 1, 2, 3))
    persons, sums = np.zeros(len(KINDS)), np.zeros((len(KINDS), len(SOURCES)))
    add_incomes(kind, household, place, weight, columns, persons, sums)
    assert persons.tolist() == [2, 0, 0, 0, 3]
    assert sums[0].tolist() == [200, 60, 40, 20, 10, 12]
    assert sums[4].tolist() == [300, 90, 60, 30, 15, 18]


def test_villagers_of_all_kinds_are_the_villagers_and_their_sources_the_rural_income(two_years):
    rows = series(two_years)
    year = rows[rows.month // 100 == 2022]
    residents = year[year.variable == "residents"].groupby("month").value.sum()
    town = year[year.variable == "urban_residents"].groupby("month").value.sum()
    persons = {kind: december(two_years, f"villagers_{kind}") for kind in KINDS}
    assert sum(persons.values()) == pytest.approx((residents - town).mean(), rel=1e-9)
    wide = year[year.variable.isin(["residents", "urban_residents", "rural_income"])].pivot_table(
        index=["month", "county"], columns="variable", values="value"
    )
    earned = (wide.rural_income * (wide.residents - wide.urban_residents)).sum()
    told = sum(persons[kind] * december(two_years, f"income_{source}_{kind}") for kind in KINDS for source in SOURCES)
    assert told == pytest.approx(earned, rel=1e-9)


def test_who_grows_fruit_lives_on_the_farm_and_who_has_none_on_wages(two_years):
    farm = {kind: december(two_years, f"income_farm_{kind}") for kind in KINDS}
    wages = {kind: december(two_years, f"income_wages_{kind}") for kind in KINDS}
    assert farm["fruit"] > farm["grain_pigs"] > farm["no_farm"]
    assert wages["no_farm"] > wages["fruit"]


def test_farms_by_size_are_all_who_work_land_and_their_land_is_all_land(two_years):
    farms, land = two_years.farms, two_years.land
    mu = farms.level * land.is_land[farms.gate_of // len(two_years.index.counties)]
    counted = sum(december(two_years, f"land_of_size_{k}") for k in range(len(SIZES) + 1))
    assert counted == pytest.approx(mu.sum(), rel=1e-9)
    working = np.bincount(farms.worked_by, mu, minlength=len(farms.cash)) > 0
    number = [december(two_years, f"farms_of_size_{k}") for k in range(len(SIZES) + 1)]
    assert sum(number) == pytest.approx(farms.weight[working].sum())
    for k, upper in enumerate(SIZES):
        assert december(two_years, f"land_of_size_{k}") <= upper * number[k] * (1 + 1e-9)


def test_the_herd_by_cohort_is_the_herd(two_years):
    cohorts = ("cows", "heifers", "calves", "growers", "finishers")
    farms = two_years.farms
    offered = sum(farms.stored[farms.part(a)].sum() for a in farms.herd_activities)  # at the gate, not sold yet
    herd = sum(december(two_years, f"herd_{c}") for c in cohorts)
    assert herd + offered == pytest.approx(december(two_years, "cattle_stock"))
