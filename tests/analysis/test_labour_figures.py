"""Ages, flows of people, wages and day labour: made-up runs whose sums are known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import synthetic

from pingliang.analysis.age_pyramid import FIRST_YEARS, age_pyramid_table, plot_age_pyramid
from pingliang.analysis.day_labour import day_labour_table, plot_day_labour
from pingliang.analysis.labour_section import labour_section
from pingliang.analysis.page import Figures
from pingliang.analysis.people_flows import people_flow_table, plot_people_flow
from pingliang.analysis.results import Results
from pingliang.analysis.style import to_svg
from pingliang.analysis.wages import plot_wage, wage_table
from pingliang.config.loader import load

RUNS, MONTHS = 2, 24
COUNTIES = ("jingning", "zhuanglang")
Row = tuple[int, str, str, str, str, float]


def rows_of(month: int, replicate: int) -> list[Row]:
    """One month of a made-up run; what a year sums up stands in its December."""
    rows: list[Row] = [
        (month, "wage", "apple", "apple_packing", "", 3000.0),
        (month, "jobs", "apple", "apple_packing", "", 30.0),
        (month, "vacancies", "apple", "apple_packing", "", 10.0),
        (month, "wage", "apple", "juice_making", "", 6000.0),
        (month, "jobs", "apple", "juice_making", "", 60.0),
        (month, "vacancies", "apple", "juice_making", "", 0.0),
        (month, "jobs", "apple", "apple_orchard", "jingning", 1e4),
        (month, "day_labour", "apple", "apple_orchard", "jingning", 1e4 * (month % 100) + replicate),
        (month, "day_labourers_farm", "", "", "jingning", 500.0),
        (month, "day_labourers_unemployed", "", "", "zhuanglang", 100.0),
    ]
    if month == 202101 or month % 100 == 12:
        grown = 0.0 if month == 202101 else 100.0
        rows += [(month, f"residents_{sex}_{age}", "", "", "", 1e3 + age + grown) for sex in ("male", "female")
                 for age in FIRST_YEARS]  # fmt: skip
    if month % 100 == 12:
        rows += [
            (month, "year_hired_from_farm", "apple", "", "jingning", 40.0),
            (month, "year_hired_from_farm", "apple", "", "zhuanglang", 20.0 + 2 * replicate),
            (month, "year_hired_from_firm", "apple", "", "jingning", 30.0),
            (month, "drawn_from_rest", "apple", "", "", 12.0),
            (month, "moved_to_zhuanglang", "", "", "jingning", 7.0),
            (month, "moved_to_outside", "", "", "jingning", 9.0),
            (month, "moved_to_jingning", "", "", "", 11.0),
            (month, "work_in_jingning", "", "", "zhuanglang", 5.0),
            (month, "work_in_jingning", "", "", "jingning", 500.0),
        ]
    return rows


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = synthetic.write_results(tmp_path_factory.mktemp("people"), replicates=RUNS, months=MONTHS)
    for scenario in ("baseline", "plan"):
        for replicate in range(RUNS):
            months = [(2021 + number // 12) * 100 + number % 12 + 1 for number in range(MONTHS)]
            rows = [row for month in months for row in rows_of(month, replicate)]
            frame = pd.DataFrame(rows, columns=["month", "variable", "chain", "stage", "county", "value"])
            frame = frame.assign(run_id=f"{scenario}-{replicate:04d}", scenario=scenario, replicate=replicate)
            frame = frame.astype({"month": "int32", "replicate": "int32"})
            frame.to_parquet(folder / "series" / f"part-{scenario}-{replicate:04d}-people.parquet", index=False)
    return Results(folder, load())


def test_the_pyramid_holds_the_whole_census_and_both_ends(peopled: Results) -> None:
    table = age_pyramid_table(peopled)
    assert len(table) == 2 * len(FIRST_YEARS)
    assert table["census"].sum() == pytest.approx(1_848_607, rel=1e-3)
    census = table.set_index(["sex", "age"])["census"]
    assert census["male", 50] == pytest.approx(96_672)
    assert census["male", 0] == pytest.approx(9_686 + 49_994)
    assert census["female", 85] == pytest.approx(6_751)
    assert table["start"].tolist() == [1e3 + age for age in table["age"]]
    assert (table["end"] - table["start"]).eq(100.0).all()
    assert set(table["start_month"]) == {202101}
    assert set(table["end_month"]) == {202212}


def test_flows_are_means_of_runs_and_hires_inside_a_chain_are_what_is_left(peopled: Results) -> None:
    table = people_flow_table(peopled).set_index(["kind", "origin", "destination"])["persons"]
    assert table["job", "farm", "apple"] == pytest.approx(61.0)
    assert table["job", "rest", "apple"] == pytest.approx(12.0)
    assert table["job", "apple", "apple"] == pytest.approx(18.0)
    assert table["move", "jingning", "zhuanglang"] == pytest.approx(7.0)
    assert table["move", "jingning", "outside"] == pytest.approx(9.0)
    assert table["move", "outside", "jingning"] == pytest.approx(11.0)
    assert table["commute", "zhuanglang", "jingning"] == pytest.approx(5.0)
    assert ("commute", "jingning", "jingning") not in table.index


def test_wages_are_weighted_by_jobs_and_farms_pay_none(peopled: Results) -> None:
    table = wage_table(peopled).set_index(["chain", "year"])
    assert table.loc[("apple", 2022), "wage"] == pytest.approx((30 * 3000 + 60 * 6000) / 90)
    assert table.loc[("apple", 2022), "jobs"] == pytest.approx(90.0)
    assert table.loc[("apple", 2022), "open_share"] == pytest.approx(0.1)


def test_days_are_means_of_runs_by_month_and_stage(peopled: Results) -> None:
    table = day_labour_table(peopled)
    days = table[table["what"] == "days"].set_index("month")["value"]
    assert days.to_dict() == {month: 1e4 * month + 0.5 for month in range(1, 13)}
    persons = table[table["what"] == "persons"].groupby("name")["value"].mean()
    assert persons.to_dict() == {"day_labourers_farm": 500.0, "day_labourers_unemployed": 100.0}


def test_the_section_holds_four_figures_in_both_languages(peopled: Results, tmp_path: Path) -> None:
    figures = Figures(tmp_path)
    text = figures.drawn(labour_section(peopled, figures))
    assert text.count("<svg") == 4
    for words in ("人口与劳动力", "People and work", "census 2020-11", "10,000 days", "Commuting"):
        assert words in text
    assert {path.name for path in tmp_path.glob("*.csv")} == {f"{key}.csv" for key in KEYS}


KEYS = ("ages", "people_flows", "wages", "day_labour")


def test_runs_without_these_records_have_no_section(tmp_path: Path) -> None:
    run = Results(synthetic.write_results(tmp_path / "plain", replicates=1, months=24), synthetic.config())
    assert labour_section(run, Figures(tmp_path / "figures")) == ""


def test_the_figures_come_out_the_same(peopled: Results) -> None:
    def drawn() -> list[str]:
        plots = [
            plot_age_pyramid(age_pyramid_table(peopled)),
            plot_people_flow(people_flow_table(peopled), config=peopled.config),
            plot_wage(wage_table(peopled), config=peopled.config),
            plot_day_labour(day_labour_table(peopled), config=peopled.config),
        ]
        return [to_svg(figure, "people") for figure in plots]

    assert drawn() == drawn()
