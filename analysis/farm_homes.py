"""How large farms are, and what village households live on by what their farm grows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .headline import headline_year
from .panels import Margins, new_panels, width_of_text
from .results import RUN, Results
from .style import figure_of, in_house_style, panel_title

SIZES = ("<2", "2—5", "5—10", "10—20", "20—50", "50—100", "100+")
KINDS = {
    "fruit": ("果农", "fruit growers"), "cattle": ("养牛户", "cattle keepers"),
    "vegetables_herbs": ("菜农药农", "vegetables, herbs"), "grain_pigs": ("粮猪户", "grain, pigs, sheep"),
    "no_farm": ("无地户", "no farm"),
}  # fmt: skip
SOURCES = {
    "farm": ("经营（农业为主）", "farm and own firm", "#5a8f3c"), "wages": ("本地工资", "local wages", "#0072b2"),
    "day_wages": ("日工", "day wages", "#56b4e9"), "remittances": ("外出务工寄回", "sent by migrants", "#e69f00"),
    "pensions": ("养老金转移", "pensions, transfers", "#94a4a2"), "property": ("财产", "property", "#7a4b2a"),
}  # fmt: skip
COLOURS = ("#9aa0a6", "#bd1f01")


def farm_size_table(run: Results) -> pd.DataFrame:
    """Farms and land by mu worked in the baseline, in the first full year and the headline year; means over runs.

    Returns
    -------
    DataFrame with year, size (mu, class), farms (count) and land (mu); empty where runs did not record it.
    """
    names = [f"{what}_of_size_{k}" for what in ("farms", "land") for k in range(len(SIZES))]
    found = _decembers(run, names)
    years = [year for year in dict.fromkeys((min(run.years), headline_year(run))) if year in found.index]
    rows = [
        {"year": year, "size": size, "farms": found.loc[year, f"farms_of_size_{k}"],
         "land": found.loc[year, f"land_of_size_{k}"]}
        for year in years for k, size in enumerate(SIZES)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["year", "size", "farms", "land"])


def village_income_table(run: Results) -> pd.DataFrame:
    """Income of villagers by kind of household and source in the headline year of the baseline; means over runs.

    Returns
    -------
    DataFrame with year, kind, persons, source and income (CNY a head and year); empty where runs did not record it.
    """
    persons = {kind: f"villagers_{kind}" for kind in KINDS}
    names = [*persons.values(), *(f"income_{source}_{kind}" for kind in KINDS for source in SOURCES)]
    year, found = headline_year(run), _decembers(run, names)
    here = found.loc[year] if year in found.index else pd.Series(0.0, index=names)
    rows = [
        {"year": year, "kind": kind, "persons": here[persons[kind]], "source": source,
         "income": here[f"income_{source}_{kind}"]}
        for kind in KINDS if here[persons[kind]] > 0 for source in SOURCES
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["year", "kind", "persons", "source", "income"])


def _decembers(run: Results, names: list[str]) -> pd.DataFrame:
    """Means of yearly variables over the baseline's runs, a row a year and a column each, for years that have them."""
    frame = run.query_wide(names, by=[*RUN, "month"])
    frame = frame[(frame["scenario"] == run.baseline) & (frame["month"] % 100 == 12)]
    return frame.groupby(frame["month"] // 100)[names].mean().dropna(how="all")


@in_house_style
def plot_farm_sizes(table: pd.DataFrame, *, ax: np.ndarray | None = None) -> Figure:
    """Draw farms and their land by class of size, first year beside headline year."""
    if ax is None:
        ax = new_panels(1, 2, (10.4, 3.8), Margins(0.6, top=0.55, bottom=0.75, across=0.8))[0]
    years = sorted(set(table["year"]))
    for panel, column, zh, en in (
        (ax[0], "farms", "农户数（万户）", "Farms, 10,000"),
        (ax[1], "land", "经营土地（万亩）", "Land they work, 10,000 mu"),
    ):
        for place, (year, colour) in enumerate(zip(years, COLOURS[-len(years) :], strict=True)):
            values = table[table["year"] == year].set_index("size")[column].reindex(SIZES).to_numpy() / 1e4
            at = np.arange(len(SIZES)) + (place - (len(years) - 1) / 2) * 0.4
            panel.bar(at, values, width=0.38, color=colour, label=f"{year}年末 end of {year}")
        panel.set_xticks(range(len(SIZES)), SIZES)
        panel.set_xlabel("亩/户  mu a farm")
        panel_title(panel, zh, en)
    ax[0].set_ylim(0, 1.25 * ax[0].get_ylim()[1])  # room for the legend
    ax[0].legend(loc="upper right")
    return figure_of(ax[0])


@in_house_style
def plot_village_income(table: pd.DataFrame, *, ax: np.ndarray | None = None) -> Figure:
    """Stack the sources of income a head by kind of household; below each name how many villagers live in them."""
    kinds = [kind for kind in KINDS if kind in set(table["kind"])]
    persons = table.drop_duplicates("kind").set_index("kind")["persons"] / 1e4
    names = [f"{KINDS[kind][0]} {KINDS[kind][1]}\n{persons[kind]:.1f}万人 ×10,000" for kind in kinds]
    if ax is None:
        margins = Margins(width_of_text(names, 8.5) + 0.25, right=2.9, top=0.55, bottom=0.6)
        ax = new_panels(1, 1, (10.4, 4.0), margins)[0]
    panel, left = ax[0], np.zeros(len(kinds))
    for source, (zh, en, colour) in SOURCES.items():
        values = table[table["source"] == source].set_index("kind")["income"].reindex(kinds).to_numpy() / 1e3
        panel.barh(range(len(kinds)), values, left=np.where(values >= 0, left, 0.0), color=colour, label=f"{zh} {en}")
        left += np.maximum(values, 0.0)
    for place, value in enumerate(table.groupby("kind")["income"].sum().reindex(kinds).to_numpy() / 1e3):
        panel.text(left[place] + 0.1, place, f"{value:.1f}", va="center", fontsize=8.5)
    panel.set_yticks(range(len(kinds)), names)
    panel.invert_yaxis()
    panel.set_xlim(min(0.0, panel.get_xlim()[0]), 1.1 * left.max())
    year = int(table["year"].iloc[0])
    panel_title(
        panel, f"{year}年农村居民人均收入来源（千元）", f"Villagers' income a head by source in {year}, 1,000 CNY"
    )
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure_of(panel)
