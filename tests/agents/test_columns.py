"""Tables of columns: adding, removing, compacting, references, and values that do not fit."""

import copy
import pickle

import numpy as np
import pytest

from pingliang.agents.columns import Column, Table

COLUMNS = {
    "age": Column(np.int16, 0, "age", "yr"),
    "cash": ("f8", 0.0, "money", "CNY"),
    "employer": Column(np.int32, -1, "row of the firm"),
}


def make(n=5, **values):
    table = Table(COLUMNS, references={"employer": "Firm"})
    values.setdefault("age", np.arange(n) * 10)
    table.add(n, key=np.arange(100, 100 + n), **values)
    return table


def test_new_rows_take_values_and_defaults():
    table = make(3)
    assert len(table) == 3
    assert table["age"].tolist() == [0, 10, 20]
    assert table["employer"].tolist() == [-1, -1, -1]
    assert table["weight"].tolist() == [1, 1, 1]
    assert table["unique_id"].tolist() == [1, 2, 3]
    assert table["key"].dtype == np.uint64
    assert table.columns["cash"].unit == "CNY"


def test_adding_grows_and_keeps_what_was_there():
    table = make(2)
    for n in range(1, 40):
        rows = table.add(n, key=np.arange(n) + 1000 * n, age=n)
        assert rows.tolist() == list(range(table.size - n, table.size))
    assert table["age"][:3].tolist() == [0, 10, 1]
    assert (np.diff(table["unique_id"]) > 0).all()
    assert table.capacity >= table.size == len(table)


def test_whole_columns_are_live():
    table = make()
    table["age"] += 1
    table["age"][[0, 1]] = 7
    table["cash"] = 2.5
    assert table["age"].tolist() == [7, 7, 21, 31, 41]
    assert table["cash"].sum() == 12.5
    table["age"] = table["age"][::-1]
    assert table["age"].tolist() == [41, 31, 21, 7, 7]


def test_removed_rows_are_neutral_and_not_counted():
    table = make(cash=[1.0, 2.0, 3.0, 4.0, 5.0], employer=3)
    table.remove([1, 3])
    assert len(table) == 3
    assert table.rows.tolist() == [0, 2, 4]
    assert table.alive.tolist() == [True, False, True, False, True]
    assert table["weight"].sum() == 3
    assert table["cash"].sum() == 9
    assert table["employer"].tolist() == [3, -1, 3, -1, 3]
    table.remove(np.array([True, False, False, False, False]))
    assert table.rows.tolist() == [2, 4]


@pytest.mark.parametrize("rows", [1, [5], [-1], [0, 1]])
def test_removing_who_is_not_there_is_refused(rows):
    table = make()
    table.remove(1)
    with pytest.raises(IndexError, match="no living agents"):
        table.remove(rows)
    assert len(table) == 4


def test_compact_keeps_order_ids_and_keys_and_maps_rows():
    table = make(6)
    table.remove([0, 3])
    assert table.compact().tolist() == [-1, 0, 1, -1, 2, 3]
    assert table.size == len(table) == 4
    assert table["age"].tolist() == [10, 20, 40, 50]
    assert table["unique_id"].tolist() == [2, 3, 5, 6]
    assert table["key"].tolist() == [101, 102, 104, 105]
    assert table.rows_of([2, 3, 4, 6]).tolist() == [0, 1, -1, 3]
    assert table.compact().tolist() == [0, 1, 2, 3]
    assert table.add(1, key=9).tolist() == [4]
    assert table["unique_id"][-1] == 7


def test_ids_are_not_used_twice_even_after_the_last_row_left():
    table = make(3)
    table.remove(2)
    with pytest.raises(ValueError, match="ascending numbers above 3"):
        table.add(1, key=9, ids=[3])


def test_compact_of_an_empty_table():
    assert Table(COLUMNS).compact().tolist() == []
    assert Table(COLUMNS).rows_of([1]).tolist() == [-1]


def test_references_follow_moved_rows():
    firms = Table({})
    firms.add(4, key=np.arange(4))
    workers = make(employer=[0, 2, -1, 3, 2])
    firms.remove(0)
    workers.remove(0)
    workers.renumber("employer", firms.compact())
    assert workers["employer"].tolist() == [-1, 1, -1, 2, 1]


