"""What grows on farms in a month: orchards by tree age, herds by cohort, crops by calendar."""

from __future__ import annotations

import numpy as np

from ..config.farm_schema import Farming
from ..config.schema import County
from .farm_growth import Goods, Herd, HerdRates, bear_apples, move_herds, weigh_herds
from .farms import COHORTS, ORCHARD_AGES, FarmSet
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
    rules, t = farming.orchard, farms.table
    trees = tuple(t[f"orchard_{k}"] for k in range(len(ORCHARD_AGES)))
    yields = np.array([rules.yield_by_age.amounts[name] for name in ORCHARD_AGES])
    return bear_apples(t["key"], trees, yields, year, rules.alternate_bearing.amount)


def herds_move(
    farms: FarmSet,
    farming: Farming,
    calendar: int,
    retention: np.ndarray,
    *,
    grower_exit: float,
    finisher_exit: float,
    calf_market_share: float,
) -> None:
    """Herds move one month on: calves for sale, finished and culled animals come to the gate, the rest stay.

    Cows calve by season; cohorts die, age and are kept or passed on; ``retention`` (C,) is the share of female calves
    kept as heifers.  The yearly identity stock1 = stock0 + born + bought - died - sold holds by construction and is
    audited.
    """
    rules, t = farming.cattle, farms.table
    rates = HerdRates(
        mortality=tuple(rules.mortality.amounts[cohort] for cohort in COHORTS),
        calving_rate=rules.calving_rate.amount,
        calving_season=rules.calving_season.amounts[str(calendar)],
        calf_months=rules.calf_months.amount,
        heifer_months=rules.heifer_months.amount,
        cull_rate=rules.cull_rate.amount,
        grower_exit=grower_exit,
        finisher_exit=finisher_exit,
        calf_market_share=calf_market_share,
    )
    parts = [farms.part(a) for a in farms.herd_activities]
    breeding, fattening = (Goods(farms.made[part], farms.stored[part]) for part in parts)
    keepers = farms.farm_of[parts[0]]
    move_herds(keepers, t["county"], retention, rates, _herd(farms), t["born"], t["died"], breeding, fattening)


def herd_size(farms: FarmSet, farming: Farming) -> np.ndarray:
    """Breeding and fattening stock of each farm counted in finished animals, (N, 2), by relative value of cohorts."""
    worth = np.array([farming.cattle.value_weights.amounts[cohort] for cohort in COHORTS])
    return weigh_herds(worth, _herd(farms))


def _herd(farms: FarmSet) -> Herd:
    return Herd(*[farms.table[cohort] for cohort in COHORTS])


def months_to_harvest(season: np.ndarray, calendar: int) -> int:
    """Months until output of a crop starts again, counting from ``calendar``; 1 where it never stops."""
    for ahead in range(1, 13):
        if season[(calendar - 1 + ahead) % 12] > 0 and season[(calendar - 2 + ahead) % 12] == 0:
            return ahead
    return 1
