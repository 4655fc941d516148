"""What holds chains back and what shortage does to prices: output lost by cause, and price and inventory paths."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .causes import CAUSE_COLOURS, SLACK
from .headline import headline_year
from .page import Cell, Content, Figures, Words, folded, heads, paragraph, section, table
from .panels import Margins, legend_height, new_panels, width_of_text
from .results import RUN, Results, bands, records
from .sections import counted, label, stage_names
from .style import FAINT, figure_of, in_house_style, panel_title
from .words import FACTORS, SCALES, nine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config
    from .results import ScenarioLabel

WORTH_NAMING = 0.005  # share of a chain's losses: below it no cause is called its first shortage
KEEPS = 0.01  # a stock worth this part of a year's sales is worth following
STEP = 0.2  # inches a bar takes
PRICE_COLOUR, STOCK_COLOUR = "#0072b2", "#d55e00"


def loss_table(run: Results) -> pd.DataFrame:
    """Add up potential output lost by chain, cause and year.

    Returns
    -------
    DataFrame with scenario, year, chain, factor, lost (CNY in the year at each month's prices, mean over runs) and
    share (of all the chain lost that year); causes that cost nothing anywhere are left out.
    """
    names = {f"lost_{factor}": factor for factor in FACTORS}
    wide = run.query_wide(list(names), by=(*RUN, "month", "chain"))
    wide = wide.assign(year=wide["month"] // 100)
    wide = wide[wide["year"].isin(run.years)]
    runs = run.finished.groupby("scenario").size()
    sums = wide.groupby(["scenario", "year", "chain"], sort=True)[list(names)].sum().rename(columns=names)
    sums = sums.loc[:, (sums > 0).any()]
    long = sums.reset_index().melt(["scenario", "year", "chain"], var_name="factor", value_name="lost")
    long = long.sort_values(["scenario", "year", "chain"], kind="stable", ignore_index=True)
    long["lost"] /= long["scenario"].map(runs)
    whole = long.groupby(["scenario", "year", "chain"])["lost"].transform("sum")
    return long.assign(share=(long["lost"] / whole.where(whole > 0)).fillna(0.0))


@in_house_style
def plot_loss(found: pd.DataFrame, *, config: Config, scenarios: list[ScenarioLabel], ax: Axes | None = None) -> Figure:
    """Stack what was ordered and not made by chain, a bar a scenario, a colour a cause; idle capacity as a number."""
    chains, many = nine(config), len(scenarios)
    wide = found.pivot_table(index=["chain", "scenario"], columns="factor", values="lost", aggfunc="sum")
    wide = wide.reindex(pd.MultiIndex.from_product([chains, [item.name for item in scenarios]])).fillna(0.0)
    wide = wide / SCALES["CNY"].divisor
    causes = [cause for cause in CAUSE_COLOURS if cause in wide and cause not in SLACK and wide[cause].max() > 0.01]
    names = [f"{config.chains[chain].name.zh}  {config.chains[chain].name.en}" for chain in chains]
    labels = {item.name: f"{item.zh} {item.en}" for item in scenarios}
    inner = width_of_text(labels.values(), 6.5) + 0.12
    if ax is None:
        left, foot = width_of_text(names, 8.5) + inner + 0.1, 0.56 + legend_height(len(causes), 6)
        sides = Margins(left, right=1.25, top=0.5, bottom=foot)
        height = (STEP * many + 0.13) * len(chains)
        ax = new_panels(1, 1, (10.4, height + sides.top + sides.bottom), sides)[0, 0]
    lines = np.array([at + (k - (many - 1) / 2) * 0.8 / many for at in range(len(chains)) for k in range(many)])
    ends = wide[causes].cumsum(axis=1)
    ax.add_collection(_rectangles(ends, lines, 0.66 / many), autolim=False)
    top = float(ends.to_numpy().max(initial=0.0)) or 1.0
    idle = wide[[cause for cause in SLACK if cause in wide]].sum(axis=1)
    for line, amount, (_, scenario) in zip(lines, idle, wide.index, strict=True):
        ax.text(-0.01 * top, line, labels[scenario], fontsize=6.5, ha="right", va="center", color=FAINT)
        ax.text(1.12 * top, line, f"{amount:,.1f}", fontsize=8, va="center", ha="right", color=FAINT)
    ax.text(1.12 * top, -0.72, "闲置 idle\n亿元 1e8 yuan", fontsize=8, va="bottom", ha="right", color=FAINT)
    ax.set_xlim(0, 1.03 * top)
    ax.set_ylim(len(chains) - 0.5, -0.5)
    ax.set_yticks(range(len(chains)), names)
    ax.tick_params(axis="y", left=False, pad=72 * inner)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(f"有订单而未做出的产值 ordered and not made, {SCALES['CNY'].both}")
    handles = [Patch(color=CAUSE_COLOURS[cause], label=" ".join(FACTORS[cause])) for cause in causes]
    figure = figure_of(ax)
    figure.legend(handles=handles, loc="lower center", ncols=6)
    return figure


def _rectangles(ends: pd.DataFrame, lines: np.ndarray, thick: float) -> PolyCollection:
    """Bars from where one cause ends to where the next does, as one drawing; rows are bars, columns causes."""
    right = ends.to_numpy().T
    left = np.vstack([np.zeros((1, len(lines))), right[:-1]]) if len(right) else right
    corners = [
        [(x0, y - thick / 2), (x1, y - thick / 2), (x1, y + thick / 2), (x0, y + thick / 2)]
        for starts, stops in zip(left, right, strict=True)
        for x0, x1, y in zip(starts, stops, lines, strict=True)
    ]
    colours = np.repeat([CAUSE_COLOURS[cause] for cause in ends.columns], len(lines))
    return PolyCollection(corners, facecolors=colours.tolist(), linewidths=0)


def loss_section(run: Results, figures: Figures) -> str:
    """Output lost by cause in the headline year, in every scenario."""
    title = Words("什么制约了产出", "What holds output back")
    found = loss_table(run)
    if not len(found):
        return section("losses", title, paragraph(Words("这些模拟未记录产出损失。", "These runs recorded no losses.")))
    year, scale = headline_year(run), SCALES["CNY"]
    plot = partial(plot_loss, found[found["year"] == year], config=run.config, scenarios=run.scenarios)
    caption = Words(
        f"{year}年各链企业有订单而未做出的产值，按原因分，按当月价格计，模拟平均；各环节相加，同一批货在上下游会重复计入，"
        f"未交的订单在以后各月仍计。右侧：没有买主或不在季节的闲置能力，不是短缺。{counted(run).zh}",
        f"What firms were asked for in {year} and did not make, by chain and cause, at the month's prices, mean over "
        "runs; stages are added up, so goods count again downstream, and what is still wanted later counts again. "
        f"Right: capacity nobody asked for, or out of season, which is no shortage. {counted(run).en}",
    )
    alt = Words("各链按原因分的短缺损失", "Output lost to shortages by chain and cause")
    short = found[(found["year"] == year) & ~found["factor"].isin(SLACK) & (found["chain"].isin(nine(run.config)))]
    short = short[short["share"] >= WORTH_NAMING]
    worst = short.sort_values("lost", ascending=False).groupby(["scenario", "chain"], sort=False).head(1)
    shown = [(item, chain) for item in run.scenarios for chain in nine(run.config)]
    rows: list[list[Content]] = []
    for item, chain in shown:
        for row in records(worst[(worst["scenario"] == item.name) & (worst["chain"] == chain)]):
            name = run.config.chains[chain].name
            rows.append(
                [label(item), Words(name.zh, name.en), Words(*FACTORS[row.factor]), Cell(scale.text(row.lost), "n"),
                 Cell(f"{row.share:.0%}", "n")]
            )  # fmt: skip
    head = heads("情景|Scenario", "产业链|Chain", "首要短缺|First shortage", f"损失（{scale.zh}）|Lost ({scale.en})",
                 "占全部损失|Of all losses")  # fmt: skip
    listed = table(Words(f"{year}年各链的首要短缺", f"First shortage of each chain in {year}"), head, rows)
    return section("losses", title, figures.show("losses", plot, found, caption, alt), folded(
        Words("查看表格", "Table"), listed))  # fmt: skip


def path_table(run: Results, size: Mapping[str, float]) -> pd.DataFrame:
    """Follow price and stock of a main stage of each chain in the baseline.

    It is the largest by ``size`` (CNY a year, by stage) of those that keep goods worth a few days of their sales, or
    where a chain has none the largest of all, without its stock.

    Returns
    -------
    DataFrame with chain, stage, month, measure (price or stock), n, mean and quantiles over runs of an index: price
    over that of the first month, stock over its mean of the first twelve months, both 100.
    """
    where = {"scenario": run.baseline, "chain": nine(run.config)}
    wide = run.query_wide(["price", "stock"], by=("replicate", "month", "chain", "stage"), where=where)
    wide = wide[wide["stage"].isin(list(size))].dropna(subset=["price"])
    if not len(wide):
        return pd.DataFrame(columns=["chain", "stage", "month", "measure"])
    kept = wide.assign(worth=wide["price"] * wide["stock"]).groupby(["chain", "stage"], sort=True)["worth"].mean()
    stages = kept.reset_index().assign(size=lambda rows: rows["stage"].map(size))
    stages["keeps"] = stages["worth"].fillna(0.0) >= KEEPS * stages["size"]
    main = stages.sort_values(["keeps", "size"], ascending=False, kind="stable").groupby("chain").head(1)
    wide = wide[wide["stage"].isin(main["stage"])].sort_values("month")
    keeps = wide["stage"].isin(main.loc[main["keeps"], "stage"])
    first = sorted(wide["month"].unique())[:12]
    own = ["replicate", "stage"]
    start = wide.groupby(own)["price"].transform("first")
    usual = wide["stock"].where(wide["month"].isin(first)).groupby([wide[name] for name in own]).transform("mean")
    stock = (100 * wide["stock"] / usual.where(usual > 0)).where(keeps)
    index = wide.assign(price=100 * wide["price"] / start, stock=stock)
    long = index.melt(["replicate", "month", "chain", "stage"], ["price", "stock"], "measure").dropna()
    return bands(long, ["chain", "stage", "month", "measure"])


@in_house_style
def plot_path(found: pd.DataFrame, *, config: Config, names: dict[str, Words], ax: np.ndarray | None = None) -> Figure:
    """Draw a panel a chain: price and stock as indices, with the bands of 90 % of runs."""
    chains = nine(config)
    if ax is None:
        lines = -(-len(chains) // 3)
        ax = new_panels(lines, 3, (10.4, 2.0 * lines + 0.5), Margins(0.56, bottom=0.6, down=0.6, label_y=0.36))
        for panel in ax[:-1].flatten():
            panel.tick_params(labelbottom=False)
    for panel, chain in zip(ax.flatten(), chains, strict=False):
        rows = found[found["chain"] == chain]
        name = config.chains[chain].name
        if not len(rows):
            panel.set_axis_off()
            continue
        stage = names.get(rows["stage"].iloc[0], Words(*[str(rows["stage"].iloc[0])] * 2))
        panel_title(panel, f"{name.zh}：{stage.zh}", f"{name.en}: {stage.en}", size=7.5)
        for measure, colour, dash in (("stock", STOCK_COLOUR, (0, (5, 2))), ("price", PRICE_COLOUR, "-")):
            _path(panel, rows[rows["measure"] == measure], colour, dash)
        panel.set_ylim(0, 1.05 * rows["p95"].max())
    for panel in ax.flatten()[len(chains) :]:
        panel.set_axis_off()
    figure = figure_of(ax[0, 0])
    handles = [
        Line2D([], [], color=PRICE_COLOUR, label="价格（首月=100） price, first month = 100"),
        Line2D([], [], color=STOCK_COLOUR, linestyle=(0, (5, 2)), label="库存（首年平均=100） stock, first year = 100"),
    ]
    figure.legend(handles=handles, loc="lower center", ncols=2)
    return figure


def _path(ax: Axes, rows: pd.DataFrame, colour: str, dash: object) -> None:
    if not len(rows):
        return
    time = (rows["month"] // 100 + (rows["month"] % 100 - 0.5) / 12).to_numpy()
    ax.fill_between(time, rows["p05"].to_numpy(), rows["p95"].to_numpy(), color=colour, alpha=0.18, linewidth=0)
    ax.plot(time, rows["p50"].to_numpy(), color=colour, linestyle=dash, linewidth=1.3)
    years = np.arange(np.floor(time.min()), np.ceil(time.max()) + 1)
    ax.set_xticks(years[:: max(1, -(-len(years) // 4))])
    ax.xaxis.set_major_formatter(lambda year, _: f"{year:.0f}")
    ax.locator_params(axis="y", nbins=3)


def path_section(run: Results, figures: Figures, graph: nx.MultiDiGraph) -> str:
    """Price and inventory paths of the baseline."""
    title = Words("价格与库存", "Prices and inventories")
    found = path_table(run, {key: float(data.get("output") or 0.0) for key, data in graph.nodes(data=True)})
    if not len(found):
        nothing = Words("这些模拟未记录价格和库存。", "These runs recorded no prices and stocks.")
        return section("paths", title, paragraph(nothing))
    names = stage_names(graph)
    plot = partial(plot_path, found, config=run.config, names=names)
    caption = Words(
        f"基准情景；每条链取有库存的环节中产值最大的一个（文旅等没有库存的只画价格）。线为中位数，带含90%的模拟。{counted(run).zh}",
        "Baseline; of each chain the largest stage that keeps goods (where none does, the price of the largest). Line: "
        f"median; band: 90 % of runs. {counted(run).en}",
    )
    alt = Words("各链主要环节的价格与库存", "Price and stock of a main stage of each chain")
    return section("paths", title, figures.show("paths", plot, found, caption, alt))
