"""Who supplies whom along the chains, how fully each stage works, and where something other than demand binds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path as Outline

from .headline import headline_year
from .results import Results, records
from .style import ALARM, FAINT, INK, chain_colours, figure_of, in_house_style
from .supply_layout import Flow, Layout, Metrics, Point, lay_out
from .words import FACTORS, REST

if TYPE_CHECKING:
    from ..config.loader import Config

UNIT = 1e8
# Of the many small flows only those are drawn that a chain depends on, or that are large.
INNER_SHARE, CROSS_COUNT, CROSS_LEAST, REST_COUNT = 0.05, 26, 0.05e8, 8
NO_BOTTLENECK = ("demand", "season")
BINDS = 0.5
LETTER = 0.056  # inches a digit takes in a box
SMALLEST = 5.8  # points; a longer English name is cut, and stands whole in the table
SHADES = mpl.colors.LinearSegmentedColormap.from_list("utilisation", ["#ffffff", "#d4e2f0", "#7fa8cf"])


@dataclass(frozen=True)
class ChainLook:
    """A row of the picture."""

    key: str
    zh: str
    en: str
    colour: str


def chain_looks(config: Config) -> list[ChainLook]:
    """Rows of the picture: the nine chains in their order, the rest of the economy last."""
    colours = chain_colours(config)
    names = [name for name in config.chains if name != REST] + [name for name in config.chains if name == REST]
    return [ChainLook(name, config.chains[name].name.zh, config.chains[name].name.en, colours[name]) for name in names]


def supply_table(run: Results, *, scenario: str | None = None) -> pd.DataFrame:
    """Say how each stage did in the headline year: output, utilisation and what bound it most.

    Returns
    -------
    DataFrame indexed by stage with chain, output (CNY, mean over runs), utilisation (share, output-weighted), binding
    (the factor other than demand and season that bound most firms; '' below half of them) and binding_share.
    """
    names = ["utilisation", *(f"bound_{factor}" for factor in FACTORS)]
    # All scenarios are read at once, which costs little more than one, and picked apart here.
    every = run.query_stages(names, headline_year(run))
    scenario = scenario or run.baseline
    total = every[every["scenario"] == scenario].set_index("stage")
    runs = int((run.finished["scenario"] == scenario).sum())
    shares = total[names].div(total["capacity"].where(total["capacity"] > 0), axis=0)
    factors = shares[[f"bound_{name}" for name in FACTORS if name not in NO_BOTTLENECK]].fillna(0.0)
    worst = factors.max(axis=1)
    return pd.DataFrame(
        {
            "chain": total["chain"],
            "output": total["output"] / max(runs, 1),
            "utilisation": shares["utilisation"],
            "binding": factors.rename(columns=lambda name: str(name)[6:]).idxmax(axis=1).where(worst >= BINDS, ""),
            "binding_share": worst,
        }
    )


def supply_graph(table: pd.DataFrame, graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Write what the runs gave onto a copy of the base-year supply graph; its flows stay those of the base year."""
    drawn = graph.copy()
    for row in records(table):
        if row.Index in drawn:
            drawn.nodes[row.Index].update(output=row.output, utilisation=row.utilisation, binding=row.binding)
    return drawn


def shown_flows(graph: nx.MultiDiGraph) -> list[Flow]:
    """Choose the arrows: inside a chain all that matter to it, across chains the largest."""
    inner, cross, rest = [], [], []
    for seller, buyer, data in graph.edges(data=True):
        ends = graph.nodes[seller], graph.nodes[buyer]
        if seller == buyer or not all(end.get("chain") for end in ends):
            continue
        flow = Flow(seller, buyer, str(data.get("product", "")), float(data["flow"]))
        least = min(end.get("output") or np.inf for end in ends)
        if ends[0]["chain"] == ends[1]["chain"]:
            if ends[0]["chain"] != REST and flow.flow >= INNER_SHARE * least:
                inner.append(flow)
        elif REST in (ends[0]["chain"], ends[1]["chain"]):
            rest.append(flow)
        else:
            cross.append(flow)
    return inner + _across(graph, cross) + _largest(rest, REST_COUNT)


def _across(graph: nx.MultiDiGraph, flows: list[Flow]) -> list[Flow]:
    """Choose the largest flow of each pair of chains, so that power does not crowd out manure; then the largest."""
    best: dict[tuple[str, str], Flow] = {}
    for flow in _largest(flows, len(flows)):
        best.setdefault((graph.nodes[flow.seller]["chain"], graph.nodes[flow.buyer]["chain"]), flow)
    chosen = _largest([flow for flow in best.values() if flow.flow >= CROSS_LEAST], CROSS_COUNT)
    others = [flow for flow in flows if flow not in chosen]
    return chosen + _largest(others, CROSS_COUNT - len(chosen))


