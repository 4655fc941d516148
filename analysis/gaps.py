"""How far each chain is from its target in both ledgers, and how far the ceiling would let it come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .panels import Margins, legend_height, new_panels, width_of_text
from .results import RUN, Results, bands, records
from .style import INK, TARGET, figure_of, in_house_style, looks, panel_title
from .targets import CEILINGS, target_amount, target_items
from .words import INDICATORS, nine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config
    from .results import ScenarioLabel

# plan figure: the same thing in the plan ledger and in national accounts
PANELS = {
    ("plan", "plan_output"): "plan_output",
    ("plan", "plan_value_added"): "plan_value_added",
    ("national", "plan_output"): "output",
    ("national", "plan_value_added"): "value_added",
}
TITLES = {
    ("plan", "plan_output"): ("规划口径：全产业链产值", "Plan ledger: whole-chain output"),
    ("plan", "plan_value_added"): ("规划口径：全产业链增加值", "Plan ledger: whole-chain value added"),
    ("national", "plan_output"): ("国民核算口径：总产出", "National accounts: gross output"),
    ("national", "plan_value_added"): ("国民核算口径：增加值", "National accounts: value added"),
}


def gap_table(run: Results) -> pd.DataFrame:
    """Set each chain's figure in both ledgers beside the plan's target, with the ceiling of the plan ledger.

    Returns
    -------
    DataFrame with ledger, figure (plan_output, plan_value_added), chain, scenario, year, n, mean, p05, p25, p50, p75,
    p95, target, ceiling (CNY a year; ceiling only in the plan ledger) and share, the mean over the target.
    """
    parts = []
    run.query_wide(["output", "value_added"], by=(*RUN, "month", "chain"))  # both in one reading, the longest
    for (ledger, figure), variable in PANELS.items():
        items = {item.chain: item for item in target_items(run).values() if item.indicator == figure and item.chain}
        year = run.year_of(max((item.year or 0 for item in items.values()), default=0))
        frame = run.annual(variable, INDICATORS[variable].over, by=("chain",))
        table = bands(frame[frame["chain"].isin(items) & (frame["year"] == year)], ["chain", "scenario", "year"])
        table["target"] = [target_amount(items[name]) for name in table["chain"]]
        table["ceiling"] = _ceilings(run, figure, year, table) if ledger == "plan" else np.nan
        parts.append(table.assign(ledger=ledger, figure=figure))
    joined = pd.concat(parts, ignore_index=True)
    joined["share"] = joined["mean"] / joined["target"]
    first = ["ledger", "figure"]
    return joined[[*first, *(name for name in joined.columns if name not in first)]]


def _ceilings(run: Results, figure: str, year: int, table: pd.DataFrame) -> list[float]:
    frame = run.annual(CEILINGS[figure], "end", by=("chain",))
    mean = frame[frame["year"] == year].groupby(["chain", "scenario"])["value"].mean()
    return [float(mean.get((row.chain, row.scenario), np.nan)) for row in records(table)]


@in_house_style
def plot_gap(
    table: pd.DataFrame, *, config: Config, scenarios: list[ScenarioLabel], ax: np.ndarray | None = None
) -> Figure:
    """Draw each ledger in its own panels: mean a dot, 90 % of runs a line, ceiling a bar, target at 100 %."""
    if ax is None:
        room = width_of_text([text for name in nine(config) for text in _name(config, name)], 8) + 0.12
        ax = new_panels(
            2, 2, (10.4, 8.6), Margins(room, bottom=0.62 + legend_height(len(scenarios) + 2, 4), across=room + 0.15)
        )
    limit = _limit(table)
    for panel, key in zip(ax.flatten(), PANELS, strict=True):
        rows = table[(table["ledger"] == key[0]) & (table["figure"] == key[1])]
        chains = [name for name in nine(config) if name in set(rows["chain"])]
        _panel(panel, rows, chains, scenarios, limit)
        names = ["\n".join(_name(config, name)) for name in chains]
        panel.set_yticks(range(len(chains)), names, fontsize=8, linespacing=1.4)
        panel_title(panel, *TITLES[key])
    figure = figure_of(ax.flatten()[0])
    for panel in ax[-1]:
        panel.set_xlabel("为规划目标的百分比 % of the plan's target")
    figure.legend(handles=_legend(scenarios, ceiling=bool(table["ceiling"].notna().any())), loc="lower center", ncols=4)
    return figure


def _name(config: Config, chain: str) -> tuple[str, str]:
    return config.chains[chain].name.zh, config.chains[chain].name.en


def _limit(table: pd.DataFrame) -> float:
    """Right end of the axes in per cent: everything that is drawn, but no more than three times the target."""
    top = np.nanmax([table["p95"] / table["target"], table["ceiling"] / table["target"]])
    return float(np.clip(np.ceil(top * 10 + 0.8) * 10, 120, 300))


def _panel(ax: Axes, rows: pd.DataFrame, chains: list[str], scenarios: list[ScenarioLabel], limit: float) -> None:
    look = looks(scenarios)
    step = 0.62 / max(len(scenarios), 2)
    for place, scenario in enumerate(scenarios):
        style, shift = look[scenario.name], (place - (len(scenarios) - 1) / 2) * step
        mine = rows[rows["scenario"] == scenario.name]
        y = np.array([chains.index(name) + shift for name in mine["chain"]])
        low, mean, high, ceiling = (
            (100 * mine[name] / mine["target"]).to_numpy() for name in ("p05", "mean", "p95", "ceiling")
        )
        ax.hlines(y, low, high, color=style.colour, linewidth=2.2, zorder=2)
        ax.plot(mean, y, style.marker, color=style.colour, markersize=6, zorder=3)
        for level, value in zip(y[mean > limit], mean[mean > limit], strict=True):
            ax.annotate(f"{value:,.0f}% →", (limit, level), ha="right", va="center", fontsize=8, color=style.colour)
        if np.isfinite(ceiling).any():
            ax.plot(np.minimum(ceiling, limit), y, "|", color=INK, markersize=11, markeredgewidth=1.6, zorder=3)
    ax.axvline(100, color=TARGET, linewidth=1.6, zorder=1)
    ax.hlines(np.arange(1, len(chains)) - 0.5, 0, limit, color="#eef0f2", linewidth=0.8, zorder=0)
    ax.set_xlim(0, limit)
    ax.set_ylim(len(chains) - 0.5, -0.5)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", left=False)


def _legend(scenarios: list[ScenarioLabel], *, ceiling: bool) -> list[Line2D]:
    look = looks(scenarios)
    lines = [
        Line2D([], [], color=look[item.name].colour, marker=look[item.name].marker, label=f"{item.zh} {item.en}")
        for item in scenarios
    ]
    lines.append(Line2D([], [], color=TARGET, label="规划目标 plan target = 100%"))
    if ceiling:
        lines.append(Line2D([], [], color=INK, marker="|", linestyle="", markersize=10, label="上限 ceiling"))
    return lines


def overlap_table(run: Results) -> pd.DataFrame:
    """Compare the nine chains' plan value added with GDP, and say how much of it is counted more than once.

    Returns
    -------
    DataFrame with scenario, year, plan_value_added (nine chains together), overlap, union (their difference) and gdp,
    means over runs in CNY a year.
    """
    year = run.year_of(max(run.years))
    parts = {"plan_value_added": "plan_value_added", "overlap": "plan_overlap", "gdp": "gdp"}
    rows = []
    for scenario in run.scenarios:
        row: dict[str, object] = {"scenario": scenario.name, "year": year}
        for name, variable in parts.items():
            frame = run.annual(variable, "sum" if variable == "gdp" else "end")
            mine = frame[(frame["scenario"] == scenario.name) & (frame["year"] == year)]
            row[name] = float(mine["value"].mean()) if len(mine) else float("nan")
        rows.append(row)
    table = pd.DataFrame(rows)
    table.insert(4, "union", table["plan_value_added"] - table["overlap"])
    return table
