from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from scipy import stats

from pingliang.analysis import brief, paired
from pingliang.analysis.brief import write_brief
from pingliang.analysis.compare_report import write_comparison
from pingliang.analysis.comparison import Comparison, headline_rows
from pingliang.analysis.effects import cost_table, ranking_table, target_chances
from pingliang.analysis.results import IncompleteResults


@pytest.fixture(scope="module")
def comparison(folder: Path) -> Comparison:
    return Comparison([folder], config=synthetic.config())


def test_differences_are_those_of_pairs(comparison: Comparison) -> None:
    table = paired.paired_table(comparison, headline_rows(comparison.values)).set_index("indicator")
    wide = comparison.values[headline_rows(comparison.values)].pivot(
        index=["indicator", "replicate"], columns="side", values="value"
    )
    for indicator in ("gdp", "chain_jobs"):
        runs = wide.loc[indicator]
        expected = stats.ttest_rel(runs["plan"], runs["baseline"])
        low, high = expected.confidence_interval(0.95)
        row = table.loc[indicator]
        assert [row["mean"], row["low"], row["high"], row["p"]] == pytest.approx(
            [(runs["plan"] - runs["baseline"]).mean(), low, high, expected.pvalue]
        )
        apart = runs["plan"].var() + runs["baseline"].var()
        assert row["variance_saved"] == pytest.approx(1 - (runs["plan"] - runs["baseline"]).var() / apart)


def test_holm_adjusts_by_steps() -> None:
    p = np.array([0.01, 0.04, 0.03, np.nan, 0.5])
    assert paired.holm(p).tolist() == pytest.approx([0.04, 0.09, 0.09, np.nan, 0.5], nan_ok=True)


def test_no_difference_at_all_is_no_finding() -> None:
    same = paired.paired(np.full(5, 3.0), np.full(5, 3.0))
    assert (same["mean"], same["low"], same["high"], same["p"]) == (0.0, 0.0, 0.0, 1.0)


def test_one_pair_has_neither_interval_nor_test() -> None:
    alone = paired.paired(np.array([2.0]), np.array([1.0]))
    assert alone["mean"] == 1.0
    assert np.isnan([alone["low"], alone["p"], alone["median_low"]]).all()


def test_chance_of_a_target_is_never_certain_from_ten_runs() -> None:
    share, low, high = paired.chance(10, 10)
    assert (share, high) == (1.0, 1.0)
    assert 0.7 < low < 0.75


def test_the_scenario_that_meets_more_targets_ranks_first(comparison: Comparison) -> None:
    table = ranking_table(comparison)
    assert table["met"].is_monotonic_decreasing
    assert set(table["side"]) == {"baseline", "plan"}


def test_targets_beyond_the_runs_are_left_out(comparison: Comparison) -> None:
    assert (target_chances(comparison)["target_year"] <= 2026).all()


def test_costs_stand_beside_effects(comparison: Comparison) -> None:
    row = cost_table(comparison).iloc[0]
    assert row["public"] == row["cost_upper"] + row["cost_city"] + row["cost_county"]
    assert np.isnan(row["per_job_year"]) == (not row["job_years_low"] > 0)


def test_groups_and_their_interaction_add_up(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    comparison = Comparison([synthetic.write_results(tmp_path)], config=synthetic.config())
    replicate = np.arange(4)
    sides = {"baseline": set(), "a": {"x"}, "b": {"y"}, "both": {"x", "y"}}
    rows = [
        pd.DataFrame({"side": name, "replicate": replicate, "indicator": "gdp", "chain": "", "county": "",
                      "value": rng.normal(size=4)})
        for name in sides
    ]  # fmt: skip
    comparison.values = pd.concat(rows, ignore_index=True)
    first = comparison.sides[0]
    made = [type(first)(name, first.label, first.run, frozenset(policies)) for name, policies in sides.items()]
    comparison.sides, comparison.base, comparison.others = made, made[0], made[1:]
    found = paired.effect_by_group(comparison, made[3], ["gdp"]).set_index("part")["mean"]
    assert found["a"] + found["b"] + found["interaction"] == pytest.approx(found["total"])
    assert paired.lever_groups(comparison, made[1]) == []


def test_runs_that_are_no_pairs_are_refused(folder: Path, tmp_path: Path) -> None:
    other = synthetic.write_results(tmp_path)
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    (other / "manifest.json").write_text(json.dumps(manifest | {"scale": 0.5}), encoding="utf-8")
    with pytest.raises(IncompleteResults, match="differ in scale"):
        Comparison([folder, other], config=synthetic.config())


def test_an_unknown_baseline_names_those_there_are(folder: Path) -> None:
    with pytest.raises(IncompleteResults, match="baseline, plan"):
        Comparison([folder], "nothing", config=synthetic.config())


def test_the_page_holds_every_section_and_a_csv_beside_each_figure(comparison: Comparison, tmp_path: Path) -> None:
    page = write_comparison(comparison, tmp_path).read_text(encoding="utf-8")
    for key in ("ranking", "targets", "effects", "costs", "chains", "counties", "method"):
        assert f'id="{key}"' in page
    drawn = {path.stem for path in (tmp_path / "figures").glob("*.svg")}
    assert drawn == {"effects", "cost_effect", "winners_chain", "winners_county", "county_tiles"}
    assert all((tmp_path / "figures" / f"{name}.csv").exists() for name in drawn)
    assert not re.search(r"(?:src|href)=\"https?://", page)


def test_the_brief_says_what_the_tables_say(comparison: Comparison, tmp_path: Path) -> None:
    text = write_brief(comparison, tmp_path / "brief.zh.html").read_text(encoding="utf-8")
    chances = target_chances(comparison)
    mine = chances[(chances["side"] == "plan") & (chances["indicator"] == "plan_value_added")]
    met = int((mine["probability"] >= 0.5).sum())
    assert f"增加值9项目标中达到{met}项" in text
    assert text.count("<tr>") == 10
    assert "不是预测" in text
    assert "nan" not in text


def test_what_binds_a_crumb_of_a_chain_is_not_its_tightest_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = pd.DataFrame(
        {
            "chain": ["apple", "apple", "coal", "coal"], "output": [99.0, 1.0, 60.0, 40.0],
            "binding": ["", "permit", "permit", "labour"], "binding_share": [0.0, 1.0, 0.6, 0.8],
        },
        index=pd.Index(["orchard", "pomace", "mine", "plant"], name="stage"),
    )  # fmt: skip
    monkeypatch.setattr(brief, "supply_table", lambda run, scenario: stages)
    assert brief.binding_by_chain(None, "plan") == {"coal": "permit"}  # type: ignore[arg-type]