def _largest(flows: list[Flow], count: int) -> list[Flow]:
    return sorted(flows, key=lambda item: (-item.flow, item.seller, item.buyer, item.product))[:count]


def shown_share(graph: nx.MultiDiGraph) -> float:
    """Share of the value of all flows between local stages that the picture's arrows carry."""
    drawn = sum(flow.flow for flow in shown_flows(graph))
    local = [
        data["flow"]
        for seller, buyer, data in graph.edges(data=True)
        if seller != buyer and graph.nodes[seller].get("chain") and graph.nodes[buyer].get("chain")
    ]
    return drawn / sum(local) if local else 1.0


@in_house_style
def plot_supply(graph: nx.MultiDiGraph, *, chains: list[ChainLook], ax: Axes | None = None) -> Figure:
    """Draw the swimlanes: a row per chain, a column per depth, arrows as wide as flows, boxes shaded by utilisation.

    Parameters
    ----------
    graph : nodes carry chain, name_zh, name_en, output, utilisation (share) and binding (a factor, or truth); edges
        carry product and flow (CNY a year).  Nodes without a chain are left out.
    """
    rows = [look for look in chains if any(data.get("chain") == look.key for _, data in graph.nodes(data=True))]
    layout = lay_out(graph, [look.key for look in rows], shown_flows(graph), Metrics())
    if ax is None:
        figure = Figure(figsize=(layout.width + 0.2, layout.height + 0.75))
        ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(-0.1, layout.width + 0.1)
    ax.set_ylim(layout.height + 0.65, -0.1)
    ax.set_axis_off()
    _rows(ax, layout, rows)
    colours = {stage: look.colour for look in rows for stage in layout.boxes if graph.nodes[stage]["chain"] == look.key}
    _arrows(ax, layout, colours)
    _boxes(ax, layout, graph.nodes, colours)
    for stage, box in layout.boxes.items():
        _words(ax, box, graph.nodes[stage])
    _legend(ax, layout)
    return figure_of(ax)


def _rows(ax: Axes, layout: Layout, rows: list[ChainLook]) -> None:
    for place, look in enumerate(rows):
        top, bottom = layout.rows[look.key]
        shade = "#f6f7f9" if place % 2 == 0 else "#ffffff"
        ax.add_patch(Rectangle((0, top), layout.width, bottom - top, facecolor=shade, edgecolor="none", zorder=0))
        ax.add_patch(Rectangle((0, top), 0.07, bottom - top, facecolor=look.colour, edgecolor="none", zorder=1))
        middle = (top + bottom) / 2
        ax.text(0.16, middle, look.zh, fontsize=9.5, va="bottom", zorder=6)
        ax.text(0.16, middle + 0.03, "\n".join(_folded(look.en, 24)), fontsize=7, va="top", color=FAINT, zorder=6)


def width_of(flow: float) -> float:
    """Width of an arrow in points: proportional to the flow, down to a hairline that can still be seen."""
    return float(np.clip(flow / UNIT * 0.22, 0.7, 11.0))


def _arrows(ax: Axes, layout: Layout, colours: Mapping[str, str]) -> None:
    flows = sorted(layout.paths, key=lambda item: (-item[0].flow, item[0].seller, item[0].buyer))
    outlines = [_rounded(points, 0.05) for _, points in flows]
    widths = [width_of(flow.flow) for flow, _ in flows]
    edges = PathCollection(
        outlines, linewidths=[width + 1.4 for width in widths], edgecolors="white", facecolors="none",
        transform=ax.transData, joinstyle="round", capstyle="butt", zorder=2, alpha=0.9,
    )  # fmt: skip
    ax.add_collection(edges, autolim=False)
    for (flow, _), outline, width in zip(flows, outlines, widths, strict=True):
        ax.add_artist(
            FancyArrowPatch(
                path=outline, arrowstyle="-|>", mutation_scale=6.5 + width, linewidth=width, color=colours[flow.seller],
                shrinkA=0, shrinkB=0, joinstyle="round", capstyle="butt", zorder=3, alpha=0.9,
            )
        )  # fmt: skip


