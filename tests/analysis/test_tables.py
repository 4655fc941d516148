from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import synthetic
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy import stats

from pingliang.analysis import coverage, fans, gaps, headline, jobs, provenance, targets, urbanisation, validation
from pingliang.analysis.results import Results
from pingliang.analysis.style import looks, to_svg
from pingliang.analysis.words import SCALES
from pingliang.config.loader import load


def test_headline_counts_targets_per_run(run: Results) -> None:
    table = headline.headline_table(run).set_index(["scenario", "indicator"])
    # of the made-up chains only vegetables reach what the plan asks for, in every run
    assert table.loc[("baseline", "targets_output"), "mean"] == 1.0
    assert table.loc[("plan", "targets_value_added"), "mean"] == 1.0
    assert targets.count_targets(run, "plan_output") == 7
    assert targets.count_targets(run, "plan_value_added") == 9
    assert set(table["n"]) == {3}
    assert set(table["year"]) == {2026}


def test_nine_chains_jobs_leave_the_rest_out(run: Results) -> None:
    table = headline.headline_table(run).set_index(["scenario", "indicator"])["mean"]
    every = run.annual("chain_jobs", "mean", by=("chain",))
    nine = every[(every["chain"] != "rest") & (every["year"] == 2026) & (every["scenario"] == "baseline")]
    assert table["baseline", "chain_jobs"] == pytest.approx(nine["value"].sum() / 3)


def test_paired_difference_is_the_t_interval_of_the_pairs(run: Results) -> None:
    row = headline.difference_table(run).set_index("indicator").loc["gdp"]
    gdp = run.annual("gdp", "sum").query("year == 2026").pivot(index="replicate", columns="scenario", values="value")
    pairs = gdp["plan"] - gdp["baseline"]
    low, high = stats.t.interval(0.95, 2, pairs.mean(), stats.sem(pairs))
    assert row[["mean", "low", "high", "pairs"]].tolist() == pytest.approx([pairs.mean(), low, high, 3])
    assert row["share_above"] == 1.0
    assert row["correlation"] > 0.9


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 30, 199])
def test_the_t_interval_is_students(freedom: int) -> None:
    assert headline.student_t(freedom, 0.95) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-12)


def test_one_pair_has_no_interval(tmp_path: Path) -> None:
    folder = synthetic.write_results(tmp_path, replicates=1, months=24)
    table = headline.difference_table(Results(folder, synthetic.config()))
    assert table["low"].isna().all()
    assert table["mean"].notna().all()
    assert set(table["year"]) == {2022}


def test_income_ratio_weights_counties_by_people(run: Results) -> None:
    ratio = headline.income_ratio(run).query("scenario == 'baseline' and year == 2021")["value"]
    assert ratio.to_numpy() == pytest.approx(31_096 / 9_756)


def test_targets_have_base_gap_probability_and_ceiling(run: Results) -> None:
    table = targets.targets_table(run).set_index(["item", "scenario"])
    cattle = table.loc[("cattle-raised", "baseline")]
    assert (cattle["base"], cattle["base_year"], cattle["base_from"]) == (85e4, 2020, "plan")
    assert cattle["target"] == 103e4
    assert cattle["gap"] == pytest.approx(cattle["value"] - 103e4)
    assert (cattle["reached"], cattle["probability"]) == (3, 1.0)
    assert 2021 <= cattle["year_reached"] <= 2026
    coal = table.loc[("coal-va", "plan")]
    assert (coal["probability"], coal["year_reached"]) == (0.0, None) or np.isnan(coal["year_reached"])
    assert coal["ceiling"] > coal["value"]
    urban = table.loc[("urban-2025", "baseline")]
    assert (urban["target"], urban["year"], urban["base"]) == (pytest.approx(0.55), 2025, pytest.approx(0.4477))
    assert table.loc[("sewage", "plan"), "n"] == 0
    # runs that end in 2026 are compared with the 2035 target in their last year, which the table says
    assert table.loc[("urban-2035", "plan"), ["target_year", "year"]].tolist() == [2035, 2026]


@pytest.mark.parametrize(
    ("bound", "values"),
    [("at least", [False, True, True]), ("about", [True, True, True]), ("at most", [True, True, False])],
)
def test_a_target_is_met_by_its_own_wording(bound: str, values: list[bool]) -> None:
    item = synthetic._item("目标", "target", 100, "1e8 CNY", bound=bound)
    assert targets.reached(pd.Series([98.5e8, 100e8, 101e8]), item).tolist() == values


def test_fans_know_which_chain_has_no_output_target(run: Results) -> None:
    table = fans.fan_table(run, "plan_output").set_index("chain")
    assert table.loc["tourism", "target"].isna().all()
    assert (table.loc["coal", "target"] == 550e8).all()
    assert "rest" not in table.index
    assert (table["p05"] <= table["p25"]).all()
    assert (table["p75"] <= table["p95"]).all()


def test_gaps_keep_the_ledgers_apart(run: Results) -> None:
    table = gaps.gap_table(run)
    assert set(table["ledger"]) == {"plan", "national"}
    assert table.loc[table["ledger"] == "national", "ceiling"].isna().all()
    assert table.loc[table["ledger"] == "plan", "ceiling"].notna().all()
    assert table.groupby(["ledger", "figure"])["chain"].nunique().to_dict() == {
        ("plan", "plan_output"): 7, ("plan", "plan_value_added"): 9,
        ("national", "plan_output"): 7, ("national", "plan_value_added"): 9,
    }  # fmt: skip


def test_overlap_is_what_is_counted_twice(run: Results) -> None:
    table = gaps.overlap_table(run)
    np.testing.assert_allclose(table["union"] + table["overlap"], table["plan_value_added"])


