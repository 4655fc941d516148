"""What each scenario comes to in the target year, and what it changes against the baseline."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .panels import Margins, new_panels, width_of_text
from .results import RUN, Results, records
from .style import FAINT, Look, figure_of, in_house_style, looks
from .targets import targets_reached
from .words import INDICATORS, SCALES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .results import ScenarioLabel

TARGET_YEAR = 2026
HEADLINES = (
    "targets_output",
    "targets_value_added",
    "chain_jobs",
    "employed",
    "urbanisation_rate",
    "gdp",
    "gdp_2020",
    "income_ratio",
)
CONFIDENCE = 0.95


def headline_year(run: Results) -> int:
    """Year the headline speaks of: the plan's target year, or the last full year of shorter runs."""
    return run.year_of(TARGET_YEAR)


@lru_cache(maxsize=1)  # asked for twice in a report; nobody writes into it
def headline_runs(run: Results) -> pd.DataFrame:
    """Compute every headline indicator in every run: scenario, replicate, indicator, value."""
    year = headline_year(run)
    found = []
    for indicator in HEADLINES:
        frame = _one(run, indicator)
        if "year" in frame:
            frame = frame[frame["year"] == year]
        found.append(frame[[*RUN, "value"]].assign(indicator=indicator))
    return pd.concat([frame for frame in found if len(frame)], ignore_index=True)


def headline_table(run: Results) -> pd.DataFrame:
    """Summarise the headline indicators per scenario.

    Returns
    -------
    DataFrame with scenario, indicator, year, n, mean, p05, p95 in canonical units.
    """
    grouped = headline_runs(run).groupby(["scenario", "indicator"])["value"]
    table = grouped.agg(n="count", mean="mean").assign(p05=grouped.quantile(0.05), p95=grouped.quantile(0.95))
    order = [(scenario.name, indicator) for scenario in run.scenarios for indicator in HEADLINES]
    table = table.reindex([pair for pair in order if pair in table.index]).reset_index()
    table.insert(2, "year", headline_year(run))
    return table


def difference_table(run: Results) -> pd.DataFrame:
    """Compare each scenario with the baseline, run by run with the same random numbers.

    Returns
    -------
    DataFrame with scenario, indicator, year, pairs, mean, low, high (95 % t-interval of the mean difference),
    share_above (share of pairs with a positive difference) and correlation of the pairs (low when pairing does not
    help).
    """
    wide = headline_runs(run).pivot(index=["indicator", "replicate"], columns="scenario", values="value")
    rows = []
    for scenario in run.scenarios[1:]:
        for indicator in HEADLINES:
            if indicator not in wide.index.get_level_values(0):
                continue
            pair = wide.loc[indicator, [run.baseline, scenario.name]].dropna()
            rows.append({"scenario": scenario.name, "indicator": indicator} | _paired(pair.to_numpy()))
    table = pd.DataFrame(
        rows, columns=["scenario", "indicator", "pairs", "mean", "low", "high", "share_above", "correlation"]
    )
    table.insert(2, "year", headline_year(run))
    return table


def _paired(pair: np.ndarray) -> dict[str, float]:
    """Mean difference with its t-interval; without interval where one pair alone gives no spread."""
    difference, count = pair[:, 1] - pair[:, 0], len(pair)
    mean = float(difference.mean()) if count else float("nan")
    half = correlation = float("nan")
    if count > 1:
        half = float(student_t(count - 1, CONFIDENCE) * difference.std(ddof=1) / np.sqrt(count))
        if pair.std(axis=0).min() > 0:
            correlation = float(np.corrcoef(pair.T)[0, 1])
    return {
        "pairs": count,
        "mean": mean,
        "low": mean - half,
        "high": mean + half,
        "share_above": float((difference > 0).mean()) if count else float("nan"),
        "correlation": correlation,
    }


def student_t(freedom: int, confidence: float) -> float:
    """Say how many standard errors lie on either side of a mean for a confidence (Student's t, two-sided).

    Found by halving from the closed form for whole degrees of freedom, Abramowitz and Stegun (1964) 26.7.3-4: scipy
    gives the same number, but loading it takes longer than everything else in this file.
    """
    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def _within(angle: float, freedom: int) -> float:
    """Chance that Student's t lies within plus or minus ``sqrt(freedom) * tan(angle)``."""
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    series = 0.0
    for step in range(2 + odd, freedom + 1, 2):
        series += term
        term *= math.cos(angle) ** 2 * (step - 1) / step
    return 2 / math.pi * (angle + math.sin(angle) * series) if odd else math.sin(angle) * series


