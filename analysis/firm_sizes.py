"""How large firms are at the base: rank and size by stage, against Zipf's straight line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator

from ..runs.design import run_seed
from .page import Figures, Words, section
from .panels import Margins, new_panels
from .sections import stage_names
from .style import FAINT, INK, chain_colours, figure_of, in_house_style
from .words import SCALES, nine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config
    from .results import Results

STAGES = 9  # lines
MARKERS = "os^vDPX<>"
RANKS, SIZES = (
    [1, 2, 3, 5, 10, 20, 50, 100, 200, 500],
    [digit * 10.0**power for power in range(-4, 4) for digit in (1, 3)],
)
FEWEST = 3  # firms: fewer make no line


def size_table(config: Config, *, scale: float, seed: int) -> pd.DataFrame:
    """List firms of the base year by stage and rank.

    The model draws them as it does here; named firms are themselves at every scale, each other one stands for
    1 / ``scale`` firms, at least where a stage and county has more than a few.

    Returns
    -------
    DataFrame with stage, chain, rank (1 the largest of its stage), output (CNY a year) and anchor (a named firm).
    """
    from ..agents.firm_sizes import firm_columns
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
def plot_size(found: pd.DataFrame, *, config: Config, names: dict[str, Words], ax: Axes | None = None) -> Figure:
    """Draw rank against size on two logarithmic axes, a line for a main stage of each chain; rings are named firms."""
    stages, colours = shown_stages(found, nine(config)), chain_colours(config)
    if ax is None:
        ax = new_panels(1, 1, (10.4, 4.6), Margins(0.8, right=4.4, top=0.15, bottom=0.5, label_y=0.5))[0, 0]
    for stage, marker in zip(stages, MARKERS, strict=False):
        rows = found[found["stage"] == stage]
        size, rank = rows["output"].to_numpy() / SCALES["CNY"].divisor, rows["rank"].to_numpy()
        colour, name = colours[rows["chain"].iloc[0]], names[stage]
        ax.plot(rank, size, marker=marker, color=colour, markersize=4.5, linewidth=0.8,
                label=f"{name.zh} {name.en} ({len(rows)})", zorder=3)  # fmt: skip
        named = rows["anchor"].to_numpy()
        ax.plot(rank[named], size[named], "o", markersize=9.5, markerfacecolor="none", color=INK, zorder=4)
    shown = found[found["stage"].isin(stages)]
    last, top = int(shown["rank"].max()), float(shown["output"].max()) / SCALES["CNY"].divisor
    ax.plot([1, last], [top, top / last], color=FAINT, linewidth=1.2, linestyle=(0, (4, 2)), zorder=2)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.minorticks_off()
    for axis, ticks in ((ax.xaxis, RANKS), (ax.yaxis, SIZES)):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlim(0.9, 1.2 * last)
    ax.grid(visible=True, axis="both")
    ax.set_ylabel("年产值 亿元\nOutput, 1e8 yuan")
    ax.set_xlabel("位次 rank")
    lines = [*ax.get_legend_handles_labels()[0], *_legend()]
    ax.legend(handles=lines, loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=8, borderaxespad=0)
    return figure_of(ax)


def _legend() -> list[Line2D]:
    return [
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
    names = stage_names(graph)
    plot = partial(plot_size, found, config=run.config, names=names)
    scale = float(run.manifest["scale"])
    caption = Words(
        f"2020年各链主要环节的企业按年产值排位，双对数坐标；括号内为模型中的企业数。有名称的企业一比一；其余每个代表多家"
        f"（比例{scale:g}，每县至少几个），其数量和规模分布是假设。",
        "Firms of a main stage of each chain in 2020, ranked by output a year, both axes logarithmic; in brackets: "
        f"firms in the model. A named firm is itself; each other one stands for several (scale {scale:g}, at least a "
        "few in a county), and their numbers and sizes are assumed.",
    )
    alt = Words("各环节企业规模的位次分布", "Rank and size of firms by stage")
    title = Words("企业规模", "Firm sizes")
    return section("firm_sizes", title, figures.show("firm_sizes", plot, found, caption, alt))
