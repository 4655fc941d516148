"""Orchards by age, work by month, apples, cattle, farm sizes and incomes: made-up runs whose sums are known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import synthetic
from matplotlib.figure import Figure

from pingliang.analysis.apple_year import apple_year_table, plot_apple_year
from pingliang.analysis.farm_calendar import farm_calendar_table, plot_farm_calendar
from pingliang.analysis.farm_homes import (
    KINDS,
    SIZES,
    SOURCES,
    farm_size_table,
    plot_farm_sizes,
    plot_village_income,
    village_income_table,
)
from pingliang.analysis.farm_section import farm_section
from pingliang.analysis.herd_cycle import COHORTS, herd_table, plot_herd
from pingliang.analysis.orchard_ages import CLASSES, NOT_BEARING, orchard_age_table, plot_orchard_age
from pingliang.analysis.page import Figures
from pingliang.analysis.results import Results
from pingliang.analysis.style import to_svg
from pingliang.config.loader import load

RUNS, MONTHS = 2, 24
COUNTIES = ("jingning", "zhuanglang")


@pytest.fixture(scope="module")
def farmed(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Two years of the same apples each month, dearer where fewer are sold; orchards ask for month x 1000 days."""
    folder = synthetic.write_results(tmp_path_factory.mktemp("farms"), replicates=RUNS, months=MONTHS)
    for scenario in ("baseline", "plan"):
        for replicate in range(RUNS):
            rows = []
            for number in range(MONTHS):
                month = (2021 + number // 12) * 100 + number % 12 + 1
                for county in COUNTIES:
                    price = 5000.0 if county == "jingning" else 6000.0
                    sold = 30.0 if county == "jingning" else 10.0
                    found = {
                        "store_capacity": 50.0,
                        "in_stores": 40.0,
                        "in_cellars": 20.0 + replicate,
                        "gate_sales": sold,
                    }
                    rows += [(month, name, "apple_orchard", county, x) for name, x in found.items()]
                    rows.append((month, "gate_price", "apple_orchard", county, price))
                    rows.append((month, "labour_days", "apple_orchard", county, 1e3 * (month % 100)))
                    rows.append((month, "labour_days", "grain_farming", county, 500.0))
                rows += [(month, f"herd_{c}", "", "", 1e4 * (k + 1 + replicate)) for k, c in enumerate(COHORTS)]
                if month % 100 == 12:
                    rows += [(month, f"farms_of_size_{k}", "", "", 100.0 * k) for k in range(len(SIZES))]
                    rows += [(month, f"land_of_size_{k}", "", "", 1e4 * k) for k in range(len(SIZES))]
                    for k, kind in enumerate(KINDS):
                        rows.append((month, f"villagers_{kind}", "", "", 1e5))
                        rows += [(month, f"income_{s}_{kind}", "", "", 1e3 * k + j) for j, s in enumerate(SOURCES)]
                    rows += [
                        (month, f"area_{name}", "apple_orchard", "", 1e4 * (k + 1)) for k, name in enumerate(CLASSES)
                    ]
            frame = pd.DataFrame(rows, columns=["month", "variable", "stage", "county", "value"])
            frame = frame.assign(
                run_id=f"{scenario}-{replicate:04d}", scenario=scenario, replicate=replicate, chain="apple"
            ).astype({"month": "int32", "replicate": "int32"})
            frame.to_parquet(folder / "series" / f"part-{scenario}-{replicate:04d}-farms.parquet", index=False)
    return Results(folder, load())


def test_the_pyramid_is_the_area_of_each_class_and_says_what_bears(farmed: Results) -> None:
    table = orchard_age_table(farmed)
    assert set(table["year"]) == {2021, 2022}
    last = table[table["year"] == 2022].set_index("age")
    assert last["area"].tolist() == [1e4 * (k + 1) for k in range(len(CLASSES))]
    assert set(last.index[~last["bears"]]) == set(NOT_BEARING)


def test_the_calendar_is_the_mean_of_runs_by_county_and_month(farmed: Results) -> None:
    table = farm_calendar_table(farmed)
    assert set(table["year"]) == {2022}
    orchard = table[(table["stage"] == "apple_orchard") & (table["county"] == "jingning")].set_index("month")["days"]
    assert orchard.to_dict() == {month: 1e3 * month for month in range(1, 13)}


def test_apples_are_city_sums_and_the_price_is_weighted_by_sales(farmed: Results) -> None:
    table = apple_year_table(farmed)
    assert len(table) == MONTHS
    assert table["in_stores"].eq(80.0).all()
    assert table["in_cellars"].eq(41.0).all()
    assert table["gate_sales"].eq(40.0).all()
    assert table["gate_price"].to_numpy() == pytest.approx(5250.0)


def test_the_herd_is_the_mean_of_runs_with_the_price_of_an_animal(farmed: Results) -> None:
    table = herd_table(farmed)
    assert len(table) == MONTHS
    for k, cohort in enumerate(COHORTS):
        assert table[cohort].eq(1e4 * (k + 1.5)).all()
    price = farmed.query("price", by=["scenario", "replicate", "month"], where={"stage": "cattle_fattening"})
    mean = price[price["scenario"] == "baseline"].groupby("month")["value"].mean()
    assert table.set_index("month")["price"].to_dict() == pytest.approx(mean.to_dict())


def test_farm_sizes_and_incomes_are_those_of_the_december(farmed: Results) -> None:
    sizes, incomes = farm_size_table(farmed), village_income_table(farmed)
    assert sizes[sizes["year"] == 2022].set_index("size")["farms"].tolist() == [100.0 * k for k in range(len(SIZES))]
    cattle = incomes[incomes["kind"] == "cattle"].set_index("source")["income"]
    assert cattle.to_dict() == {source: 1e3 + j for j, source in enumerate(SOURCES)}


def test_the_section_holds_six_figures_in_both_languages(farmed: Results, tmp_path: Path) -> None:
    figures = Figures(tmp_path)
    text = figures.drawn(farm_section(farmed, figures))
    assert text.count("<svg") == 6
    for words in (
        "果园与农事",
        "Orchards and farm work",
        "冷库",
        "10,000 days",
        "能繁母牛",
        "sent by migrants",
        "经营土地",
    ):
        assert words in text


def test_runs_without_farm_records_have_no_section(tmp_path: Path) -> None:
    run = Results(synthetic.write_results(tmp_path / "plain", replicates=1, months=24), synthetic.config())
    assert farm_section(run, Figures(tmp_path / "figures")) == ""


def test_the_figures_come_out_the_same(farmed: Results) -> None:
    def drawn() -> list[str]:
        plots: list[Figure] = [
            plot_orchard_age(orchard_age_table(farmed)),
            plot_farm_calendar(farm_calendar_table(farmed), config=farmed.config),
            plot_apple_year(apple_year_table(farmed)),
            plot_herd(herd_table(farmed)),
            plot_farm_sizes(farm_size_table(farmed)),
            plot_village_income(village_income_table(farmed)),
        ]
        return [to_svg(figure, "farms") for figure in plots]

    assert drawn() == drawn()
