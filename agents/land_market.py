"""Land rental: each winter households whose land is worth little to them let it to farms that work it at less cost.

Structure after AgriPoliS (Happe, Kellermann and Balmann 2006): plots go one by one to the farm of the county that gains
most, whose next mu is then worth less to it.  What differs by farm is the cost of work: a farm without hands has to
hire all of it, a larger one needs less of it a mu.  Land stays where it is and with its household, which keeps the
contract; what changes hands is who works it, so area is the same to the bit and no plot is let twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .day_labour import day_wage
from .land_loops import (
    Operators,
    Plots,
    let_plots,
    pay_rents,
    plots_that_come_up,
    work_by_size,
    work_of_farms,
)
from .policy_targets import counties_hit, public_cost
from .succession import animals_are_sold, farms_find_successors, hand_over, look_at_farmers

if TYPE_CHECKING:
    from ..config.schema import Policy
    from .model import IndustryChainModel

HALVINGS = 40
PASSES = 2
MARKET_MONTH = 1


class LandMarket:
    """Who works the land of whom, on what terms.

    Attributes
    ----------
    leases : (L,) branches that another farm works than the household's own, ascending.
    rent : (L,) CNY a mu and year, as agreed.
    transaction_cost : what letting land costs a household in 2020, as a part of the wages the land's work is worth:
        the mean of a cost that differs by household, at which the share of 2020 is let.
    eased : (C,) part of it that reforms have taken away.
    able : (N,) whether somebody at home could run the farm.
    herds_sold, new_farmers : CNY that cattle without a keeper fetched this winter, and farms given to new households.
    work_saved : (A, C) days of work a mu against those with the farm sizes of 2020.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        farms, farming = model.farms, model.config.farming
        counties = len(model.index.counties)
        self.rules, self.working_days = farming.land, farming.working_days.amount
        self.is_land = np.array([name in farming.area for name in farms.activities])
        yearly = farming.labour_days.amounts
        self.days = np.array([yearly[name] if name in farming.area else 0.0 for name in farms.activities])
        self.days_at_gate = np.where(self.is_land, self.days, -1.0).repeat(counties)
        self.animal_days = farming.animal_days.amount
        self.first_farm = np.searchsorted(farms.county, np.arange(counties + 1))
        self.eased, self.transaction_cost = np.zeros(counties), 0.0
        self.herds_sold = self.new_farmers = 0.0
        self.term = model.streams.integers("land.term", farms.key, 0, high=self.years).astype(np.int16)
        self.leases, self.rent = np.zeros(0, dtype=np.int64), np.zeros(0)
        self.mean = float((farms.level * self.is_land[farms.gate_of // counties]).sum() / farms.weight.sum())
        self.count_hands(*look_at_farmers(model)[:2])
        self._open(model)
        self.work_base = self.work_by_size(model)
        self.work_saved = np.ones_like(self.work_base)

    @property
    def years(self) -> int:
        """Years after which a household thinks anew of who works its land."""
        return max(round(self.rules.contract_years.amount), 1)

    def _open(self, model: IndustryChainModel) -> None:
        """Let the share of land that was let in 2020: the transaction cost is what keeps the rest from being let."""
        everything = np.ones(len(self.able), dtype=bool)
        for _ in range(PASSES):  # the more is let, the less it is worth to those who take it
            plots, county = self._come_up(model, everything)
            _, own, other = self.auction(model, plots, county)
            weight, gain = plots.area / plots.area.sum(), np.maximum(own - other, 0.0)
            low, high = 0.0, 1e3
            for _ in range(HALVINGS):
                middle = 0.5 * (low + high)
                share = float((weight * -np.expm1(-gain / middle)).sum())
                low, high = (middle, high) if share > self.rules.rented_share.amount else (low, middle)
            self.transaction_cost = high
        self.households_decide(model, everything)

    def count_hands(self, full: np.ndarray, other: np.ndarray) -> None:
        """Count the days of work a year each household can give, and whether it has anybody to run a farm.

        From those who work on the farm, and ``other`` grown-up members at home, (N,) persons.
        """
        self.hands = (full + self.rules.part_time_share.amount * other) * self.working_days * 12
        self.able = full + other > 0

    def households_decide(self, model: IndustryChainModel, due: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Let plots of households that decide this winter (``due``, (N,)), or have their owners work them.

        Returns the branches that changed hands and the farms that worked them before.
        """
        farms = model.farms
        plots, county = self._come_up(model, due)
        before = farms.worked_by[plots.branch].copy()
        farms.worked_by[plots.branch] = farms.farm_of[plots.branch]
        worker, own, other = self.auction(model, plots, county)
        farms.worked_by[plots.branch] = worker
        self._agree(model, plots, own, other)
        moved = worker != before
        return plots.branch[moved], before[moved]

    def _come_up(self, model: IndustryChainModel, due: np.ndarray) -> tuple[Plots, np.ndarray]:
        """List the plots to decide on by county and, inside it, by lot; and their counties."""
        farms, counties = model.farms, len(self.eased)
        land = self.is_land.repeat(counties)
        branch = plots_that_come_up(farms.first_of_gate, land, farms.farm_of, farms.worked_by, due, self.able)
        farm, activity = farms.farm_of[branch], farms.gate_of[branch] // counties
        county, key = farms.county[farm], farms.key[farm]
        lot = model.streams.bits("land.order", key, 0, alternative=activity) >> np.uint64(8)
        branch = branch[np.argsort(lot | (county.astype(np.uint64) << np.uint64(56)))]
        farm, activity = farms.farm_of[branch], farms.gate_of[branch] // counties
        luck = model.streams.uniform("land.cost", farms.key[farm], 0, alternative=activity)
        county = farms.county[farm]
        cost = -self.transaction_cost * (1 - self.eased[county]) * np.log1p(-luck)
        area = farms.level[branch]
        return Plots(branch, area, area * self.days[activity], cost), county

    def auction(
        self, model: IndustryChainModel, plots: Plots, county: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Auction plots, which are with their owners and in the order of their ``county``; see `let_plots`."""
        first = np.searchsorted(county, np.arange(len(self.eased) + 1))
        saving = self.rules.size_saving.amount
        return let_plots(plots, first, self.first_farm, model.farms.farm_of, self._operators(model), self.mean, saving)

    def _operators(self, model: IndustryChainModel) -> Operators:
        """Farms with the land and animals they now work."""
        farms, rows = model.farms, len(self.able)
        area, days = work_of_farms(farms.first_of_gate, self.days_at_gate, farms.level, farms.worked_by, rows)
        for a in farms.herd_activities[:1]:
            part = farms.part(a)
            heads = self.animal_days * farms.heads()[farms.farm_of[part]]
            days += np.bincount(farms.worked_by[part], heads, minlength=rows)
        return Operators(area, days, self.hands, self.able, farms.weight)

    def _agree(self, model: IndustryChainModel, plots: Plots, own: np.ndarray, other: np.ndarray) -> None:
        """Write the leases of plots that are let, at a rent between what the land is worth to both sides.

        Land from which a household without hands would earn nothing is let for little or nothing, as among relatives.
        """
        farms = model.farms
        farm = farms.farm_of[plots.branch]
        let = farms.worked_by[plots.branch] != farm
        able, wages = self.able[farm], day_wage(model) * self.days[farms.gate_of[plots.branch] // len(self.eased)]
        margin = model.margins.expected[farms.gate_of[plots.branch]]
        kept = np.where(able, np.maximum(margin - wages * own, 0.0), 0.0)
        gain = np.maximum(margin - wages * (other + np.where(able, plots.cost, 0.0)) - kept, 0.0)
        rent = kept + self.rules.lessor_share.amount * gain
        decided = np.zeros(len(farms.farm_of), dtype=bool)
        decided[plots.branch] = True
        old = ~decided[self.leases]
        leases = np.r_[self.leases[old], plots.branch[let]]
        order = np.argsort(leases)
        self.leases, self.rent = leases[order], np.r_[self.rent[old], rent[let]][order]

    def work_by_size(self, model: IndustryChainModel) -> np.ndarray:
        """Days of work a mu of each activity and county against a farm of mean size, (A, C); 1 for animals."""
        farms = model.farms
        books = farms.first_of_gate, self.days_at_gate, farms.level, farms.worked_by
        area, _ = work_of_farms(*books, len(self.able))
        factor = (np.maximum(area / farms.weight, 1.0) / self.mean) ** -self.rules.size_saving.amount
        return work_by_size(*books, factor).reshape(len(farms.activities), -1)

    def rented(self, model: IndustryChainModel) -> np.ndarray:
        """Mu let by county, (C,)."""
        farms = model.farms
        county = farms.county[farms.farm_of[self.leases]]
        return np.bincount(county, farms.level[self.leases], minlength=len(self.eased))

    def rents(self, model: IndustryChainModel) -> float:
        """Rents of a month of all plots let, CNY."""
        return float((self.rent * model.farms.level[self.leases]).sum() / 12)

    def due(self, model: IndustryChainModel) -> np.ndarray:
        """Rents of a month that farms receive less those they pay, CNY (N,)."""
        farms, received = model.farms, np.zeros(len(self.able))
        pay_rents(self.leases, self.rent, farms.level, farms.farm_of, farms.worked_by, received)
        return received

    def pay(self, model: IndustryChainModel) -> None:
        """Pay the month's rents, from the farm that works the land to the household whose it is."""
        rents = self.due(model)
        model.farms.land_rent += rents
        model.farms.cash += rents


def land_changes_hands(model: IndustryChainModel) -> None:
    """In January farms find successors, contracts that end are agreed anew, and animals without a keeper are sold.

    Who takes a plot over buys what its crop has left in store.
    """
    if model.calendar != MARKET_MONTH:
        return
    land = model.land
    model.margins.learn(model)
    taken, full, other = farms_find_successors(model)
    land.count_hands(full, other)
    moved, before = land.households_decide(model, taken | (land.term == model.year % land.years))
    hand_over(model, moved, before, np.zeros(len(moved)))
    land.herds_sold = animals_are_sold(model)
    land.new_farmers = float(model.farms.weight[taken].sum())
    land.work_saved = land.work_by_size(model) / land.work_base
    model.farm_cost_base = farm_costs(model)


def farm_costs(model: IndustryChainModel) -> np.ndarray:
    """Inputs a farm buys in a mean month of 2020 for what it now works, CNY (N,)."""
    farms, base, stages = model.farms, model.base, model.farms.stages
    cost = (base.use[:, stages].sum(axis=0)[:, None] * base.county_share[stages] / 12).ravel()
    level = model.level_base.ravel()
    each = np.divide(cost, level, out=np.zeros(len(cost)), where=level > 0)
    return np.bincount(farms.worked_by, farms.level * each[farms.gate_of], minlength=len(farms.cash))


def ease_land_transfer(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Registers, exchanges and contracts take a part of what letting land costs a household away."""
    land = model.land
    land.eased = np.minimum(land.eased + policy.intensity.amount * share * counties_hit(model, policy), 1.0)
    public_cost(model, policy, share)
