"""Who gets the jobs: where those a chain hires come from, and who holds its jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from .headline import headline_year
from .panels import Margins, legend_height, new_panels, width_of_text
from .results import Results
from .style import INK, figure_of, in_house_style, panel_title
from .words import nine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config

ORIGINS = {
    "farm": ("农户", "farm"),
    "unemployment": ("失业", "unemployed"),
    "returner": ("返乡", "returned from outside"),
    "school": ("毕业生", "out of school"),
    "firm": ("其他企业", "another firm"),
}
GROUPS = {
    "skilled": ("高中以上", "senior school or more"),
    "women": ("女性", "women"),
    "under_25": ("25岁以下", "under 25"),
    "over_50": ("50岁以上", "over 50"),
    "rural_registered": ("农业户籍", "rural registration"),
    "returners": ("返乡者", "returners"),
}
COLOURS = ("#7a9b3c", "#bd1f01", "#3f90da", "#ffa90e", "#b7bdc4")
THOUSAND = 1e3


def absorption_table(run: Results) -> pd.DataFrame:
    """Hires of the headline year by origin and December's jobs by group, per chain and scenario.

    Returns
    -------
    DataFrame with scenario, year, chain, kind (``origin``, ``group`` or ``other chain``), name, persons (mean over
    runs), share (of all hires, or of all jobs of the chain) and difference (persons, from the baseline); empty where
    the runs did not record it.  ``other chain`` are persons hired away from firms of other chains.
    """
    wanted = {("origin", name): f"year_hired_from_{name}" for name in ORIGINS}
    wanted |= {("group", name): f"jobs_{name}" for name in (*GROUPS, "unskilled")}
    wanted |= {("other chain", name): f"drawn_from_{name}" for name in run.config.chains}
    year, frames = headline_year(run), []
    for (kind, name), variable in wanted.items():
        frame = run.annual(variable, "end", by=("chain",))
        frame = frame[frame["year"] == year]
        if len(frame):
            mean = frame.groupby(["scenario", "year", "chain"], sort=False)["value"].sum().reset_index(name="persons")
            runs = run.finished.groupby("scenario").size()
            mean["persons"] /= mean["scenario"].map(runs)
            frames.append(mean.assign(kind=kind, name=name))
    if not frames:
        return pd.DataFrame(columns=["scenario", "year", "chain", "kind", "name", "persons", "share", "difference"])
    return _shares(pd.concat(frames, ignore_index=True), run)


def _shares(table: pd.DataFrame, run: Results) -> pd.DataFrame:
    keys = ["scenario", "chain"]
    hired = table[table["kind"] == "origin"].groupby(keys)["persons"].sum()
    jobs = table[table["name"].isin(["skilled", "unskilled"])].groupby(keys)["persons"].sum()
    whole = pd.Series(
        [(jobs if row.kind == "group" else hired).get((row.scenario, row.chain), np.nan) for row in table.itertuples()],
        index=table.index,
    )
    base = table[table["scenario"] == run.baseline].set_index(["chain", "kind", "name"])["persons"]
    before = [base.get((row.chain, row.kind, row.name), 0.0) for row in table.itertuples(index=False)]
    table = table.assign(share=table["persons"] / whole, difference=table["persons"] - before)
    chains = {name: place for place, name in enumerate(run.config.chains)}
    scenarios = {item.name: place for place, item in enumerate(run.scenarios)}
    order = pd.DataFrame({"scenario": table["scenario"].map(scenarios), "chain": table["chain"].map(chains)})
    return table.loc[order.sort_values(["scenario", "chain"], kind="stable").index].reset_index(drop=True)


@in_house_style
def plot_absorption(table: pd.DataFrame, *, config: Config, scenario: str, ax: np.ndarray | None = None) -> Figure:
    """Draw hires by origin as stacked bars, and who holds the jobs as a heat table, chain by chain."""
    names = [f"{config.chains[name].name.zh}\n{config.chains[name].name.en}" for name in nine(config)]
    if ax is None:
        room = width_of_text(names, 8) + 0.12
        margins = Margins(room, right=0.2, top=0.5, bottom=0.5 + legend_height(len(ORIGINS), 5), across=0.95)
        ax = new_panels(1, 2, (10.4, 5.0), margins).flatten()
    mine = table[table["scenario"] == scenario]
    _origins(ax[0], mine, nine(config))
    _groups(ax[1], mine, nine(config))
    ax[0].set_yticks(range(len(names)), names, fontsize=8, linespacing=1.4)
    year = int(table["year"].iloc[0])
    panel_title(ax[0], f"{year}年新招人员来自（%），右为千人", f"Hires of {year} by origin, %; right: thousands")
    panel_title(ax[1], f"{year}年末在岗人员构成（%）", f"Who holds the jobs at the end of {year}, %")
    handles = [
        Patch(color=colour, label=f"{zh} {en}") for colour, (zh, en) in zip(COLOURS, ORIGINS.values(), strict=True)
    ]
    figure_of(ax[0]).legend(handles=handles, loc="lower center", ncols=5, handlelength=1.2, columnspacing=1.2)
    return figure_of(ax[0])


def _origins(ax: Axes, rows: pd.DataFrame, chains: list[str]) -> None:
    cells = rows[rows["kind"] == "origin"].pivot_table(index="chain", columns="name", values="persons", aggfunc="sum")
    cells = cells.reindex(index=chains, columns=list(ORIGINS)).fillna(0.0)
    total = cells.sum(axis=1)
    share = 100 * cells.div(total.where(total > 0), axis=0).fillna(0.0)
    left = np.zeros(len(chains))
    for colour, name in zip(COLOURS, ORIGINS, strict=True):
        width = share[name].to_numpy()
        ax.barh(range(len(chains)), width, left=left, color=colour, height=0.66)
        for place, (start, value) in enumerate(zip(left, width, strict=True)):
            if value >= 8:
                ax.text(start + value / 2, place, f"{value:.0f}", ha="center", va="center", fontsize=8, color="white")
        left += width
    for place, persons in enumerate(total):
        ax.text(102, place, f"{persons / THOUSAND:,.1f}", ha="left", va="center", fontsize=8.5, color=INK)
    ax.set_xlim(0, 100)
    ax.set_ylim(len(chains) - 0.5, -0.5)
    ax.grid(visible=False)
    ax.tick_params(axis="y", left=False)


def _groups(ax: Axes, rows: pd.DataFrame, chains: list[str]) -> None:
    cells = rows[rows["kind"] == "group"].pivot_table(index="chain", columns="name", values="share", aggfunc="sum")
    shares = 100 * cells.reindex(index=chains, columns=list(GROUPS)).fillna(0.0).to_numpy()
    edges = np.arange(len(GROUPS) + 1) - 0.5, np.arange(len(chains) + 1) - 0.5
    ax.pcolormesh(*edges, shares, cmap="Blues", vmin=0, vmax=100, alpha=0.75)
    for (place, column), value in np.ndenumerate(shares):
        colour = "white" if value > 72 else INK
        ax.text(column, place, f"{value:.0f}", ha="center", va="center", fontsize=8.5, color=colour)
    ax.set_ylim(len(chains) - 0.5, -0.5)
    ax.set_yticks([])
    labels = [f"{zh}\n{en}" for zh, en in SHORT.values()]
    ax.set_xticks(range(len(GROUPS)), labels, fontsize=7.5, linespacing=1.3)
    ax.tick_params(left=False, bottom=False)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


# Labels under narrow columns.
SHORT = {
    "skilled": ("高中以上", "senior+"),
    "women": ("女性", "women"),
    "under_25": ("<25岁", "under 25"),
    "over_50": (">50岁", "over 50"),
    "rural_registered": ("农业户籍", "rural reg."),
    "returners": ("返乡者", "returners"),
}
