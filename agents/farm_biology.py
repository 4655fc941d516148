"""What grows on farms in a month: orchards by tree age, herds by cohort, crops by calendar."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..config.farm_schema import Farming
from .farm_growth import Goods, Herd, HerdRates, age_trees, bear_apples, move_herds, tend_herbs, weigh_herds
from .farms import COHORTS, TREES, FarmSet

OLDEST = (TREES.index("trees_30"), TREES.index("dwarf_6"))
PLANTING_MONTH = 3
HALVINGS = 30


def farms_age_orchards(farms: FarmSet, farming: Farming, appetite: np.ndarray) -> None:
    """Once a year trees grow a year older; the oldest are grubbed and replanted, more where margins are high.

    Trees that do not bear yet are counted by single years, so none bears before its time.  ``appetite`` (C,) is
    planting against that of the base; area is unchanged.
    """
    rules = farming.orchard
    leaving = np.array([1 / rules.class_years.amounts.get(name, 1.0) for name in TREES])
    leaving[OLDEST[0]] = rules.renewal_rate.amount
    age_trees(farms.county, _trees(farms), OLDEST, leaving, appetite, rules.dwarf_share.amount)


def _trees(farms: FarmSet) -> tuple[np.ndarray, ...]:
    return tuple(getattr(farms, name) for name in TREES)


def orchard_crop(farms: FarmSet, farming: Farming, year: int) -> np.ndarray:
    """Apples a farm's trees would bear in the year without bad weather, t, (N,): yield by age, alternate bearing."""
    rules = farming.orchard
    yields = np.array([rules.yield_by_age.amounts[name] for name in TREES])
    return bear_apples(farms.table["key"], _trees(farms), yields, year, rules.alternate_bearing.amount)


def planted_shares(farming: Farming) -> np.ndarray:
    """Share of herb land planted in a spring that is dug after one, two, three … years, (Y,)."""
    shares = farming.herb_years.amounts
    return np.array([shares.get(str(year + 1), 0.0) for year in range(max(int(key) for key in shares))])


def farms_tend_herbs(farms: FarmSet, farming: Farming, calendar: int) -> None:
    """In January dug herb land is bare and other herbs are a year nearer; in March bare land is planted."""
    if calendar in (1, PLANTING_MONTH):
        level = farms.level[farms.part(farms.activity("herb"))]
        tend_herbs(level, farms.herb_due, planted_shares(farming), calendar == 1, calendar == PLANTING_MONTH)


def herds_move(
    farms: FarmSet,
    farming: Farming,
    calendar: int,
    retention: np.ndarray,
    culling: np.ndarray,
    growth: np.ndarray,
    *,
    grower_exit: float,
    finisher_exit: float,
    calf_market_share: float,
) -> None:
    """Herds move one month on: calves for sale, finished and culled animals come to the gate, the rest stay.

    Cows calve by season; cohorts die, age and are kept or passed on; ``retention`` (C,) is the share of female calves
    kept as heifers, ``culling`` (C,) cows sold a year, ``growth`` (C,) the pace of fattening.  The yearly identity
    stock1 = stock0 + born + bought - died - sold holds by construction and is audited.
    """
    rules, t = farming.cattle, farms.table
    rates = HerdRates(
        mortality=tuple(rules.mortality.amounts[cohort] for cohort in COHORTS),
        calving_rate=rules.calving_rate.amount,
        calving_season=rules.calving_season.amounts[str(calendar)],
        calf_months=rules.calf_months.amount,
        heifer_months=rules.heifer_months.amount,
        grower_exit=grower_exit,
        finisher_exit=finisher_exit,
        calf_market_share=calf_market_share,
    )
    parts = [farms.part(a) for a in farms.herd_activities]
    breeding, fattening = (Goods(farms.made[part], farms.stored[part]) for part in parts)
    keepers = farms.farm_of[parts[0]]
    move_herds(
        keepers, t["county"], retention, culling, growth, rates, _herd(farms), t["born"], t["died"], breeding, fattening
    )


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


class StoreCycle(NamedTuple):
    """A year of a crop that keeps, sold as buyers come so that no month goes short of what another has too much of.

    ``part`` (12,) of the store that is sold in each month; ``left`` at year end and ``lost`` in the year, both over the
    year's crop.
    """

    part: np.ndarray
    left: float
    lost: float


def store_cycle(season: np.ndarray, orders: np.ndarray, spoilage: float) -> StoreCycle:
    """Sell the most that the harvests of a year (12,) can serve in the same share of ``orders`` (12,) in every month.

    Found by halving: less is sold than is grown by what spoils meanwhile.
    """
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        before, after = (_needed(season, middle * orders, spoilage, years) for years in (2, 3))
        low, high = (middle, high) if np.allclose(before, after, atol=1e-9) else (low, middle)
    sold, stock = low * orders, _needed(season, low * orders, spoilage, 3)
    part = np.divide(sold, stock + season, out=np.ones(12), where=stock + season > 0)
    lost = 1 - sold.sum() / season.sum()
    return StoreCycle(np.minimum(part, 1.0), float(stock[0] / season.sum()), float(lost))


def _needed(season: np.ndarray, sold: np.ndarray, spoilage: float, years: int) -> np.ndarray:
    """Least stock at the opening of each month (12,) from which all sales of the next ``years`` can be served.

    What is in store when the month opens spoils, what is harvested in it does not yet.
    """
    needed, later = np.zeros(12), 0.0
    for month in [*range(11, -1, -1)] * years:
        new = season[month]
        if later > new:
            later = sold[month] + (later - new) / (1 - spoilage)
        else:
            later = max(later + sold[month] - new, 0.0)
        needed[month] = later
    return needed
