"""Rows of the base comparison, topic by topic: what the base year says beside what statistics say of 2020."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..config.loader import Config
from .base import INDUSTRIES, Base
from .jobs import census_jobs

YEAR = "2020"
ACCOUNTS_TOLERANCE, JOBS_TOLERANCE = 0.001, 0.01
INDUSTRY_NAMES = {
    "primary": ("第一产业增加值", "value added, primary industry"),
    "secondary": ("第二产业增加值", "value added, secondary industry"),
    "tertiary": ("第三产业增加值", "value added, tertiary industry"),
}


def row(
    item: tuple[str, str],
    modelled: float,
    reference: float | None,
    unit: str,
    source: str,
    *,
    tolerance: float | None = None,
    interval: tuple[float, float] | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """One row; a tolerance makes it observed, without one it is derived.  ``interval`` is around the reference."""
    deviation = modelled / reference - 1 if reference else None
    return {
        "item_zh": item[0],
        "item_en": item[1],
        "modelled": float(modelled),
        "reference": None if reference is None else float(reference),
        "unit": unit,
        "status": "derived" if tolerance is None else "observed",
        "tolerance": tolerance,
        "deviation": deviation,
        "interval": None if interval is None else [float(end) for end in interval],
        "source": source,
        "note": note,
    }


def cited(source: str | Iterable[str]) -> str:
    """Source keys as one text."""
    return source if isinstance(source, str) else ", ".join(source)


def account_rows(config: Config, base: Base) -> list[dict[str, Any]]:
    """GDP three ways, the three industries, expenditure and trade."""
    series = config.observed.series
    gdp = series["gdp"].values
    rows = [
        row(("地区生产总值", "GDP"), base.value_added.sum(), gdp.amounts[YEAR], "CNY/yr", cited(gdp.source),
            tolerance=ACCOUNTS_TOLERANCE),
    ]  # fmt: skip
    for industry in INDUSTRIES:
        table = series[industry].values
        modelled = base.industry_value_added(industry)
        source = cited(table.source)
        rows.append(
            row(INDUSTRY_NAMES[industry], modelled, table.amounts[YEAR], "CNY/yr", source, tolerance=ACCOUNTS_TOLERANCE)
        )
    return [*rows, *_gdp_rows(base), *_expenditure_rows(config, base)]


def _gdp_rows(base: Base) -> list[dict[str, Any]]:
    """GDP by income and by expenditure beside production."""
    production = float(base.value_added.sum())
    income = float(sum(part.sum() for part in (base.labour, base.tax, base.depreciation, base.surplus)))
    spent = float(base.final.sum() + base.exports.sum() - base.imports.sum())
    identity = "identity: production = income = expenditure"
    return [
        row(("地区生产总值(收入法)", "GDP by income"), income, production, "CNY/yr", identity),
        row(("地区生产总值(支出法)", "GDP by expenditure"), spent, production, "CNY/yr", identity),
    ]


def _expenditure_rows(config: Config, base: Base) -> list[dict[str, Any]]:
    """Shares of GDP by use, and what is left to trade."""
    given, gdp = config.parameters.base, float(base.value_added.sum())
    uses = (
        (("城镇居民消费/GDP", "urban consumption / GDP"), given.urban_consumption),
        (("农村居民消费/GDP", "rural consumption / GDP"), given.rural_consumption),
        (("政府消费/GDP", "government consumption / GDP"), given.government_consumption),
        (("资本形成/GDP", "fixed capital formation / GDP"), given.investment),
    )
    totals = base.final.sum(axis=0) / gdp
    rows = [row(item, total, None, "share", cited(q.source)) for (item, q), total in zip(uses, totals, strict=True)]
    trade = float(base.exports.sum() - base.imports.sum()) / gdp
    note = "paid for by transfers from above and what migrants send home; follows from the rows above"
    return [*rows, row(("净流出/GDP", "net exports / GDP"), trade, None, "share", "balance of trade", note=note)]


def people_rows(config: Config, base: Base) -> list[dict[str, Any]]:
    """Residents, urban share, and persons at work by census industry with the sampling interval."""
    series, counties = config.observed.series, config.counties.counties.values()
    urban = sum(county.residents_urban.amount for county in counties)
    residents = urban + sum(county.residents_rural.amount for county in counties)
    census, share = series["residents_census"].values, series["urbanisation"].values
    rows = [
        row(("常住人口", "residents"), residents, census.amounts[YEAR], "person", cited(census.source),
            tolerance=ACCOUNTS_TOLERANCE),
        row(("城镇化率", "urban share"), urban / residents, share.amounts[YEAR], "share", cited(share.source),
            tolerance=ACCOUNTS_TOLERANCE),
    ]  # fmt: skip
    source, rate = cited(config.population.sample_rate.source), config.population.sample_rate.amount
    persons = census_jobs(config)
    total = sum(persons.values())
    employed = series["employed"].values
    rows.append(
        row(("就业人员", "employed persons"), base.jobs.sum(), employed.amounts[YEAR], "person", cited(employed.source),
            tolerance=JOBS_TOLERANCE)
    )  # fmt: skip
    for key, name in config.population.industries.items():
        if persons[key] == 0:
            continue
        modelled = float(base.jobs[base.index.stages_where(census=key)].sum())
        interval = sampling_interval(persons[key], total, rate)
        item = (f"就业 {name.zh}", f"employed, {name.en}")
        rows.append(row(item, modelled, persons[key], "person", source, tolerance=JOBS_TOLERANCE, interval=interval))
    return rows


def sampling_interval(persons: float, total: float, rate: float) -> tuple[float, float]:
    """95 % interval of a grossed-up count from a simple random sample of the employed without replacement."""
    share = persons / total
    error = 1.96 * np.sqrt(total * share * (1 - share) * (1 - rate) / rate)
    return max(persons - error, 0.0), persons + error


def county_rows(config: Config, base: Base) -> list[dict[str, Any]]:
    """GDP by county beside the county shares of 2023 on the city's industries of 2020."""
    modelled = base.value_added @ base.county_share
    shares = {str(industry): table for industry, table in config.counties.value_added_shares.items()}
    rows = []
    for c, key in enumerate(base.index.counties):
        reference = sum(
            shares[industry].amounts[key] * config.observed.series[industry].values.amounts[YEAR]
            for industry in INDUSTRIES
        )
        name = next(facts.name for county, facts in config.counties.counties.items() if county == key)
        item = (f"地区生产总值 {name.zh}", f"GDP, {name.en}")
        source = cited(shares["primary"].source)
        rows.append(row(item, modelled[c], reference, "CNY/yr", source, note="structure of 2023 on levels of 2020"))
    return rows