def test_job_differences_are_paired(run: Results) -> None:
    table = jobs.job_table(run)
    assert len(table) == 2 * 10 * 7
    assert (table.loc[table["scenario"] == "baseline", "difference"] == 0).all()
    wide = table.pivot(index=["chain", "county"], columns="scenario", values="jobs")
    plan = table[table["scenario"] == "plan"].set_index(["chain", "county"])["difference"]
    np.testing.assert_allclose(plan, (wide["plan"] - wide["baseline"]).reindex(plan.index), atol=1e-6)


def test_urban_share_is_urban_over_all_residents(run: Results) -> None:
    table = urbanisation.urbanisation_table(run).set_index(["scenario", "month"])["mean"]
    assert table["target", 202512] == pytest.approx(0.55)
    assert table["observed", 202012] == pytest.approx(0.4477)
    assert 0.45 < table["baseline", 202112] < 0.50


def test_validation_compares_the_baseline_only(run: Results) -> None:
    table = validation.validation_table(run).set_index(["series", "year"])
    assert table.loc[("gdp", 2021), "observed"] == 553.97e8
    assert table.loc[("apple_chain_output", 2022), "indicator"] == "plan_output"
    np.testing.assert_allclose(table["deviation"], table["modelled"] / table["observed"] - 1)
    assert (table["n"] == 3).all()


def test_uses_at_other_dates_or_sizes_are_listed_with_their_sources() -> None:
    uses = [
        "apple_brand",
        {"policy": "airport_works", "times": 0, "source": ["airport-2024"]},
        {"policy": "waste_incineration", "start": "2022-08", "end": "2024-07"},
        {"policy": "carton_park", "times": 1},
    ]
    run = SimpleNamespace(config=load(), manifest={"scenarios": [{"name": "built", "policies": uses}]})
    found = coverage.uses_table(run)  # type: ignore[arg-type]
    assert found.to_numpy().tolist() == [
        ["built", "airport_works", "2025-01 – 2028-12", "2025-01 – 2028-12", 0.0, "airport-2024"],
        ["built", "waste_incineration", "2021-07 – 2023-06", "2022-08 – 2024-07", 1.0, ""],
    ]


def test_coverage_counts_measures_by_status(run: Results) -> None:
    table = coverage.coverage_table(run)
    counts = coverage.coverage_counts(table)
    assert counts.iloc[-1].tolist() == [16, 8, 16]
    assert counts.iloc[:-1].to_numpy().sum() == 40


def test_provenance_lists_every_number_with_its_source(run: Results) -> None:
    table = provenance.provenance_table(run)
    assumed = table[table["kind"] == "assumed"]
    assert assumed[["path", "low", "high", "source"]].to_numpy().tolist() == [
        ["parameters.firms.markup", 1, 4, "assumption"]
    ]
    sources = provenance.source_table(run, table).set_index("key")
    assert sources.loc["test", "entries"] == 10
    assert provenance.kind_table(table).iloc[-1]["assumed"] == 1


def test_provenance_walks_the_shipped_configuration(folder: Path) -> None:
    table = provenance.provenance_table(Results(folder))
    assert len(table) > 300
    assert set(table["kind"]) == {"measured", "borrowed", "assumed"}


PLOTS: dict[str, Callable[[Results], Figure]] = {
    "difference": lambda run: headline.plot_difference(headline.difference_table(run), scenarios=run.scenarios),
    "fans": lambda run: fans.plot_fan(fans.fan_table(run), config=run.config, scenarios=run.scenarios),
    "gaps": lambda run: gaps.plot_gap(gaps.gap_table(run), config=run.config, scenarios=run.scenarios),
    "jobs": lambda run: jobs.plot_job(jobs.job_table(run), config=run.config, scenarios=run.scenarios),
    "urbanisation": lambda run: urbanisation.plot_urbanisation(
        urbanisation.urbanisation_table(run), scenarios=run.scenarios
    ),
    "validation": lambda run: validation.plot_validation(validation.validation_table(run)),
    "coverage": lambda run: coverage.plot_coverage(coverage.coverage_table(run)),
}


@pytest.mark.parametrize("name", PLOTS)
def test_a_figure_is_not_blank_and_comes_out_the_same(run: Results, name: str) -> None:
    first, second = PLOTS[name](run), PLOTS[name](run)
    svg = to_svg(first, name)
    assert svg == to_svg(second, name)
    first.set_layout_engine("none")  # laid out already
    canvas = FigureCanvasAgg(first)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    assert 0.01 < (pixels < 250).any(axis=2).mean() < 0.9
    assert any("\u4e00" <= letter <= "\u9fff" for letter in svg)


def test_four_scenarios_differ_by_dash_and_marker(run: Results) -> None:
    four = looks(run.scenarios * 2)
    assert len({look.marker for look in four.values()}) == len(four)
    with pytest.raises(ValueError, match="at most 4 scenarios"):
        looks(run.scenarios * 3)


@pytest.mark.parametrize(
    ("unit", "amount", "text"),
    [
        ("CNY", 55_000_000_000, "550.0"),
        ("person", 1_848_607, "184.86"),
        ("share", 0.55, "55.0"),
        ("t", -1.2e6, "−120.0"),
    ],
)
def test_numbers_are_written_in_the_units_officials_use(unit: str, amount: float, text: str) -> None:
    assert SCALES[unit].text(amount) == text


def test_a_difference_of_nothing_has_no_sign() -> None:
    assert SCALES["CNY"].text(-1.0, sign=True) == "0.0"
    assert SCALES["CNY"].text(float("nan")) == "—"
