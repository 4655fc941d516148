"""Second half of the report: how the past compares, what of the plan is covered, every target, sources and limits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import coverage, provenance, validation
from .gaps import overlap_table
from .page import Cell, Content, Figures, Words, folded, heads, paragraph, section, table
from .results import records
from .sections import NO_TARGETS, counted, label, number, unit
from .targets import target_amount, target_items, targets_table
from .words import DASH, INDICATORS, SCALES, Scale, scale_of

if TYPE_CHECKING:
    from .results import Results

PERCENT = Scale(0.01, "%", "%", 1)
# Units of the plan that no indicator has; a length is kept in km.
COUNTED = {"count": Scale(1.0, "个", "count", 0), "m": Scale(1e-3, "米", "m", 0)}
LIMITS = (
    Words(
        "结果是带假设的模拟，不是预测；区间只反映模拟的随机性，不含参数和口径的不确定性。",
        "Results are simulations under assumptions, not forecasts; the bands hold chance between runs only, not "
        "uncertain parameters nor the choice of ledger rule.",
    ),
    Words(
        "煤炭、电力和旅游没有公开的全市年度总量，基期为有区间的假定值。",
        "No yearly city totals are published for coal, power or tourism: their base levels are assumed, with ranges.",
    ),
)


def limits(run: Results) -> list[Words]:
    """Say what the results cannot bear, with the plan's sum of value added beside GDP."""
    wanted = sum(target_amount(item) for item in target_items(run).values() if item.indicator == "plan_value_added")
    overlap = overlap_table(run).iloc[0]
    money = SCALES["CNY"]
    sums = Words(
        f"各链增加值目标合计{money.text(wanted)}亿元，{overlap['year']}年基准情景地区生产总值{money.text(overlap['gdp'])}亿元；"
        "规划口径有重复计算，见“差距”一节。",
        f"The chains' value-added targets sum to {money.text(wanted)} hundred million yuan; GDP in the baseline of "
        f"{overlap['year']} is {money.text(overlap['gdp'])}. The plan ledger counts some value more than once, "
        "see 'Gaps'.",
    )
    return [*LIMITS, sums]


def validation_section(run: Results, figures: Figures) -> str:
    """Modelled beside observed."""
    title = Words("模拟值与统计值", "Modelled beside observed")
    found = validation.validation_table(run)
    if not len(found):
        none = Words("模拟时段内没有可比的统计值。", "No observed figures fall into the months that were run.")
        return section("validation", title, paragraph(none))
    plot = partial(validation.plot_validation, found)
    caption = Words(
        f"基准情景；点为平均值，线为中间90%的模拟。{counted(run).zh}",
        f"Baseline; dot: mean, line: middle 90 % of runs. {counted(run).en}",
    )
    alt = Words("模拟值相对统计值的偏差", "Deviation of modelled from observed figures")
    rows: list[list[Content]] = []
    for row in records(found):
        scale = scale_of(row.indicator)
        rows.append(
            [Words(row.name_zh, row.name_en), Cell(str(row.year), "n"), unit(scale), number(row.observed, scale),
             number(row.modelled, scale), number(row.p05, scale), number(row.p95, scale),
             number(row.deviation, PERCENT, sign=True)]
        )  # fmt: skip
    head = heads(
        "指标|Indicator",
        "年份|Year",
        "单位|Unit",
        "统计值|Observed",
        "模拟平均|Modelled mean",
        "下限（5%）|5 %",
        "上限（95%）|95 %",
        "偏差（%）|Deviation, %",
    )
    listed = table(Words("模拟值与统计值", "Modelled and observed"), head, rows)
    return section("validation", title, figures.show("validation", plot, found, caption, alt), listed)


def coverage_section(run: Results, figures: Figures) -> str:
    """Share of the plan's measures the model speaks about."""
    title = Words("规划措施的覆盖", "How much of the plan is covered")
    found = coverage.coverage_table(run)
    if not len(found):
        return section("coverage", title, paragraph(Words("规划措施未列出。", "No measures of the plan are listed.")))
    plot = partial(coverage.plot_coverage, found)
    share = found["status"].value_counts(normalize=True)
    part = {status: f"{share.get(status, 0.0):.0%}" for status in coverage.STATUSES}
    said = Words(
        f"规划的{len(found)}项措施和项目中，{part['modelled']}已建模，{part['construction']}仅计建设需求，"
        f"{part['not modelled']}未建模。",
        f"Of the plan's {len(found)} measures and projects {part['modelled']} are modelled, {part['construction']} "
        f"count as construction demand only and {part['not modelled']} are not modelled.",
    )
    alt = Words("各章节措施的建模情况", "Measures by section: modelled, construction only, not modelled")
    rows: list[list[Content]] = [
        [Words(row.name_zh, row.name_en), row.section, Words(*coverage.STATUSES[row.status][:2]), Cell(row.why, "long")]
        for row in records(found)
    ]
    head = heads("措施|Measure", "章节|Section", "处理|Status", "原因|Why")
    listed = table(Words("规划措施逐项", "Measures of the plan"), head, rows)
    return section(
        "coverage", title, paragraph(said), figures.show("coverage", plot, found, said, alt),
        folded(Words("逐项查看", "Every measure"), listed), *_other_uses(run, figures),
    )  # fmt: skip


