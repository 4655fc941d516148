"""The brief: one A4 page in Chinese that a leader reads in two minutes, words and numbers from the results alone."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .comparison import PAYERS, Comparison, Side, headline_rows
from .effects import cost_table, ranking_table, target_chances
from .fonts import webfont_css
from .page import write_whole
from .paired import paired_table
from .public_money import cut_table, money_table
from .results import IncompleteResults, records
from .supply_section import supply_table
from .targets import count_targets
from .words import DASH, FACTORS, nine, run_count

if TYPE_CHECKING:
    from .results import Results

TEMPLATE = Path(__file__).with_name("templates") / "brief.html"
BILLION, WAN = 1e8, 1e4
MOST_CUTS = 2
LEAST_BOUND = 0.02  # of a chain's output: what binds less of it is not the chain's tightest constraint


def write_brief(comparison: Comparison, path: Path, scenario: str | None = None) -> Path:
    """Write the brief about one scenario beside the baseline; returns its path.

    Parameters
    ----------
    scenario : name of the scenario; default: the one that ranks highest, the baseline left out.

    Raises
    ------
    IncompleteResults
        When there is no such scenario; the message names those there are.
    """
    side = _chosen(comparison, scenario)
    parts = [
        "<h2>一、结论</h2>", _list(_findings(comparison, side)),
        "<h2>二、各产业链</h2>", _chain_table(comparison, side),
        "<h2>三、投入与人</h2>", _list([*_costs(comparison, side), *_budgets(side), *_people(comparison, side)]),
        "<h2>四、怎样使用这些数字</h2>", _list(_limits(comparison)),
    ]  # fmt: skip
    title = f"平凉市九大产业链推演简报（{comparison.year}年）"
    about = f"情景“{side.label.zh}”与“{comparison.base.label.zh}”比较。由模拟结果自动生成。"
    filled = {"title": title, "about": html.escape(about), "body": "\n".join(parts)}
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    font = webfont_css(template.substitute(filled, font=""))
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(path, template.substitute(filled, font=font))


def _chosen(comparison: Comparison, scenario: str | None) -> Side:
    sides = {side.name: side for side in comparison.others}
    if scenario is not None and scenario not in sides:
        raise IncompleteResults(f"no scenario {scenario!r} beside the baseline; there are: {', '.join(sides)}")
    ranked = [name for name in ranking_table(comparison)["side"] if name in sides]
    return sides[scenario or ranked[0]]


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>"


def _findings(comparison: Comparison, side: Side) -> list[str]:
    found = target_chances(comparison)
    counts = {}
    for kind in ("plan_output", "plan_value_added"):
        total = count_targets(side.run, kind)
        met = [
            int((found[(found["side"] == each.name) & (found["indicator"] == kind)]["probability"] > 0.5).sum())
            for each in (side, comparison.base)
        ]
        counts[kind] = (total, *met)
    lines = [
        f"全产业链产值{counts['plan_output'][0]}项目标中，该情景多数模拟达到{counts['plan_output'][1]}项"
        f"（基准{counts['plan_output'][2]}项）；增加值{counts['plan_value_added'][0]}项目标中达到"
        f"{counts['plan_value_added'][1]}项（基准{counts['plan_value_added'][2]}项）。"
    ]
    mine = found[(found["side"] == side.name) & (found["indicator"] == "plan_value_added")]
    beyond = mine[mine["ceiling"] < mine["target"]]
    if len(beyond):
        names = "、".join(comparison.config.chains[chain].name.zh for chain in beyond["chain"])
        lines.append(
            f"{len(beyond)}条链（{names}）的增加值目标高于上限：即使实物目标全部实现、产能满负荷，按同一统计口径也达不到，"
            "需要核对目标口径或重新定值。"
        )
    differences = paired_table(comparison, headline_rows(comparison.values))
    lines += _differences(differences[differences["side"] == side.name])
    return lines


def _differences(rows: pd.DataFrame) -> list[str]:
    """GDP and jobs against the baseline, with what the runs cannot decide said so."""
    said = []
    for indicator, name, unit, scale in (
        ("gdp", "地区生产总值", "亿元", BILLION),
        ("chain_jobs", "九条链岗位", "万人", WAN),
        ("employed", "全市就业", "万人", WAN),
    ):
        row = rows[rows["indicator"] == indicator]
        if not len(row):
            continue
        mean, low, high = (float(row.iloc[0][column]) / scale for column in ("mean", "low", "high"))
        verb = "增加" if mean >= 0 else "减少"
        doubt = "，区间含零，不能判断方向" if low <= 0 <= high else ""
        said.append(f"{name}{verb}{abs(mean):,.1f}{unit}（95%区间{_signed(low)}至{_signed(high)}{doubt}）")
    return [f"与基准相比，{'；'.join(said)}。"] if said else []


def _signed(value: float) -> str:
    return DASH if not np.isfinite(value) else f"{value:+,.1f}".replace("-", "−")


def _chain_table(comparison: Comparison, side: Side) -> str:
    found = target_chances(comparison)
    found = found[found["indicator"] == "plan_value_added"]
    known = {(row.side, row.chain): row for row in records(found)}
    bound = binding_by_chain(side.run, side.label.name)
    rows, above = [], []
    for chain in nine(comparison.config):
        if (side.name, chain) not in known:
            continue
        mine, base = known[side.name, chain], known[comparison.base.name, chain]
        share = mine.value / mine.target
        kind = ' class="yes"' if mine.probability > 0.5 else ""
        factor = FACTORS[bound[chain]][0] if chain in bound else "需求或季节"
        above += [comparison.config.chains[chain].name.zh] if mine.value > mine.ceiling else []
        rows.append(
            f"<tr><td>{html.escape(comparison.config.chains[chain].name.zh)}</td>"
            f"<td>{mine.target / BILLION:,.0f}</td>"
            f"<td>{base.value / BILLION:,.1f}</td><td>{mine.value / BILLION:,.1f}</td><td{kind}>{share:.0%}</td>"
            f"<td>{mine.probability:.0%}</td><td>{mine.ceiling / BILLION:,.1f}</td>"
            f'<td class="t">{factor}</td></tr>'
        )
    head = (
        "<tr><th>产业链</th><th>目标</th><th>基准</th><th>本情景</th><th>完成</th><th>达到概率</th><th>上限</th>"
        '<th class="t">最紧的约束</th></tr>'
    )
    note = (
        '<p class="note">全产业链增加值（规划口径，当年价，亿元）。'
        "上限：实物目标全部实现、已定产能满负荷、需求和劳动力不受限时的水平。"
        "最紧的约束：全年受需求、季节以外因素约束的产能中占比最大的因素，不足全链产值2%的不计。"
        + (f"{'、'.join(above)}高于上限，因为实物产量超过规划目标，或投入品比价更低。" if above else "")
        + "</p>"
    )
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>{note}"


def binding_by_chain(run: Results, scenario: str) -> dict[str, str]:
    """Name the factor, other than demand and season, that bound most of each chain's capacity in the last year.

    One that holds back less than a small part of the chain's output is not named.
    """
    table = supply_table(run, scenario=scenario).reset_index()
    tight = table[table["binding"] != ""].assign(weight=lambda rows: rows["binding_share"] * rows["output"])
    if not len(tight):
        return {}
    whole = table.groupby("chain")["output"].sum()
    summed = tight.groupby(["chain", "binding"])["weight"].sum().reset_index().sort_values("weight")
    summed = summed[summed["weight"] >= LEAST_BOUND * summed["chain"].map(whole)]
    return {row.chain: row.binding for row in records(summed)}  # of each chain the largest comes last and stays


def _costs(comparison: Comparison, side: Side) -> list[str]:
    costs = cost_table(comparison)
    row = next(records(costs[costs["side"] == side.name]))
    upper, city, county, firm = (getattr(row, f"cost_{payer}") / BILLION for payer in PAYERS)
    lines = [
        f"{comparison.runs[0].years[0]}—{comparison.runs[0].years[-1]}年累计：上级财政{upper:,.0f}亿元、市级{city:,.0f}亿元、"
        f"县级{county:,.0f}亿元，企业投资{firm:,.0f}亿元。"
    ]
    if np.isfinite(row.per_job_year):
        lines[0] += f"每多一个岗位·年需财政投入{row.per_job_year / WAN:,.1f}万元。"
    else:
        lines[0] += "九条链岗位没有可确认的增加，不计算单位岗位成本。"
    if np.isfinite(row.per_yuan):
        lines[0] += f"每多1元地区生产总值对应财政投入{row.per_yuan:,.2f}元。"
    return lines


def _budgets(side: Side) -> list[str]:
    """What city and counties owe for programmes in the end, and which were cut; nothing where none costs anything."""
    money = money_table(side.run)
    money = money[money["scenario"] == side.label.name]
    if not len(money):
        return []
    owed = money[(money["item"] == "owed") & (money["year"] == money["year"].max())]["value"].sum()
    cuts = cut_table(side.run)
    cuts = cuts[cuts["scenario"] == side.label.name]
    said = "没有项目因资金不足被削减"
    if len(cuts):
        names = "、".join(side.run.config.policies.policies[key].name.zh for key in cuts["policy"].head(MOST_CUTS))
        more = "等" if len(cuts) > MOST_CUTS else ""
        total = cuts["cut"].sum() / BILLION
        said = f"因资金不足削减{total:,.1f}亿元，涉及{len(cuts)}个项目（{names}{more}）"
    return [f"{money['year'].max()}年末市县两级为这些项目欠专项债{owed / BILLION:,.0f}亿元；{said}。"]


def _people(comparison: Comparison, side: Side) -> list[str]:
    differences = paired_table(comparison, headline_rows(comparison.values))
    mine = {row.indicator: row for row in records(differences[differences["side"] == side.name])}
    said = []
    if (row := mine.get("urbanisation_rate")) is not None:
        said.append(f"常住人口城镇化率{row.value:.1%}（基准{row.base:.1%}）")
    if (row := mine.get("income_ratio")) is not None:
        said.append(f"城乡居民收入比{row.value:.2f}（基准{row.base:.2f}）")
    values = comparison.values
    counties = paired_table(comparison, (values["indicator"] == "value_added") & (values["county"] != ""))
    ranked = list(records(counties[counties["side"] == side.name].sort_values("mean")))
    names = {str(key): item.name.zh for key, item in comparison.config.counties.counties.items()}
    most, least = ranked[-1], ranked[0]
    return [
        "，".join(said) + "。" if said else "",
        f"增加值增加最多的是{names[most.county]}（{_signed(most.mean / BILLION)}亿元），"
        f"最少的是{names[least.county]}（{_signed(least.mean / BILLION)}亿元）。",
    ]


def _limits(comparison: Comparison) -> list[str]:
    counts = [int(run.finished.groupby("scenario").size().min()) for run in comparison.runs]
    return [
        f"{run_count(counts)[0]}区间只反映价格、天气和个人选择的偶然性，不含参数不确定性。",
        "规划口径把一条链上各环节逐级相加，各链之和可超过地区生产总值；两种口径不能相加。",
        "多数参数是带区间的假设；2021—2022年模型与统计数据的偏差见报告“检验”一节，引用前请先查看；完整结果和来源见同一文件夹中的报告。",
    ]
