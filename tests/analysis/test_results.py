from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic

from pingliang.analysis.results import IncompleteResults, Results, bands


def test_a_query_sums_over_the_dimensions_left_out(run: Results) -> None:
    whole = run.query("output", by=("scenario", "replicate", "month"))
    parts = run.query("output", by=("scenario", "replicate", "month", "chain", "county"))
    summed = parts.groupby(["scenario", "replicate", "month"])["value"].sum().reset_index()
    np.testing.assert_allclose(whole["value"], summed["value"])
    assert len(whole) == 2 * 3 * 72


def test_a_query_keeps_what_is_asked_for_only(run: Results) -> None:
    frame = run.query("value_added", where={"chain": ["coal", "apple"], "scenario": "plan"})
    assert set(frame["chain"]) == {"coal", "apple"}
    assert set(frame["scenario"]) == {"plan"}


def test_a_variable_nobody_recorded_is_an_empty_table(run: Results) -> None:
    assert run.query("no_such_thing").empty
    assert run.annual("no_such_thing", "sum").empty


def test_a_dimension_that_does_not_exist_is_named(run: Results) -> None:
    with pytest.raises(ValueError, match="'village' is no dimension of the series; choose from scenario"):
        run.query("output", by=("village",))


def test_years_are_sums_means_or_decembers(run: Results) -> None:
    months = run.query("gdp", by=("scenario", "replicate", "month"))
    first = months[(months["month"] // 100 == 2021) & (months["scenario"] == "plan") & (months["replicate"] == 0)][
        "value"
    ]
    expected = {"sum": first.sum(), "mean": first.mean(), "end": first.iloc[-1]}
    for over, value in expected.items():
        years = run.annual("gdp", over)
        found = years[(years["year"] == 2021) & (years["scenario"] == "plan") & (years["replicate"] == 0)]["value"]
        assert found.item() == pytest.approx(value)


def test_bands_hold_the_middle_of_the_runs() -> None:
    table = bands(pd.DataFrame({"year": 2026, "value": np.arange(101.0)}), ["year"])
    assert table[["p05", "p25", "p50", "p75", "p95", "mean"]].iloc[0].tolist() == [5, 25, 50, 75, 95, 50]


def test_failed_runs_do_not_count(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    part = copy / "runs" / "part-plan-0002.parquet"
    pd.read_parquet(part).assign(status="failed").to_parquet(part, index=False)
    run = Results(copy, synthetic.config())
    assert run.replicates == 2
    assert set(run.query("gdp", where={"scenario": "plan"})["replicate"]) == {0, 1}
    assert len(run.runs) == 6


@pytest.mark.parametrize("missing", ["manifest.json", "runs", "series"])
def test_what_is_missing_is_said(folder: Path, tmp_path: Path, missing: str) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / missing).unlink() if missing == "manifest.json" else shutil.rmtree(copy / missing)
    with pytest.raises(IncompleteResults, match=f"holds no {missing}"):
        Results(copy)


def test_an_unfinished_scenario_is_said_with_the_way_out(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    for part in (copy / "runs").glob("part-plan-*.parquet"):
        part.unlink()
    with pytest.raises(IncompleteResults, match=r"no run of scenario 'plan' finished; finish it with: pingliang run"):
        Results(copy)


def test_an_empty_folder_of_runs_is_said(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    for part in (copy / "runs").iterdir():
        part.unlink()
    with pytest.raises(IncompleteResults, match="is empty: no run was committed"):
        Results(copy)


def test_a_long_label_is_short_in_figures(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["scenarios"][0]["label"] = {"zh": "基准：照实际", "en": "Baseline: as it happened"}
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    first = Results(copy, synthetic.config()).scenarios[0]
    assert (first.zh, first.en, first.about_zh, first.about_en) == ("基准", "Baseline", "照实际", "as it happened")
