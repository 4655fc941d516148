"""How much of what a chain turns over stays in the city: inputs bought here, and income that leaves for owners."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from .headline import headline_year
from .page import Cell, Content, Figures, Words, folded, heads, paragraph, section, table
from .panels import Margins, legend_height, new_panels, width_of_text
from .results import RUN, Results, records
from .sections import counted, label
from .style import INK, figure_of, in_house_style
from .words import SCALES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config

RECORDED = ["inputs_local", "inputs_outside", "value_added", "outside_dividends"]
# Where the money goes: what stays here in blues, what leaves in oranges.
PARTS = {
    "inputs_local": ("#0072b2", "本地采购的投入", "inputs bought here"),
    "kept": ("#56b4e9", "其余增加值", "other value added"),
    "outside_dividends": ("#e69f00", "市外所有者的分红", "dividends to owners outside"),
    "inputs_outside": ("#d55e00", "市外采购的投入", "inputs bought outside"),
}
STEP = 0.36  # inches a chain takes


def local_table(run: Results) -> pd.DataFrame:
    """Add up by chain, in the headline year, what firms and farms bought here and outside and what their work added.

    Returns
    -------
    DataFrame with scenario, year, chain, inputs_local, inputs_outside, value_added, outside_dividends (CNY a year, mean
    over runs), local_share (of inputs), leakage (inputs and dividends that leave, of inputs and value added) and
    outside_owner_share (of value added).
    """
    year = headline_year(run)
    wide = run.query_wide(RECORDED, by=(*RUN, "month", "chain"))
    wide = wide[(wide["month"] // 100 == year) & (wide["chain"] != "")]
    runs = run.finished.groupby("scenario").size()
    sums = wide.groupby(["scenario", "chain"], sort=True)[RECORDED].sum().reset_index()
    sums[RECORDED] = sums[RECORDED].div(sums["scenario"].map(runs), axis=0)
    bought = sums["inputs_local"] + sums["inputs_outside"]
    left = sums["inputs_outside"] + sums["outside_dividends"]
    found = sums.assign(
        local_share=_ratio(sums["inputs_local"], bought),
        leakage=_ratio(left, bought + sums["value_added"]),
        outside_owner_share=_ratio(sums["outside_dividends"], sums["value_added"]),
    )
    found.insert(1, "year", year)
    place = {name: at for at, name in enumerate([*(item.name for item in run.scenarios), *run.config.chains])}
    order = found[["scenario", "chain"]].map(place.get).sort_values(["scenario", "chain"]).index
    return found[bought > 0].reindex(order[np.isin(order, found.index[bought > 0])]).reset_index(drop=True)


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)


@in_house_style
def plot_local(found: pd.DataFrame, *, config: Config, scenario: str, ax: Axes | None = None) -> Figure:
    """Divide 100 yuan of each chain's inputs and value added into what stays here and what leaves."""
    rows = found[found["scenario"] == scenario].set_index("chain")
    names = [f"{config.chains[chain].name.zh}  {config.chains[chain].name.en}" for chain in rows.index]
    if ax is None:
        foot = 0.62 + legend_height(len(PARTS), 2)
        margins = Margins(width_of_text(names, 8.5) + 0.12, right=1.45, top=0.5, bottom=foot)
        ax = new_panels(1, 1, (10.4, STEP * len(rows) + margins.top + margins.bottom), margins)[0, 0]
    parts = rows.assign(kept=rows["value_added"] - rows["outside_dividends"])[list(PARTS)]
    shares = 100 * parts.div(parts.sum(axis=1), axis=0)
    lines, start = range(len(rows)), np.zeros(len(rows))
    for part, (colour, *_) in PARTS.items():
        width = shares[part].to_numpy()
        ax.barh(lines, width, left=start, height=0.66, color=colour, linewidth=0)
        for line in np.flatnonzero(width >= 4).tolist():
            dark = part in ("inputs_local", "inputs_outside")
            ax.text(
                start[line] + width[line] / 2, line, f"{width[line]:.0f}", ha="center", va="center", fontsize=8,
                color="white" if dark else INK,
            )  # fmt: skip
        start = start + width
    for line, share in enumerate(rows["local_share"]):
        ax.text(103.5, line, f"{share:.0%}", va="center", fontsize=8.5, fontweight="bold")
    ax.text(101.5, -0.75, "本地配套率\nlocal share of inputs", fontsize=8, va="bottom", linespacing=1.3)
    ax.set_xlim(0, 100)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(lines, names)
    ax.tick_params(left=False)
    ax.grid(visible=False)
    ax.set_xlabel("每100元投入与增加值的去向 of 100 yuan of inputs and value added")
    handles = [Patch(color=colour, label=f"{zh} {en}") for colour, zh, en in PARTS.values()]
    figure = figure_of(ax)
    figure.legend(handles=handles, loc="lower center", ncols=2)
    return figure


def local_section(run: Results, figures: Figures) -> str:
    """Local share of inputs, leakage and the share of outside owners, by chain and scenario."""
    title = Words("本地配套率与外流", "What stays in the city, and what leaves")
    found = local_table(run)
    if not len(found):
        return section("local", title, paragraph(Words("这些模拟未记录投入来源。", "These runs recorded no inputs.")))
    year, scale = int(found["year"].iloc[0]), SCALES["CNY"]
    plot = partial(plot_local, found, config=run.config, scenario=run.baseline)
    caption = Words(
        f"{year}年基准情景。投入含转售的货物；本地配套率为本地采购占全部投入的比例。外流只计市外采购和分红，未计外流的税收、利息和工资。"
        f"{counted(run).zh}",
        f"Baseline in {year}. Inputs include goods sold on; local share: inputs bought here of all inputs. Of what "
        f"leaves, inputs and dividends are counted, not taxes, interest and wages. {counted(run).en}",
    )
    alt = Words(
        "各链投入与增加值留在本地和外流的比例", "Shares of inputs and value added that stay and leave, by chain"
    )
    rows: list[list[Content]] = []
    for item in run.scenarios:
        for row in records(found[found["scenario"] == item.name]):
            name = run.config.chains[row.chain].name
            shares = [Cell(f"{value:.0%}", "n") for value in (row.local_share, row.leakage, row.outside_owner_share)]
            bought = Cell(scale.text(row.inputs_local + row.inputs_outside), "n")
            rows.append([label(item), Words(name.zh, name.en), bought, *shares])
    head = heads("情景|Scenario", "产业链|Chain", f"投入（{scale.zh}）|Inputs ({scale.en})", "本地配套率|Local share",
                 "外流比例|Leakage", "市外所有者占增加值|Outside owners' share of value added")  # fmt: skip
    listed = table(Words(f"{year}年本地配套与外流", f"Local share and leakage in {year}"), head, rows)
    shown = figures.show("local", plot, found, caption, alt)
    return section("local", title, shown, folded(Words("查看表格", "Table"), listed))
