"""What the chains pay and how many of their posts stay open, year by year; and work by the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .panels import Margins, legend_height, new_panels
from .results import RUN, Results
from .style import chain_colours, figure_of, in_house_style, panel_title

if TYPE_CHECKING:
    from ..config.loader import Config

MARKERS = "os^vDPX*<>"


def wage_table(run: Results) -> pd.DataFrame:
    """Mean wage of firms and share of their posts open, per chain and year in the baseline, means over runs.

    Returns
    -------
    DataFrame with year, chain, wage (CNY a month, weighted by jobs), jobs (persons in firms, the year's mean) and
    open_share (of posts, the year's mean); empty where runs did not record wages.
    """
    keys = [*RUN, "month", "chain", "stage"]
    frame = run.query_wide(["wage", "jobs", "vacancies"], by=keys)
    frame = frame[(frame["scenario"] == run.baseline) & frame["month"].floordiv(100).isin(run.years)]
    frame = frame.dropna(subset=["wage"])  # farm stages pay none
    if not len(frame):
        return pd.DataFrame(columns=["year", "chain", "wage", "jobs", "open_share"])
    frame = frame.assign(year=frame["month"] // 100, bill=frame["wage"] * frame["jobs"])
    sums = frame.groupby(["year", "chain"])[["bill", "jobs", "vacancies"]].sum()
    months = frame.groupby("year")["month"].nunique() * frame["replicate"].nunique()
    table = pd.DataFrame(
        {
            "wage": sums["bill"] / sums["jobs"],
            "jobs": sums["jobs"].div(months, level="year"),
            "open_share": sums["vacancies"] / (sums["jobs"] + sums["vacancies"]),
        }
    )
    return table.reset_index()


@in_house_style
def plot_wage(table: pd.DataFrame, *, config: Config, ax: np.ndarray | None = None) -> Figure:
    """Draw a line a chain: wages at the left, open posts at the right."""
    chains = [key for key in config.chains if key in set(table["chain"])]
    if ax is None:
        margins = Margins(0.62, right=0.15, top=0.5, bottom=0.42 + legend_height(len(chains), 3), across=0.75)
        ax = new_panels(1, 2, (10.4, 4.7), margins).flatten()
    colours = chain_colours(config)
    for k, key in enumerate(chains):
        rows, name = table[table["chain"] == key], config.chains[key].name
        look = {"color": colours[key], "marker": MARKERS[k % len(MARKERS)], "markersize": 4.5, "linewidth": 1.5}
        ax[0].plot(rows["year"], rows["wage"], label=f"{name.zh} {name.en}", **look)
        ax[1].plot(rows["year"], 100 * rows["open_share"], **look)
    panel_title(ax[0], "企业平均工资（元/月）", "Mean wage in firms, yuan a month")
    panel_title(ax[1], "空缺岗位占比（%）", "Posts that stay open, %")
    years = sorted(set(table["year"]))
    for panel in ax:
        panel.set_xticks(years, [str(year) for year in years])
        panel.set_ylim(bottom=0)
        panel.margins(x=0.04)
    handles, labels = ax[0].get_legend_handles_labels()
    figure_of(ax[0]).legend(handles, labels, loc="lower center", ncols=3, fontsize=8, columnspacing=1.6)
    return figure_of(ax[0])
