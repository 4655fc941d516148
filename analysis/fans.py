"""How each chain moves towards its target, year by year, and how far apart the runs lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .panels import Margins, legend_height, new_panels
from .results import Results, bands
from .style import TARGET, figure_of, in_house_style, looks, panel_title
from .targets import target_amount, target_items
from .words import INDICATORS, SCALES, nine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config
    from .results import ScenarioLabel


def fan_table(run: Results, variable: str = "plan_value_added") -> pd.DataFrame:
    """Summarise the yearly paths of a plan-ledger variable.

    Parameters
    ----------
    variable : ``plan_value_added`` or ``plan_output``.

    Returns
    -------
    DataFrame with chain, scenario, year, n, mean, p05, p25, p50, p75, p95 (CNY a year), target and target_year.
    """
    frame = run.annual(variable, INDICATORS[variable].over, by=("chain",))
    table = bands(frame, ["chain", "scenario", "year"])
    targets = {item.chain: item for item in target_items(run).values() if item.indicator == variable}
    table = table[table["chain"].isin(nine(run.config))]
    return table.assign(
        target=[target_amount(targets[name]) if name in targets else np.nan for name in table["chain"]],
        target_year=[(targets[name].year or np.nan) if name in targets else np.nan for name in table["chain"]],
    ).reset_index(drop=True)


@in_house_style
def plot_fan(
    table: pd.DataFrame, *, config: Config, scenarios: list[ScenarioLabel], ax: np.ndarray | None = None
) -> Figure:
    """Draw a fan chart per chain: bands of 50 % and 90 % of runs, baseline dashed grey, target a diamond."""
    chains = nine(config)
    if ax is None:
        rows = -(-len(chains) // 3)
        margins = Margins(0.56, bottom=0.43 + legend_height(len(scenarios) + 2, 4), down=0.57, label_y=0.36)
        ax = new_panels(rows, 3, (10.4, 2.55 * rows + 0.5), margins)
        for panel in ax[:-1].flatten():
            panel.tick_params(labelbottom=False)
    panels = ax.flatten()
    for panel, chain in zip(panels, chains, strict=False):
        _panel(panel, table[table["chain"] == chain], scenarios)
        name = config.chains[chain].name
        panel_title(panel, name.zh, name.en)
    for panel in panels[len(chains) :]:
        panel.set_axis_off()
    for panel in ax[:, 0]:
        panel.set_ylabel(SCALES["CNY"].both)
    figure = figure_of(panels[0])
    figure.legend(handles=_legend(scenarios), loc="lower center", ncols=4)
    return figure


def _panel(ax: Axes, table: pd.DataFrame, scenarios: list[ScenarioLabel]) -> None:
    look, divisor = looks(scenarios), SCALES["CNY"].divisor
    for scenario in scenarios:
        rows = table[table["scenario"] == scenario.name].sort_values("year")
        style, year = look[scenario.name], rows["year"].to_numpy()
        level = {name: rows[name].to_numpy() / divisor for name in ("p05", "p25", "p50", "p75", "p95")}
        ax.fill_between(year, level["p05"], level["p95"], color=style.colour, alpha=0.16, linewidth=0)
        ax.fill_between(year, level["p25"], level["p75"], color=style.colour, alpha=0.30, linewidth=0)
        ax.plot(
            year, level["p50"], color=style.colour, linestyle=style.dash, marker=style.marker, markersize=3.5,
            linewidth=1.6, zorder=4 if scenario is scenarios[0] else 3,
        )  # fmt: skip
    due = table.dropna(subset=["target"])
    if len(due):
        target, when = float(due["target"].iloc[0]) / divisor, int(due["target_year"].iloc[0])
        ax.plot([when], [target], "D", color=TARGET, markeredgecolor="white", markersize=8, clip_on=False, zorder=5)
        ax.annotate(
            f"{target:,.0f}", (when, target), xytext=(-8, 0), textcoords="offset points", ha="right", va="center",
            fontsize=8.5, color="#8f4b00", bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    years = sorted(table["year"].unique())
    ax.set_xticks(years if len(years) <= 7 else years[:: -(-len(years) // 7)])
    ax.locator_params(axis="y", nbins=6)
    ax.margins(x=0.04)
    ax.set_ylim(0, 1.08 * ax.get_ylim()[1])


def _legend(scenarios: list[ScenarioLabel]) -> list[Line2D | Patch]:
    look = looks(scenarios)
    lines: list[Line2D | Patch] = [
        Line2D(
            [], [], color=look[item.name].colour, linestyle=look[item.name].dash, marker=look[item.name].marker,
            markersize=4, label=f"{item.zh} {item.en}",
        )
        for item in scenarios
    ]  # fmt: skip
    return [
        *lines,
        Line2D([], [], color=TARGET, marker="D", linestyle="", label="规划目标 plan target"),
        Patch(color="#5f6670", alpha=0.4, label="50% / 90% 的模拟 of runs"),
    ]
