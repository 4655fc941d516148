"""Work by the day: in which months, for what, and by how many people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .farm_calendar import month_ticks, stack_by_stage
from .headline import headline_year
from .panels import Margins, new_panels
from .results import RUN, Results
from .style import figure_of, in_house_style, panel_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config

WHO = {
    "day_labourers_farm": ("农户成员", "farm people", "#7a9b3c"),
    "day_labourers_unemployed": ("失业者", "people out of work", "#9a5b4f"),
}
NAMED = 8  # stages with the most days are shown by name


def day_labour_table(run: Results) -> pd.DataFrame:
    """Days hired, and persons who worked by the day, in each month of the headline year of the baseline.

    Returns
    -------
    DataFrame with year, month (1-12), what (``days`` or ``persons``), name (stage, or who: see `WHO`) and value, means
    over runs; empty where runs did not record it.
    """
    year, frames = headline_year(run), []
    days = run.query("day_labour", by=[*RUN, "month", "stage"]).rename(columns={"stage": "name"}).assign(what="days")
    frames.append(days)
    for name in WHO:
        frames.append(run.query(name, by=[*RUN, "month"]).assign(what="persons", name=name))
    frame = pd.concat(frames, ignore_index=True)
    frame = frame[(frame["scenario"] == run.baseline) & (frame["month"] // 100 == year) & (frame["value"] > 0)]
    runs = int(run.finished["scenario"].eq(run.baseline).sum())
    frame = frame.assign(year=year, month=frame["month"] % 100)
    table = frame.groupby(["year", "month", "what", "name"])["value"].sum() / runs
    return table.reset_index()


@in_house_style
def plot_day_labour(table: pd.DataFrame, *, config: Config, ax: np.ndarray | None = None) -> Figure:
    """Draw a year's days hired as a stack of stages, and the persons who worked them."""
    if ax is None:
        ax = new_panels(2, 1, (10.4, 6.4), Margins(0.6, right=2.9, top=0.55, bottom=0.4, down=0.95)).flatten()
    year = int(table["year"].iloc[0])
    days = table[table["what"] == "days"].rename(columns={"name": "stage", "value": "days"})
    named = days.groupby("stage")["days"].sum().nlargest(NAMED).index
    stack_by_stage(ax[0], days.assign(stage=days["stage"].where(days["stage"].isin(named), "")), config)
    panel_title(ax[0], f"{year}年日工（万工日）", f"Days hired in {year}, 10,000 days")
    _persons(ax[1], table[table["what"] == "persons"])
    panel_title(ax[1], "做日工的人（千人）", "People who worked by the day, thousands")
    return figure_of(ax[0])


def _persons(ax: Axes, rows: pd.DataFrame) -> None:
    bottom = np.zeros(12)
    for name, (zh, en, colour) in WHO.items():
        mine = rows[rows["name"] == name].set_index("month")["value"].reindex(range(1, 13), fill_value=0.0) / 1e3
        ax.bar(range(1, 13), mine, bottom=bottom, width=0.82, color=colour, edgecolor="white", linewidth=0.5,
               label=f"{zh} {en}")  # fmt: skip
        bottom += mine.to_numpy()
    month_ticks(ax)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8)
