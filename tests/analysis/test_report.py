from __future__ import annotations

import base64
import re
import shutil
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from matplotlib.figure import Figure

from pingliang.analysis.fonts import missing_glyphs
from pingliang.analysis.page import Figures, Words
from pingliang.analysis.report import CONTENTS, write_report
from pingliang.config.schema import Plan

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Collects attributes, ids and text, and checks that tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, found, value in self.attributes if found == name]


@pytest.fixture(scope="module")
def text(report: Path) -> str:
    return report.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_the_page_asks_nothing_of_the_network(page: Page, text: str) -> None:
    for name in ("src", "href", "xlink:href", "action", "poster", "srcset", "data"):
        for value in page.values(name):
            assert value.startswith(("#", "data:text/csv")), value
    styles = " ".join(re.findall(r"<style.*?</style>", text, flags=re.S)) + " ".join(page.values("style"))
    assert all(address.startswith(("data:", "#")) for address in re.findall(r"url\(['\"]?([^'\")]+)", styles))
    assert "@import" not in styles
    assert "default-src 'none'" in text
    assert not {"link", "iframe", "object", "embed", "base"} & {tag for tag, _, _ in page.attributes}
    script = " ".join(re.findall(r"<script.*?</script>", text, flags=re.S))
    assert not re.search(r"fetch|XMLHttp|import\(|sendBeacon|WebSocket", script)


def test_sources_are_plain_text(page: Page) -> None:
    words = " ".join(page.words)
    assert "https://example.org/yearbook" in words
    assert "A yearbook <1>" in words


def test_every_section_stands_in_both_languages(text: str, page: Page) -> None:
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    # no forms compared, no policy that costs, nothing recorded of farms and people
    assert not {"forms", "money", "farms", "people"} & set(ids)
    for key in (key for key, _ in CONTENTS if key not in ("forms", "money", "chiefs", "farms", "people")):
        assert key in ids
        part = text[text.index(f'<section id="{key}">') :]
        part = part[: part.index("</section>")]
        assert 'class="zh" lang="zh-CN"' in part
        assert 'class="en" lang="en"' in part
        assert re.search("[\u4e00-\u9fff]", part)


def test_every_link_inside_the_page_leads_somewhere(page: Page) -> None:
    ids = set(page.values("id"))
    assert {value[1:] for value in page.values("href") if value.startswith("#")} <= ids


def test_the_two_ledgers_are_explained(page: Page) -> None:
    words = " ".join(page.words)
    for sentence in (
        "规划口径（全产业链）",
        "国民核算口径：",
        "Plan ledger (whole chain)",
        "National accounts: every firm",
    ):
        assert sentence in words
    assert "不是预测" in words
    assert "not a forecast" in words


def test_figures_are_named_for_those_who_cannot_see_them(text: str) -> None:
    figures = re.findall(r"<svg [^>]*>", text)
    assert len(figures) == 14
    for tag in figures:
        label = re.search(r'aria-label="([^"]+)"', tag)
        assert label is not None
        assert 'role="img"' in tag
        assert " / " in label.group(1)
    assert len(re.findall("<table>", text)) == len(re.findall("<caption>", text))


def test_figures_hold_marks_and_text(text: str) -> None:
    for figure in re.findall(r"<svg .*?</svg>", text, flags=re.S):
        assert figure.count("<path") > 15
        assert figure.count("<text") > 8
        assert "NaN" not in figure


def test_every_letter_has_its_glyph(page: Page) -> None:
    assert missing_glyphs("".join(page.words)) == []


def test_every_figure_has_its_numbers_beside_it(report: Path, page: Page) -> None:
    files = {path.name for path in (report.parent / "figures").iterdir()}
    assert {path.stem for path in (report.parent / "figures").glob("*.svg")} <= {name.split(".")[0] for name in files}
    for svg in (report.parent / "figures").glob("*.svg"):
        assert svg.with_suffix(".csv").exists()
    inside = [value for value in page.values("href") if value.startswith("data:text/csv")]
    assert len(inside) == len([name for name in files if name.endswith(".csv")])
    for value in inside:
        assert base64.b64decode(value.partition(",")[2]).startswith("\ufeff".encode())
    assert len(pd.read_csv(report.parent / "figures" / "fans_plan_output.csv")) == 9 * 2 * 6


@pytest.mark.slow
def test_the_same_results_give_the_same_bytes(report: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(
        report.parent, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("report.html", "figures")
    )
    again = write_report(copy, config=synthetic.config(), graph=synthetic.supply_graph(), sizes=synthetic.firm_sizes())
    assert again.read_bytes() == report.read_bytes()


@pytest.mark.slow
def test_a_short_run_of_one_scenario_and_no_plan_still_has_a_report(tmp_path: Path) -> None:
    folder = synthetic.write_results(tmp_path, scenarios=1, replicates=1, months=12)
    config = replace(synthetic.config(), plan=Plan(source="plan-2021-2035", items={}))
    page = Page(
        write_report(folder, config=config, graph=synthetic.supply_graph(), sizes=synthetic.firm_sizes()).read_text(
            encoding="utf-8"
        )
    )
    words = " ".join(page.words)
    assert "本试验只有基准情景。" in words
    assert "规划目标未列出。" in words


@pytest.mark.slow
def test_four_scenarios_fit(tmp_path: Path) -> None:
    folder = synthetic.write_results(tmp_path, scenarios=4, replicates=2, months=12)
    page = Page(
        write_report(
            folder, config=synthetic.config(), graph=synthetic.supply_graph(), sizes=synthetic.firm_sizes()
        ).read_text(encoding="utf-8")
    )
    assert {"基准", "按规划实施", "无规划", "干旱"} <= set(page.words)


@pytest.mark.slow
def test_a_fifth_scenario_is_left_out_and_the_page_says_so(tmp_path: Path) -> None:
    folder = synthetic.write_results(tmp_path, scenarios=5, replicates=2, months=12)
    report = write_report(
        folder, config=synthetic.config(), graph=synthetic.supply_graph(), sizes=synthetic.firm_sizes()
    )
    assert any("还有1个情景未在此显示：霜冻" in words for words in Page(report.read_text(encoding="utf-8")).words)
    assert (folder / "brief.zh.html").is_file()


@pytest.mark.parametrize("broken", ["first", "second"])
def test_a_figure_that_cannot_be_drawn_says_why(tmp_path: Path, broken: str) -> None:
    def plot(key: str) -> Figure:
        if key == broken:
            raise ValueError(f"no {key} figure")
        return Figure()

    figures = Figures(tmp_path)
    words = Words("图", "figure")
    body = "".join(figures.show(key, partial(plot, key), pd.DataFrame(), words, words) for key in ("first", "second"))
    with pytest.raises(ValueError, match=f"no {broken} figure"):
        figures.drawn(body)


def test_a_small_page(report: Path) -> None:
    assert report.stat().st_size < 2_000_000
