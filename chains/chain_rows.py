"""Rows of the base comparison for farms, energy, tourism and budgets: derived figures, none with a tolerance."""

from __future__ import annotations

from typing import Any

from ..config.loader import Config
from .base import Base
from .base_rows import YEAR, cited, row

FARM_NOTE = "share of farm output in 2022 on farm output of 2020"


def chain_rows(config: Config, base: Base) -> list[dict[str, Any]]:
    """Everything the base year says of single chains beside what can be derived for 2020."""
    return [*_farm_rows(config, base), *_stock_rows(config, base), *_industry_rows(config, base), *_budget_rows(config)]


def _farm_rows(config: Config, base: Base) -> list[dict[str, Any]]:
    """Gross farm output and the farm gate of apples, cattle and vegetables."""
    series, index = config.observed.series, base.index
    farm = series["gross_farm_output"].values
    total = farm.amounts[YEAR]
    apple, cattle = (series[key].values.amounts["2022"] for key in ("apple_share", "cattle_share"))
    vegetables = series["featured_share"].values.amounts["2022"] - apple - cattle
    source = cited(series["featured_share"].values.source)

    def made(*activities: str) -> float:
        return float(sum(base.output[index.stages_where(activity=activity)].sum() for activity in activities))

    gross = float(base.output[index.stages_where(industry="primary")].sum())
    names = (
        (("苹果产地产值", "apples at the farm gate"), made("orchard"), apple),
        (("肉牛出栏产值", "cattle at the farm gate"), made("breeding", "fattening"), cattle),
        (("蔬菜产地产值", "vegetables at the farm gate"), made("open_vegetable", "greenhouse"), vegetables),
    )
    return [
        row(("农林牧渔业总产值", "gross farm output"), gross, total, "CNY/yr", cited(farm.source),
            note="own-grown fodder and calves between farms are counted; statistics count them in part"),
        *(row(item, value, share * total, "CNY/yr", source, note=FARM_NOTE) for item, value, share in names),
    ]  # fmt: skip


def _stock_rows(config: Config, base: Base) -> list[dict[str, Any]]:
    """Orchards, the herd and what was sold of it, land under vegetables and herbs."""
    series, index, farming = config.observed.series, base.index, config.farming
    area = series["orchard_area"].values
    grown = area.amounts["2017"] + (area.amounts["2022"] - area.amounts["2017"]) * 3 / 5
    raised = series["cattle_raised"].values
    sold_share = series["cattle_sold"].values.amounts["2022"] / raised.amounts["2022"]
    stock = sum(farming.cattle.stock.amounts.values())
    volume = base.output / base.price[index.product_of_stage]
    sold = float(sum(volume[index.stages_where(activity=a)].sum() for a in ("breeding", "fattening")))
    herd = cited(raised.source)
    rows = [
        row(("果园面积", "orchard area"), sum(farming.area["orchard"].amounts.values()), grown, "mu",
            cited(area.source), note="between 2017 and 2022 at even growth"),
        row(("牛饲养量", "cattle raised"), stock + sold, raised.amounts[YEAR], "head", herd,
            note="year-end stock + sold in the year"),
        row(("牛存栏", "cattle in stock"), stock, raised.amounts[YEAR] * (1 - sold_share), "head", herd,
            note="ratio of 2022"),
        row(("牛出栏", "cattle sold"), sold, raised.amounts[YEAR] * sold_share, "head", herd,
            note="ratio of 2022; finished cattle and calves that changed farms, once each"),
    ]  # fmt: skip
    names = {
        "open_vegetable": ("露地蔬菜面积", "open-field vegetable area"),
        "greenhouse": ("设施蔬菜面积", "vegetable area under glass and film"),
        "herb": ("中药材面积", "herb area"),
    }
    for key, name in names.items():
        table = farming.area[key]
        rows.append(row(name, sum(table.amounts.values()), None, "mu", cited(table.source)))
    return rows


def _industry_rows(config: Config, base: Base) -> list[dict[str, Any]]:
    """Weight of coal in industry; the size of tourism, for which no city total exists."""
    index = base.index
    industry = [s for s in index.stages_where(industry="secondary") if index.stage[index.stages[s]].sector != "G14"]
    coal = [s for s in industry if index.chains[index.chain_of_stage[s]] == "coal"]
    energy = config.observed.series["energy_share"].values
    rows = [
        row(("煤电化占工业增加值", "coal, power and chemicals in industrial value added"),
            float(base.value_added[coal].sum() / base.value_added[industry].sum()), energy.amounts["2021"], "share",
            cited(energy.source), note="reference: above-scale industry, reported in 2021; modelled: all industry"),
    ]  # fmt: skip
    if "tourism" in index.chains:
        stages = index.chain_of_stage == index.chains.index("tourism")
        note = "no city total for any year was found: assumed with a wide range (config/chains/tourism.yaml)"
        rows += [
            row(("文旅康养产出", "tourism output"), float(base.output[stages].sum()), None, "CNY/yr", "assumption",
                note=note),
            row(("文旅康养产能", "tourism capacity"), float(base.capacity[stages].sum()), None, "CNY/yr", "assumption",
                note="before the epidemic"),
        ]  # fmt: skip
    return rows


def _budget_rows(config: Config) -> list[dict[str, Any]]:
    """Budget of 2020 and the transfers that fill it."""
    series, given = config.observed.series, config.parameters.base
    revenue, spent = series["revenue"].values, series["expenditure"].values
    gap = spent.amounts[YEAR] - revenue.amounts[YEAR]
    modelled = given.expenditure.amount - given.revenue.amount
    return [
        row(("一般公共预算收入", "general budget revenue"), given.revenue.amount, revenue.amounts[YEAR], "CNY/yr",
            cited(revenue.source)),
        row(("一般公共预算支出", "general budget expenditure"), given.expenditure.amount, spent.amounts[YEAR], "CNY/yr",
            cited(spent.source)),
        row(("上级转移支付", "transfers from above"), modelled, gap, "CNY/yr", cited(spent.source),
            note="expenditure less own revenue"),
    ]  # fmt: skip
