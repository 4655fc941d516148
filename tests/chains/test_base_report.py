"""What ``pingliang base`` prints: observed rows within tolerance, derived rows without one, all of it JSON."""

import json

import pytest

from pingliang.chains.base_report import base_report, base_table
from pingliang.chains.base_rows import sampling_interval


@pytest.fixture(scope="module")
def report(config):
    return base_report(config)


def test_it_is_json(report):
    json.dumps(report, allow_nan=False)


def test_observed_rows_carry_a_tolerance_and_keep_it(report):
    observed = [row for row in report["rows"] if row["status"] == "observed"]
    assert len(observed) >= 4 + 2 + 19
    for row in observed:
        assert abs(row["deviation"]) <= row["tolerance"], row["item_en"]


def test_derived_rows_carry_none(report):
    for row in report["rows"]:
        assert row["status"] in {"observed", "derived"}
        assert (row["tolerance"] is None) == (row["status"] == "derived")
        assert row["item_zh"]
        assert row["item_en"]
        assert row["unit"]
        assert row["source"]


def test_items_are_named_once(report):
    names = [row["item_en"] for row in report["rows"]]
    assert len(names) == len(set(names))


def test_derived_levels_of_farms_are_near_what_2022_implies(report):
    rows = {row["item_en"]: row for row in report["rows"]}
    assert rows["gross farm output"]["modelled"] == pytest.approx(185e8, rel=0.1)
    assert rows["apples at the farm gate"]["modelled"] == pytest.approx(74e8, rel=0.1)
    assert 35e8 < rows["cattle at the farm gate"]["modelled"] < 46e8
    assert rows["cattle raised"]["modelled"] == pytest.approx(85e4, rel=0.02)


def test_employment_comes_with_its_sampling_interval(report):
    rows = [row for row in report["rows"] if row["item_en"].startswith("employed, ")]
    assert len(rows) >= 18
    for row in rows:
        low, high = row["interval"]
        assert low < row["reference"] < high
    small, large = (min(rows, key=lambda row: row["reference"]), max(rows, key=lambda row: row["reference"]))
    assert _width(small) > _width(large)


def _width(row):
    return (row["interval"][1] - row["interval"][0]) / row["reference"]


def test_a_full_count_has_no_sampling_error():
    assert sampling_interval(100.0, 1000.0, 1.0) == (100.0, 100.0)


def test_the_plan_ledger_stands_beside_targets_and_ceilings(config, report):
    rows = {row["chain"]: row for row in report["plan_ledger"]}
    assert len(rows) == 9
    assert rows["coal"]["target_output"] == pytest.approx(550e8)
    assert sum(row["target_value_added"] for row in rows.values()) == pytest.approx(806e8)
    for row in rows.values():
        assert row["own_output"] <= row["plan_output"] <= row["ceiling_output"]
        assert 0 < row["local_input_share"] < 1
    overlap = report["overlap"]
    assert overlap["union"] == pytest.approx(overlap["plan_value_added"] - overlap["overlap"])
    assert overlap["union"] < overlap["gdp"] < overlap["targets"]


def test_implied_unit_values(report):
    rows = {row["item_en"]: row for row in report["implied"]}
    apples = rows["apples per mu of orchard"]
    assert apples["target"] == pytest.approx(1855, abs=2)
    assert apples["observed_2022"] == pytest.approx(1246, abs=1)
    assert rows["cattle plan output per head raised"]["target"] == pytest.approx(22330, abs=1)


def test_measured_totals_take_the_place_of_the_accounts(config):
    rows = {row["item_en"]: row for row in base_table(config, measured={"residents": 1848607 * 1.01})}
    assert rows["residents"]["deviation"] == pytest.approx(0.01)
    assert rows["GDP"]["deviation"] == pytest.approx(0.0, abs=1e-9)
