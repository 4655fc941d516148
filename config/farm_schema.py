"""The typed shape of config/farming.yaml: land, trees, animals and calendars of the farms."""

from __future__ import annotations

from typing import Annotated

from .schema import Quantity, Ratio, SeasonTable, Share, Strict, Table
from .units import Unit

CountyAreas = Annotated[Table, Unit("mu", low=0.0, keys="county")]


class Orchard(Strict):
    """Apple orchards."""

    age_shares: Annotated[Table, Unit("share", low=0.0, high=1.0, total=1.0)]
    yield_by_age: Annotated[Table, Unit("t/mu", low=0.0)]
    class_years: Annotated[Table, Unit("yr", low=1.0)]
    renewal_rate: Annotated[Quantity, Unit("share/yr", low=0.0, high=1.0)]
    alternate_bearing: Share
    frost_probability: Annotated[Quantity, Unit("share/yr", low=0.0, high=1.0)]
    frost_loss: Share


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


class Farming(Strict):
    """config/farming.yaml."""

    farms: Annotated[Table, Unit("count", low=0.0, keys="county")]
    participation: Annotated[Table, Unit("share", low=0.0, high=1.0)]
    size_dispersion: Ratio
    area: dict[str, CountyAreas]
    orchard: Orchard
    cattle: Cattle
    labour_days: Annotated[Table, Unit("day/mu", low=0.0)]
    cash_reserve: Annotated[Quantity, Unit("month", low=0.0)]
    drawing_rate: Annotated[Quantity, Unit("share/month", low=0.0, high=1.0)]
    productivity_growth: Annotated[Quantity, Unit("share/yr")]
