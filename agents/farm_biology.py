"""What grows on farms in a month: orchards by tree age, herds by cohort, crops by calendar."""

from __future__ import annotations

import numpy as np

from ..config.farm_schema import Farming
from ..config.schema import County
from .farms import ORCHARD_AGES, FarmSet
from .randomness import Streams, name_key

FROST_MONTH = 4


def frost_losses(farming: Farming, counties: list[County], year: int, streams: Streams) -> np.ndarray:
    """Share of the year's apple crop lost to April frost by county, (C,): a drawn event per county and year."""
    keys = np.array([name_key("frost", c) for c in counties], dtype=np.uint64)
    struck = streams.uniform("weather.frost", keys, year * 12 + FROST_MONTH) < farming.orchard.frost_probability.amount
    return np.where(struck, farming.orchard.frost_loss.amount, 0.0)


def farms_age_orchards(farms: FarmSet, farming: Farming) -> None:
    """Once a year trees move up the age classes; the oldest are grubbed and replanted, area unchanged."""
    rules = farming.orchard
    ages = [farms.table[f"orchard_{k}"] for k in range(len(ORCHARD_AGES))]
    moving = [ages[k] / rules.class_years.amounts[name] for k, name in enumerate(ORCHARD_AGES[:-1])]
    grubbed = ages[-1] * rules.renewal_rate.amount
    for k, out in enumerate(moving):
        ages[k] -= out
        ages[k + 1] += out
    ages[-1] -= grubbed
    ages[0] += grubbed


def orchard_crop(farms: FarmSet, farming: Farming, year: int) -> np.ndarray:
    """Apples a farm's trees would bear in the year without frost, t, (N,): yield by age and alternate bearing."""
    rules = farming.orchard
    crop = np.zeros(len(farms.table["county"]))
    for k, name in enumerate(ORCHARD_AGES):
        crop += farms.table[f"orchard_{k}"] * rules.yield_by_age.amounts[name]
    parity = (farms.table["key"] & np.uint64(1)).astype(np.int64)
    swing = np.where((parity + year) % 2 == 0, 1.0, -1.0)
    return crop * (1 + rules.alternate_bearing.amount * swing)


def herd_moves(
    farms: FarmSet, farming: Farming, calendar: int, grower_exit: float, finisher_exit: float, retention: np.ndarray
) -> dict[str, np.ndarray]:
    """Move the herd one month on and return heads by event, (N,) each.

    Cows calve by season; cohorts die, age and are kept or passed on; ``retention`` is the share of female calves kept
    as heifers.  Returns ``born``, ``died``, ``calves_ready`` (for fattening), ``finished`` and ``culled``; the caller
    books where they go.  The yearly identity stock1 = stock0 + born + bought - died - sold holds by construction and
    is audited.
    """
    rules, t = farming.cattle, farms.table
    died = np.zeros(len(t["cows"]))
    for cohort in ("cows", "heifers", "calves", "growers", "finishers"):
        loss = t[cohort] * rules.mortality.amounts[cohort] / 12
        t[cohort] -= loss
        died += loss
    born = t["cows"] * rules.calving_rate.amount / 12 * rules.calving_season.amounts[str(calendar)]
    weaned = t["calves"] / rules.calf_months.amount
    kept = weaned * 0.5 * retention
    grown = t["heifers"] / rules.heifer_months.amount
    culled = t["cows"] * rules.cull_rate.amount / 12
    finished = t["finishers"] * finisher_exit
    advanced = t["growers"] * grower_exit
    t["calves"] += born - weaned
    t["heifers"] += kept - grown
    t["cows"] += grown - culled
    t["growers"] -= advanced
    t["finishers"] += advanced - finished
    return {"born": born, "died": died, "calves_ready": weaned - kept, "finished": finished, "culled": culled}


def herd_value(farms: FarmSet, farming: Farming, price: np.ndarray, cohorts: tuple[str, ...]) -> np.ndarray:
    """Value of the given cohorts at the finished animal's price (N,), CNY: growth of herds is capital formation."""
    total = np.zeros(len(price))
    for cohort in cohorts:
        total += farms.table[cohort] * farming.cattle.value_weights.amounts[cohort]
    return total * price


def months_to_harvest(season: np.ndarray, calendar: int) -> int:
    """Months until output of a crop starts again, counting from ``calendar``; 1 where it never stops."""
    for ahead in range(1, 13):
        if season[(calendar - 1 + ahead) % 12] > 0 and season[(calendar - 2 + ahead) % 12] == 0:
            return ahead
    return 1
