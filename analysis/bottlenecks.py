"""What holds chains back and what shortage does to prices: output lost by cause, and price and inventory paths."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .headline import headline_year
from .page import Cell, Content, Figures, Words, folded, heads, paragraph, section, table
from .panels import Margins, legend_height, new_panels
from .results import RUN, Results, bands, records
from .sections import counted, label
from .style import FAINT, figure_of, in_house_style, panel_title
from .words import FACTORS, SCALES, nine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config

# Want of buyers and the season are grey: they are no shortage. The others are Okabe-Ito, then petroff10.
CAUSE_COLOURS = {
    "demand": "#c9ced4", "season": "#e6e9ec", "labour": "#0072b2", "capital": "#d55e00", "input": "#009e73",
    "finance": "#cc79a7", "permit": "#f0e442", "water": "#56b4e9", "energy": "#a96b59", "co2": "#717581",
    "land": "#b9ac70", "weather": "#717581", "skill": "#832db6",
}  # fmt: skip
SLACK = ("demand", "season")
WORTH_NAMING = 0.005  # share of a chain's losses: below it no cause is called its first shortage
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
def plot_loss(found: pd.DataFrame, *, config: Config, scenario: str, ax: np.ndarray | None = None) -> Figure:
    """Stack what each chain lost by year, a colour a cause; want of buyers in grey at the bottom."""
    chains = nine(config)
    rows = found[(found["scenario"] == scenario) & found["chain"].isin(chains)]
    causes = [factor for factor in CAUSE_COLOURS if factor in set(rows.loc[rows["share"] >= 0.002, "factor"])]
    if ax is None:
        lines = -(-len(chains) // 3)
        margins = Margins(0.56, bottom=0.43 + legend_height(len(causes), 6), down=0.57, label_y=0.36)
        ax = new_panels(lines, 3, (10.4, 2.2 * lines + 0.5), margins)
        for panel in ax[:-1].flatten():
            panel.tick_params(labelbottom=False)
    years = sorted(rows["year"].unique())
    for panel, chain in zip(ax.flatten(), chains, strict=False):
        mine = rows[rows["chain"] == chain].pivot(index="year", columns="factor", values="lost")
        mine = mine.reindex(index=years, columns=causes).fillna(0.0) / SCALES["CNY"].divisor
        floor = np.zeros(len(years))
        for cause in causes:
            panel.bar(years, mine[cause], bottom=floor, color=CAUSE_COLOURS[cause], width=0.78, linewidth=0)
            floor = floor + mine[cause].to_numpy()
        panel_title(panel, config.chains[chain].name.zh, config.chains[chain].name.en)
        panel.set_xticks(years if len(years) <= 7 else years[:: -(-len(years) // 7)])
        panel.set_ylim(0, 1.06 * max(floor.max(initial=0.0), 1e-6))
        panel.locator_params(axis="y", nbins=5)
    for panel in ax.flatten()[len(chains) :]:
        panel.set_axis_off()
    for panel in ax[:, 0]:
        panel.set_ylabel(SCALES["CNY"].both)
    handles = [Patch(color=CAUSE_COLOURS[cause], label=" ".join(FACTORS[cause])) for cause in causes]
    figure = figure_of(ax[0, 0])
    figure.legend(handles=handles, loc="lower center", ncols=6)
    return figure


def loss_section(run: Results, figures: Figures) -> str:
    """Output lost by cause: the baseline's path, and the headline year of every scenario."""
    title = Words("什么制约了产出", "What holds output back")
    found = loss_table(run)
    if not len(found):
        return section("losses", title, paragraph(Words("这些模拟未记录产出损失。", "These runs recorded no losses.")))
    plot = partial(plot_loss, found, config=run.config, scenario=run.baseline)
    caption = Words(
        "基准情景中各链因各种原因少产的产值，按当月价格计，模拟平均。灰色为没有买主或不在季节的闲置能力；"
        f"其余为有买主而做不出来的部分。{counted(run).zh}",
        "Potential output each chain lost in the baseline, by cause, at the month's prices, mean over runs. Grey: "
        "capacity nobody asked for, or out of season; all else was wanted and could not be made. "
        f"{counted(run).en}",
    )
    alt = Words("各链各年按原因分的产出损失", "Output lost by cause, chain and year")
    year, scale = headline_year(run), SCALES["CNY"]
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


