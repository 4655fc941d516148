"""Family moves: partner and children go along unless a job holds the partner, and families find a dwelling together."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents import moving
from pingliang.agents.family_moves import Families, find_families
from pingliang.agents.persons import Persons
from pingliang.agents.workers import COLUMNS, OUTSIDE, RURAL, TOWN

from .built import build, run, series
from .test_model_extremes import set_to

FATHER, MOTHER, UNCLE, SON, DAUGHTER, GRANDMOTHER, NEIGHBOUR = range(7)
ALWAYS = Families(1.0, 10.0, np.uint64(3))


def family(**changed: list) -> Persons:
    """Return a household of six in a village, the mother nearer the father's age than the aunt, and a neighbour."""
    columns = {name: np.zeros(7, COLUMNS[name][0]) for name in Persons._fields if name in COLUMNS}
    columns |= {
        "age": np.array([40.0, 38.0, 36.0, 15.0, 3.0, 70.0, 5.0]),
        "sex": np.array([0, 1, 0, 0, 1, 1, 1], np.int8),
        "household": np.array([2, 2, 2, 2, 2, 2, 9], np.int32),
        "employer": np.full(7, -1, np.int32),
    }
    columns |= {name: np.asarray(values, COLUMNS[name][0]) for name, values in changed.items()}
    return Persons(np.arange(1, 8, dtype=np.uint64), np.ones(7, bool), np.ones(7), **columns)


def along(persons: Persons, movers: list[int], rules: Families = ALWAYS) -> dict[int, int]:
    rows = np.array(movers, np.int32)
    found, mover = find_families(persons, rows, np.ones(len(rows), bool), rules, 10)
    return {int(row): int(rows[n]) for row, n in zip(found, mover, strict=True)}


def test_partner_and_children_follow_the_mover():
    assert along(family(), [FATHER]) == {MOTHER: FATHER, SON: FATHER, DAUGHTER: FATHER}


def test_a_partner_with_a_job_holds_the_children_back():
    assert along(family(employer=[-1, 4, -1, -1, -1, -1, -1]), [FATHER]) == {}


def test_without_a_partner_the_children_follow():
    assert along(family(sex=[0, 0, 0, 0, 1, 1, 1]), [FATHER]) == {SON: FATHER, DAUGHTER: FATHER}


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({"place": [0, 0, 0, TOWN, 0, 0, 0]}, SON),
        ({"county": [0, 0, 0, 0, 1, 0, 0]}, DAUGHTER),
        ({"age": [40, 55, 36, 15, 3, 70, 5]}, MOTHER),
        ({"age": [40, 38, 36, 16, 3, 70, 5]}, SON),
    ],
)
def test_who_lives_elsewhere_is_grown_or_too_far_in_age_stays(change, stays):
    found = along(family(**change), [FATHER])
    assert stays not in found
    assert len(found) == 2


def test_nobody_follows_who_does_not_move_or_goes_alone():
    persons, rows = family(), np.array([FATHER], np.int32)
    assert len(find_families(persons, rows, np.zeros(1, bool), ALWAYS, 10)[0]) == 0
    assert along(persons, [FATHER], Families(0.0, 10.0, np.uint64(3))) == {}


def test_children_follow_one_mover_of_the_household_and_who_decides_alone_follows_nobody():
    found = along(family(), [UNCLE, FATHER])
    assert set(found.values()) == {FATHER}  # the lower key
    assert UNCLE not in found
    assert along(family(), [FATHER, MOTHER]).keys() == {SON, DAUGHTER}


@pytest.fixture
def families_only(config):
    """Everyone weighs a move, and who moves takes the family along."""
    asked = set_to(set_to(config, "migration.consideration_rate", 0.3), "migration.family_share", 1.0)
    return run(build(asked), 3)


def test_children_leave_the_city_with_a_grown_member_and_do_not_work(families_only):
    workers = families_only.workers
    child = workers.alive & (workers.age < 15.5)
    away = np.flatnonzero(child & (workers.place == OUTSIDE))
    assert len(away) > 3
    grown = workers.alive & (workers.age >= 16) & (workers.place == OUTSIDE)
    with_adult = np.isin(workers.household[away], workers.household[grown])
    assert with_adult.mean() > 0.9  # a parent may have moved on since
    assert not workers.participates[child].any()


def test_children_who_come_back_are_no_workers(config):
    workers = build(config).workers
    child = np.flatnonzero((workers.age > 5) & (workers.age < 14))[:1]
    grown = np.flatnonzero((workers.place == OUTSIDE) & (workers.age > 20) & (workers.age < 50))[:1]
    rows = np.r_[child, grown]
    workers.place[rows], workers.participates[rows] = OUTSIDE, 0
    homes = moving.Homes(np.zeros(2, bool), np.zeros(2, np.int8), np.full(2, 1, np.int32))
    moving._move(workers, rows, np.full(2, moving.BACK), homes, 1)
    assert (workers.place[rows] == RURAL).all()
    assert workers.participates[rows].tolist() == [0, 1]


def test_when_nobody_takes_the_family_no_child_moves(config):
    asked = set_to(set_to(config, "migration.consideration_rate", 0.3), "migration.family_share", 0.0)
    workers = run(build(asked), 3).workers
    assert not (workers.alive & (workers.age < 16) & (workers.place == OUTSIDE)).any()


def test_families_are_let_in_whole_or_not_at_all(families_only):
    """The first of three finds room for all; of the second only one would, so nobody of it enters, nor later ones."""
    workers = families_only.workers
    rows = np.argsort(workers.key)[:6].astype(np.int32)
    weight = float(workers.weight[rows].max())
    lead = np.array([0, 1, 2, 0, 1, 1])
    choice = np.zeros(6, dtype=np.int64)
    moving._find_dwellings(workers, rows, choice, lead, np.array([3.2 * weight]))
    assert choice[[0, 3]].tolist() == [0, 0]
    assert (choice[[1, 4, 5, 2]] == moving.STAY).all()


def test_moves_recorded_are_persons_moved(families_only):
    rows = series(families_only).pivot_table(index="month", columns="variable", values="value", aggfunc="sum")
    change = rows["residents"].diff().iloc[1:]
    flows = (rows["births"] - rows["deaths"] + rows["arrivals"] - rows["departures"]).iloc[1:]
    np.testing.assert_allclose(change, flows, atol=1e-3)
