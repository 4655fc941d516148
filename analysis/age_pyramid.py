"""How old the residents are: the census, the model as it begins, and the model at the end, by sex."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .panels import Margins, new_panels
from .results import RUN, Results
from .style import INK, figure_of, in_house_style, panel_title
from .words import month_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config

SEXES = {"male": ("男", "men"), "female": ("女", "women")}
FIRST_YEARS = tuple(range(0, 90, 5))  # of the groups; the last is open
MEN, WOMEN = "#3f90da", "#bd5a8c"
THOUSAND = 1e3


def age_pyramid_table(run: Results) -> pd.DataFrame:
    """Residents by sex and five years of age in the baseline: mean over runs, beside the census of 2020.

    Returns
    -------
    DataFrame with sex, age (first year of the group), census, start and end (persons), start_month and end_month
    (yyyymm); empty where runs did not record ages.
    """
    names = [f"residents_{sex}_{first}" for sex in SEXES for first in FIRST_YEARS]
    frame = run.query_wide(names, by=[*RUN, "month"])
    frame = frame[(frame["scenario"] == run.baseline)].dropna(subset=names)
    if not len(frame):
        return pd.DataFrame(columns=["sex", "age", "census", "start", "end", "start_month", "end_month"])
    first, last = int(frame["month"].min()), int(frame["month"].max())
    mean = frame.groupby("month")[names].mean()
    rows = [
        {
            "sex": sex,
            "age": age,
            "census": census,
            "start": mean.loc[first, f"residents_{sex}_{age}"],
            "end": mean.loc[last, f"residents_{sex}_{age}"],
            "start_month": first,
            "end_month": last,
        }
        for (sex, age), census in _census(run.config).items()
    ]
    return pd.DataFrame(rows)


def _census(config: Config) -> dict[tuple[str, int], float]:
    """Residents of the census by sex and five years of age; its groups 0 and 1-4 become one."""
    counted = {(sex, age): 0.0 for sex in SEXES for age in FIRST_YEARS}
    for sex, table in (("male", config.population.census_male), ("female", config.population.census_female)):
        for ages in table.values.values():
            for group, persons in ages.items():
                first = int(group.rstrip("+").split("-")[0])
                counted[sex, min(first // 5 * 5, FIRST_YEARS[-1])] += persons
    return counted


@in_house_style
def plot_age_pyramid(table: pd.DataFrame, *, ax: np.ndarray | None = None) -> Figure:
    """Draw men to the left and women to the right: the end as bars, the start as a line, the census as dots."""
    if ax is None:
        ax = new_panels(1, 2, (10.4, 5.4), Margins(0.15, right=0.15, top=0.5, bottom=0.85, across=0.9)).flatten()
    top = 1.08 * float(table[["census", "start", "end"]].to_numpy().max()) / THOUSAND
    for panel, (sex, (zh, en)), colour in zip(ax, SEXES.items(), (MEN, WOMEN), strict=True):
        rows = table[table["sex"] == sex].sort_values("age")
        _side(panel, rows, colour)
        panel.set_xlim((top, 0) if sex == "male" else (0, top))
        panel_title(panel, f"{zh}（千人）", f"{en.capitalize()}, thousands")
    labels = [f"{age}–{age + 4}" for age in FIRST_YEARS[:-1]] + [f"{FIRST_YEARS[-1]}+"]
    ax[0].yaxis.tick_right()
    ax[0].set_yticks(range(len(labels)), labels)
    ax[0].tick_params(axis="y", pad=14, right=False)
    for label in ax[0].get_yticklabels():
        label.set_ha("center")
        label.set_x(1.06)
    ax[1].set_yticks([])
    handles, names = ax[1].get_legend_handles_labels()
    figure_of(ax[0]).legend(handles, names, loc="lower center", ncols=3, columnspacing=2.0)
    return figure_of(ax[0])


def _side(ax: Axes, rows: pd.DataFrame, colour: str) -> None:
    start, end = month_text(rows["start_month"].iloc[0]), month_text(rows["end_month"].iloc[0])
    at = np.arange(len(rows))
    ax.barh(at, rows["end"] / THOUSAND, height=0.86, color=colour, alpha=0.5, label=f"模拟 model {end}")
    edges = np.repeat(np.arange(len(rows) + 1) - 0.5, 2)[1:-1]
    ax.plot(np.repeat(rows["start"] / THOUSAND, 2), edges, color=INK, linewidth=1.3, label=f"模拟 model {start}")
    ax.plot(rows["census"] / THOUSAND, at, "x", color="#e07b00", markersize=6, markeredgewidth=1.6,
            label="普查 census 2020-11")  # fmt: skip
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.spines[["left", "right"]].set_visible(False)
