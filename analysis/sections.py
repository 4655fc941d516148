"""First half of the report: what comes out, what changes, how far from the targets, who works."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from . import fans, gaps, headline, jobs, people_sections, urbanisation
from .page import Cell, Content, Figures, Words, folded, heads, paragraph, section, table
from .results import records
from .style import looks
from .targets import count_targets
from .words import DASH, INDICATORS, LEDGERS, SCALES, Scale, caption_bands, run_count, scale_of

if TYPE_CHECKING:
    from .results import Results, ScenarioLabel


NO_TARGETS = Words("规划目标未列出。", "The configuration lists no target of the plan.")


CEILING = Words(
    "竖线“|”为上限：实物目标全部实现、已定产能满负荷、需求和劳动力不受限时，按当年价格能达到的水平。",
    "Bar '|': the ceiling, reached with every physical target met, dated capacity fully used, demand and labour "
    "unlimited, at that year's prices. ",
)


def label(scenario: ScenarioLabel) -> Words:
    """Name a scenario."""
    return Words(scenario.zh, scenario.en)


def stage_names(graph: nx.MultiDiGraph) -> dict[str, Words]:
    """Name the stages of a supply graph; the outside has no name."""
    return {key: Words(data["name_zh"], data["name_en"]) for key, data in graph.nodes(data=True) if "name_zh" in data}


def number(amount: float, scale: Scale, *, sign: bool = False) -> Cell:
    """Write an amount into a table cell."""
    return Cell(scale.text(amount, sign=sign), "n")


def counted(run: Results) -> Words:
    """Say how many runs stand behind a figure."""
    return Words(*run_count(run.finished.groupby("scenario").size()))


def banded(run: Results) -> Words:
    """Say the same of a figure with bands."""
    return Words(*caption_bands(run.finished.groupby("scenario").size()))


def _times(scale: Scale) -> Words:
    """Name a unit right after a number: 51.00 × 10,000 people."""
    return Words(scale.zh, f"× {scale.en}" if scale.en[:1].isdigit() else scale.en)


def unit(scale: Scale) -> Words:
    """Name a unit."""
    return Words(scale.zh, scale.en)


def _names(run: Results) -> dict[str, Words]:
    return {item.name: label(item) for item in run.scenarios}


def headline_section(run: Results, figures: Figures) -> str:
    """Cards: what each scenario comes to."""
    found = headline.headline_table(run)
    look = looks(run.scenarios)
    cards = "\n".join(
        f'<div class="card" style="--mark:{look[item.name].colour}"><h3>{label(item).html}</h3>\n'
        f"{_about(item)}"
        f"<dl>{_card_lines(run, found[found['scenario'] == item.name])}</dl></div>"
        for item in run.scenarios
    )
    year = headline.headline_year(run)
    return section(
        "headline",
        Words(f"{year}年：各情景结果", f"{year}: what each scenario comes to"),
        f'<div class="cards">{cards}</div>',
        paragraph(
            Words(
                f"数值为平均值，括号内为中间90%的模拟。{counted(run).zh}",
                f"Means; the middle 90 % of runs in brackets. {counted(run).en}",
            )
        ),
        _not_shown(run),
        figures.csv("headline", found),
    )


def _not_shown(run: Results) -> str:
    """Say which scenarios a page of a few leaves out, and where all are set side by side."""
    if not run.left_out:
        return ""
    zh, en = "、".join(item.zh for item in run.left_out), ", ".join(item.en for item in run.left_out)
    count, command = len(run.left_out), f"pingliang compare {run.path.name}"
    return paragraph(
        Words(
            f"还有{count}个情景未在此显示：{zh}。全部情景的比较：{command}",
            f"{count} more not shown here: {en}. All of them side by side: {command}",
        )
    )


def _about(scenario: ScenarioLabel) -> str:
    words = Words(scenario.about_zh, scenario.about_en)
    return f'<p class="about">{words.html}</p>\n' if words.zh or words.en else ""


def _card_lines(run: Results, rows: pd.DataFrame) -> str:
    lines = []
    for row in records(rows):
        words, scale = INDICATORS[row.indicator], scale_of(row.indicator)
        mean, low, high = (scale.text(value) for value in (row.mean, row.p05, row.p95))
        if row.indicator.startswith("targets_"):
            total = count_targets(run, row.indicator.replace("targets", "plan"))
            shown, kind, tail = f"<b>{mean}</b> / {total}", ' class="big"', Words("项", "")
        else:
            shown, kind, tail = f"<b>{mean}</b>", "", _times(scale)
        name = Words(words.zh, words.en).html
        spread = f"<small>({low} – {high})</small>"
        lines.append(f"<dt>{name}</dt><dd{kind}>{shown} {tail.html}{spread}</dd>")
    return "\n".join(lines)


def difference_section(run: Results, figures: Figures) -> str:
    """Paired differences against the baseline."""
    title = Words("与基准情景相比", "Compared with the baseline")
    if len(run.scenarios) < 2:
        return section(
            "differences", title, paragraph(Words("本试验只有基准情景。", "This experiment has only a baseline."))
        )
    found = headline.difference_table(run)
    plot = partial(headline.plot_difference, found, scenarios=run.scenarios)
    caption = Words(
        "同一随机数下逐对相减；点为平均差，线为其95%置信区间（t分布）。区间含零表示这些模拟不足以判断方向。",
        "Differences of runs that share their random numbers; dot: mean, line: its 95 % confidence interval (t). An "
        "interval that holds zero means these runs cannot tell the direction.",
    )
    alt = Words("各指标与基准之差及95%区间", "Difference from the baseline by indicator, with 95 % intervals")
    names = _names(run)
    rows: list[list[Content]] = []
    for row in records(found):
        words = INDICATORS[row.indicator]
        scale = SCALES["point" if words.unit == "share" else words.unit]
        numbers = [number(value, scale, sign=True) for value in (row.mean, row.low, row.high)]
        rows.append(
            [names[row.scenario], Words(words.zh, words.en), unit(scale), *numbers, Cell(str(row.pairs), "n"),
             Cell(f"{row.share_above:.0%}", "n"), Cell(_two(row.correlation), "n")]
        )  # fmt: skip
    head = heads(
        "情景|Scenario",
        "指标|Indicator",
        "单位|Unit",
        "平均差|Mean difference",
        "下限|Low",
        "上限|High",
        "对数|Pairs",
        "增加的比例|Share above zero",
        "配对相关|Correlation of pairs",
    )
    listed = table(Words("配对差异", "Paired differences"), head, rows)
    return section(
        "differences",
        title,
        figures.show("differences", plot, found, caption, alt),
        *where_jobs_change(run),
        folded(Words("查看表格", "Table"), listed),
    )


def where_jobs_change(run: Results) -> list[str]:
    """Say in words where a scenario's jobs come from and which it takes away, a paragraph a scenario."""
    found, said = jobs.job_split(run), []
    for scenario in (item for item in run.scenarios if item.name in set(found["scenario"])):
        gaps = found[found["scenario"] == scenario.name].set_index("group")["difference"]
        scale = SCALES["person"]
        zh, en = (
            [f"{words[k]} {scale.text(gaps[key], sign=True)}" for key, words in jobs.GROUPS.items()] for k in (0, 1)
        )
        total = scale.text(float(gaps.sum()), sign=True)
        why = Words("", "")
        if gaps["chain_farms"] < 0 < gaps.sum():
            why = Words(
                "农事岗位减少而其他岗位增加，所以九条链的岗位合计可能减少，而全部岗位增加。",
                " Farm work falls while other posts grow, so jobs in the nine chains together can fall while all jobs"
                " rise.",
            )
        said.append(
            paragraph(
                Words(
                    f"{scenario.zh}：与基准相比，全部岗位{total}万个，其中{'，'.join(zh)}。{why.zh}",
                    f"{scenario.en}: against the baseline {total} x 10,000 jobs, of which {', '.join(en)}.{why.en}",
                )
            )
        )
    return said


