"""The herd by cohort, month by month, and what a finished animal fetches."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .panels import Margins, new_panels
from .results import RUN, Results
from .style import ALARM, figure_of, in_house_style, panel_title

COHORTS = {
    "cows": ("能繁母牛", "breeding cows", "#7a4b2a"), "heifers": ("后备母牛", "heifers", "#b9ac70"),
    "calves": ("犊牛", "calves", "#94a4a2"), "growers": ("架子牛", "growers", "#0072b2"),
    "finishers": ("育肥牛", "finishers", "#56b4e9"),
}  # fmt: skip
HEADS = 1e4


def herd_table(run: Results) -> pd.DataFrame:
    """Head by cohort in the city in each month of the baseline, and the price of a finished animal; means over runs.

    Returns
    -------
    DataFrame with month (yyyymm), time (years), cows, heifers, calves, growers, finishers (head) and price (CNY/head);
    empty where runs did not record it.
    """
    names = [f"herd_{cohort}" for cohort in COHORTS]
    frame = run.query_wide(names, by=[*RUN, "month"])
    if frame.empty or "herd_cows" not in frame:
        return pd.DataFrame(columns=["month", "time", *COHORTS, "price"])
    frame = frame[frame["scenario"] == run.baseline].dropna(subset=["herd_cows"])
    table = frame.groupby("month")[names].mean().rename(columns=lambda name: str(name).removeprefix("herd_"))
    price = run.query("price", by=[*RUN, "month"], where={"stage": "cattle_fattening"})
    mean = price[price["scenario"] == run.baseline].groupby("month")["value"].mean().to_frame("price")
    table = table.join(mean).reset_index()
    table.insert(1, "time", table["month"] // 100 + (table["month"] % 100 - 0.5) / 12)
    return table


@in_house_style
def plot_herd(table: pd.DataFrame, *, ax: np.ndarray | None = None) -> Figure:
    """Stack the cohorts, cows at the bottom, over the price of a finished animal."""
    if ax is None:
        ax = new_panels(2, 1, (10.4, 6.2), Margins(0.7, right=0.35, top=0.55, bottom=0.4, down=0.95)).flatten()
    time, bottom = table["time"], np.zeros(len(table))
    for cohort, (zh, en, colour) in COHORTS.items():
        top = bottom + table[cohort].to_numpy() / HEADS
        ax[0].fill_between(time, bottom, top, color=colour, linewidth=0, label=f"{zh} {en}")
        bottom = top
    ax[0].set_ylim(0, 1.3 * bottom.max())
    ax[0].legend(loc="upper left", ncols=5)
    panel_title(ax[0], "月末存栏（万头）", "Cattle at the month's end, 10,000 head")
    ax[1].plot(time, table["price"] / 1e3, color=ALARM)
    ax[1].set_ylim(0, 1.2 * float(table["price"].max()) / 1e3)
    panel_title(ax[1], "出栏牛价（千元/头）", "Price of a finished animal, 1,000 CNY")
    for panel in ax:
        low, high = float(np.floor(time.min())), float(np.ceil(time.max()))
        panel.set_xlim(low, high)
        panel.set_xticks(np.arange(low, high + 0.5))
        panel.xaxis.set_major_formatter(lambda year, _: f"{year:.0f}-01")
    return figure_of(ax[0])
