"""Dwellings of county towns: rents have two sides, floor is finite, prices answer what stands empty."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.housing_loops import OWNS, PUBLIC, RENTS, Papers, look_home, pay_rents, settle_in_town
from pingliang.agents.persons import persons_of
from pingliang.agents.workers import OUTSIDE, RURAL, TOWN

from .built import build, run


@pytest.fixture
def model(config):
    return build(config)


def test_rents_paid_are_rents_received_and_nobody_pays_what_he_has_not(model):
    persons, counties = persons_of(model.workers), len(model.index.counties)
    persons.tenure[persons.place == TOWN] = np.arange((persons.place == TOWN).sum()) % 3
    persons.cash[::5] = 3.0
    before = persons.cash.copy()
    due = np.tile([0.0, 400.0, 150.0], (counties, 1))
    lettings = pay_rents(persons, due)
    weight = persons.weight
    private, public = (weight * persons.rent_paid)[persons.tenure == RENTS].sum(), lettings.paid[:, PUBLIC].sum()
    assert (weight * persons.rent_income).sum() == pytest.approx(private)
    assert public == pytest.approx((weight * persons.rent_paid)[persons.tenure == PUBLIC].sum())
    assert public > 0
    np.testing.assert_allclose(persons.cash, before - persons.rent_paid + persons.rent_income)
    assert (persons.rent_paid <= np.maximum(before, 0)).all()
    assert (persons.rent_paid[(persons.place != TOWN) | (persons.tenure == OWNS)] == 0).all()
    np.testing.assert_allclose(lettings.people.sum(), weight[persons.place == TOWN].sum())


def test_a_full_town_lets_nobody_in(config):
    model = build(config)
    model.step()
    model.housing.floor[:] = 0.5 * model.housing.people.sum(axis=1) * model.housing.used_per_head
    model.housing.rules = model.housing.rules.model_copy(
        update={"building_limit": model.housing.rules.building_limit.model_copy(update={"value": 1e9})}
    )
    run(model, 2)
    assert model.people_flows["town_in"].sum() == 0
    assert model.people_flows["departures"].sum() > 0


def test_rent_rises_where_little_stands_empty(config):
    free, tight = build(config), build(config)
    tight.housing.floor *= 0.92
    for one in (free, tight):
        run(one, 3)
    assert (tight.housing.rent > free.housing.rent).all()
    assert (tight.housing.build_share >= free.housing.build_share).all()


def test_public_flats_find_tenants_and_pay_the_county(config):
    model = build(config)
    model.housing.add_public_flats(np.full(len(model.index.counties), 400.0))
    run(model, 4)
    assert model.housing.people[:, PUBLIC].sum() > 0
    rents = sum(government.account.flows["rents"] for government in model.governments)
    assert rents == pytest.approx(model.housing.let[:, PUBLIC].sum())
    assert rents > 0
    flats = model.housing.public.sum() / model.housing.used_per_head.min()
    assert model.housing.people[:, PUBLIC].sum() <= flats + 5 * model.workers.weight.max()


def papers(**changes):
    chances = {"convert": 0.0, "permit": 0.0, "buy": 0.0, "land_kept": 1.0, "public": np.zeros(7)}
    return Papers(**(chances | changes), **{f"{act}ing": np.uint64(k) for k, act in enumerate(("convert", "ask"))},
                  buying=np.uint64(5), land=np.uint64(6), moving=np.uint64(7))  # fmt: skip


@pytest.mark.parametrize("act", ["convert", "permit", "buy"])
def test_each_act_moves_its_own_column(model, act):
    persons = persons_of(model.workers)
    columns = {"convert": persons.hukou_urban, "permit": persons.permit, "buy": persons.tenure}
    persons.tenure[persons.place == TOWN] = RENTS
    before = {name: column.copy() for name, column in columns.items()}
    farms = persons.farm.copy()
    settle_in_town(persons, papers(**{act: 0.5}), 60.0)
    for name, column in columns.items():
        changed = column != before[name]
        assert changed.any() == (name == act)
        assert (persons.place[changed] == TOWN).all()
    np.testing.assert_array_equal(persons.farm, farms)


def test_land_is_lost_with_conversion_only_if_it_may_be(model):
    persons = persons_of(model.workers)
    rural = np.flatnonzero((persons.place == TOWN) & (persons.hukou_urban == 0) & (persons.age < 60))
    persons.farm[rural] = 0
    settle_in_town(persons, papers(convert=1.0, land_kept=0.5), 60.0)
    kept = (persons.farm[rural] == 0).mean()
    assert 0.3 < kept < 0.7
    assert (persons.hukou_urban[rural] == 1).all()


def test_look_home_finds_children_place_and_farm(model):
    persons = persons_of(model.workers)
    away = np.flatnonzero(persons.place == OUTSIDE)[:50].astype(np.int32)
    child, home, farm = look_home(persons, away, int(persons.household.max()) + 1)
    for n, row in enumerate(away):
        members = (persons.household == persons.household[row]) & (persons.place != OUTSIDE)
        pupils = members & (persons.place == RURAL) & (persons.age >= 6) & (persons.age < 18)
        assert child[n] == pupils.any()
        assert (home[n] == -1) == (not members.any())
        if members.any():
            assert farm[n] == persons.farm[members].max()
