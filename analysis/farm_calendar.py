"""When farms need hands: days of work that crops and animals ask for, by month and county, and by activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..config.schema import Name
from .headline import headline_year
from .panels import Margins, new_panels, width_of_text
from .results import RUN, Results
from .style import CHAIN_COLOURS, INK, figure_of, in_house_style, panel_title
from .words import counties_in_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config

DAYS = 1e4
OTHERS = Name(zh="其他环节", en="other stages")


def farm_calendar_table(run: Results) -> pd.DataFrame:
    """Days of farm work asked for in each month of the headline year, in the baseline.

    Returns
    -------
    DataFrame with year, month (1-12), stage, county and days (mean over runs); empty where runs did not record it.
    """
    year = headline_year(run)
    frame = run.query("labour_days", by=[*RUN, "month", "stage", "county"])
    frame = frame[(frame["scenario"] == run.baseline) & (frame["month"] // 100 == year) & (frame["value"] > 0)]
    frame = frame.assign(year=year, month=frame["month"] % 100)
    runs = max(frame["replicate"].nunique(), 1)
    table = frame.groupby(["year", "month", "stage", "county"])["value"].sum() / runs
    return table.rename("days").reset_index()


@in_house_style
def plot_farm_calendar(table: pd.DataFrame, *, config: Config, ax: np.ndarray | None = None) -> Figure:
    """Draw days by county and month as a heat table, and the city's by activity as a stack under it."""
    counties = counties_in_order(config)
    if ax is None:
        names = _county_names(config)
        margins = Margins(width_of_text(names, 8.5) + 0.2, right=2.65, top=0.55, bottom=0.4, down=0.95, label_y=0.6)
        ax = new_panels(2, 1, (10.4, 7.2), margins).flatten()
    year = int(table["year"].iloc[0])
    grid = table.pivot_table(index="county", columns="month", values="days", aggfunc="sum", fill_value=0.0)
    _heat(ax[0], grid.reindex(index=counties, columns=range(1, 13), fill_value=0.0) / DAYS, config)
    panel_title(ax[0], f"{year}年各县（市、区）农活用工（万工日）", f"Farm work by county in {year}, 10,000 days")
    stack_by_stage(ax[1], table, config)
    panel_title(ax[1], "全市按农事（万工日）", "City by activity, 10,000 days")
    return figure_of(ax[0])


def _heat(ax: Axes, grid: pd.DataFrame, config: Config) -> None:
    values = grid.to_numpy()
    top = float(values.max()) or 1.0
    edges = np.arange(13) + 0.5, np.arange(len(values) + 1) - 0.5
    ax.pcolormesh(*edges, values, cmap="Greens", vmin=0.0, vmax=top, alpha=0.8)
    for (line, column), value in np.ndenumerate(values):
        colour = "white" if value > 0.7 * top else INK
        ax.text(column + 1, line, f"{value:.0f}", ha="center", va="center", fontsize=8.5, color=colour)
    ax.set_ylim(len(values) - 0.5, -0.5)
    ax.set_xlim(0.5, 12.5)
    ax.set_yticks(range(len(values)), _county_names(config))
    ax.set_xticks(range(1, 13))
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def _county_names(config: Config) -> list[str]:
    """Names of the counties in the order officials list them."""
    known = sorted(config.counties.counties.values(), key=lambda county: county.order)
    return [f"{county.name.zh}  {county.name.en}" for county in known]


def stack_by_stage(ax: Axes, table: pd.DataFrame, config: Config) -> None:
    """Stack activities in the order of their year's days, the largest at the bottom."""
    city = table.pivot_table(index="stage", columns="month", values="days", aggfunc="sum", fill_value=0.0) / DAYS
    city = city.reindex(columns=range(1, 13), fill_value=0.0)
    city = city.loc[city.sum(axis=1).sort_values(ascending=False).index]
    names = {key: stage.name for chain in config.chains.values() for key, stage in chain.stages.items()}
    bottom = np.zeros(12)
    for place, (stage, days) in enumerate(city.iterrows()):
        name = names.get(str(stage), OTHERS)
        ax.bar(
            range(1, 13), days, bottom=bottom, width=0.82, color=CHAIN_COLOURS[place % len(CHAIN_COLOURS)],
            edgecolor="white", linewidth=0.5, label=f"{name.zh} {name.en}",
        )  # fmt: skip
        bottom += days.to_numpy()
    month_ticks(ax)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8)


def month_ticks(ax: Axes) -> None:
    """Name the twelve months under a panel."""
    ax.set_xlim(0.5, 12.5)
    ax.set_xticks(range(1, 13), [f"{month}月\n{month}" for month in range(1, 13)], linespacing=1.3)
