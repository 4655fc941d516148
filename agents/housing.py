"""Dwellings of the county towns: how much floor there is, what it costs to live there, who rents it and what is built.

Floor is finite: who finds none does not move in.  Rent rises while less stands empty than the natural vacancy rate and
falls while more does (Rosen and Smith 1983).  Townspeople spend a constant share on housing, so the floor they use
follows their spending and the rent (Cobb-Douglas).  New floor is what households pay builders for, less when rent falls
behind the cost of building, and public rental flats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .budgets import investment_price
from .housing_loops import OWNS, RENTS, Lettings, pay_rents
from .persons import persons_of
from .workers import TOWN

if TYPE_CHECKING:
    from .households import Wishes
    from .model import IndustryChainModel

SMOOTHING = 1 / 12  # weight of the month in townspeople's spending, so that rents do not follow the season


class Housing:
    """Town dwellings by county, (C,) each.

    Attributes
    ----------
    floor, public : m2 of dwellings, and of them public rental flats.
    rent, base_rent : CNY a m2 and month, now and in 2020.
    per_head : m2 a town resident of 2020 lives in; ``spending`` and ``base_spending`` CNY a head and month.
    build_share : part of the most that households would put into town dwellings that pays at this rent.
    built, removed : m2 this month.
    people : persons in town by who owns the dwelling, (C, 3); ``let`` the CNY tenants paid this month, (C, 3).
    """

    def __init__(self, model: IndustryChainModel) -> None:
        p, index, workers = model.config.parameters, model.index, model.workers
        counties = len(index.counties)
        self.rules = p.housing
        areas = model.config.population.floor_per_head.amounts
        self.per_head = np.array([areas[name] for name in index.counties])
        spent = self.rules.cost_share.amount * p.base.urban_consumption.amount / 12
        self.base_rent = spent / self.per_head
        self.rent = self.base_rent.copy()
        self.public, self.built, self.removed = np.zeros((3, counties))
        self.build_share = np.full(counties, 1 / self.rules.building_limit.amount)
        self.base_spending = np.zeros(counties)
        self.spending = np.zeros(counties)
        self.let = np.zeros((counties, 3))
        self._let_base_dwellings(model)
        in_town = workers.place == TOWN
        town = np.bincount(workers.county[in_town], workers.weight[in_town], minlength=counties)
        self.people = np.zeros((counties, 3))
        self.people[:, OWNS] = town
        self.floor = town * self.per_head / (1 - self.rules.vacancy.amount)

    def _let_base_dwellings(self, model: IndustryChainModel) -> None:
        """Tenants of 2020: the census's share of all households, all of them in town."""
        workers, counties = model.workers, model.index.counties
        share = model.config.population.tenant_share.amounts
        facts = [model.config.counties.counties[name] for name in counties]
        urban = np.array(
            [f.residents_urban.amount / (f.residents_urban.amount + f.residents_rural.amount) for f in facts]
        )
        chance = np.minimum(np.array([share[name] for name in counties]) / urban, 1.0)
        draw = model.streams.uniform("housing.tenure", workers.key, 0)
        renting = (workers.place == TOWN) & (draw < chance[workers.county])
        workers.tenure[renting] = RENTS

    @property
    def most_building(self) -> np.ndarray:
        """Most that households put into dwellings over what they would at the rents of 2020: in town and village."""
        return np.array([self.rules.building_limit.amount, 1.0])

    @property
    def used_per_head(self) -> np.ndarray:
        """Floor a townsperson wants at this rent and spending, m2."""
        richer = np.divide(
            self.spending, self.base_spending, out=np.ones(len(self.floor)), where=self.base_spending > 0
        )
        return np.asarray(self.per_head * richer * self.base_rent / self.rent)

    @property
    def vacancy(self) -> np.ndarray:
        """Share of town floor that stands empty; below 0 people live closer than they would like."""
        return np.asarray(1 - self.people.sum(axis=1) * self.used_per_head / np.maximum(self.floor, 1.0))

    @property
    def room(self) -> np.ndarray:
        """Persons who can still find a dwelling in town."""
        return np.maximum(self.floor / self.used_per_head - self.people.sum(axis=1), 0.0)

    @property
    def free_public(self) -> np.ndarray:
        """Persons for whom there is a public flat nobody lives in."""
        return np.maximum(self.public / self.used_per_head - self.people[:, 2], 0.0)

    @property
    def relative_rent(self) -> np.ndarray:
        """What a newcomer expects to pay over the rent of 2020; a free public flat lowers it."""
        chance = np.minimum(self.free_public / np.maximum(self.people[:, RENTS], 1.0), 1.0)
        return np.asarray(self.rent / self.base_rent * (1 - (1 - self.rules.public_rent_share.amount) * chance))

    def add_public_flats(self, flats: np.ndarray) -> None:
        """Public rental flats by county come on the market."""
        area = flats * self.rules.public_flat_area.amount
        self.public += area
        self.floor += area

    def limit_building(self, model: IndustryChainModel, wishes: Wishes) -> None:
        """Households put more into town dwellings where rent is high against the cost of building one, less if low."""
        cost = investment_price(model)
        pays = (self.rent / self.base_rent / cost) ** self.rules.building_elasticity.amount
        self.build_share = np.minimum(pays / self.rules.building_limit.amount, 1.0)
        town = wishes.budget[:, 0] / np.maximum(self.people.sum(axis=1), 1.0)
        if not self.base_spending.any():
            self.base_spending, self.spending = town.copy(), town.copy()
        self.spending += SMOOTHING * (town - self.spending)
        wishes.plan[:, 0] *= self.build_share

    def settle_month(self, model: IndustryChainModel, spent: np.ndarray) -> None:
        """New floor is finished, old floor goes, and rents answer vacancy; ``spent`` (C,) CNY in town this month."""
        cost = self.rules.building_cost.amount * investment_price(model)
        gap = self.rules.vacancy.amount - self.vacancy
        self.built = spent / cost
        self.removed = self.floor * self.rules.wear.amount / 12
        self.floor += self.built - self.removed
        self.rent *= np.exp(self.rules.rent_response.amount * gap)


def tenants_pay_rent(model: IndustryChainModel) -> None:
    """Tenants pay what they can of the rent: private ones to the townspeople who own, others to the county."""
    housing, counties = model.housing, len(model.index.counties)
    month_rent = housing.used_per_head * housing.rent
    public = month_rent * housing.rules.public_rent_share.amount
    due = np.stack([np.zeros(counties), month_rent, public], axis=1)
    lettings: Lettings = pay_rents(persons_of(model.workers), due)
    housing.people, housing.let = lettings.people, lettings.paid
    for government, value in zip(model.governments, lettings.paid[:, 2], strict=True):
        government.account.receive("rents", float(value))
    housing.settle_month(model, lettings.built)
