"""Write the comparison: one HTML page that ranks scenarios, and a brief of one page in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from . import compare_figures
from .compare_figures import difference_scale
from .comparison import Comparison, headline_rows
from .effects import cost_table, ranking_table, target_chances
from .headline import HEADLINES
from .page import Cell, Content, Figures, Words, folded, heads, page, paragraph, section, table, write_whole
from .paired import effect_by_group, lever_groups, paired_table
from .results import records
from .words import DASH, INDICATORS, SCALES, Scale, counties_in_order, nine, run_count

CONTENTS = [
    ("ranking", Words("排序", "Ranking")),
    ("targets", Words("目标", "Targets")),
    ("effects", Words("效果", "Effects")),
    ("costs", Words("成本", "Costs")),
    ("chains", Words("各链得失", "Chains")),
    ("counties", Words("各县得失", "Counties")),
    ("groups", Words("分组与交互", "Groups")),
    ("method", Words("方法与局限", "Method and limits")),
]


def write_comparison(comparison: Comparison, out: Path) -> Path:
    """Write ``compare.html`` with its figures and CSV files into ``out``; returns the page's path."""
    figures = Figures(out / "figures")
    parts = [
        _ranking(comparison, figures), _targets(comparison, figures), _effects(comparison, figures),
        _costs(comparison, figures), _winners(comparison, figures, "chain"), _winners(comparison, figures, "county"),
        _groups(comparison, figures), _method(comparison),
    ]  # fmt: skip
    body = figures.drawn("\n".join(part for part in parts if part))
    shown = [item for item in CONTENTS if f'id="{item[0]}"' in body]
    base = comparison.base.label
    text = page(
        Words(f"情景比较：{comparison.year}年", f"Scenarios compared: {comparison.year}"),
        Words(f"与“{base.zh}”相比，各情景多达到哪些目标、多出多少岗位、花谁的钱？",
              f"Beside '{base.en}': which targets does each scenario add, what jobs, and at whose cost?"),
        shown, body,
        Words("平凉市九大产业链主体模拟", "Agent-based simulator of the nine industry chains of Pingliang").html,
    )  # fmt: skip
    return write_whole(out / "compare.html", text)


def _names(comparison: Comparison) -> dict[str, Words]:
    return {side.name: Words(side.label.zh, side.label.en) for side in comparison.sides}


def _number(value: float, scale: Scale, *, sign: bool = False) -> Cell:
    return Cell(scale.text(value, sign=sign), "n")


def _ranking(comparison: Comparison, figures: Figures) -> str:
    found, names = ranking_table(comparison), _names(comparison)
    rows: list[list[Content]] = [
        [
            names[row.side],
            *(Cell(f"{getattr(row, name):.1f}", "n") for name in ("output", "value_added", "others", "met")),
            Cell(f"{row.closeness:.0%}", "n"),
        ]
        for row in records(found)
    ]
    head = heads(
        "情景|Scenario", "产值目标|Output targets", "增加值目标|Value-added targets", "其他目标|Other targets",
        "合计|All", "与目标之比（平均）|Mean share of target",
    )  # fmt: skip
    words = Words(
        "各情景预期达到的目标个数（每个目标按达到它的模拟所占比例计），从多到少；末列为十六个产业链目标完成比例的平均（每个至多计100%）。",
        "Expected number of targets reached (each counts with the share of runs that reach it), most first; last "
        "column: mean completion of the chain targets, each at most 100 %.",
    )
    listed = table(Words("情景排序", "Scenarios ranked"), head, rows)
    return section(
        "ranking", Words("情景排序", "Scenarios ranked"), paragraph(words), listed, figures.csv("ranking", found)
    )


def _targets(comparison: Comparison, figures: Figures) -> str:
    found = target_chances(comparison)
    head: list[Content] = [*heads("目标|Target", "目标值|Target value", "单位|Unit", "上限|Ceiling")]
    head += [Words(side.label.zh, side.label.en) for side in comparison.sides]
    rows: list[list[Content]] = []
    for _, mine in found.groupby("item", sort=False):
        first = next(records(mine))
        scale = _target_scale(first.indicator)
        by_side = {row.side: row for row in records(mine)}
        cells: list[Content] = []
        for side in comparison.sides:
            row = by_side[side.name]
            year = f"，{row.year_reached:.0f}" if pd.notna(row.year_reached) else ""
            text = f"{scale.text(row.value)}（{row.probability:.0%}{year}）"
            cells.append(Cell(text, "n yes" if row.probability > 0.5 else "n"))
        name = Words(first.name_zh, first.name_en)
        ceiling = _number(first.ceiling, scale) if np.isfinite(first.ceiling) else Cell(DASH, "n")
        rows.append([name, _number(first.target, scale), Words(scale.zh, scale.en), ceiling, *cells])
    words = Words(
        "每格：模拟平均值（达到目标的模拟所占比例，多数模拟首次达到的年份）。上限：实物目标全部实现、已定产能满负荷、需求和劳动力不受限时当年的水平。"
        "规划口径按年计算，故只给年份。比例的95%区间（Wilson）见数据文件。",
        "Each cell: mean (share of runs that reach the target, year most runs first do). Ceiling: every physical "
        "target met, dated capacity full, demand and labour unlimited. The plan ledger is yearly, so years are given, "
        "not months. The 95 % intervals of the shares (Wilson) stand in the data file.",
    )
    listed = table(Words("目标达成", "Targets"), head, rows)
    return section("targets", Words("各目标能否达到", "Which targets are reached"), paragraph(words), listed,
                   figures.csv("target_chances", found))  # fmt: skip