def path_table(run: Results) -> pd.DataFrame:
    """Follow price and stock of the stage that keeps most goods in each chain, in the baseline.

    Returns
    -------
    DataFrame with chain, stage, month, measure (price or stock), n, mean and quantiles over runs of an index: price
    over that of the first month, stock over its mean of the first twelve months, both 100.
    """
    where = {"scenario": run.baseline, "chain": nine(run.config)}
    wide = run.query_wide(["price", "stock"], by=("replicate", "month", "chain", "stage"), where=where)
    wide = wide[wide["stage"] != ""].dropna(subset=["price", "stock"])
    if not len(wide):
        return pd.DataFrame(columns=["chain", "stage", "month", "measure"])
    kept = wide.assign(worth=wide["price"] * wide["stock"]).groupby(["chain", "stage"], sort=True)["worth"].mean()
    fullest = kept[kept > 0].reset_index().sort_values("worth", ascending=False).groupby("chain").head(1)
    wide = wide[wide["stage"].isin(fullest["stage"])].sort_values("month")
    first = sorted(wide["month"].unique())[:12]
    own = ["replicate", "stage"]
    start = wide.groupby(own)["price"].transform("first")
    usual = wide["stock"].where(wide["month"].isin(first)).groupby([wide[name] for name in own]).transform("mean")
    index = wide.assign(price=100 * wide["price"] / start, stock=100 * wide["stock"] / usual.where(usual > 0))
    long = index.melt(["replicate", "month", "chain", "stage"], ["price", "stock"], "measure").dropna()
    return bands(long, ["chain", "stage", "month", "measure"])


@in_house_style
def plot_path(found: pd.DataFrame, *, config: Config, names: dict[str, Words], ax: np.ndarray | None = None) -> Figure:
    """Draw a panel a chain: price and stock as indices, with the bands of 90 % of runs."""
    chains = nine(config)
    if ax is None:
        lines = -(-len(chains) // 3)
        ax = new_panels(lines, 3, (10.4, 2.3 * lines + 0.5), Margins(0.56, bottom=0.6, down=0.74, label_y=0.36))
    for panel, chain in zip(ax.flatten(), chains, strict=False):
        rows = found[found["chain"] == chain]
        name = config.chains[chain].name
        if not len(rows):
            panel_title(panel, name.zh, name.en)
            panel.text(0.5, 0.5, "没有库存商品\nkeeps no goods", ha="center", color=FAINT, transform=panel.transAxes)
            panel.set_axis_off()
            continue
        stage = names.get(rows["stage"].iloc[0], Words(*[str(rows["stage"].iloc[0])] * 2))
        panel_title(panel, f"{name.zh}：{stage.zh}", f"{name.en}: {stage.en}", size=7.5)
        for measure, colour, dash in (("stock", STOCK_COLOUR, (0, (5, 2))), ("price", PRICE_COLOUR, "-")):
            _path(panel, rows[rows["measure"] == measure], colour, dash)
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
    time = (rows["month"] // 100 + (rows["month"] % 100 - 0.5) / 12).to_numpy()
    ax.fill_between(time, rows["p05"].to_numpy(), rows["p95"].to_numpy(), color=colour, alpha=0.18, linewidth=0)
    ax.plot(time, rows["p50"].to_numpy(), color=colour, linestyle=dash, linewidth=1.3)
    years = np.arange(np.floor(time.min()), np.ceil(time.max()) + 1)
    ax.set_xticks(years[:: max(1, -(-len(years) // 7))])
    ax.xaxis.set_major_formatter(lambda year, _: f"{year:.0f}")
    ax.locator_params(axis="y", nbins=5)
    ax.set_ylim(bottom=0)


def path_section(run: Results, figures: Figures, graph: nx.MultiDiGraph) -> str:
    """Price and inventory paths of the baseline."""
    title = Words("价格与库存", "Prices and inventories")
    found = path_table(run)
    if not len(found):
        nothing = Words("这些模拟未记录价格和库存。", "These runs recorded no prices and stocks.")
        return section("paths", title, paragraph(nothing))
    names = {key: Words(data["name_zh"], data["name_en"]) for key, data in graph.nodes(data=True)}
    plot = partial(plot_path, found, config=run.config, names=names)
    caption = Words(
        f"基准情景；每条链取库存价值最大的环节。线为中位数，带含90%的模拟。{counted(run).zh}",
        f"Baseline; of each chain the stage whose stock is worth most. Line: median; band: 90 % of runs. "
        f"{counted(run).en}",
    )
    alt = Words("各链主要环节的价格与库存", "Price and stock of a main stage of each chain")
    return section("paths", title, figures.show("paths", plot, found, caption, alt))