def _rounded(points: list[Point], radius: float) -> Outline:
    """Round the corners of a line of straight pieces."""
    vertices, codes = [points[0]], [Outline.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        for end, code in ((before, Outline.LINETO), (after, Outline.CURVE3)):
            length = float(np.hypot(end[0] - corner[0], end[1] - corner[1])) or 1.0
            step = min(radius, length / 2) / length
            point = (corner[0] + (end[0] - corner[0]) * step, corner[1] + (end[1] - corner[1]) * step)
            vertices += [point] if code == Outline.LINETO else [corner, point]
            codes += [code] if code == Outline.LINETO else [code, code]
    return Outline([*vertices, points[-1]], [*codes, Outline.LINETO])


def _boxes(ax: Axes, layout: Layout, nodes: Mapping[str, Mapping], colours: Mapping[str, str]) -> None:
    """Draw all boxes at once, each shaded by its utilisation, red where something other than demand binds."""
    frames, strips = [], []
    for stage, (x, y, width, height) in layout.boxes.items():
        share, binding = _utilisation(nodes[stage]), nodes[stage].get("binding")
        fill = SHADES(min(max(share, 0.0), 1.0)) if np.isfinite(share) else "white"
        edge, line = (ALARM, 1.8) if binding else ("#8b949e", 0.7)
        frames.append(
            FancyBboxPatch(
                (x, y), width, height, boxstyle="round,pad=0,rounding_size=0.03", facecolor=fill, edgecolor=edge,
                linewidth=line,
            )
        )  # fmt: skip
        strips.append(Rectangle((x, y), 0.045, height, facecolor=colours[stage], edgecolor="none"))
    ax.add_collection(PatchCollection(frames, match_original=True, zorder=4), autolim=False)
    ax.add_collection(PatchCollection(strips, match_original=True, zorder=5), autolim=False)


def _utilisation(node: Mapping) -> float:
    return float(node.get("utilisation", np.nan))


def _words(ax: Axes, box: tuple[float, float, float, float], node: Mapping) -> None:
    """Write into a box its names, output and utilisation, and what binds it."""
    x, y, width, height = box
    share, binding = _utilisation(node), node.get("binding")
    known = bool(np.isfinite(share))
    room = width - 0.11
    zh, en = str(node.get("name_zh", "")), _shortened(str(node.get("name_en", "")), room, SMALLEST)
    output = f"{node.get('output', 0.0) / UNIT:,.1f}"
    figures = f"{output} · {100 * share:.0f}%" if known else output
    if _fitting(zh, room - LETTER * len(figures), 7.8) < SMALLEST:
        figures = output  # a long name needs the place; the shade still tells the utilisation
    size = _fitting(zh, room - LETTER * len(figures), 7.8)
    ax.text(x + width - 0.04, y + height * 0.30, figures, fontsize=6.3, ha="right", va="center", zorder=6)
    ax.text(x + 0.08, y + height * 0.30, zh, fontsize=size, va="center", zorder=6)
    ax.text(x + 0.08, y + height * 0.72, en, fontsize=_fitting(en, room, 6.8), va="center", color="#3d444d", zorder=6)
    if isinstance(binding, str) and binding in FACTORS:
        badge = {"boxstyle": "round,pad=0.15", "facecolor": ALARM, "edgecolor": "none"}
        label = " ".join(FACTORS[binding])
        ax.text(
            x + width - 0.06,
            y + height + 0.015,
            label,
            fontsize=5.8,
            ha="right",
            va="center",
            color="white",
            bbox=badge,
            zorder=7,
        )


def _shortened(text: str, room: float, least: float) -> str:
    """Cut a text that would need letters smaller than ``least`` points, with an ellipsis at the cut."""
    if _fitting(text, room, least) >= least:
        return text
    while text and _fitting(f"{text}…", room, least) < least:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _fitting(text: str, room: float, size: float) -> float:
    """Font size in points at which a text fits into so many inches, no larger than ``size``."""
    ems = sum(1.0 if ord(letter) > 0x2E80 else 0.55 for letter in text)
    return min(size, 72 * room / ems) if ems else size


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def _legend(ax: Axes, layout: Layout) -> None:
    """Explain shades, the red border, widths and the numbers in the boxes, in one line under the picture."""
    y, x = layout.height + 0.14, 0.16
    for share in (0.25, 0.5, 0.75, 1.0):
        ax.add_patch(Rectangle((x, y), 0.34, 0.2, facecolor=SHADES(share), edgecolor="#8b949e", linewidth=0.6))
        ax.text(x + 0.17, y + 0.1, f"{share:.0%}", fontsize=7, ha="center", va="center")
        x += 0.36
    ax.text(x + 0.08, y + 0.1, "产能利用率 utilisation", fontsize=8, va="center")
    x += 1.95
    ax.add_patch(Rectangle((x, y), 0.34, 0.2, facecolor="white", edgecolor=ALARM, linewidth=1.8))
    ax.text(x + 0.44, y + 0.1, "需求以外的因素为瓶颈 bound by a factor other than demand", fontsize=8, va="center")
    x += 4.65
    for flow in (1e8, 10e8, 30e8):
        ax.add_line(
            Line2D([x, x + 0.4], [y + 0.1, y + 0.1], linewidth=width_of(flow), color=INK, solid_capstyle="butt")
        )
        ax.text(x + 0.46, y + 0.1, f"{flow / UNIT:.0f}", fontsize=8, va="center")
        x += 0.76
    ax.text(x, y + 0.1, "亿元/年 100 million yuan a year", fontsize=8, va="center")
    x += 2.55
    ax.text(x, y + 0.1, "框内数字：产值（亿元）和利用率 in boxes: output, utilisation", fontsize=8, va="center")
