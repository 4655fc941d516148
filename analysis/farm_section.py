"""Part of the report on farms: orchards, work, apples and cattle through the years; farm sizes and farmers' incomes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import apple_year, farm_calendar, farm_homes, herd_cycle, orchard_ages
from .page import Figures, Words, section
from .sections import counted

if TYPE_CHECKING:
    from .results import Results


def farm_section(run: Results, figures: Figures) -> str:
    """Figures of the baseline; nothing where the runs did not record what they show."""
    many = counted(run)
    parts = []
    if len(ages := orchard_ages.orchard_age_table(run)):
        caption = Words(
            f"基准情景；斜线为未挂果。各树龄级宽度不同。{many.zh}",
            f"Baseline; hatched: not bearing yet. Classes of age differ in width. {many.en}",
        )
        alt = Words("果园树龄结构", "Orchards by age of their trees")
        parts.append(figures.show("orchard_ages", partial(orchard_ages.plot_orchard_age, ages), ages, caption, alt))
    if len(days := farm_calendar.farm_calendar_table(run)):
        caption = Words(
            f"基准情景，作物和牲畜当月所需工日，不论有无人手。{many.zh}",
            f"Baseline; days that crops and animals ask for in the month, whether there are hands or not. {many.en}",
        )
        alt = Words("分县分月农活用工", "Farm work by county and month")
        plot = partial(farm_calendar.plot_farm_calendar, days, config=run.config)
        parts.append(figures.show("farm_calendar", plot, days, caption, alt))
    if len(apples := apple_year.apple_year_table(run)):
        caption = Words(
            f"基准情景。冷库优先，装不下的进土窖；果农按预期春季价格决定卖多少。{many.zh}",
            "Baseline. Stores fill first, cellars take the rest; growers sell by the price they expect in spring. "
            f"{many.en}",
        )
        alt = Words("苹果贮藏、销售与价格", "Apples in store, sales and price")
        plot = partial(apple_year.plot_apple_year, apples)
        parts.append(figures.show("apple_year", plot, apples, caption, alt))
    parts += _herds(run, figures, many) + _homes(run, figures, many)
    return section("farms", Words("果园与农事", "Orchards and farm work"), *parts) if parts else ""


def _herds(run: Results, figures: Figures, many: Words) -> list[str]:
    if not len(herd := herd_cycle.herd_table(run)):
        return []
    caption = Words(
        f"基准情景。牛价变化先影响后备母牛，两年后才影响母牛和出栏。{many.zh}",
        f"Baseline. A price acts on heifers first, on cows and sales only after two years. {many.en}",
    )
    alt = Words("牛群结构与牛价", "Cattle by cohort and their price")
    return [figures.show("herd", partial(herd_cycle.plot_herd, herd), herd, caption, alt)]


def _homes(run: Results, figures: Figures, many: Words) -> list[str]:
    parts = []
    if len(sizes := farm_homes.farm_size_table(run)):
        caption = Words(
            f"基准情景。按实际经营（含租入）面积分组。{many.zh}",
            f"Baseline. By land a farm works, rented land included. {many.en}",
        )
        plot = partial(farm_homes.plot_farm_sizes, sizes)
        parts.append(figures.show("farm_sizes", plot, sizes, caption, Words("农户规模", "Farms by size")))
    if len(incomes := farm_homes.village_income_table(run)):
        caption = Words(
            f"基准情景，按农户主业分组；经营收入为农户从农业和自家企业账户支取的钱。{many.zh}",
            "Baseline, households by what their farm earns most from; farm income is what they draw from the accounts "
            f"of farm and own firm. {many.en}",
        )
        plot = partial(farm_homes.plot_village_income, incomes)
        alt = Words("农村居民收入来源", "Villagers' income by source")
        parts.append(figures.show("village_income", plot, incomes, caption, alt))
    return parts