def _target_scale(indicator: str) -> Scale:
    known = INDICATORS.get(indicator)
    return SCALES[known.unit] if known else Scale(1.0, "", "", 2)


def _effects(comparison: Comparison, figures: Figures) -> str:
    found = paired_table(comparison, headline_rows(comparison.values))
    names = _names(comparison)
    plot = partial(compare_figures.plot_effects, found, sides=comparison.others)
    caption = Words(
        "同一随机数下逐对相减：点为平均差，线为95%置信区间（t分布）。蓝色圆点：对多个指标作Holm校正后仍显著；灰色菱形：这些模拟不足以判断。",
        "Differences of runs that share their random numbers: dot mean, line 95 % interval (t). Blue dots stay "
        "significant after Holm's adjustment over the indicators; grey diamonds cannot be told from nothing "
        "with these runs.",
    )
    alt = Words("各情景主要指标与基准之差", "Differences from the baseline by indicator and scenario")
    rows: list[list[Content]] = []
    for row in records(found):
        scale, words = difference_scale(row.indicator), INDICATORS[row.indicator]
        numbers = [_number(value, scale, sign=True) for value in (row.mean, row.low, row.high, row.median)]
        rows.append([names[row.side], Words(words.zh, words.en), Words(scale.zh, scale.en), *numbers,
                     *(Cell(_two(v), "n") for v in (row.p_holm, row.correlation, row.variance_saved))])  # fmt: skip
    head = heads(
        "情景|Scenario", "指标|Indicator", "单位|Unit", "平均差|Mean", "下限|Low", "上限|High", "中位差|Median",
        "Holm校正p值|p, Holm", "配对相关|Correlation", "方差减少|Variance removed",
    )  # fmt: skip
    listed = table(Words("配对差异", "Paired differences"), head, rows)
    shown = figures.show("effects", plot, found, caption, alt)
    return section("effects", Words("与基准之差", "Differences from the baseline"), shown,
                   folded(Words("查看表格", "Table"), listed))  # fmt: skip


def _two(value: float) -> str:
    return DASH if not np.isfinite(value) else f"{value:.2f}"


def _costs(comparison: Comparison, figures: Figures) -> str:
    found, names = cost_table(comparison), _names(comparison)
    money, people = SCALES["CNY"], SCALES["person"]
    plot = partial(compare_figures.plot_cost, found, sides=comparison.others)
    rows: list[list[Content]] = []
    for place, row in enumerate(records(found), start=1):
        costs = [_number(getattr(row, f"cost_{payer}"), money) for payer in ("upper", "city", "county", "firm")]
        per_job = Cell(DASH if not np.isfinite(row.per_job_year) else f"{row.per_job_year / 1e4:,.1f}", "n")
        per_yuan = Cell(_two(row.per_yuan), "n")
        shares = [Cell(DASH if not np.isfinite(v) else f"{v:.0%}", "n") for v in (row.deadweight, row.displacement)]
        name = Words(f"{place}. {names[row.side].zh}", f"{place}. {names[row.side].en}")
        rows.append([name, *costs, _number(row.job_years, people, sign=True),
                     _number(row.value_added, money, sign=True), per_job, per_yuan, *shares])  # fmt: skip
    head = heads(
        "情景|Scenario", "上级财政|Higher levels", "市级|City", "县级|Counties", "企业|Firms",
        "岗位·年（万）|Job-years (10,000)", "新增GDP|GDP added", "每岗位·年（万元）|Per job-year (10,000 yuan)",
        "每元增加值的财政投入|Public yuan per yuan", "无谓部分|Deadweight", "挤出部分|Displacement",
    )  # fmt: skip
    caption = Words(
        "财政投入为上级、市、县三级合计，竖线为效果的95%区间，数字为上表中情景的编号。",
        "Public money: higher levels, city and counties together; bars: 95 % intervals of the effect; numbers: those "
        "of the scenarios in the table above.",
    )
    alt = Words("财政投入与岗位、增加值", "Public money against jobs and value added")
    words = Words(
        "全部模拟年份累计，亿元，与基准之差。效果区间含零或为负时不算单位成本（“—”）。无谓部分：九链岗位自首年以来的增长中，基准情景也有的比例；"
        "挤出部分：九链新增岗位中，全市就业没有同时增加的比例（工人来自其他行业；负数表示其他行业也增加）。",
        "All years, 100 million yuan, differences from the baseline. No unit cost is given where the interval of the "
        "effect holds zero or lies below it. Deadweight: part of the growth of chain jobs since the first year that "
        "the baseline has too. Displacement: part of the jobs added in the chains by which employment in the city did "
        "not grow (negative: it grew elsewhere too).",
    )
    listed = table(Words("投入与效果", "Cost and effect"), head, rows)
    shown = figures.show("cost_effect", plot, found, caption, alt)
    return section("costs", Words("花谁的钱，换来什么", "Whose money, and for what"), paragraph(words), listed, shown)


