"""How much of the plan the model speaks about, and what it leaves out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure

from ..config.interventions import changed, multiple
from ..config.schema import PolicyUse
from .panels import Margins, new_panels, width_of_text
from .results import Results
from .style import INK, figure_of, in_house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# the plan's chapters, shortened
CHAPTERS = {
    "二": "总体要求 aims",
    "三": "城镇空间布局 layout of towns",
    "四": "农业转移人口市民化 settling migrants",
    "五": "城镇产业支撑 industry",
    "六": "基础设施支撑 infrastructure",
    "七": "现代化城市 modern cities",
    "八": "城市治理 governance",
    "九": "城乡融合发展 town and country",
    "十": "保障规划实施 carrying it out",
}
STATUSES = {
    "modelled": ("已建模", "modelled", "#0072b2", ""),
    "construction": ("仅计建设需求", "construction demand only", "#8fc1e3", "///"),
    "not modelled": ("未建模", "not modelled", "#e1e4e8", ""),
}


def coverage_table(run: Results) -> pd.DataFrame:
    """List the plan's measures and projects with what the model does with them.

    Returns
    -------
    DataFrame with item, section, kind, name_zh, name_en, status, policy, why; one row per measure or project.
    """
    rows = [
        {
            "item": key,
            "section": item.section,
            "kind": item.kind,
            "name_zh": item.name.zh,
            "name_en": item.name.en,
            "status": item.status or "not modelled",
            "policy": item.policy or "",
            "why": item.why or "",
        }
        for key, item in run.config.plan.items.items()
        if item.kind in ("measure", "project")
    ]
    columns = ["item", "section", "kind", "name_zh", "name_en", "status", "policy", "why"]
    return pd.DataFrame(rows, columns=columns)


def uses_table(run: Results) -> pd.DataFrame:
    """List measures that a scenario uses otherwise than the catalogue has them.

    Returns
    -------
    DataFrame with scenario, policy, catalogue and used (``yyyy-mm to yyyy-mm``), times (multiple of intensity and cost)
    and source (keys, "; " between).
    """
    rows = []
    given = [
        (one["name"], use) for one in run.manifest["scenarios"] for use in one["policies"] if isinstance(use, dict)
    ]
    for scenario, use in ((name, PolicyUse.model_validate(one)) for name, one in given):
        before = run.config.interventions[use.policy]
        dates = [f"{one.start} – {one.end or ''}".rstrip(" –") for one in (before, changed(before, use))]
        times = multiple(before.intensity, use)
        if dates[0] != dates[1] or times != 1.0:
            rows.append((scenario, use.policy, *dates, times, "; ".join(use.source)))
    return pd.DataFrame(rows, columns=["scenario", "policy", "catalogue", "used", "times", "source"])


def chapter(section: str) -> str:
    """Name the chapter of a section written like ``§五(一) 专栏4.3``; other sections stand for themselves."""
    numeral = section.lstrip("§").split("(")[0].split("（")[0].strip()
    return f"{numeral} {CHAPTERS[numeral]}" if numeral in CHAPTERS else section


def coverage_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Count measures by chapter and status, in the plan's order; the last row is the whole plan."""
    order = [f"{numeral} {words}" for numeral, words in CHAPTERS.items()]
    chapters = table["section"].map(chapter)
    counts = table.groupby([chapters, "status"], sort=False).size().unstack(fill_value=0)
    rows = [name for name in order if name in counts.index]
    rows += sorted(name for name in counts.index if name not in rows)
    counts = counts.reindex(index=rows, columns=list(STATUSES), fill_value=0)
    return pd.concat([counts, counts.sum().to_frame("全部 whole plan").T])


@in_house_style
def plot_coverage(table: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draw, for each chapter of the plan, how many measures are modelled, only built, or left out."""
    counts = coverage_counts(table)
    names = [str(name) for name in counts.index]
    if ax is None:
        margins = Margins(width_of_text(names, 8.5) + 0.15, top=0.06, bottom=0.85)
        ax = new_panels(1, 1, (10.4, 0.95 + 0.34 * len(counts)), margins)[0, 0]
    left = pd.Series(0, index=counts.index)
    lines = range(len(counts))
    for status, (zh, en, colour, hatch) in STATUSES.items():
        width = 100 * counts[status] / counts.sum(axis=1)
        ax.barh(lines, width, left=left, color=colour, hatch=hatch, edgecolor="white", height=0.72, label=f"{zh} {en}")
        for line, (number, share, start) in enumerate(zip(counts[status], width, left, strict=True)):
            if share >= 4:
                colour_of_text = "white" if status == "modelled" else INK
                box = {"facecolor": colour, "edgecolor": "none", "pad": 1.2} if hatch else None
                ax.text(
                    start + share / 2, line, f"{number}", ha="center", va="center", fontsize=8.5,
                    color=colour_of_text, bbox=box,
                )  # fmt: skip
        left = left + width
    ax.set_yticks(lines, names)
    ax.set_ylim(len(counts) - 0.5, -0.5)
    ax.set_xlim(0, 100)
    ax.set_xlabel("占措施数的百分比（格内为措施数） % of measures (numbers: measures)")
    ax.grid(visible=False)
    ax.tick_params(axis="y", left=False)
    figure = figure_of(ax)
    figure.legend(loc="lower center", ncols=3)
    return figure
