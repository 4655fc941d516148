"""How large firms are at the base: rank and size by stage, against Zipf's straight line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..runs.design import run_seed
from .page import Figures, Words, section
from .panels import Margins, new_panels
from .style import FAINT, INK, chain_colours, figure_of, in_house_style, panel_title
from .words import SCALES, nine

if TYPE_CHECKING:
    from ..config.loader import Config
    from .results import Results

STAGES = 9  # panels
FEWEST = 3  # firms: fewer make no line


def size_table(config: Config, *, scale: float, seed: int) -> pd.DataFrame:
    """List firms of the base year by stage and rank.

    The model draws them as it does here; named firms are themselves at every scale, each other one stands for
    1 / ``scale`` firms, at least where a stage and county has more than a few.

    Returns
    -------
    DataFrame with stage, chain, rank (1 the largest of its stage), output (CNY a year) and anchor (a named firm).
    """
    from ..agents.firms import firm_columns
    from ..agents.randomness import Streams
    from ..chains.base import build_base

    base = build_base(config)
    columns = firm_columns(config, base, scale=scale, streams=Streams(seed))
    index = base.index
    firms = pd.DataFrame(
        {
            "stage": np.array(index.stages)[columns["stage"]],
            "chain": np.array(index.chains)[index.chain_of_stage[columns["stage"]]],
            "output": columns["base_output"],
            "anchor": columns["anchor"] >= 0,
        }
    )
    firms = firms[firms["output"] > 0].sort_values(["stage", "output"], ascending=[True, False], ignore_index=True)
    firms.insert(2, "rank", firms.groupby("stage").cumcount() + 1)
    return firms


def shown_stages(found: pd.DataFrame, chains: list[str]) -> list[str]:
    """Choose a stage a chain, in the chains' order: of those with a few firms the one that makes most."""
    total = found.groupby(["chain", "stage"], sort=True).agg(output=("output", "sum"), firms=("rank", "max"))
    total = total[total["firms"] >= FEWEST].reset_index().sort_values(["output", "stage"], ascending=[False, True])
    first = total.groupby("chain")["stage"].first()
    return [str(first[chain]) for chain in chains if chain in first.index][:STAGES]


@in_house_style
def plot_size(found: pd.DataFrame, *, config: Config, names: dict[str, Words], ax: np.ndarray | None = None) -> Figure:
    """Draw rank against size on two logarithmic axes, a panel for a main stage of each chain; rings are named firms."""
    stages = shown_stages(found, nine(config))
    if ax is None:
        lines = -(-len(stages) // 3)
        ax = new_panels(lines, 3, (10.4, 2.5 * lines + 0.5), Margins(0.8, bottom=0.75, down=0.72, label_y=0.45))
    colours = chain_colours(config)
    for panel, stage in zip(ax.flatten(), stages, strict=False):
        rows = found[found["stage"] == stage]
        size, rank = rows["output"].to_numpy() / SCALES["CNY"].divisor, rows["rank"].to_numpy()
        panel.loglog(rank, size, ".", color=colours[rows["chain"].iloc[0]], markersize=6, zorder=3)
        named = rows["anchor"].to_numpy()
        panel.loglog(rank[named], size[named], "o", markersize=9, markerfacecolor="none", color=INK, zorder=4)
        panel.loglog(rank, size[0] / rank, color=FAINT, linewidth=0.9, linestyle=(0, (4, 2)))
        panel_title(panel, f"{names[stage].zh}（{len(rows)}）", f"{names[stage].en} ({len(rows)})", size=8.5)
        panel.set_xlim(0.8, max(12.0, 1.3 * rank.max()))
        panel.set_ylim(size.min() / 2, 2 * size.max())
        panel.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        panel.minorticks_off()
        panel.grid(visible=True, axis="both")
    for panel in ax.flatten()[len(stages) :]:
        panel.set_axis_off()
    for panel in ax[:, 0]:
        panel.set_ylabel("年产值 亿元\nOutput, 1e8 yuan")
    for panel in ax[-1]:
        panel.set_xlabel("位次 rank")
    figure = figure_of(ax[0, 0])
    figure.legend(handles=_legend(), loc="lower center", ncols=3)
    return figure


def _legend() -> list[Line2D]:
    return [
        Line2D([], [], color=FAINT, marker=".", linestyle="", label="企业 firm"),
        Line2D([], [], color=INK, marker="o", markerfacecolor="none", linestyle="", label="有名称的企业 named firm"),
        Line2D([], [], color=FAINT, linestyle=(0, (4, 2)), label="齐普夫律（斜率−1） Zipf's law (slope −1)"),
    ]


def first_sizes(run: Results) -> pd.DataFrame:
    """List the firms the baseline's first replicate began with."""
    seeds = run.manifest["seeds"]
    seed = run_seed(int(seeds["root"]), crn=bool(seeds["crn"]), scenario=run.baseline, replicate=0)
    return size_table(run.config, scale=float(run.manifest["scale"]), seed=seed)


def size_section(run: Results, figures: Figures, graph: nx.MultiDiGraph, found: pd.DataFrame) -> str:
    """Sizes of firms at the base; ``found`` is what :func:`first_sizes` lists."""
    names = {key: Words(data["name_zh"], data["name_en"]) for key, data in graph.nodes(data=True)}
    plot = partial(plot_size, found, config=run.config, names=names)
    caption = Words(
        "2020年各链主要环节的企业按年产值排位，双对数坐标；括号内为模型中的企业数。没有名称的企业，其数量和规模分布是假设。",
        "Firms of a main stage of each chain in 2020, ranked by output a year, both axes logarithmic; in brackets: "
        "firms in the model. Numbers and sizes of firms without a name are assumed.",
    )
    alt = Words("各环节企业规模的位次分布", "Rank and size of firms by stage")
    title = Words("企业规模", "Firm sizes")
    return section("firm_sizes", title, figures.show("firm_sizes", plot, found, caption, alt))
