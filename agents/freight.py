"""What carrying costs: hauls between counties and to markets outside, and what roads and lines opened since 2020 save.

What was paid for haulage in 2020 is in the transport service that recipes and baskets buy, and prices are those at the
maker's gate.  So the base year is left alone and only what has changed since counts: a cheaper way leaves sellers more
of the price outside, makes buyers outside order more, lets firms buy less transport, and brings outside goods nearer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..chains.graph import gate_distances, gate_shares, outside_reach, road_distances

if TYPE_CHECKING:
    from ..config.schema import Policy
    from .model import IndustryChainModel
    from .network import Slots


class Freight:
    """Cost of hauls against 2020.

    Attributes
    ----------
    rate : (P,) CNY of 2020 to carry a unit one km.
    hauls : (P, C, C + G) km of road from counties to counties and gates of outside trade; what is heavy and cheap does
        not go all the way to the gates.  The diagonal holds the way inside a county, with which every haul begins.
    cut : (P, C, C + G) share by which they got cheaper.
    saved_outside : (P, C) CNY of 2020 by which a unit is carried cheaper between a county and markets outside.
    outside_nearer : (P,) the same, less what is saved on a unit from here: what an import gains on local makers.
    need : (S, C) transport service a firm buys, as a share of what its recipe had in 2020.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        config, base = model.config, model.base
        index = base.index
        self.places = [*index.counties, *sorted(config.counties.gates.values)]
        between = road_distances(config, index.counties)
        self.km = np.hstack([between, gate_distances(config, index.counties)])
        self.gate_share = gate_shares(config)
        products, counties = list(index.product.values()), len(index.counties)
        self.rate = np.array([item.freight_rate for item in products])
        self.carrier = np.array([item.carries for item in products])
        self.made_in, self.used_in = _makers(model), _users(model)
        goods = np.array([item.mass is not None for item in products])
        units = np.where(goods, self.rate / base.price, 0.0)
        self.hauled, self.import_share = units[:, None] * base.use / base.output, base.import_share
        self.cut = np.zeros((len(products), *self.km.shape))
        self.hauls = np.broadcast_to(self.km, self.cut.shape).copy()
        self.hauls[:, :, counties:] *= outside_reach(config, base)[:, None, None]
        self.saved_outside, self.outside_nearer = np.zeros((len(products), counties)), np.zeros(len(products))
        self.need = np.ones((len(index.stages), counties))
        self.part, self.changed, self.cheaper = config.parameters.outside.freight_part.amount, False, False
        self.bill = self._inputs_hauled(self.hauls)

    def open_way(self, model: IndustryChainModel, policy: Policy, gain: float) -> None:
        """Make hauls of the policy's products on its ways cheaper, back and forth, by a share of their cost in 2020."""
        index, counties = model.index, len(model.index.counties)
        stages = [index.stage_code(name) for name in policy.target.stages]
        carried = np.unique(index.product_of_stage[stages]) if stages else np.arange(len(self.rate))
        ends = np.array([index.county_code(name) for name in policy.target.counties or index.counties])
        way = np.zeros(self.km.shape, dtype=bool)
        for name in policy.target.to:
            place = self.places.index(name)
            way[ends, place] = True
            if place < counties:
                way[place, ends] = True
        own = np.arange(counties)
        way[own, own] = False
        if not policy.target.to:
            way[ends, ends] = True
        self.cut[carried] = np.minimum(self.cut[carried] + gain * way, 1.0)
        self.changed = True

    def pass_on(self, model: IndustryChainModel) -> None:
        """Work out what is saved once ways have changed, and let firms buy that much less transport."""
        if not self.changed:
            return
        saved = self.hauls * self.cut
        counties = len(model.index.counties)
        legs = _legs(saved)
        self.saved_outside = self.rate[:, None] * (legs[:, :, counties:] @ self.gate_share)
        here = np.einsum("po,poc,pc->p", self.made_in, legs[:, :, :counties], self.used_in)
        self.outside_nearer = (self.used_in * self.saved_outside).sum(axis=1) - self.rate * here
        part = np.divide(self._inputs_hauled(saved), self.bill, out=np.zeros(self.bill.shape), where=self.bill > 0)
        before, self.need = self.need, 1 - self.part * part
        supply, slots = model.supply, model.supply.trade.slots
        rows = np.flatnonzero(self.carrier[slots.product[supply.firm_slots]]) + supply.firm_slots.start
        at = slots.stage[rows], slots.county[rows]
        slots.coefficient[rows] *= self.need[at] / before[at]
        self.changed, self.cheaper = False, bool(self.cut.any())

    def transport_needed(self, slots: Slots, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """What slots (K,) order of their recipe of 2020: less than all only of transport, where hauls got cheaper."""
        need = self.need[slots.stage[rows], slots.county[rows]]
        return np.where(self.carrier[slots.product[rows]], need, 1.0)

    def worth_outside(
        self, model: IndustryChainModel, product: np.ndarray, stage: np.ndarray, county: np.ndarray
    ) -> np.ndarray:
        """What markets outside leave sellers (N,) at their gate: outside price x brand, and what hauls save."""
        worth = model.outside_price[product] * model.policies.premium[stage]
        return worth + self._tariff(model) * self.saved_outside[product, county] if self.cheaper else worth

    def import_gain(self, model: IndustryChainModel) -> np.ndarray:
        """CNY by which a unit from outside has come nearer to users than one made here, (P,)."""
        return self._tariff(model) * self.outside_nearer

    def way(self, product: int) -> np.ndarray:
        """Km between counties as a haulier of the product counts them, (C, C): by what they cost now."""
        counties = len(self.km)
        return np.asarray(self.km[:, :counties] * (1 - self.cut[product, :, :counties]))

    def _tariff(self, model: IndustryChainModel) -> float:
        """Price of transport outside, 2020 = 1: what a saved haul is worth this month."""
        return float((model.outside_price / model.base.price)[self.carrier].mean()) if self.carrier.any() else 1.0

    def _inputs_hauled(self, ways: np.ndarray) -> np.ndarray:
        """CNY per CNY of output for hauling a stage's inputs, (S, C), if ways were (P, C, C + G) km long."""
        counties = len(self.km)
        legs = _legs(ways)
        near = np.einsum("po,poc->pc", self.made_in, legs[:, :, :counties])
        far = legs[:, :, counties:] @ self.gate_share
        share = self.import_share[:, None]
        return np.asarray(self.hauled.T @ (share * far + (1 - share) * near))


def _legs(ways: np.ndarray) -> np.ndarray:
    """Whole hauls, (P, C, C + G): the way inside the county of departure and the way on."""
    own = np.arange(ways.shape[1])
    inside = ways[:, own, own]
    legs = ways + inside[:, :, None]
    legs[:, own, own] = inside
    return legs


def _makers(model: IndustryChainModel) -> np.ndarray:
    """Share of a product made in each county in 2020, (P, C)."""
    base = model.base
    made = np.zeros((len(base.price), len(base.index.counties)))
    np.add.at(made, base.index.product_of_stage, base.output[:, None] * base.county_share)
    total = made.sum(axis=1, keepdims=True)
    return np.divide(made, total, out=np.zeros_like(made), where=total > 0)


def _users(model: IndustryChainModel) -> np.ndarray:
    """Share of a product used in each county in 2020, (P, C); households and governments by residents."""
    base, counties = model.base, model.config.counties.counties
    heads = np.array(
        [counties[c].residents_urban.amount + counties[c].residents_rural.amount for c in base.index.counties]
    )
    used = base.use @ base.county_share + base.final.sum(axis=1)[:, None] * heads / heads.sum()
    total = used.sum(axis=1, keepdims=True)
    return np.divide(used, total, out=np.zeros_like(used), where=total > 0)


def way_problem(model: IndustryChainModel, policy: Policy) -> str | None:
    """Say why a road or line would change nothing."""
    freight, index = model.freight, model.index
    for name in policy.target.to:
        if name not in freight.places:
            return f"there is no place '{name}' for a way to lead to; places are {', '.join(freight.places)}"
    ends = set(policy.target.counties)
    if policy.target.to and len(ends) == 1 and set(policy.target.to) <= ends:
        return "a way leads from a county to another place; leave 'to' out for roads inside it"
    for name in policy.target.stages:
        if freight.rate[index.product_of_stage[index.stage_code(name)]] == 0:
            return f"what stage '{name}' makes is not carried; give its product freight"
    return None if 0 <= policy.intensity.amount <= 1 else "intensity is the share of the cost of hauls saved, at most 1"
