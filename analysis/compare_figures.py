"""Figures of a comparison: effects with intervals, cost against effect, who gains where, the counties as tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .headline import HEADLINES
from .panels import Margins, new_panels, width_of_text
from .results import records
from .style import FAINT, INK, figure_of, in_house_style, panel_title
from .words import INDICATORS, SCALES, Scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config
    from .comparison import Side

SURE, UNSURE = "#0072b2", "#9aa1a9"
# The seven counties as tiles, (column, row): west to east, north above south, neighbours beside each other.
TILES = {
    "jingning": (0, 0), "zhuanglang": (0, 1), "kongtong": (1, 0), "huating": (1, 1),
    "jingchuan": (2, 0), "chongxin": (2, 1), "lingtai": (3, 1),
}  # fmt: skip


def difference_scale(indicator: str) -> Scale:
    """How a difference in an indicator is written: shares in percentage points."""
    unit = INDICATORS[indicator].unit
    return SCALES["point" if unit == "share" else unit]


@in_house_style
def plot_effects(table: pd.DataFrame, *, sides: Sequence[Side]) -> Figure:
    """Draw headline differences by scenario, dot and 95 % interval; grey where Holm's test is unsure."""
    shown = [name for name in HEADLINES if name in set(table["indicator"])]
    names = [f"{side.label.zh}\n{side.label.en}" for side in sides]
    columns, room = 4, 0.34 * len(sides)
    rows = -(-len(shown) // columns)
    margins = Margins(width_of_text(names, 7.5) + 0.12, top=0.55, bottom=0.25, across=0.16, down=0.8)
    axes = new_panels(rows, columns, (11.0, rows * (1.1 + room)), margins)
    for panel, indicator in zip(axes.flatten(), shown, strict=False):
        _effect_panel(panel, table[table["indicator"] == indicator], indicator, sides, names)
    for panel in axes[:, 1:].flatten():
        panel.tick_params(labelleft=False)
    for panel in axes.flatten()[len(shown) :]:
        panel.set_axis_off()
    return figure_of(axes[0, 0])


def _effect_panel(ax: Axes, rows: pd.DataFrame, indicator: str, sides: Sequence[Side], names: Sequence[str]) -> None:
    scale, words = difference_scale(indicator), INDICATORS[indicator]
    place = {side.name: line for line, side in enumerate(sides)}
    for row in records(rows):
        line, colour = place[row.side], SURE if row.p_holm < 0.05 else UNSURE
        low, mean, high = (value / scale.divisor for value in (row.low, row.mean, row.high))
        if np.isfinite(low):
            ax.plot([low, high], [line, line], color=colour, linewidth=2, solid_capstyle="butt")
        ax.plot([mean], [line], "o" if colour == SURE else "D", color=colour, markersize=5)
    ax.axvline(0, color=FAINT, linewidth=1)
    ax.set_ylim(len(sides) - 0.4, -0.6)
    ax.set_yticks(range(len(sides)), names, fontsize=7.5, linespacing=1.3)
    ax.locator_params(axis="x", nbins=4)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_title(f"{words.zh}\n{words.en}\n{scale.both}", fontsize=8, loc="left", linespacing=1.4)


@in_house_style
def plot_cost(table: pd.DataFrame, *, sides: Sequence[Side]) -> Figure:
    """Draw public money against the job-years and value added it brings; scenarios go by their number in the table."""
    axes = new_panels(1, 2, (11.0, 4.6), Margins(0.75, right=0.9, top=0.55, bottom=0.62, across=1.15, label_y=0.55))
    number = {side.name: str(place) for place, side in enumerate(sides, start=1)}
    for panel, name, scale, zh, en in (
        (axes[0, 0], "job_years", SCALES["person"], "九链新增岗位·年", "Job-years added in the nine chains"),
        (axes[0, 1], "value_added", SCALES["CNY"], "新增地区生产总值（累计）", "GDP added, all years"),
    ):
        for row in records(table):
            x, y = row.public / 1e8, getattr(row, name) / scale.divisor
            low, high = (getattr(row, f"{name}_{end}") / scale.divisor for end in ("low", "high"))
            sure = low > 0 or high < 0
            colour = SURE if sure else UNSURE
            if np.isfinite(low):
                panel.plot([x, x], [low, high], color=colour, linewidth=1.4)
            panel.plot([x], [y], "o" if sure else "D", color=colour, markersize=5)
            away = (6, 3) if int(number[row.side]) % 2 else (-6, 3)  # points that lie close share out the two sides
            panel.annotate(
                number[row.side], (x, y), xytext=away, textcoords="offset points", fontsize=8,
                ha="left" if away[0] > 0 else "right",
            )  # fmt: skip
        panel.axhline(0, color=FAINT, linewidth=1)
        panel.margins(x=0.2, y=0.12)
        panel.set_xlabel("财政投入（累计，亿元） public money, 100 million yuan", fontsize=8)
        panel_title(panel, f"{zh}（{scale.zh}）", f"{en} ({scale.en})", size=9)
    return figure_of(axes[0, 0])


@in_house_style
def plot_winners(
    table: pd.DataFrame, *, sides: Sequence[Side], names: Mapping[str, tuple[str, str]], column: str
) -> Figure:
    """Draw a heat table: a row per scenario, a column per chain or county; bold where the 95 % interval leaves zero."""
    labels = [f"{side.label.zh}\n{side.label.en}" for side in sides]
    left = width_of_text(labels, 8) + 0.12
    size = (11.0, 0.95 + 0.42 * len(sides))
    ax = new_panels(1, 1, size, Margins(left, top=0.15, bottom=0.75))[0, 0]
    rows = table.assign(sure=(table["low"] > 0) | (table["high"] < 0))
    order = [side.name for side in sides]
    grid, sure = (
        rows.pivot(index="side", columns=column, values=value).reindex(index=order, columns=list(names))
        for value in ("mean", "sure")
    )
    values = grid.to_numpy(dtype=float) / SCALES["CNY"].divisor
    top = float(np.nanmax(np.abs(values))) or 1.0
    edges = np.arange(values.shape[1] + 1) - 0.5, np.arange(len(values) + 1) - 0.5
    ax.pcolormesh(*edges, values, cmap="PuOr", vmin=-top, vmax=top, alpha=0.75)
    for (line, place), value in np.ndenumerate(values):
        known = bool(sure.iloc[line, place])
        ax.text(
            place, line, SCALES["CNY"].text(value * 1e8, sign=True), ha="center", va="center", fontsize=8.5,
            fontweight="bold" if known else "normal",
            color="white" if abs(value) > 0.72 * top else INK if known else FAINT,
        )  # fmt: skip
    ax.set_ylim(len(values) - 0.5, -0.5)
    ax.set_xticks(range(len(names)), [f"{zh}\n{en}" for zh, en in names.values()], linespacing=1.4, fontsize=7.5)
    ax.set_yticks(range(len(labels)), labels, fontsize=8, linespacing=1.3)
    ax.tick_params(left=False, bottom=False)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return figure_of(ax)


@in_house_style
def plot_counties(table: pd.DataFrame, *, sides: Sequence[Side], config: Config) -> Figure:
    """Draw the counties as tiles where they lie, one map per scenario, shaded by the difference in value added."""
    columns = min(3, len(sides))
    rows = -(-len(sides) // columns)
    axes = new_panels(rows, columns, (11.0, 2.35 * rows), Margins(0.1, top=0.5, bottom=0.1, across=0.25, down=0.62))
    scale = SCALES["CNY"]
    top = float(table["mean"].abs().max()) / scale.divisor or 1.0
    for panel, side in zip(axes.flatten(), sides, strict=False):
        _tile_map(panel, table[table["side"] == side.name], config, top, scale)
        panel_title(panel, side.label.zh, side.label.en, size=8.5)
    for panel in axes.flatten():
        panel.set_axis_off()
    return figure_of(axes[0, 0])


def _tile_map(ax: Axes, rows: pd.DataFrame, config: Config, top: float, scale: Scale) -> None:
    import matplotlib as mpl

    shade = mpl.colormaps["PuOr"]
    for row in records(rows):
        column, line = TILES[row.county]
        value = row.mean / scale.divisor
        ax.add_patch(Rectangle((column, -line), 0.96, 0.94, facecolor=shade(0.5 + 0.45 * value / top), alpha=0.8))
        name = config.counties.counties[row.county].name
        sure = row.low > 0 or row.high < 0
        ink = "white" if abs(value) > 0.72 * top else INK
        ax.text(column + 0.48, -line + 0.7, name.zh, ha="center", va="center", fontsize=8.5, color=ink)
        ax.text(column + 0.48, -line + 0.48, name.en, ha="center", va="center", fontsize=6.5, color=ink)
        text = scale.text(row.mean, sign=True)
        ax.text(
            column + 0.48, -line + 0.2, text, ha="center", va="center", fontsize=9.5,
            fontweight="bold" if sure else "normal", color=FAINT if ink == INK and not sure else ink,
        )  # fmt: skip
    ax.set_xlim(-0.02, 4.0)
    ax.set_ylim(-1.03, 1.0)
    ax.grid(visible=False)
