"""Where apples lie and what they fetch through the year: stores, cellars, sales at the gate and the gate price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .panels import Margins, new_panels
from .results import RUN, Results
from .style import ALARM, INK, figure_of, in_house_style, panel_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AMOUNTS = ("store_capacity", "in_stores", "in_cellars", "gate_sales")
TONNES = 1e4
ORCHARD = "apple_orchard"


def apple_year_table(run: Results) -> pd.DataFrame:
    """City totals of the baseline by month, means over runs.

    Returns
    -------
    DataFrame with month (yyyymm), time (years), store_capacity, in_stores, in_cellars, gate_sales (t) and gate_price
    (CNY/t, weighted by what counties sold); empty where runs did not record it.
    """
    keys = [*RUN, "month", "county"]
    frame = run.query_wide([*AMOUNTS, "gate_price"], by=keys, where={"stage": ORCHARD})
    frame = frame[frame["scenario"] == run.baseline].dropna(subset=["in_stores"])
    frame["worth"] = frame["gate_price"] * frame["gate_sales"]
    runs = max(frame["replicate"].nunique(), 1)
    table = frame.groupby("month")[[*AMOUNTS, "worth"]].sum().reset_index()
    table["gate_price"] = table["worth"] / table["gate_sales"].where(table["gate_sales"] > 0)
    table[list(AMOUNTS)] /= runs
    table.insert(1, "time", table["month"] // 100 + (table["month"] % 100 - 0.5) / 12)
    return table.drop(columns="worth")


@in_house_style
def plot_apple_year(table: pd.DataFrame, *, ax: np.ndarray | None = None) -> Figure:
    """Draw fruit in stores and cellars under the stores' room, and sales with the gate price below."""
    if ax is None:
        ax = new_panels(2, 1, (10.4, 6.2), Margins(0.7, right=0.75, top=0.55, bottom=0.4, down=0.95)).flatten()
    time = table["time"]
    held, cellar = table["in_stores"] / TONNES, table["in_cellars"] / TONNES
    ax[0].fill_between(
        time, 0, held, color="#0072b2", alpha=0.75, linewidth=0, label="果农存在冷库 growers' fruit in stores"
    )
    ax[0].fill_between(
        time, held, held + cellar, color="#b9ac70", linewidth=0, label="果农存在土窖 growers' fruit in cellars"
    )
    ax[0].plot(time, table["store_capacity"] / TONNES, color=INK, dashes=(5, 2), label="冷库能力 room of stores")
    panel_title(ax[0], "月末存果（万吨）", "Fruit held at the month's end, 10,000 t")
    ax[1].bar(
        time, table["gate_sales"] / TONNES, width=0.07, color="#94a4a2", label="出园销售（万吨，左）sold, 10,000 t"
    )
    panel_title(ax[1], "出园销售与价格", "Sales at the gate and their price")
    price = ax[1].twinx()
    price.plot(time, table["gate_price"] / 1e3, color=ALARM, label="出园价（元/千克，右）gate price, CNY/kg")
    price.grid(visible=False)
    price.spines["right"].set_visible(True)
    low, high = float(table["gate_price"].min()) / 1e3, float(table["gate_price"].max()) / 1e3
    price.set_ylim(low - 0.1 * (high - low) - 0.1, high + 0.45 * (high - low) + 0.1)  # clear of the legend
    for panel in ax:
        _years(panel, time)
    ax[0].legend(loc="upper left", ncols=3)
    handles = [*ax[1].get_legend_handles_labels()[0], *price.get_legend_handles_labels()[0]]
    labels = [*ax[1].get_legend_handles_labels()[1], *price.get_legend_handles_labels()[1]]
    ax[1].legend(handles, labels, loc="upper left", ncols=2)
    return figure_of(ax[0])


def _years(ax: Axes, time: pd.Series) -> None:
    low, high = float(np.floor(time.min())), float(np.ceil(time.max()))
    ax.set_xlim(low, high)
    ax.set_xticks(np.arange(low, high + 0.5))
    ax.xaxis.set_major_formatter(lambda year, _: f"{year:.0f}-01")
    ax.set_ylim(0, 1.3 * ax.get_ylim()[1])  # room for the legend
