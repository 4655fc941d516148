"""Who pays, what is owed and what was cut, of made-up runs whose sums are known."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import synthetic
from matplotlib.figure import Figure

from pingliang.analysis.page import Figures
from pingliang.analysis.public_money import cut_table, money_section, money_table, plot_money
from pingliang.analysis.results import Results
from pingliang.analysis.style import to_svg
from pingliang.config.schema import Name

RUNS, MONTHS = 3, 24


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Two years in which the plan spends 1e8 a month of the city's money, and one run is cut by 6e7 in one month."""
    folder = synthetic.write_results(tmp_path_factory.mktemp("money"), replicates=RUNS, months=MONTHS)
    config = synthetic.config()
    works = SimpleNamespace(name=Name(zh="道路工程", en="road works"), cost=SimpleNamespace(amount=2e8))
    config.policies = SimpleNamespace(policies={"road_works": works})
    for replicate in range(RUNS):
        run, rows = f"plan-{replicate:04d}", []
        for number in range(MONTHS):
            month = (2021 + number // 12) * 100 + number % 12 + 1
            rows.append((month, "cost_city", "kongtong", 1e8))
            rows.append((month, "city_debt", "", 5e7 * (number + 1)))
        if replicate == 0:
            rows.append((202203, "cut_road_works", "", 6e7))
        frame = pd.DataFrame(rows, columns=["month", "variable", "county", "value"]).astype({"month": "int32"})
        frame = frame.assign(run_id=run, scenario="plan", replicate=replicate, chain="", stage="")
        frame.astype({"replicate": "int32"}).to_parquet(folder / "series" / f"part-{run}-money.parquet", index=False)
    return Results(folder, config)


def test_money_is_the_mean_over_runs_by_payer_and_year(paid: Results) -> None:
    table = money_table(paid).set_index(["scenario", "year", "item"])["value"]
    assert table["plan", 2021, "city"] == pytest.approx(12e8)
    assert table["plan", 2022, "owed"] == pytest.approx(5e7 * 24)
    assert "baseline" not in table.index.get_level_values("scenario")


def test_a_cut_of_one_run_counts_as_its_part_of_all(paid: Results) -> None:
    (row,) = cut_table(paid).to_dict("records")
    assert (row["policy"], row["first"], row["last"]) == ("road_works", 202203, 202203)
    assert row["cut"] == pytest.approx(6e7 / RUNS)
    assert row["share"] == pytest.approx(6e7 / RUNS / 2e8)


def test_the_section_names_what_was_cut_in_both_languages(paid: Results, tmp_path: Path) -> None:
    text = money_section(paid, Figures(tmp_path))
    for words in ("道路工程", "road works", "2022-03", "财政与债务", "Budgets and debt"):
        assert words in text
    figure = plot_money(money_table(paid), scenarios=paid.scenarios)
    assert isinstance(figure, Figure)
    drawn = to_svg(figure, "money")
    assert "市级财政 the city" in drawn
    assert drawn == to_svg(plot_money(money_table(paid), scenarios=paid.scenarios), "money")


def test_without_policies_there_is_no_section(run: Results, tmp_path: Path) -> None:
    assert money_section(run, Figures(tmp_path)) == ""
