"""Whether a policy that acted has moved anything: what each lever changes is looked at until it has changed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..config.schema import Policy
    from .model import IndustryChainModel

# What a lever moves, directly; a sum that differs before and after it acts has been moved.
MOVES: dict[str, Callable[[Any], Iterable[Any]]] = {
    "capacity": lambda m: (m.firms.capacity, m.firms.capital, m.firms.planned_investment, m.policies.works),
    "orchard_renewal": lambda m: (m.farms.trees_0, m.farms.dwarf_0),
    "breeding_cows": lambda m: (m.farms.cows,),
    "greenhouse_area": lambda m: (m.farms.level,),
    "herb_area": lambda m: (m.farms.level,),
    "crop_insurance": lambda m: (m.insurance.crop.wanted,),
    "price_insurance": lambda m: (m.insurance.price.wanted,),
    "hail_nets": lambda m: (m.nets.area,),
    "land_transfer": lambda m: (m.land.eased,),
    "demand": lambda m: (m.policies.demand,),
    "transport": lambda m: (m.freight.cut,),
    "premium": lambda m: (m.policies.premium,),
    "productivity": lambda m: (m.firms.productivity, m.policies.farm_yield),
    "construction": lambda m: (m.policies.works,),
    "training": lambda m: (m.policies.taught,),  # where seats are fewer than a row stands for, who gets one is luck
    "services": lambda m: (m.policies.amenity,),
    "permit": lambda m: (m.policies.permit,),
    "conversion": lambda m: (m.policies.conversion,),
    "housing": lambda m: (m.housing.public,),
    "guarantee": lambda m: (m.policies.credit,),
    "start_up": lambda m: (m.policies.founding,),
    "sent_work": lambda m: (m.policies.sending,),
    "closure": lambda m: (m.firms.closing,),
    "denial": lambda m: (list(m.restraints.denied.values()), list(m.restraints.withheld.values())),
    "price_fall": lambda m: (m.policies.outside_price,),
    "demand_fall": lambda m: (m.outside_demand,),
    "weather": lambda m: tuple(m.policies.hazards.values()),
    "transfer_cut": lambda m: (m.policies.transfers,),
}


def state_of(model: IndustryChainModel, lever: str) -> tuple[float, ...]:
    """Sums of what a lever moves."""
    return tuple(float(np.sum(part)) for part in MOVES[lever](model))


class Idle:
    """Policies that have acted and moved nothing yet."""

    def __init__(self) -> None:
        self.unseen: set[str] = set()
        self._moved: set[str] = set()

    def act(self, model: IndustryChainModel, name: str, policy: Policy, work: Callable[[], None]) -> None:
        """Let a policy act, and note whether it moved something, unless it has before or is of no strength."""
        if name in self._moved or policy.intensity.amount == 0:
            work()
            return
        before = state_of(model, policy.lever)
        work()
        if state_of(model, policy.lever) != before:
            self._moved.add(name)
            self.unseen.discard(name)
        else:
            self.unseen.add(name)
