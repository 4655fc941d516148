"""The section on chain chiefs says what each named and bought."""

from __future__ import annotations

from pathlib import Path

import pytest

from pingliang.analysis import sections
from pingliang.analysis.brief import write_brief
from pingliang.analysis.chiefs import chief_section, chief_table
from pingliang.analysis.comparison import Comparison
from pingliang.analysis.jobs import job_split
from pingliang.analysis.page import Figures
from pingliang.analysis.results import IncompleteResults, Results
from pingliang.runs.engine import run_experiment
from pingliang.runs.experiment import resolve


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Results:
    path = Path(__file__).parents[2] / "config/experiments/chain-chiefs.yaml"
    out = tmp_path_factory.mktemp("chiefs") / "out"
    run_experiment(resolve(path, scale=0.001, months=36, replicates=1, jobs=1), out=out)
    return Results(out)


def test_the_table_has_what_was_named_and_bought_where_there_is_money(run: Results) -> None:
    found = chief_table(run)
    assert set(found["scenario"]) == {"evenly", "judged", "judged_clearly"}
    bought = found[(found["kind"] == "measure") & (found["scenario"] == "evenly")]
    assert bought["value"].sum() == pytest.approx(4.5e8, rel=0.02)
    named = found[(found["kind"] == "cause") & (found["scenario"] == "judged")]
    assert (named.groupby("chain")["value"].sum() == 12).all()  # quarters
    assert len(set(named["chain"])) == 9


def test_the_section_names_causes_and_measures_in_both_languages(run: Results, tmp_path: Path) -> None:
    text = chief_section(run, Figures(tmp_path))
    for word in ("链长", "Chain chiefs", "需求", "demand", "设施蔬菜扩到5万亩", "chiefs.csv"):
        assert word in text


def test_words_say_where_jobs_come_from(run: Results) -> None:
    split = job_split(run)
    jobs = run.annual("jobs", "mean")
    year = jobs["year"].max()
    total = jobs[jobs["year"] == year].groupby("scenario")["value"].mean()
    for scenario, parts in split.groupby("scenario"):
        assert parts["difference"].sum() == pytest.approx(total[scenario] - total["baseline"], abs=1e-6)
        assert set(parts["group"]) == {"chain_farms", "chain_firms", "construction", "others"}
    text = "".join(sections.where_jobs_change(run))
    assert "农事" in text
    assert "construction" in text


def test_the_brief_says_what_is_owed_and_cut(run: Results, tmp_path: Path) -> None:
    text = write_brief(Comparison([run]), tmp_path / "brief.html", "judged").read_text(encoding="utf-8")
    assert "年末市县两级为这些项目欠专项债" in text
    assert "没有项目因资金不足被削减" in text


def test_runs_without_a_full_year_have_no_report_and_say_so(tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "config/experiments/chain-chiefs.yaml"
    run_experiment(resolve(path, scale=0.001, months=2, replicates=1, jobs=1), out=tmp_path / "out")
    with pytest.raises(IncompleteResults, match="no full calendar year"):
        Results(tmp_path / "out").year_of(2026)