def test_a_reference_to_a_removed_row_is_an_error():
    firms = Table({})
    firms.add(2, key=[1, 2])
    workers = make(employer=[0, 1, 1, -1, 0])
    firms.remove(1)
    with pytest.raises(ValueError, match="2 rows of 'employer' point to a removed Firm"):
        workers.renumber("employer", firms.compact())


@pytest.mark.parametrize(
    ("name", "value", "error", "says"),
    [
        ("age", 1.5, TypeError, "'age' holds int16, got float64"),
        ("age", 40_000, OverflowError, "'age' \\(int16\\) cannot hold 40000"),
        ("age", np.full(5, -40_000), OverflowError, "cannot hold"),
        ("cash", "much", TypeError, "'cash' holds float64"),
        ("wage", 1, KeyError, "no column 'wage'"),
        ("csah", 1, KeyError, "did you mean 'cash'"),
        ("key", 1, TypeError, "cannot be changed"),
        ("unique_id", 1, TypeError, "cannot be changed"),
    ],
)
def test_values_that_do_not_fit_are_refused(name, value, error, says):
    table = make()
    with pytest.raises(error, match=says):
        table[name] = value
    assert table["age"].tolist() == [0, 10, 20, 30, 40]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"age": [1, 2]}, ValueError),
        ({"agee": 1}, KeyError),
        ({"ids": [3, 2, 1]}, ValueError),
        ({"age": 0.5}, TypeError),
    ],
)
def test_a_refused_addition_changes_nothing(values, error):
    table = make(2)
    with pytest.raises(error):
        table.add(3, key=[7, 8, 9], **values)
    assert table.size == 2
    assert table.add(1, key=3).tolist() == [2]


def test_identity_columns_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        make()["key"][0] = 5


@pytest.mark.parametrize("name", ["key", "weight", "unique_id", "_age", "two words"])
def test_reserved_or_unusable_names_are_refused(name):
    with pytest.raises(ValueError, match="choose a plain name"):
        Table({name: Column("f8")})


@pytest.mark.parametrize("columns", [{}, {"employer": Column("f8", -1)}, {"employer": Column("i4", 0)}])
def test_references_must_be_able_to_say_none(columns):
    with pytest.raises(ValueError, match="reference 'employer' must be a declared column"):
        Table(columns, references={"employer": "Firm"})


def test_wide_columns_hold_a_row_of_numbers_per_agent():
    table = Table({"area": Column("f8", 0.0, "land by use", "mu", width=3)})
    table.add(2, key=[1, 2], area=[[1, 2, 3], [4, 5, 6]])
    table.add(3, key=[3, 4, 5])
    assert table["area"].shape == (5, 3)
    assert table["area"].sum(axis=0).tolist() == [5, 7, 9]
    table.remove(0)
    table.compact()
    assert table["area"].tolist() == [[4, 5, 6], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match=r"expected \(3, 3\) values, got \(3,\)"):
        table.add(3, key=[7, 8, 9], area=[1, 2, 3])


def test_repeated_keys_are_found():
    table = make(3)
    assert table.repeated_keys().size == 0
    table.add(2, key=[101, 7])
    assert table.repeated_keys().tolist() == [101]
    table.remove(1)
    assert table.repeated_keys().size == 0


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda table: pickle.loads(pickle.dumps(table))], ids=["copy", "pickle"]
)
def test_a_table_can_be_copied_and_pickled(again):
    table = make()
    table.remove(2)
    twin = again(table)
    table["age"] = 0
    assert twin["age"].tolist() == [0, 10, 0, 30, 40]
    assert twin.rows.tolist() == [0, 1, 3, 4]
    assert twin.references == {"employer": "Firm"}


def test_a_million_rows_come_and_go():
    table = Table(COLUMNS, capacity=1_000_000)
    table.add(1_000_000, key=np.arange(1_000_000), age=np.arange(1_000_000) % 90)
    table.remove(table["age"] >= 80)
    row_map = table.compact()
    assert len(table) == (row_map >= 0).sum() < 1_000_000
    assert table["age"].max() == 79