def _other_uses(run: Results, figures: Figures) -> list[str]:
    """Measures that scenarios use at other dates or sizes than the catalogue's, folded."""
    found = coverage.uses_table(run)
    labels = {item.name: Words(item.zh, item.en) for item in run.scenarios}
    found = found[found["scenario"].isin(labels)]
    if not len(found):
        return []
    rows: list[list[Content]] = []
    for row in records(found):
        name = run.config.interventions[row.policy].name
        size = Words("未建成", "not built") if row.times == 0 else Words(f"{row.times:.0%}", f"{row.times:.0%}")
        rows.append([labels[row.scenario], Words(name.zh, name.en), row.catalogue, row.used, size, row.source])
    head = heads("情景|Scenario", "措施|Measure", "目录时间|Catalogue", "本情景|Here", "规模|Size", "来源|Source")
    caption = Words("时间或规模与目录不同的措施", "Measures used at other dates or sizes than the catalogue's")
    return [folded(caption, table(caption, head, rows)), figures.csv("other_uses", found)]


def _scale(indicator: str, unit: str) -> Scale:
    """How a figure of the plan is written: as its indicator, else by what its unit counts."""
    if indicator in INDICATORS:
        return SCALES[INDICATORS[indicator].unit]
    counted = unit.split("/")[0].split(" ")[-1]
    if counted == "%":
        return SCALES["share"]
    if counted in ("CNY", "person", "t", "head", "mu"):
        return SCALES[counted]
    return COUNTED.get(counted) or Scale(1.0, counted, counted, 0)


def targets_section(run: Results, figures: Figures) -> str:
    """Every target of the plan with base, result, gap, how often it is reached, and ceiling."""
    title = Words("规划目标表", "Targets of the plan")
    found = targets_table(run)
    if not len(found):
        return section("tables", title, paragraph(NO_TARGETS))
    scenarios = [(item.name, label(item)) for item in run.scenarios]
    head: list[Content] = heads(
        "目标|Target", "章节|Section", "单位|Unit", "基期|Base", "目标值|Plan", "年份|Year shown"
    )
    for _, name in scenarios:
        head += [
            Words(f"{name.zh}：结果", f"{name.en}: result"),
            *heads("差距|Gap", "达成次数|Runs that reach it", "达成年份|Year reached", "上限|Ceiling"),
        ]
    rows: list[list[Content]] = []
    for _, group in found.groupby("item", sort=False):
        first = group.iloc[0]
        scale = _scale(first["indicator"], first["unit"])
        base = f"{scale.text(first['base'])} ({first['base_year']:.0f})" if first["base_from"] else DASH
        shown = f"{first['year']:.0f}" if first["n"] else Words("未模拟", "not simulated")
        row: list[Content] = [
            Words(first["name_zh"], first["name_en"]), Cell(first["section"], "tag"), Cell(unit(scale), "tag"),
            Cell(base, "n"), number(first["target"], scale), Cell(shown, "n"),
        ]  # fmt: skip
        for key, _ in scenarios:
            row += _outcome(group[group["scenario"] == key].iloc[0].to_dict(), scale)
        rows.append(row)
    caption = Words(
        "规划目标逐项（结果为模拟平均，括号内为中间90%）",
        "Every target of the plan (means over runs; middle 90 % in brackets)",
    )
    return section(
        "tables", title, f'<div class="wide">{table(caption, head, rows)}</div>', figures.csv("targets", found)
    )


def _outcome(row: dict, scale: Scale) -> list[Content]:
    if not row["n"]:
        return [Cell(DASH, "n")] * 5
    value = f"{scale.text(row['value'])} ({scale.text(row['p05'])} – {scale.text(row['p95'])})"
    year = (
        DASH
        if row["year_reached"] != row["year_reached"] or row["year_reached"] is None
        else f"{row['year_reached']:.0f}"
    )
    hits = Cell(f"{row['reached']:.0f}/{row['n']}", "n yes" if row["reached"] == row["n"] else "n")
    gap = number(row["gap"], scale, sign=True)
    return [Cell(value, "n"), gap, hits, Cell(year, "n"), number(row["ceiling"], scale)]


def provenance_section(run: Results, figures: Figures) -> str:
    """What was run, how much of it is measured, borrowed or assumed, the sources, and the limits."""
    found = provenance.provenance_table(run)
    counts = provenance.kind_table(found)
    kinds = table(
        Words("配置中的数值个数（按性质）", "Numbers in the configuration by kind"),
        [Words("部分", "Part"), *(Cell(Words(*words), "n") for words in provenance.KINDS.values())],
        [
            [str(part), *(Cell(f"{row[kind]:,.0f}", "n") for kind in provenance.KINDS)]
            for part, row in counts.iterrows()
        ],
    )
    sources = provenance.source_table(run, found)
    listed = table(
        Words("资料来源", "Sources"),
        [
            Words("键", "Key"),
            Words("标题", "Title"),
            Words("机构", "Publisher"),
            Words("年份", "Year"),
            Words("网址", "Address"),
        ],
        [
            [row.key, Cell(row.title, "long"), row.publisher, row.year, Cell(row.url, "long")]
            for row in records(sources)
        ],
    )
    facts = table(
        Words("本次试验", "This experiment"),
        heads("项目|Item", "内容|Value"),
        [[Words(zh, en), Cell(value, "long")] for zh, en, value in provenance.manifest_facts(run)],
    )
    return section(
        "provenance",
        Words("来源与局限", "Sources and limits"),
        *(paragraph(words) for words in limits(run)),
        facts,
        folded(Words("实测、借用与假定", "Measured, borrowed, assumed"), kinds, figures.csv("provenance", found)),
        folded(Words(f"资料来源（{len(sources)}）", f"Sources ({len(sources)})"), listed),
    )
