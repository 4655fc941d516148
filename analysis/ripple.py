"""How far the failure of a firm reaches: output lost by stage and month, in order of distance from where it began."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..chains.graph import MAIN_FLOW
from .panels import Margins, new_panels, width_of_text
from .results import records
from .style import FAINT, INK, figure_of, in_house_style
from .words import month_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

    from ..config.loader import Config

ROWS = 26
STEP = 0.235  # inches a stage takes
YI = 1e8


def ripple_table(outcome: pd.DataFrame, graph: nx.MultiDiGraph, config: Config, failed: str) -> pd.DataFrame:
    """Set what each stage lost each month beside what it would have made, and say how far from the failure it stands.

    Parameters
    ----------
    outcome : what `runs.ripple.ripple` returns.
    graph : the supply graph of the base year (`chains.graph.build_graph`).
    failed : the stage that was hit.

    Returns
    -------
    DataFrame with stage, chain, name_zh, name_en, order, month (yyyymm), base (CNY at 2020 prices, mean over
    replicates), lost (CNY at 2020 prices, likewise; gains are negative), share (of base) and n (replicates).  ``order``
    counts steps from the failed stage: 1, 2, … downstream, -1, -2, … upstream, missing where no main flow leads.
    """
    grouped = outcome.groupby(["stage", "month"], sort=True)
    table = grouped.agg(base=("base", "mean"), failed=("failed", "mean"), n=("replicate", "nunique")).reset_index()
    table["lost"] = table["base"] - table["failed"]
    table["share"] = (table["lost"] / table["base"].where(table["base"] > 0)).fillna(0.0)
    steps = steps_from(graph, config, failed)
    table["order"] = table["stage"].map(steps)
    for fact in ("chain", "name_zh", "name_en"):
        table[fact] = table["stage"].map({key: graph.nodes[key][fact] for key in table["stage"].unique()})
    columns = ["stage", "chain", "name_zh", "name_en", "order", "month", "base", "lost", "share", "n"]
    ordered = table.assign(far=table["order"].fillna(np.inf)).sort_values(["far", "stage", "month"], ignore_index=True)
    return ordered[columns]


def steps_from(graph: nx.MultiDiGraph, config: Config, failed: str) -> dict[str, int]:
    """Count main flows between a stage and the others.

    Downstream a flow counts when the buyer lists it as critical or pays 5 % of its output for it; upstream when the
    seller sells 5 % of its output that way.  A stage that lies both ways has the shorter; if they are equal it stands
    upstream when it sells the failed stage more than it buys from it.
    """
    critical = {key: set(item.critical) for chain in config.chains.values() for key, item in chain.stages.items()}

    def leans_on_seller(seller: str, buyer: str, data: dict[str, float | str]) -> bool:
        output = graph.nodes[buyer]["output"]
        return data["product"] in critical[buyer] or float(data["flow"]) >= MAIN_FLOW * output

    def leans_on_buyer(seller: str, buyer: str, data: dict[str, float | str]) -> bool:
        return float(data["flow"]) >= MAIN_FLOW * float(graph.nodes[seller]["output"])

    down = nx.single_source_shortest_path_length(_kept(graph, critical, leans_on_seller), failed)
    up = nx.single_source_shortest_path_length(_kept(graph, critical, leans_on_buyer).reverse(copy=False), failed)
    steps = {key: -count for key, count in up.items()}
    for key, count in down.items():
        above = up.get(key, count + 1)
        if count < above or (count == above and _flow(graph, failed, key) >= _flow(graph, key, failed)):
            steps[key] = count
    return steps


def _flow(graph: nx.MultiDiGraph, seller: str, buyer: str) -> float:
    """CNY a year that one stage sells another."""
    return sum(float(data["flow"]) for data in (graph.get_edge_data(seller, buyer) or {}).values())


def _kept(
    graph: nx.MultiDiGraph, stages: Iterable[str], counts: Callable[[str, str, dict[str, float | str]], bool]
) -> nx.DiGraph:
    kept: nx.DiGraph = nx.DiGraph()
    kept.add_nodes_from(stages)
    for seller, buyer, data in graph.edges(data=True):
        if seller in kept and buyer in kept and seller != buyer and counts(seller, buyer, data):
            kept.add_edge(seller, buyer)
    return kept


def shown_stages(table: pd.DataFrame, failed: str, rows: int = ROWS) -> pd.DataFrame:
    """Choose the stages that lost most over all months, in order of distance: upstream, the failed one, downstream.

    Returns
    -------
    DataFrame indexed by stage with name_zh, name_en, order and lost (CNY).
    """
    total = table.groupby("stage", sort=True).agg(
        name_zh=("name_zh", "first"), name_en=("name_en", "first"), order=("order", "first"), lost=("lost", "sum")
    )
    others = total.drop(index=failed).sort_values("lost", ascending=False).head(rows - 1)
    chosen = total.loc[[failed, *others.index]]
    far = chosen.assign(far=chosen["order"].fillna(np.inf), less=-chosen["lost"])
    return far.sort_values(["far", "less"]).drop(columns=["far", "less"])


@in_house_style
def plot_ripple(table: pd.DataFrame, *, failed: str, ax: Axes | None = None) -> Figure:
    """Draw stage by month, shaded by the share of output lost, ordered by distance from the failed stage."""
    stages = shown_stages(table, failed)
    grid = table.pivot(index="stage", columns="month", values="share").reindex(index=stages.index)
    labels = [f"{row.name_zh} {row.name_en}  {_step(row.order)}" for row in records(stages)]
    if ax is None:
        margins = Margins(width_of_text(labels, 8) + 0.12, right=1.75, top=0.62, bottom=0.66, label_x=0.36)
        ax = new_panels(1, 1, (10.4, STEP * len(stages) + margins.top + margins.bottom), margins)[0, 0]
    values = 100 * grid.to_numpy(dtype=float)
    top = float(np.nanmax(np.abs(values))) or 1.0
    edges = np.arange(values.shape[1] + 1) - 0.5, np.arange(len(values) + 1) - 0.5
    # Small losses far away are what the picture is about, so shades grow with the root of the share.
    shade = np.sign(values) * np.sqrt(np.abs(values))
    mesh = ax.pcolormesh(*edges, shade, cmap="PuOr_r", vmin=-np.sqrt(top), vmax=np.sqrt(top))
    ax.set_ylim(len(values) - 0.5, -0.5)
    ax.set_yticks(range(len(stages)), labels, fontsize=8)
    months = [int(month) for month in grid.columns]
    every = max(1, -(-len(months) // 9))
    ax.set_xticks(range(0, len(months), every), [month_text(month) for month in months[::every]])
    for line, row in enumerate(records(stages)):
        ax.text(
            len(months) - 0.3, line, f"{row.lost / YI:,.2f}", va="center", fontsize=8,
            fontweight="bold" if row.Index == failed else "normal", color=INK,
        )  # fmt: skip
    ax.text(len(months) - 0.3, -0.75, "合计 total\n亿元 1e8 yuan", fontsize=8, va="bottom", color=FAINT)
    ax.axhline(list(stages.index).index(failed) - 0.5, color=INK, linewidth=0.8)
    ax.axhline(list(stages.index).index(failed) + 0.5, color=INK, linewidth=0.8)
    ax.set_xlabel(
        "↑ 上游 steps upstream   ↓ 下游 steps downstream   · 没有主要供货关系 no main flow leads there", fontsize=8
    )
    ax.tick_params(left=False, bottom=False)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.set_title("产出损失占比（2020年价）\nShare of output lost, at 2020 prices", fontsize=9.5, linespacing=1.4)
    _key(ax, mesh, top)
    return figure_of(ax)


def _step(order: float) -> str:
    """Write a distance: steps up or down the chain, or none."""
    if np.isnan(order):
        return "·"
    return "●" if order == 0 else f"↓{order:.0f}" if order > 0 else f"↑{-order:.0f}"


def _key(ax: Axes, mesh: QuadMesh, top: float) -> None:
    """Scale of the shades at the right edge."""
    figure = figure_of(ax)
    width = figure.get_size_inches()[0]
    box = ax.get_position()
    bar = figure.add_axes((1 - 0.72 / width, box.y0 + 0.15 * box.height, 0.12 / width, 0.7 * box.height))
    ticks = [share for share in (-100, -25, -5, -1, 0, 1, 5, 25, 100) if abs(share) <= top]
    colours = figure.colorbar(mesh, cax=bar, ticks=[np.sign(share) * np.sqrt(abs(share)) for share in ticks])
    colours.ax.set_yticklabels([f"{share}%".replace("-", "−") for share in ticks], fontsize=8)
    colours.outline.set_visible(False)
