"""Nets over orchards: what hail they keep off, what they cost, when owners put up new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .policy_targets import county_weights

if TYPE_CHECKING:
    from ..config.schema import Policy
    from .model import IndustryChainModel


class HailNets:
    """Mu of orchard under nets by county, ``area`` (C,)."""

    def __init__(self, model: IndustryChainModel) -> None:
        self.rules = model.config.farming.hail_net
        self.area = np.zeros(len(model.index.counties))

    def exposed(self, orchards: np.ndarray) -> np.ndarray:
        """Part of a hail loss that a county's orchards still take, (C,); ``orchards`` (C,) mu."""
        covered = np.divide(self.area, orchards, out=np.zeros(len(orchards)), where=orchards > 0)
        return np.asarray(1 - self.rules.protection.amount * np.minimum(covered, 1.0))

    def put_up(self, model: IndustryChainModel, mu: np.ndarray) -> np.ndarray:
        """Put up ``mu`` (C,) of nets as far as there is orchard without; returns what each farm invests, CNY (N,)."""
        farms, a = model.farms, model.farms.activity("orchard")
        free = np.maximum(farms.by_gate(farms.level)[a] - self.area, 0.0)
        mu = np.minimum(mu, free)
        self.area += mu
        part = farms.part(a)
        farm = farms.farm_of[part].astype(np.int64)
        cost = (self.rules.cost.amount * mu)[farms.county[farm]] * farms.activity_share()[part]
        bill = np.bincount(farm, cost, minlength=len(farms.cash))
        farms.planned_investment += bill
        return bill

    def wear(self, model: IndustryChainModel) -> None:
        """A year's nets wear out; owners renew them where the fruit they save is worth more than they cost."""
        worn = self.area / self.rules.life.amount
        self.area -= worn
        if worn.any():
            self.put_up(
                model, np.where(self.worth(model) >= self.rules.cost.amount / self.rules.life.amount, worn, 0.0)
            )

    def worth(self, model: IndustryChainModel) -> np.ndarray:
        """Fruit a net is expected to save in a year, CNY a mu, (C,)."""
        a, hail = model.farms.activity("orchard"), model.config.farming.weather["hail"]
        lost = hail.probability.amount * hail.loss.amount * hail.exposure.amounts.get("orchard", 0.0)
        price = model.gate_price.reshape(-1, len(self.area))[a]
        return np.asarray(self.rules.protection.amount * lost * model.yield_base[a] * price)


def hail_nets(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Let farms put up nets, mu over the policy's months; the payer bears its part of what they cost."""
    farms, nets = model.farms, model.nets
    weights = county_weights(model, policy, int(farms.stages[farms.activity("orchard")]))
    paid = model.policies.full_share * model.policies.paid_part
    bill = nets.put_up(model, policy.intensity.amount * paid * weights)
    if policy.payer == "firm":
        return
    grant = nets.rules.subsidy_share.amount * bill
    farms.subsidy += grant
    farms.cash += grant
    model.policies.subsidise(policy, np.bincount(farms.county, grant, minlength=len(nets.area)))
