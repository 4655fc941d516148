"""How old the orchards are: area by class of age, standard and dwarf trees, at the start and in the headline year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .headline import headline_year
from .panels import Margins, new_panels
from .results import RUN, Results
from .style import FAINT, figure_of, in_house_style, panel_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# class: kind, Chinese and English name
CLASSES = {
    "trees_0": ("standard", "当年栽", "this year's"), "trees_1": ("standard", "1年", "1 yr"),
    "trees_2": ("standard", "2年", "2 yr"), "trees_3": ("standard", "3年", "3 yr"),
    "trees_4_9": ("standard", "4—9年", "4-9 yr"), "trees_10_19": ("standard", "10—19年", "10-19 yr"),
    "trees_20_29": ("standard", "20—29年", "20-29 yr"), "trees_30": ("standard", "30年以上", "30 yr and over"),
    "dwarf_0": ("dwarf", "当年栽", "this year's"), "dwarf_1": ("dwarf", "1年", "1 yr"),
    "dwarf_2_5": ("dwarf", "2—5年", "2-5 yr"), "dwarf_6": ("dwarf", "6年以上", "6 yr and over"),
}  # fmt: skip
NOT_BEARING = ("trees_0", "trees_1", "trees_2", "trees_3", "dwarf_0", "dwarf_1")
KINDS = {"standard": ("乔化树", "Standard trees"), "dwarf": ("矮化密植", "Dwarf close planting")}
COLOURS = {"first": "#9aa0a6", "last": "#bd1f01"}


def orchard_age_table(run: Results) -> pd.DataFrame:
    """Area of orchards by class of age in the baseline, in the first full year and the headline year.

    Returns
    -------
    DataFrame with year, kind, age (class), bears, area (mu, mean over runs), p05 and p95; empty if not recorded.
    """
    years, rows = (min(run.years), headline_year(run)), []
    for name, (kind, _, _) in CLASSES.items():
        frame = run.query(f"area_{name}", by=[*RUN, "month"])
        for year in dict.fromkeys(years):
            mine = frame[(frame["scenario"] == run.baseline) & (frame["month"] == year * 100 + 12)]["value"]
            if len(mine):
                bounds = {"area": mine.mean(), "p05": mine.quantile(0.05), "p95": mine.quantile(0.95)}
                rows.append({"year": year, "kind": kind, "age": name, "bears": name not in NOT_BEARING} | bounds)
    return pd.DataFrame(rows, columns=["year", "kind", "age", "bears", "area", "p05", "p95"])


@in_house_style
def plot_orchard_age(table: pd.DataFrame, *, ax: np.ndarray | None = None) -> Figure:
    """Draw a pyramid for standard and one for dwarf trees: first year to the left, headline year to the right."""
    if ax is None:
        ax = new_panels(1, 2, (10.4, 4.2), Margins(1.75, top=0.55, bottom=0.75, across=1.9))[0]
    most = float(table["area"].max()) / 1e4
    for panel, kind in zip(ax, KINDS, strict=True):
        _pyramid(panel, table[table["kind"] == kind], most)
        panel_title(panel, *KINDS[kind])
        panel.set_xlabel("万亩  10,000 mu")
    years = sorted(set(table["year"]))
    handles = [ax[0].barh([0], [0], color=COLOURS[side]) for side in ("first", "last")[: len(years)]]
    figure = figure_of(ax[0])
    labels = [f"{year}年末 end of {year}" for year in years]
    figure.legend(handles, labels, loc="lower right", ncols=2)
    return figure


def _pyramid(ax: Axes, rows: pd.DataFrame, most: float) -> None:
    years, ages = sorted(set(rows["year"])), list(dict.fromkeys(rows["age"]))
    for sign, side, year in zip((-1, 1), ("first", "last"), years, strict=False):
        area = rows[rows["year"] == year].set_index("age")["area"].reindex(ages).to_numpy() / 1e4
        hatch = ["////" if age in NOT_BEARING else "" for age in ages]
        ax.barh(range(len(ages)), sign * area, color=COLOURS[side], hatch=hatch, edgecolor="white", linewidth=0.6)
        for place, value in enumerate(area):
            at = sign * (value + 0.02 * most)
            ax.text(at, place, f"{value:.1f}", ha="left" if sign > 0 else "right", va="center", fontsize=8)
    ax.axvline(0, color=FAINT, linewidth=1)
    ax.set_xlim(-1.2 * most, 1.2 * most)
    ax.set_yticks(range(len(ages)), [f"{CLASSES[age][1]}  {CLASSES[age][2]}" for age in ages])
    ax.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
