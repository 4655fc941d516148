"""Who supplies whom along the chains, how fully each stage works, and what binds it: the swimlane picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path as Outline

from .causes import CAUSE_COLOURS, SIGNS
from .panels import width_of_text
from .style import ALARM, FAINT, INK, chain_colours, figure_of, in_house_style
from .supply_flows import shown_flows
from .supply_layout import Layout, Metrics, Point, lay_out
from .words import FACTORS, REST

if TYPE_CHECKING:
    from ..config.loader import Config

UNIT = 1e8
LETTER = 0.056  # inches a digit takes in a box
MARK = 0.13  # inches, side of the mark of a cause
DARK = ("labour", "capital", "input", "finance", "energy", "co2", "skill")  # marks whose sign is written in white
SMALLEST = 5.8  # points; a longer English name is cut, and stands whole in the table
SHADES = mpl.colors.LinearSegmentedColormap.from_list("utilisation", ["#ffffff", "#d4e2f0", "#7fa8cf"])
CHANGES = mpl.colors.LinearSegmentedColormap.from_list("change", ["#e08a3c", "#ffffff", "#5b93c9"])
MOST_CHANGE = 0.5  # of output: a larger change has the same shade


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


@in_house_style
def plot_supply(graph: nx.MultiDiGraph, *, chains: list[ChainLook], ax: Axes | None = None) -> Figure:
    """Draw the swimlanes: a row per chain, a column per depth, arrows as wide as flows, boxes shaded by utilisation.

    Parameters
    ----------
    graph : nodes carry chain, name_zh, name_en, output, utilisation (share) and, where known, cause (the factor that
        bound most) and binding (anything but '' where it is a bottleneck); edges carry product and flow (CNY a year).
        Nodes without a chain are left out. Where nodes carry change (of output, share), boxes are shaded by it.
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
    causes = {str(graph.nodes[stage].get("cause")) for stage in layout.boxes}
    changed = any("change" in graph.nodes[stage] for stage in layout.boxes)
    _legend(ax, layout, [cause for cause in CAUSE_COLOURS if cause in causes], changed=changed)
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
    """Draw all boxes and marks at once, each box shaded by its utilisation, red where it is a bottleneck."""
    frames, strips = [], []
    for stage, (x, y, width, height) in layout.boxes.items():
        binding, fill = nodes[stage].get("binding"), _fill(nodes[stage])
        edge, line = (ALARM, 1.8) if binding else ("#8b949e", 0.7)
        frames.append(
            FancyBboxPatch(
                (x, y), width, height, boxstyle="round,pad=0,rounding_size=0.03", facecolor=fill, edgecolor=edge,
                linewidth=line,
            )
        )  # fmt: skip
        strips.append(Rectangle((x, y), 0.045, height, facecolor=colours[stage], edgecolor="none"))
        if cause := nodes[stage].get("cause"):
            strips.append(_mark(str(cause), *_mark_place((x, y, width, height))))
    ax.add_collection(PatchCollection(frames, match_original=True, zorder=4), autolim=False)
    ax.add_collection(PatchCollection(strips, match_original=True, zorder=5), autolim=False)


def _fill(node: Mapping) -> tuple[float, ...] | str:
    """Colour of a box: by the change of its output where one is given, else by utilisation."""
    if "change" in node:
        change = float(node["change"])
        return CHANGES(0.5 + 0.5 * np.clip(change / MOST_CHANGE, -1, 1)) if np.isfinite(change) else "white"
    share = _utilisation(node)
    return SHADES(min(max(share, 0.0), 1.0)) if np.isfinite(share) else "white"


def _figures_of(node: Mapping) -> tuple[str, str]:
    """Numbers in a box, and the shorter ones where a long name needs the place."""
    output = f"{node.get('output', 0.0) / UNIT:,.1f}"
    if "change" in node:
        change = float(node["change"])
        text = f"{100 * change:+.0f}%".replace("-", "−") if np.isfinite(change) else "—"
        text = f"×{1 + change:.0f}" if change >= 9.5 else text  # what hardly was there in the baseline
        return f"{output} · {text}", text
    share = _utilisation(node)
    return (f"{output} · {100 * share:.0f}%" if np.isfinite(share) else output), output


def _utilisation(node: Mapping) -> float:
    return float(node.get("utilisation", np.nan))