def _two(value: float) -> str:
    return DASH if math.isnan(value) else f"{value:.2f}"


def fan_section(run: Results, figures: Figures) -> str:
    """Fan charts of plan value added and plan output."""
    ledgers = "".join(paragraph(Words(*words)) for words in LEDGERS.values())
    parts = [f'<div class="ledgers">{ledgers}</div>']
    for variable in ("plan_value_added", "plan_output"):
        found = fans.fan_table(run, variable)
        plot = partial(fans.plot_fan, found, config=run.config, scenarios=run.scenarios)
        words = INDICATORS[variable]
        caption = Words(
            f"{words.zh}，规划口径，当年价。{banded(run).zh}线为中位数；菱形为规划目标。",
            f"{words.en}, current prices. {banded(run).en} Line: median; diamond: plan target.",
        )
        alt = Words(f"九条产业链{words.zh}的扇形图", f"Fan charts of {words.en} for nine chains")
        parts += [
            f"<h3>{Words(words.zh, words.en).html}</h3>",
            figures.show(f"fans_{variable}", plot, found, caption, alt),
        ]
    return section("fans", Words("各产业链走向目标的路径", "Each chain's path to its target"), *parts)


def gap_section(run: Results, figures: Figures) -> str:
    """Gap to target in both ledgers with the ceiling, and how far the plan ledger exceeds GDP."""
    title = Words("与目标的差距和上限", "Gap to target, and the ceiling")
    found = gaps.gap_table(run)
    if not len(found):
        return section("gaps", title, paragraph(NO_TARGETS))
    plot = partial(gaps.plot_gap, found, config=run.config, scenarios=run.scenarios)
    ceiling = CEILING if found["ceiling"].notna().any() else Words("", "")
    caption = Words(
        f"点为平均值，线为中间90%的模拟。{ceiling.zh}两种口径分图列示，不可相加。{counted(run).zh}",
        f"Dot: mean; line: middle 90 % of runs. {ceiling.en}The two ledgers have their own panels and must not be "
        f"added. {counted(run).en}",
    )
    alt = Words("各链与目标的差距：点、区间和上限", "Gap to target by chain: dots, intervals and ceilings")
    overlap = gaps.overlap_table(run)
    scale, names = SCALES["CNY"], _names(run)
    columns = ["plan_value_added", "overlap", "union", "gdp"]
    rows: list[list[Content]] = [
        [names[row.scenario], *(number(getattr(row, name), scale) for name in columns)] for row in records(overlap)
    ]
    head = heads(
        "情景|Scenario",
        "九链增加值之和（规划口径）|Nine chains, plan ledger",
        "其中重复计算|Counted more than once",
        "去重后|Counted once",
        "地区生产总值|GDP",
    )
    year = int(overlap["year"].iloc[0])
    listed = table(
        Words(f"{year}年规划口径与地区生产总值（亿元）", f"Plan ledger and GDP in {year} (100 million yuan)"),
        head,
        rows,
    )
    return section(
        "gaps", title, figures.show("gaps", plot, found, caption, alt), listed, figures.csv("overlap", overlap)
    )


