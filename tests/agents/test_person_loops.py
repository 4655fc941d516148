"""Compiled loops over persons decide what the plain rule says, on columns made for the test."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.audit_loops import checksum, count_posts, residents_by_county, weighted_sums
from pingliang.agents.household_loops import Due, Wants, budgets, count_heads, pay_members, pool, spend
from pingliang.agents.labour_loops import (
    LAST_FARM_AGE,
    Leaving,
    count_employed,
    leave_work,
    rows_of_firms,
    take_lowest,
)
from pingliang.agents.people_loops import (
    Chances,
    Occasions,
    count_hands,
    live_a_month,
    members_of,
    places_of_ranks,
)
from pingliang.agents.persons import Persons, persons_of
from pingliang.agents.randomness import Streams
from pingliang.agents.workers import COLUMNS, FEMALE, OUTSIDE, TOWN

from .built import build

ROWS, FIRMS, FARMS, HOUSEHOLDS, COUNTIES = 4000, 60, 90, 900, 7


@pytest.fixture
def chance():
    return np.random.default_rng(5)


@pytest.fixture
def persons(chance):
    """Persons of all kinds, some without household, farm or job, none with a job elsewhere."""
    whole = {"sex": 2, "county": COUNTIES, "place": 3, "hukou_urban": 2, "education": 4, "participates": 2}
    columns = {
        name: np.asarray(
            chance.integers(0, whole[name], ROWS) if name in whole else np.zeros(ROWS), dtype=COLUMNS[name][0]
        )
        for name in Persons._fields
        if name in COLUMNS
    }
    columns["age"] = chance.uniform(0, 100, ROWS)
    for name in ("cash", "debt", "income"):
        columns[name] = chance.uniform(-10, 5000, ROWS)
    for name, count in (("household", HOUSEHOLDS), ("farm", FARMS), ("employer", FIRMS)):
        columns[name] = chance.integers(-1, count, ROWS).astype(np.int32)
    columns["employer"][columns["place"] == OUTSIDE] = -1
    key, alive = chance.integers(0, 2**63, ROWS).astype(np.uint64), np.ones(ROWS, dtype=bool)
    for column in (key, alive):  # as in a model: loops are then compiled once for both
        column.flags.writeable = False
    return Persons(key=key, alive=alive, weight=chance.uniform(0.5, 2.0, ROWS), **columns)


def test_columns_given_to_loops_are_the_live_ones(config):
    model = build(config)
    persons = persons_of(model.workers)
    for name in Persons._fields:
        assert np.shares_memory(getattr(persons, name), getattr(model.workers, name)), name


@pytest.mark.parametrize("firms", [3, 400])
def test_each_firm_takes_the_lowest_and_ties_go_by_key(chance, firms):
    at, key = chance.integers(0, firms, 3000), chance.permutation(3000).astype(np.uint64)
    score, wanted = chance.integers(0, 9, 3000) / 8, chance.integers(0, 12, firms)
    order = np.lexsort((key, score, at))
    rank = np.empty(3000, dtype=int)
    rank[order] = np.arange(3000) - np.searchsorted(at[order], at[order])
    np.testing.assert_array_equal(take_lowest(at, score, key, wanted), rank < wanted[at])


def test_rows_of_firms_are_counted_and_found(persons):
    rows = np.zeros(FIRMS, dtype=np.int32)
    count_employed(persons.employer, rows)
    np.testing.assert_array_equal(rows, np.bincount(persons.employer + 1, minlength=FIRMS + 1)[1:])
    wanted = np.arange(FIRMS) % 3
    found = rows_of_firms(persons.employer, rows, wanted)
    np.testing.assert_array_equal(found, np.flatnonzero((persons.employer >= 0) & (wanted[persons.employer] > 0)))


def test_wishes_are_those_paid_when_all_is_served(persons):
    wants = Wants(*(np.array([a, b, 0.0]) for a, b in ((0.9, 0.7), (0.01, 0.01), (0.1, 0.1))))
    before = persons.cash.copy()
    wanted = budgets(persons, wants, COUNTIES)
    spend(persons, wants, np.ones((2, COUNTIES, 3)))
    for kind, column in enumerate((persons.consumption, persons.housing)):
        paid = np.zeros((COUNTIES, 3))
        np.add.at(paid, (persons.county, persons.place), persons.weight * column)
        np.testing.assert_allclose(wanted[kind], paid, rtol=1e-12)
    np.testing.assert_allclose(before - persons.cash, persons.consumption + persons.housing, atol=1e-9)
    assert (persons.consumption[(persons.place == OUTSIDE) | (before <= 0)] == 0).all()
    assert (persons.cash >= np.minimum(before, 0) - 1e-9).all()


def test_members_are_paid_what_falls_due_and_pooling_creates_nothing(persons, chance):
    pay = np.array([0.6, 0.8, 1.0, 1.4]) * chance.uniform(1, 1.5, FIRMS + 1)[:, None]
    staff, hands, home, away = count_heads(persons, FIRMS, FARMS, HOUSEHOLDS, pay)
    resident = persons.place != OUTSIDE
    units = persons.weight * pay[persons.employer + 1, persons.education]
    np.testing.assert_allclose(staff[1:].sum(), units[persons.employer >= 0].sum())
    np.testing.assert_allclose(hands[1:].sum(), persons.weight[(persons.farm >= 0) & resident].sum())
    np.testing.assert_allclose(home.sum(), persons.weight[resident].sum())
    abroad = ~resident & (persons.age >= 16) & (persons.age < 65)
    np.testing.assert_allclose(away.sum(), persons.weight[abroad].sum())
    sent = np.r_[0.0, chance.uniform(0, 50, HOUSEHOLDS)]
    owner = np.sort(chance.choice(ROWS, 30, replace=False))
    due = Due(
        wage=np.r_[0.0, chance.uniform(1000, 5000, FIRMS)],
        drawing=np.r_[0.0, chance.uniform(0, 900, FARMS)],
        remittance=sent,
        benefit=np.array([[200.0, 200.0], [200.0, 900.0], [0.0, 0.0]]),
        pension_age=60.0,
        pay=pay,
        deposit=np.array([0.001, 0.001, 0.0]),
        loan=np.array([0.004, 0.004, 0.0]),
        owner=owner,
        own_work=np.full(30, 70.0),
        dividend=np.full(30, 30.0),
    )
    before = persons.cash.copy()
    benefits, remitted, interest, money, income = pay_members(persons, due, COUNTIES)
    np.testing.assert_allclose(persons.wage_income, units / persons.weight * due.wage[persons.employer + 1])
    np.testing.assert_array_equal(persons.dividend_income > 0, np.isin(np.arange(ROWS), owner))
    total = sum(getattr(persons, name) for name in Persons._fields if name.endswith("_income"))
    np.testing.assert_allclose(persons.cash - before, total, atol=1e-8)
    old = resident & (persons.age >= 60)
    benefit = due.benefit[persons.place, persons.hukou_urban]
    np.testing.assert_allclose(benefits.sum(), (persons.weight * benefit)[old].sum())
    np.testing.assert_allclose(remitted, (persons.weight * sent[persons.household + 1])[resident].sum())
    np.testing.assert_allclose(interest, (persons.weight * persons.interest_income).sum())
    np.testing.assert_allclose(income.sum(), (persons.weight * total)[resident].sum())
    held, smoothed = float((persons.weight * persons.cash).sum()), persons.income.copy()
    pool(persons, home, money, income, 0.25)
    assert (persons.weight * persons.cash).sum() == pytest.approx(held)
    together = np.flatnonzero(resident & (persons.household == persons.household[np.flatnonzero(resident)[0]]))
    assert np.ptp(persons.cash[together]) < 1e-8
    np.testing.assert_allclose(persons.income[~resident], 0.75 * smoothed[~resident])


def test_a_month_of_life_is_drawn_as_the_streams_draw(persons):
    streams, month = Streams(3), 5
    ages = np.arange(111)
    chances = Chances(
        death=np.stack([0.0005 * np.exp(ages / 20), 0.0004 * np.exp(ages / 20)]),
        birth=np.where((ages >= 20) & (ages < 40), 0.05, 0.0),
        leaves_school=np.array([16.0, 16.0, 19.0, 22.0]),
        attains=np.array([0.3, 0.55]),
        participation=0.9,
        think=0.02,
        peak=25.0,
        decay=12.0,
        push=2.0,
    )
    names = ("people.death", "people.birth", "people.schooling", "migration.think")
    occasions = Occasions(*(streams.occasion(name, 0 if "school" in name else month) for name in names))
    age, resident = persons.age + 1 / 12, persons.place != OUTSIDE
    schooled = persons.participates.copy()
    dead, mothers, thinking = live_a_month(persons, chances, occasions)
    year = np.minimum(age.astype(int), 110)
    draw = {name: streams.uniform(name, persons.key, month) for name in names}
    dies = draw["people.death"] < chances.death[persons.sex, year]
    np.testing.assert_array_equal(dead, np.flatnonzero(dies))
    fertile = ~dies & (persons.sex == FEMALE) & resident
    np.testing.assert_array_equal(mothers, np.flatnonzero(fertile & (draw["people.birth"] < chances.birth[year])))
    idle = resident & (persons.participates == 1) & (persons.employer < 0)
    factor = np.exp(-np.maximum(age - 25, 0) / 12)
    risk = 0.02 * factor * np.where(idle & (persons.farm < 0), 2.0, 1.0) * ((age >= 16) & (age < 65))
    np.testing.assert_array_equal(thinking, np.flatnonzero(~dies & (draw["migration.think"] < risk)))
    left_school = persons.participates != schooled
    assert ((age[left_school] > 16 - 1e-5) & (age[left_school] < 22 + 1 / 12)).all()


def test_hands_are_counted_by_county(persons):
    free = (persons.place != OUTSIDE) & (persons.participates == 1) & (persons.employer < 0)
    for counted, mask in zip(count_hands(persons, COUNTIES), (persons.farm < 0, persons.farm >= 0), strict=True):
        np.testing.assert_allclose(counted, np.bincount(persons.county, persons.weight * (free & mask), COUNTIES))


def test_work_is_left_and_sought_as_the_streams_draw(persons):
    streams, month, pension = Streams(3), 5, np.array([60.0, 55.0])
    employer, participates = persons.employer.copy(), persons.participates.copy()
    rows = np.bincount(employer[employer >= 0], minlength=FIRMS)
    searching = np.array([streams.occasion("labour.search", month, k=k) for k in range(3)])
    rules = Leaving(pension, 0.05, 0.1, 0.2, streams.occasion("labour.quit", month), searching)
    retired, quits, idle, looking = leave_work(persons, rows, rules)
    retires = (participates == 1) & (persons.age >= pension[persons.sex]) & ((employer >= 0) | (persons.farm < 0))
    retires |= (participates == 1) & (persons.age >= LAST_FARM_AGE)
    quitting = (employer >= 0) & ~retires & (streams.uniform("labour.quit", persons.key, month) < 0.05)
    np.testing.assert_allclose([retired, quits], [persons.weight[retires].sum(), persons.weight[quitting].sum()])
    stays = (employer >= 0) & ~retires & ~quitting
    np.testing.assert_array_equal(persons.employer, np.where(stays, employer, -1))
    np.testing.assert_array_equal(rows, np.bincount(employer[stays], minlength=FIRMS))
    draws = np.stack([streams.uniform("labour.search", persons.key, month, k=k) for k in range(3)])
    np.testing.assert_array_equal(looking, np.flatnonzero(stays & (draws[0] < 0.1)))
    wants = ~stays & (persons.participates == 1) & (persons.place != OUTSIDE)
    np.testing.assert_array_equal(idle, np.flatnonzero(wants & ((persons.farm < 0) | (draws.min(axis=0) < 0.2))))


def test_ranks_are_found_as_a_sort_finds_them(chance):
    keys, ranks = chance.integers(0, 2**64, 5000, dtype=np.uint64), chance.integers(0, 5000, 40)
    np.testing.assert_array_equal(places_of_ranks(keys, ranks), np.argsort(keys)[ranks])
    together = np.arange(5000, dtype=np.uint64)[::-1].copy()  # all in one drawer
    np.testing.assert_array_equal(places_of_ranks(together, ranks), np.argsort(together)[ranks])


def test_the_audit_sums_and_counts_persons(persons):
    sums = weighted_sums(persons.weight, (persons.cash, persons.debt))
    np.testing.assert_allclose(sums, [(persons.weight * column).sum() for column in (persons.cash, persons.debt)])
    home = persons.place != OUTSIDE
    found = residents_by_county(persons.county, persons.place, persons.alive, persons.weight, COUNTIES)
    for counted, mask in zip(found, (home, persons.place == TOWN), strict=True):
        np.testing.assert_allclose(counted, np.bincount(persons.county[mask], persons.weight[mask], COUNTIES))
    persons.employer[np.flatnonzero(~home)[:5]] = 3
    counted, wrong = count_posts(persons.employer, persons.place, persons.alive, FIRMS)
    np.testing.assert_array_equal(counted, np.bincount(persons.employer + 1, minlength=FIRMS + 1)[1:])
    assert wrong == 5


@pytest.mark.parametrize("kind", [np.float64, np.int32, np.int8])
def test_a_checksum_sees_every_changed_cell_and_every_exchange(chance, kind):
    column = chance.integers(0, 100, 1003).astype(kind)
    seen = {checksum(column)}
    for at in range(0, 1003, 17):
        other = column.copy()
        other[at] += 1
        seen.add(checksum(other))
        other = column.copy()
        other[[at, at - 1]] = column[[at - 1, at]]
        if (other != column).any():
            assert checksum(other) not in seen
        other = column.copy()
        other[[at, at - 1]] += np.array([1, -1], dtype=kind)  # one leaves, another comes
        assert checksum(other) != checksum(column)
    assert len(seen) == 1 + len(range(0, 1003, 17))


def test_members_of_a_household_are_found(persons):
    rows = np.array([3, 8, 500], dtype=np.int32)
    homes = persons.household[rows]
    expected = np.flatnonzero(np.isin(persons.household, homes[homes >= 0]))
    np.testing.assert_array_equal(members_of(persons.household, rows, HOUSEHOLDS), expected)
