"""Whether the urban share of residents reaches what the plan asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .panels import Margins, new_panels
from .results import RUN, Results, bands, records
from .style import INK, TARGET, figure_of, in_house_style, looks
from .targets import target_amount, target_items

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .results import ScenarioLabel


PARTS = ("natural", "migration", "reclassification")


def urbanisation_table(run: Results) -> pd.DataFrame:
    """Follow the urban share of residents month by month, with the plan's targets and the observed years.

    Returns
    -------
    DataFrame with scenario, month (yyyymm), time (years), n, mean, p05, p25, p50, p75, p95 (shares); rows whose
    scenario is ``target`` or ``observed`` carry the share in ``mean``.
    """
    keys = [*RUN, "month"]
    urban, everyone = (run.query(name, by=keys) for name in ("urban_residents", "residents"))
    frame = urban.merge(everyone, on=keys, suffixes=("", "_all"))
    frame["value"] = frame["value"] / frame["value_all"]
    modelled = bands(frame, ["scenario", "month"])
    rows = [
        {"scenario": "target", "month": (item.year or 0) * 100 + 12, "mean": target_amount(item)}
        for item in target_items(run).values()
        if item.indicator == "urbanisation_rate"
    ]
    series = run.config.observed.series.get("urbanisation")
    if series is not None:
        rows += [
            {"scenario": "observed", "month": int(year) * 100 + 12, "mean": share}
            for year, share in series.values.amounts.items()
        ]
    table = pd.concat([modelled, pd.DataFrame(rows)], ignore_index=True)
    table.insert(2, "time", table["month"] // 100 + (table["month"] % 100) / 12)
    return table


def part_table(run: Results) -> pd.DataFrame:
    """Add up the yearly parts of the change of the urban share over all full years.

    Returns
    -------
    DataFrame with scenario, first and last year, natural, migration, reclassification and change (shares, means over
    runs; the parts add up to the change); empty where the runs did not record them.
    """
    frames = {part: run.annual(f"urban_share_{part}", "end") for part in PARTS}
    if not all(len(frame) for frame in frames.values()):
        return pd.DataFrame(columns=["scenario", "first", "last", *PARTS, "change"])
    rows = []
    for scenario in run.scenarios:
        row: dict[str, object] = {"scenario": scenario.name, "first": min(run.years), "last": max(run.years)}
        runs = run.finished["scenario"].eq(scenario.name).sum()
        for part, frame in frames.items():
            row[part] = float(frame.loc[frame["scenario"] == scenario.name, "value"].sum()) / runs
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(change=table[list(PARTS)].sum(axis=1))


@in_house_style
def plot_urbanisation(table: pd.DataFrame, *, scenarios: list[ScenarioLabel], ax: Axes | None = None) -> Figure:
    """Draw the urban share by scenario with its bands; observed years as crosses, targets as diamonds."""
    if ax is None:
        ax = new_panels(1, 1, (10.4, 4.2), Margins(0.7, top=0.08, label_y=0.34))[0, 0]
    look = looks(scenarios)
    drawn = [scenario.name for scenario in scenarios]
    for scenario in scenarios:
        rows, style = table[table["scenario"] == scenario.name], look[scenario.name]
        time = rows["time"].to_numpy()
        level = {name: 100 * rows[name].to_numpy() for name in ("p05", "p25", "p50", "p75", "p95")}
        ax.fill_between(time, level["p05"], level["p95"], color=style.colour, alpha=0.16, linewidth=0)
        ax.fill_between(time, level["p25"], level["p75"], color=style.colour, alpha=0.30, linewidth=0)
        ax.plot(
            time, level["p50"], color=style.colour, linestyle=style.dash, marker=style.marker, markersize=4,
            markevery=(11, 12), linewidth=1.7, label=f"{scenario.zh} {scenario.en}",
        )  # fmt: skip
    modelled = table[table["scenario"].isin(drawn)]
    start, end = modelled["time"].min(), modelled["time"].max()
    _points(ax, table[table["scenario"] == "observed"], start, end, "x", INK, "统计值 observed")
    _points(ax, table[table["scenario"] == "target"], start, end, "D", TARGET, "规划目标 plan target")
    ax.set_ylabel("常住人口城镇化率 %\nUrban share of residents, %")
    ax.set_xticks(np.arange(np.floor(start), np.ceil(end) + 0.5, 1 if end - start < 12 else 2))
    ax.xaxis.set_major_formatter(lambda year, _: f"{year - 1:.0f}-12")
    ax.margins(x=0.03, y=0.12)
    ax.legend(loc="upper left", ncols=2)
    return figure_of(ax)


def _points(ax: Axes, rows: pd.DataFrame, start: float, end: float, marker: str, colour: str, label: str) -> None:
    """Mark single figures inside the months shown, the last of them with its value."""
    rows = rows[(rows["time"] >= start - 1.01) & (rows["time"] <= end + 0.01)]
    if not len(rows):
        return
    edge = {"markeredgecolor": "white"} if marker == "D" else {"markeredgewidth": 1.8}
    ax.plot(rows["time"], 100 * rows["mean"], marker, color=colour, markersize=8, zorder=6, label=label, **edge)
    for row in records(rows):
        ax.annotate(
            f"{100 * row.mean:.1f}",
            (row.time, 100 * row.mean),
            xytext=(7, -13),
            textcoords="offset points",
            fontsize=8.5,
        )