def _winners(comparison: Comparison, figures: Figures, by: str) -> str:
    values = comparison.values
    found = paired_table(comparison, (values["indicator"] == "value_added") & (values[by] != ""))
    config = comparison.config
    if by == "chain":
        keys = [*nine(config), "rest"]
        names = {key: (config.chains[key].name.zh, config.chains[key].name.en.replace(" ", "\n", 1)) for key in keys}
        title = Words("各产业链得失", "Winners and losers by chain")
    else:
        names = {str(key): (item.name.zh, item.name.en) for key, item in config.counties.counties.items()}
        names = {key: names[key] for key in counties_in_order(config)}
        title = Words("各县（市、区）得失", "Winners and losers by county")
    caption = Words(
        f"{comparison.year}年增加值（国民核算口径）与基准之差，亿元；粗体：95%区间不含零。",
        f"Value added (national accounts) in {comparison.year}, difference from the baseline, 100 million yuan; bold: "
        "the 95 % interval leaves out zero.",
    )
    plot = partial(compare_figures.plot_winners, found, sides=comparison.others, names=names, column=by)
    parts = [figures.show(f"winners_{by}", plot, found, caption, title)]
    if by == "county":
        plot = partial(compare_figures.plot_counties, found, sides=comparison.others, config=config)
        tiles = Words(
            "七县（市、区）示意图，方格按相对位置排列。" + caption.zh,
            "The counties as tiles where they lie. " + caption.en,
        )
        parts.append(figures.show("county_tiles", plot, found, tiles, title))
    return section("chains" if by == "chain" else "counties", title, *parts)


def _groups(comparison: Comparison, figures: Figures) -> str:
    whole = [side for side in comparison.others if lever_groups(comparison, side)]
    if not whole:
        return ""
    names = _names(comparison) | {"interaction": Words("交互作用", "interaction"), "total": Words("合计", "total")}
    parts = []
    for side in whole:
        found = effect_by_group(comparison, side, [name for name in HEADLINES if not name.startswith("targets_")])
        rows: list[list[Content]] = []
        for row in records(found):
            scale, indicator = difference_scale(row.indicator), INDICATORS[row.indicator]
            rows.append([Words(indicator.zh, indicator.en), Words(scale.zh, scale.en), names[row.part],
                         *(_number(value, scale, sign=True) for value in (row.mean, row.low, row.high))])  # fmt: skip
        head = heads("指标|Indicator", "单位|Unit", "组|Group", "平均差|Mean", "下限|Low", "上限|High")
        title = Words(
            f"{side.label.zh}：各组单独实施之和与交互", f"{side.label.en}: groups alone, and their interaction"
        )
        parts += [table(title, head, rows), figures.csv(f"groups_{side.name.replace('/', '_')}", found)]
    words = Words(
        "各组措施单独实施的效果与一起实施的效果之差为交互作用；逐对相加，恒等于合计。",
        "What the groups give together beyond what each gives alone is the interaction; parts add up in every pair.",
    )
    return section("groups", Words("哪组措施起作用", "Which groups of measures do it"), paragraph(words), *parts)


def _method(comparison: Comparison) -> str:
    counts = [run.finished.groupby("scenario").size().min() for run in comparison.runs]
    zh, en = run_count(counts)
    scale = comparison.runs[0].manifest["scale"]
    lines = [
        Words(f"{zh}比例尺{scale:g}。区间反映模拟中的偶然性（价格、天气、个人选择），不含参数不确定性。",
              f"{en} Scale {scale:g}. Intervals hold chance in the runs (prices, weather, choices), not the ranges of "
              "parameters."),
        Words("两种口径从不相加：目标用规划口径，得失用国民核算口径。",
              "The two ledgers are never added: targets use the plan ledger, winners and losers national accounts."),
    ]  # fmt: skip
    folders: Sequence[str] = [str(run.path.name) for run in comparison.runs]
    lines.append(Words(f"结果集：{'，'.join(folders)}", f"Result sets: {', '.join(folders)}"))
    return section("method", Words("方法与局限", "Method and limits"), *(paragraph(line) for line in lines))


def comparison_rows(comparison: Comparison) -> pd.DataFrame:
    """Paired differences of the headline indicators, for printing."""
    return paired_table(comparison, headline_rows(comparison.values))