def _words(ax: Axes, box: tuple[float, float, float, float], node: Mapping) -> None:
    """Write into a box its names, output and utilisation or change, and the mark of what bound it most."""
    x, y, width, height = box
    cause = node.get("cause")
    room = width - 0.11
    zh = str(node.get("name_zh", ""))
    figures, shorter = _figures_of(node)
    if _fitting(zh, room - LETTER * len(figures), 7.8) < SMALLEST:
        figures = shorter  # the shade still tells what is left out
    size = _fitting(zh, room - LETTER * len(figures), 7.8)
    ax.text(x + width - 0.04, y + height * 0.30, figures, fontsize=6.3, ha="right", va="center", zorder=6)
    ax.text(x + 0.08, y + height * 0.30, zh, fontsize=size, va="center", zorder=6)
    if cause:
        room -= MARK + 0.03
        _sign(ax, str(cause), *_mark_place(box))
    en = _shortened(str(node.get("name_en", "")), room, SMALLEST)
    ax.text(x + 0.08, y + height * 0.72, en, fontsize=_fitting(en, room, 6.8), va="center", color="#3d444d", zorder=6)


def _mark_place(box: tuple[float, float, float, float]) -> tuple[float, float]:
    """Corner of a box's mark: its lower right."""
    x, y, width, height = box
    return x + width - 0.03 - MARK, y + height * 0.72 - MARK / 2


def _mark(cause: str, x: float, y: float) -> Rectangle:
    """Field of a cause's mark, in its colour."""
    return Rectangle((x, y), MARK, MARK, facecolor=CAUSE_COLOURS[cause], edgecolor="none")


def _sign(ax: Axes, cause: str, x: float, y: float) -> None:
    """Write a cause's Chinese sign onto its mark."""
    colour = "white" if cause in DARK else INK
    ax.text(x + MARK / 2, y + MARK / 2, SIGNS[cause], fontsize=6.2, ha="center", va="center", color=colour, zorder=7)


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


def _legend(ax: Axes, layout: Layout, causes: list[str], *, changed: bool) -> None:
    """Explain shades, the red border, widths and the numbers in the boxes, in a line under the picture, then marks."""
    y, x = layout.height + 0.14, 0.16
    for share in (-0.5, -0.25, 0.25, 0.5) if changed else (0.25, 0.5, 0.75, 1.0):
        fill = _fill({"change": share} if changed else {"utilisation": share})
        ax.add_patch(Rectangle((x, y), 0.34, 0.2, facecolor=fill, edgecolor="#8b949e", linewidth=0.6))
        text = f"{100 * share:+.0f}%".replace("-", "−") if changed else f"{share:.0%}"
        ax.text(x + 0.17, y + 0.1, text, fontsize=7, ha="center", va="center")
        x += 0.36
    shade = "产值之差 change of output" if changed else "产能利用率 utilisation"
    ax.text(x + 0.08, y + 0.1, shade, fontsize=8, va="center")
    x += 1.95
    ax.add_patch(Rectangle((x, y), 0.34, 0.2, facecolor="white", edgecolor=ALARM, linewidth=1.8))
    ax.text(
        x + 0.44, y + 0.1, "瓶颈：需求和季节以外的因素 bottleneck other than demand, season", fontsize=8, va="center"
    )
    x += 4.65
    for flow in (1e8, 10e8, 30e8):
        ax.add_line(
            Line2D([x, x + 0.4], [y + 0.1, y + 0.1], linewidth=width_of(flow), color=INK, solid_capstyle="butt")
        )
        ax.text(x + 0.46, y + 0.1, f"{flow / UNIT:.0f}", fontsize=8, va="center")
        x += 0.76
    ax.text(x, y + 0.1, "亿元/年 100 million yuan a year", fontsize=8, va="center")
    x += 2.55
    second = "与基准之差 in boxes: output, change" if changed else "利用率 in boxes: output, utilisation"
    ax.text(x, y + 0.1, f"框内数字：产值（亿元）和{second}", fontsize=8, va="center")
    if causes:
        _mark_legend(ax, y + 0.27, causes)


def _mark_legend(ax: Axes, y: float, causes: list[str]) -> None:
    """Name the causes whose marks stand in the boxes."""
    x = 0.16
    ax.text(x, y + MARK / 2, "产出主要受何约束 output is mostly bound by", fontsize=8, va="center")
    x += 2.75
    for cause in causes:
        words = " ".join(FACTORS[cause])
        ax.add_patch(_mark(cause, x, y))
        _sign(ax, cause, x, y)
        ax.text(x + MARK + 0.06, y + MARK / 2, words, fontsize=8, va="center")
        x += MARK + 0.3 + width_of_text([words], 8)
