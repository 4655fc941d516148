"""How the modelled past compares with what statistics say of Pingliang."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure

from .panels import Margins, new_panels, width_of_text
from .results import RUN, Results, records
from .style import FAINT, INK, LOOKS, figure_of, in_house_style
from .words import INDICATORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.schema import Series

FIRST, LAST = 2021, 2022


# observed series: model variable and chain
COMPARED = {
    "gdp": ("gdp", ""),
    "gdp_real": ("gdp_2020", ""),
    "primary": ("primary", ""),
    "secondary": ("secondary", ""),
    "tertiary": ("tertiary", ""),
    "residents": ("residents", ""),
    "urbanisation": ("urbanisation_rate", ""),
    "employed": ("employed", ""),
    "urban_income": ("urban_income", ""),
    "rural_income": ("rural_income", ""),
    "revenue": ("revenue", ""),
    "expenditure": ("expenditure", ""),
    "deposits": ("deposits", ""),
    "loans": ("loans", ""),
    "apple_output": ("apple_output", ""),
    "orchard_area": ("orchard_area", ""),
    "apple_storage_capacity": ("storage_capacity", ""),
    "apple_chain_output": ("plan_output", "apple"),
    "cattle_raised": ("cattle_raised", ""),
    "cattle_sold": ("cattle_sold", ""),
    "slaughter_capacity": ("slaughter_capacity", ""),
    "cattle_chain_output": ("plan_output", "cattle"),
}


def validation_table(run: Results, *, first: int = FIRST, last: int = LAST) -> pd.DataFrame:
    """Put the baseline beside every observed yearly figure the model has a variable for.

    Returns
    -------
    DataFrame with series, indicator, chain, name_zh, name_en, kind (measured, borrowed, assumed), year, observed, n,
    modelled (mean), p05, p95 in canonical units, and deviation = modelled / observed - 1.
    """
    rows = []
    for key, (indicator, chain) in COMPARED.items():
        series = run.config.observed.series.get(key)
        if series is None:
            continue
        frame = _modelled(run, indicator, chain)
        for year in range(first, last + 1):
            values = frame.loc[(frame["year"] == year) & (frame["scenario"] == run.baseline), "value"]
            if str(year) in series.values.values and len(values):
                observed = _observed(run, key, series, year)
                rows.append(
                    {"series": key, "indicator": indicator, "chain": chain} | _row(series, year, observed, values)
                )
    columns = ["series", "indicator", "chain", "name_zh", "name_en", "kind", "year", "observed", "n", "modelled"]
    table = pd.DataFrame(rows, columns=[*columns, "p05", "p95"])
    table["deviation"] = table["modelled"] / table["observed"] - 1
    return table


def _observed(run: Results, key: str, series: Series, year: int) -> float:
    """Read an observed figure; real GDP, published at prices of 2000, is brought to the prices of 2020."""
    amounts = series.values.amounts
    if key == "gdp_real":
        return run.config.observed.series["gdp"].values.amounts["2020"] * amounts[str(year)] / amounts["2020"]
    return amounts[str(year)]


def _row(series: Series, year: int, observed: float, values: pd.Series) -> dict[str, object]:
    return {
        "name_zh": series.name.zh.replace("2000年价", "2020年价"),
        "name_en": series.name.en.replace("prices of 2000", "prices of 2020"),
        "kind": series.values.kind,
        "year": year,
        "observed": observed,
        "n": len(values),
        "modelled": float(values.mean()),
        "p05": float(values.quantile(0.05)),
        "p95": float(values.quantile(0.95)),
    }


def _modelled(run: Results, indicator: str, chain: str) -> pd.DataFrame:
    """Bring a model variable to years, for the city or for one chain."""
    if indicator in ("urban_income", "rural_income"):
        return _city_income(run, indicator)
    return run.annual(indicator, INDICATORS[indicator].over, where={"chain": chain} if chain else None)


def _city_income(run: Results, indicator: str) -> pd.DataFrame:
    """Weight the counties' income per head by the people it belongs to."""
    keys = [*RUN, "month", "county"]
    frame = run.query(indicator, by=keys)
    urban = run.query("urban_residents", by=keys).rename(columns={"value": "people"})
    if indicator == "rural_income":
        everyone = run.query("residents", by=keys).rename(columns={"value": "everyone"})
        urban = urban.merge(everyone, on=keys)
        urban["people"] = urban["everyone"] - urban["people"]
    frame = frame.merge(urban[[*keys, "people"]], on=keys)
    frame["value"] *= frame["people"]
    city = frame.groupby([*RUN, "month"], as_index=False)[["value", "people"]].sum()
    city = city.assign(value=city["value"] / city["people"], year=city["month"] // 100)
    return city.groupby([*RUN, "year"])["value"].sum().reset_index()


@in_house_style
def plot_validation(table: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draw the relative deviation of the modelled from the observed figure, a line per indicator, a mark per year."""
    first = table.drop_duplicates("series")
    names = [f"{name.name_zh}  {name.name_en}" for name in records(first)]
    if ax is None:
        margins = Margins(width_of_text(names, 8.5) + 0.15, top=0.06, bottom=0.85)
        ax = new_panels(1, 1, (10.4, 1.0 + 0.36 * len(names)), margins)[0, 0]
    lines = {name: line for line, name in enumerate(first["series"])}
    years = sorted(table["year"].unique())
    for place, year in enumerate(years):
        rows, style = table[table["year"] == year], LOOKS[1 + place % 3]
        y = rows["series"].map(lines) + (place - (len(years) - 1) / 2) * 0.28
        low, mean, high = (100 * (rows[name] / rows["observed"] - 1) for name in ("p05", "modelled", "p95"))
        ax.hlines(y, low, high, color=style.colour, linewidth=2)
        ax.plot(mean, y, style.marker, color=style.colour, markersize=6, label=str(year))
    ax.axvline(0, color=INK, linewidth=1)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", left=False)
    ax.set_xlabel("模拟值与统计值之差（%） modelled minus observed, % of observed", color=FAINT)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}".replace("-", "−") if value else "0")
    figure = figure_of(ax)
    figure.legend(loc="lower center", ncols=len(years))
    return figure
