"""The typed shape of config/farming.yaml: land, trees, animals and calendars of the farms."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .schema import Matrix, Quantity, Ratio, SeasonTable, Share, Strict, Table
from .units import Unit

CountyAreas = Annotated[Table, Unit("mu", low=0.0, keys="county")]


class Orchard(Strict):
    """Apple orchards."""

    age_shares: Annotated[Table, Unit("share", low=0.0, high=1.0, total=1.0)]
    yield_by_age: Annotated[Table, Unit("t/mu", low=0.0)]
    class_years: Annotated[Table, Unit("yr", low=1.0)]
    renewal_rate: Annotated[Quantity, Unit("share/yr", low=0.0, high=1.0)]
    alternate_bearing: Share
    dwarf_share: Share
    margin_response: Ratio


class Hazard(Strict):
    """Weather that costs part of a county's crops: when, how often, how much, how alike in all counties."""

    month: Annotated[Quantity, Unit("month", low=0.0, high=12.0)]
    probability: Annotated[Quantity, Unit("share/yr", low=0.0, high=0.99)]
    loss: Annotated[Quantity, Unit("share", low=0.0, high=0.5)]
    correlation: Share
    exposure: Annotated[Table, Unit("share", low=0.0, high=1.0)]


class Cattle(Strict):
    """Beef cattle."""

    stock: Annotated[Table, Unit("head", low=0.0, keys="county")]
    cohort_shares: Annotated[Table, Unit("share", low=0.0, high=1.0, total=1.0)]
    calving_rate: Annotated[Quantity, Unit("1/yr", low=0.0)]
    calving_season: SeasonTable
    mortality: Annotated[Table, Unit("share/yr", low=0.0, high=1.0)]
    calf_months: Annotated[Quantity, Unit("month", low=1.0)]
    heifer_months: Annotated[Quantity, Unit("month", low=1.0)]
    cull_rate: Annotated[Quantity, Unit("share/yr", low=0.0, high=1.0)]
    value_weights: Annotated[Table, Unit("ratio", low=0.0)]
    margin_response: Ratio
    growth_signal: Ratio


class Storage(Strict):
    """Where growers lay up a crop that keeps, what is lost there, and how they choose when to sell."""

    stage: str = Field(description="stage of firms whose plant is the store room; a year's capacity is one filling")
    store_loss: Annotated[Quantity, Unit("share/month", low=0.0, high=1.0)]
    cellar_loss: Annotated[Table, Unit("share/month", low=0.0, high=1.0, keys="month")]
    keeping_cost: Annotated[Quantity, Unit("CNY/t/month", low=0.0)]
    spring_gain: Annotated[Quantity, Unit("CNY/t", low=0.0)]
    timing_response: Ratio
    learning: Share


class Premium(Strict):
    """When a cover is signed and settled, and who pays its premium; the rest is paid by higher levels."""

    signed: Annotated[Quantity, Unit("month", low=0.0, high=12.0)]
    settled: Annotated[Quantity, Unit("month", low=0.0, high=12.0)]
    farmer_share: Share
    county_share: Share
    sponsor_share: Share = Field(description="paid by the futures exchange and dealers, outside")


class Insurance(Strict):
    """Crop insurance of orchards, and insurance with futures on the price of their crop."""

    insured_share: Share
    sum_insured: Annotated[Quantity, Unit("CNY/mu", low=0.0)]
    premium: Annotated[Quantity, Unit("CNY/mu", low=0.0)]
    service_share: Share
    threshold: Share
    crop: Premium
    price_premium: Share
    strike: Ratio
    price_months: Annotated[Quantity, Unit("month", low=0.0, high=12.0)]
    price: Premium


class Greenhouse(Strict):
    """Houses for vegetables: how long they stand, and how owners build them again."""

    life: Annotated[Quantity, Unit("yr", low=1.0)]
    margin_response: Ratio
    inaction: Share = Field(description="by how much margins may be off those of 2020 before owners act")


class HailNet(Strict):
    """Nets over orchards."""

    cost: Annotated[Quantity, Unit("CNY/mu", low=0.0)]
    life: Annotated[Quantity, Unit("yr", low=0.1)]
    subsidy_share: Share
    protection: Share


class Land(Strict):
    """Letting land, and what farms expect of it."""

    rented_share: Share = Field(description="of farm land in 2020; sets the transaction cost")
    contract_years: Annotated[Quantity, Unit("yr", low=1.0)]
    lessor_share: Share
    part_time_share: Share
    size_saving: Ratio
    takeover_rate: Annotated[Quantity, Unit("share/yr", low=0.0, high=1.0)]
    margin_memory: Annotated[Quantity, Unit("yr", low=1.0)]


class Choice(Strict):
    """How land answers what crops are expected to earn."""

    elasticity: Ratio
    threshold: Share
    speed: Annotated[Quantity, Unit("share/yr", low=0.0, high=1.0)]


class Farming(Strict):
    """config/farming.yaml."""

    farms: Annotated[Table, Unit("count", low=0.0, keys="county")]
    participation: Annotated[Table, Unit("share", low=0.0, high=1.0)]
    size_dispersion: Ratio
    area: dict[str, CountyAreas]
    orchard: Orchard
    cattle: Cattle
    weather: dict[str, Hazard]
    storage: dict[str, Storage] = Field(description="by farm activity")
    insurance: Insurance
    hail_net: HailNet
    land: Land
    greenhouse: Greenhouse
    crop_choice: Choice
    herb_years: Annotated[Table, Unit("share", low=0.0, high=1.0, total=1.0)]
    herb_response: Ratio
    dwarf_saving: Share
    labour_days: Annotated[Table, Unit("day/mu", low=0.0)]
    animal_days: Annotated[Quantity, Unit("day/head", low=0.0)]
    labour_calendar: Annotated[Matrix, Unit("index", low=0.0)]
    working_days: Annotated[Quantity, Unit("day/month", low=0.0, high=31.0)]
    labour_slack: Share
    day_wage: Annotated[Quantity, Unit("CNY/day", low=0.0)]
    paid_peak_share: Share
    care_response: Share
    cash_reserve: Annotated[Quantity, Unit("month", low=0.0)]
    drawing_rate: Annotated[Quantity, Unit("share/month", low=0.0, high=1.0)]
    productivity_growth: Annotated[Quantity, Unit("share/yr")]