def job_section(run: Results, figures: Figures) -> str:
    """Jobs by chain and county."""
    found = jobs.job_table(run)
    plot = partial(jobs.plot_job, found, config=run.config, scenarios=run.scenarios)
    caption = Words(
        f"全年平均岗位数，千个，模拟平均。{counted(run).zh}“其他经济”数值大，不着色。",
        f"Mean jobs over the year, thousands, mean over runs. {counted(run).en} The rest of the economy is far larger "
        "and is not shaded.",
    )
    alt = Words("各产业链各县（市、区）岗位热力表", "Heat table of jobs by chain and county")
    title = Words("各产业链、各县（市、区）的岗位", "Jobs by chain and county")
    return section("jobs", title, figures.show("jobs", plot, found, caption, alt))


def urban_section(run: Results, figures: Figures) -> str:
    """Urban share of residents."""
    found = urbanisation.urbanisation_table(run)
    plot = partial(urbanisation.plot_urbanisation, found, scenarios=run.scenarios)
    wanted = found[found["scenario"] == "target"]
    goals = [(row.month // 100, f"{row.mean:.0%}") for row in records(wanted)]
    caption = Words(
        f"线为中位数。{banded(run).zh}规划目标：{'，'.join(f'{year}年{share}' for year, share in goals)}。",
        f"Line: median. {banded(run).en} Plan: {', '.join(f'{share} in {year}' for year, share in goals)}.",
    )
    alt = Words("常住人口城镇化率路径", "Path of the urban share of residents")
    title = Words("城镇化", "Urbanisation")
    parts = people_sections.urban_parts(run)
    return section("urbanisation", title, figures.show("urbanisation", plot, found, caption, alt), parts)
