"""Effects of a made-up model whose answer is known: y = 10 + 4 a + 2 b c + luck; d does nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from pingliang.analysis.results import IncompleteResults
from pingliang.analysis.sensitivity import Screened, plot_sensitivity, sensitivity_table
from pingliang.analysis.sensitivity_page import overall_table, page, plot_overall
from pingliang.config.experiment_schema import Experiment
from pingliang.config.loader import Config, load
from pingliang.runs.design import make_design
from pingliang.runs.points import make_points

pytest.importorskip("SALib")
REPLICATES = 4


def results(folder: Path, kind: str, n: int | None, drop: list[str] | None = None) -> Path:
    unit = {"kind": "uniform", "low": 0, "high": 1}
    words = {"zh": "一", "en": "one"}
    fields: dict[str, Any] = {
        "name": "made",
        "title": words,
        "question": words,
        "start": "2021-01",
        "end": "2021-12",
        "scale": 0.01,
        "replicates": {"n": REPLICATES},
        "seeds": {"root": 1},
        "scenarios": [{"name": "baseline", "label": words}],
        "factors": [
            *({"name": name, "path": f"parameters.made.{name}", "distribution": unit} for name in "abcd"),
            {"name": "luck", "role": "dummy"},
        ],
        "design": {"kind": kind, **({"n": n} if n else {})},
        "analysis": {"sensitivity": ["gdp_year"]},
    }
    experiment = Experiment.model_validate(fields)
    points = make_points(experiment)
    plan = make_design(experiment, points)
    x = points.set_index("point").loc[plan["point"]]
    draws = np.array([np.random.default_rng(int(seed)).standard_normal() for seed in plan["seed"]])
    y = 10 + 4 * x["x_a"].to_numpy() + 2 * x["x_b"].to_numpy() * x["x_c"].to_numpy() + 0.1 * draws
    rows = plan.assign(status="ok", kpi_gdp_year=y)
    (folder / "runs").mkdir(parents=True)
    rows[~rows["run_id"].isin(drop or [])].to_parquet(folder / "runs" / "part-all.parquet")
    points.to_parquet(folder / "points.parquet")
    manifest = {
        "command": "pingliang run made",
        "design": experiment.design.model_dump(),
        "factors": [one.model_dump(mode="json") for one in experiment.factors],
        "scenarios": [{"name": "baseline"}],
        "seeds": {"root": 1},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "experiment.resolved.yaml").write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")
    return folder


def by_factor(screened: Screened) -> pd.DataFrame:
    return screened.table.set_index("factor")


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory) -> Screened:
    return sensitivity_table(results(tmp_path_factory.mktemp("morris") / "made", "morris", 40))


def test_morris_finds_what_moves_the_result_and_what_interacts(screened: Screened) -> None:
    table = by_factor(screened)
    assert screened.replicates == REPLICATES
    assert list(table.index[:3]) == ["a", *sorted(table.index[1:3], key=lambda name: table.loc[name, "rank"])]
    assert set(table.index[1:3]) == {"b", "c"}
    assert table.loc["a", "effect"] == pytest.approx(4 / 12.5, rel=0.05)
    assert table.loc["a", "spread"] < 0.03 < table.loc["b", "spread"]
    assert table.loc["a", "direction"] == 1


def test_what_does_nothing_lies_below_the_noise_floor(screened: Screened) -> None:
    table = by_factor(screened)
    assert table.loc[["a", "b", "c"], "clear"].all()
    assert not table.loc[["d", "luck"], "clear"].any()
    assert 0 < table.loc["luck", "effect"] < table.loc["a", "effect"] / 10
    assert table["floor"].iloc[0] == table.loc["luck", "high"]


def test_sobol_shares_the_variance(tmp_path: Path) -> None:
    table = by_factor(sensitivity_table(results(tmp_path / "made", "saltelli", 256)))
    # Var(4a) = 16/12, Var(2bc) = 4 (1/9 - 1/16) = 0.1944
    assert table.loc["a", "effect"] == pytest.approx(0.87, abs=0.06)
    assert table.loc["d", "effect"] == pytest.approx(0.0, abs=0.01)
    assert table.loc["a", "low"] < 0.87 < table.loc["a", "high"] + 0.02


def test_one_at_a_time_measures_the_swing(tmp_path: Path) -> None:
    table = by_factor(sensitivity_table(results(tmp_path / "made", "oat", None)))
    assert table.loc["a", "effect"] == pytest.approx(4 / 12.5, rel=0.05)
    assert table.loc["d", "effect"] == 0.0  # common random numbers: no luck between the points


def test_a_trajectory_with_a_missing_run_is_left_out_and_said(tmp_path: Path) -> None:
    gone = [f"baseline-p000001-{replicate:04d}" for replicate in range(REPLICATES)]
    screened = sensitivity_table(results(tmp_path / "made", "morris", 10, drop=gone))
    assert (screened.points, screened.dropped) == (9 * 6, 6)


def test_unknown_indicators_and_other_designs_are_refused(tmp_path: Path) -> None:
    path = results(tmp_path / "made", "morris", 4)
    with pytest.raises(IncompleteResults, match="did you mean 'gdp_year'"):
        sensitivity_table(path, ["gdp_yaer"])
    with pytest.raises(IncompleteResults, match="its design is 'lhs'"):
        sensitivity_table(results(tmp_path / "lhs", "lhs", 8))


def test_the_figure_names_the_factors_and_the_floor(screened: Screened) -> None:
    config: Config = load()
    figure = plot_sensitivity(screened, "gdp_year", config)
    left = figure.axes[0]
    labels = [label.get_text() for label in left.get_yticklabels()]
    assert labels[0] == "1  made.a ↑"
    assert any("luck (dummy)" in label for label in labels)
    assert any("noise floor" in text.get_text() for text in left.texts)
    assert len(left.patches) >= 5


def twice(screened: Screened) -> Screened:
    """Two indicators: the made one, and one on which b alone acts."""
    first = screened.table
    second = first.assign(kpi="employed", effect=np.where(first["factor"] == "b", 0.5, 0.0))
    second["clear"] = second["factor"] == "b"
    return Screened(pd.concat([first, second], ignore_index=True), "morris", 240, 0, REPLICATES)


def test_what_moves_every_indicator_comes_first_and_luck_last(screened: Screened) -> None:
    order = overall_table(twice(screened))
    first = screened.table.set_index("factor")["effect"]
    assert order["factor"].iloc[-1] == "luck"
    weight = order.set_index("factor")["weight"]
    assert weight["b"] == pytest.approx((first["b"] / first.max() + 1) / 2)
    assert weight["a"] == pytest.approx(0.5)
    assert order.set_index("factor")["most"].loc["b"] == "employed"
    assert order["weight"].iloc[:-1].is_monotonic_decreasing


def test_the_page_names_the_numbers_and_how_well_they_are_known(screened: Screened) -> None:
    config = load()
    names = {"a": "parameters.labour.quit_rate", "b": "parameters.firms.suppliers", "c": "forms.network"}
    table = screened.table.assign(path=screened.table["factor"].map(names).fillna(screened.table["path"]))
    named = Screened(table, "morris", 240, 0, REPLICATES)
    manifest = {
        "name": "made", "hash": "0" * 64, "parts": {"code": "1" * 64}, "created": "2026-01-01T00:00:00",
        "scale": 0.01, "start": "2021-01", "end": "2021-12", "design": {"n": 40},
    }  # fmt: skip
    text = page(named, config, manifest, "made.png")
    quits = config.parameters.labour.quit_rate
    low, high = quits.range
    assert (
        f"| 1 | `parameters.labour.quit_rate` | {quits.value:g} {quits.unit} | {low:g} to {high:g} | {quits.kind} "
        in text
    )
    assert "| `forms.network` | gravity | its forms | choice of the model " in text
    assert "(not clear)" in text
    assert len(plot_overall(named, config).axes[0].get_yticklabels()) == 4