def _one(run: Results, indicator: str) -> pd.DataFrame:
    if indicator.startswith("targets_"):
        return targets_reached(run, indicator.replace("targets", "plan"))
    if indicator == "income_ratio":
        return income_ratio(run)
    if indicator == "chain_jobs":
        chains = [name for name in run.config.chains if name != "rest"]
        return run.annual("chain_jobs", "mean", where={"chain": chains})
    return run.annual(indicator, INDICATORS[indicator].over)


def income_ratio(run: Results) -> pd.DataFrame:
    """Yearly income per head in towns over that in villages, counties weighted by the people living there."""
    keys = [*RUN, "month", "county"]
    frame = run.query("residents", by=keys).rename(columns={"value": "residents"})
    for variable in ("urban_residents", "urban_income", "rural_income"):
        frame = frame.merge(run.query(variable, by=keys).rename(columns={"value": variable}), on=keys)
    frame["rural_residents"] = frame["residents"] - frame["urban_residents"]
    for place in ("urban", "rural"):
        frame[place] = frame[f"{place}_income"] * frame[f"{place}_residents"]
    people = ["urban_residents", "rural_residents"]
    city = frame.groupby([*RUN, "month"], as_index=False)[["urban", "rural", *people]].sum()
    city = city.assign(
        year=city["month"] // 100,
        urban=city["urban"] / city["urban_residents"],
        rural=city["rural"] / city["rural_residents"],
    )
    yearly = city.groupby([*RUN, "year"], as_index=False)[["urban", "rural"]].sum()
    yearly = yearly[yearly["year"].isin(run.years)]
    return yearly.assign(value=yearly["urban"] / yearly["rural"])[[*RUN, "year", "value"]]


@in_house_style
def plot_difference(table: pd.DataFrame, *, scenarios: list[ScenarioLabel], ax: np.ndarray | None = None) -> Figure:
    """Draw differences against the baseline as dots with 95 % intervals, each indicator on its own axis."""
    shown = [name for name in HEADLINES if name in set(table["indicator"])]
    others, look = scenarios[1:], looks(scenarios)
    columns = 4
    if ax is None:
        rows = -(-len(shown) // columns)
        names = [name for item in others for name in (item.zh, item.en)]
        margins = Margins(width_of_text(names, 7.5) + 0.12, top=0.55, bottom=0.25, across=0.16, down=0.8)
        ax = new_panels(rows, columns, (10.4, rows * (1.0 + 0.34 * len(others))), margins)
    panels = ax.flatten()
    for panel, indicator in zip(panels, shown, strict=False):
        _difference_panel(panel, table[table["indicator"] == indicator], indicator, others, look)
    for panel in ax[:, 1:].flatten():
        panel.tick_params(labelleft=False)
    for panel in panels[len(shown) :]:
        panel.set_axis_off()
    return figure_of(panels[0])


def _difference_panel(
    ax: Axes, rows: pd.DataFrame, indicator: str, others: list[ScenarioLabel], look: dict[str, Look]
) -> None:
    words = INDICATORS[indicator]
    scale = SCALES["point" if words.unit == "share" else words.unit]
    for line, scenario in enumerate(others):
        for row in records(rows[rows["scenario"] == scenario.name]):
            mean, low, high = (value / scale.divisor for value in (row.mean, row.low, row.high))
            style = look[scenario.name]
            if np.isfinite(low):
                ax.plot([low, high], [line, line], color=style.colour, linewidth=2, solid_capstyle="butt")
            ax.plot([mean], [line], style.marker, color=style.colour, markersize=7)
            ax.annotate(
                scale.text(row.mean, sign=True), (mean, line), xytext=(0, 7), textcoords="offset points",
                ha="center", fontsize=8.5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip
    ax.axvline(0, color=FAINT, linewidth=1)
    ax.set_ylim(len(others) - 0.4, -0.75)
    ax.set_yticks(range(len(others)), [f"{item.zh}\n{item.en}" for item in others], fontsize=7.5, linespacing=1.4)
    ax.margins(x=0.25)
    if not rows[["mean", "low", "high"]].fillna(0.0).to_numpy().any():
        ax.set_xlim(-1, 1)  # no difference at all: no ticks of a tiny scale around it
        ax.set_xticks([0])
    else:
        ax.locator_params(axis="x", nbins=4)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_title(f"{words.zh}\n{words.en}\n{scale.both}", fontsize=8, loc="left", linespacing=1.4)
