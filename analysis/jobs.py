"""Where the chains' jobs are, by chain and county, and where a scenario adds or takes them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .headline import headline_year
from .panels import Margins, new_panels, width_of_text
from .results import Results
from .style import INK, figure_of, in_house_style, panel_title
from .words import REST, counties_in_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config
    from .results import ScenarioLabel

THOUSAND = 1e3


def job_table(run: Results) -> pd.DataFrame:
    """Count jobs per chain, county and scenario in the headline year, and the difference from the baseline.

    Returns
    -------
    DataFrame with scenario, year, chain, county, jobs (mean over runs of the year's average, persons), p05, p95, n and
    difference (persons; mean over pairs of runs; 0 for the baseline itself).
    """
    year = headline_year(run)
    frame = run.annual("chain_jobs", "mean", by=("chain", "county"))
    frame = frame[frame["year"] == year]
    keys = ["chain", "county"]
    base = frame[frame["scenario"] == run.baseline][["replicate", *keys, "value"]]
    paired = frame.merge(base, on=["replicate", *keys], how="left", suffixes=("", "_base"))
    paired["difference"] = paired["value"] - paired["value_base"]
    grouped = paired.groupby(["scenario", "year", *keys], sort=False)
    table = grouped.agg(jobs=("value", "mean"), n=("value", "count"), difference=("difference", "mean"))
    table["p05"], table["p95"] = grouped["value"].quantile(0.05), grouped["value"].quantile(0.95)
    return _in_order(table.reset_index(), run)


GROUPS = {
    "chain_farms": ("九大产业链的农事", "farm work of the nine chains"),
    "chain_firms": ("九大产业链的企业", "firms of the nine chains"),
    "construction": ("建筑业", "construction"),
    "others": ("其他行业", "other industries"),
}
CONSTRUCTION = "construction_work"


def job_split(run: Results) -> pd.DataFrame:
    """Split what each scenario adds to or takes from all jobs in the headline year by where the jobs are.

    Returns
    -------
    DataFrame with scenario, group (of `GROUPS`) and difference from the baseline (persons, mean over pairs of runs);
    empty where jobs by stage were not recorded.
    """
    frame = run.annual("jobs", "mean", by=("chain", "stage"))
    frame = frame[frame["year"] == headline_year(run)]
    farms = {
        name for chain in run.config.chains.values() for name, stage in getattr(chain, "stages", {}).items()
        if stage.agent == "farm"
    }  # fmt: skip
    nine = frame["chain"] != REST
    frame["group"] = np.select(
        [nine & frame["stage"].isin(farms), nine, frame["stage"] == CONSTRUCTION], list(GROUPS)[:3], list(GROUPS)[3]
    )
    sums = frame.groupby(["scenario", "replicate", "group"])["value"].sum().unstack("scenario").reset_index()
    rows = []
    for scenario in (item.name for item in run.scenarios if item.name != run.baseline and item.name in sums):
        gap = (sums[scenario] - sums[run.baseline]).groupby(sums["group"]).mean()
        rows += [(scenario, group, float(gap.get(group, 0.0))) for group in GROUPS]
    return pd.DataFrame(rows, columns=["scenario", "group", "difference"])


def _in_order(table: pd.DataFrame, run: Results) -> pd.DataFrame:
    rank = {name: place for place, name in enumerate([*(s.name for s in run.scenarios), *run.config.chains])}
    counties = {name: place for place, name in enumerate(counties_in_order(run.config))}
    order = table[["scenario", "chain"]].map(rank.get).assign(county=table["county"].map(counties))
    return table.loc[order.sort_values(["scenario", "chain", "county"]).index].reset_index(drop=True)


@in_house_style
def plot_job(
    table: pd.DataFrame, *, config: Config, scenarios: list[ScenarioLabel], ax: np.ndarray | None = None
) -> Figure:
    """Draw heat tables of chain by county: jobs in the baseline, then what each other scenario adds or takes."""
    if ax is None:
        names = [f"{chain.name.zh}  {chain.name.en}" for chain in config.chains.values()]
        margins = Margins(width_of_text(names, 8.5) + 0.12, bottom=0.45, down=0.95)
        ax = new_panels(len(scenarios), 1, (10.4, 4.5 * len(scenarios)), margins).flatten()
    year = int(table["year"].iloc[0])
    for panel, scenario in zip(ax, scenarios, strict=True):
        first = scenario is scenarios[0]
        rows = table[table["scenario"] == scenario.name]
        grid = rows.pivot(index="chain", columns="county", values="jobs" if first else "difference")
        grid = grid.reindex(index=list(config.chains), columns=counties_in_order(config)) / THOUSAND
        _heat_table(panel, grid, config, change=not first)
        what_zh = f"{year}年岗位（千个）：{scenario.zh}" if first else f"与基准之差（千个）：{scenario.zh}"
        what_en = (
            f"Jobs in {year}, thousands: {scenario.en}"
            if first
            else f"Difference from the baseline, thousands: {scenario.en}"
        )
        panel_title(panel, what_zh, what_en)
    return figure_of(ax[0])


def _heat_table(ax: Axes, grid: pd.DataFrame, config: Config, *, change: bool) -> None:
    """Shade the nine chains by their own range; the rest of the economy, far larger, is written without shade."""
    values = grid.to_numpy(dtype=float, copy=True)
    shade = values.copy()
    shade[[name == REST for name in grid.index]] = np.nan
    top = float(np.nanmax(np.abs(shade))) or 1.0
    width = values.shape[1]
    edges = np.arange(width + 1) - 0.5, np.arange(len(values) + 1) - 0.5
    # Squares, not an image: the report's figures stay drawings that scale and print sharp.
    ax.pcolormesh(*edges, shade, cmap="PuOr" if change else "Blues", vmin=-top if change else 0.0, vmax=top, alpha=0.75)
    for (line, column), value in np.ndenumerate(np.column_stack([values, np.nansum(values, axis=1)])):
        dark = column < width and abs(shade[line, column]) > 0.72 * top
        ax.text(
            column, line, _thousands(value, sign=change), ha="center", va="center", fontsize=8.5,
            color="white" if dark else INK, fontweight="bold" if column == width else "normal",
        )  # fmt: skip
    chains = [config.chains[name].name for name in grid.index]
    counties = [county.name for county in sorted(config.counties.counties.values(), key=lambda county: county.order)]
    ax.set_xlim(-0.5, width + 0.5)
    ax.set_ylim(len(values) - 0.5, -0.5)
    ax.set_xticks(range(width + 1), [*(f"{name.zh}\n{name.en}" for name in counties), "全市\nCity"], linespacing=1.4)
    ax.set_yticks(range(len(chains)), [f"{name.zh}  {name.en}" for name in chains])
    ax.tick_params(left=False, bottom=False)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def _thousands(value: float, *, sign: bool) -> str:
    digits = 2 if abs(value) < 1 else 1
    text = f"{value:{'+' if sign else ''},.{digits}f}"
    return "0" if not float(text.replace(",", "")) else text.replace("-", "−")
