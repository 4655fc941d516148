"""Whether a policy has something to act on: one that could change nothing is refused when the model is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..config.schema import Policy
from ..config.units import same_dimension
from .freight import way_problem
from .policy_targets import counties_hit, of_size
from .shocks import SHOCKS, shock_problem

if TYPE_CHECKING:
    from .model import IndustryChainModel

ACTIVITY = {
    "greenhouse_area": "greenhouse",
    "herb_area": "herb",
    "breeding_cows": "breeding",
    "orchard_renewal": "orchard",
    "crop_insurance": "orchard",
    "price_insurance": "orchard",
    "hail_nets": "orchard",
}
ON_STAGES = (
    "capacity", "demand", "premium", "productivity", "guarantee", "closure", "denial", "price_fall", "demand_fall",
)  # fmt: skip
TO_OUTSIDE = ("demand", "premium", "price_fall", "demand_fall")  # levers that work through buyers outside
HERDS = ("breeding", "fattening")  # animals grow by their biology, not by a yield


def check_policy(model: IndustryChainModel, key: str, policy: Policy, levers: tuple[str, ...]) -> None:
    """Refuse a policy whose target is not in the model, or whose lever would move nothing.

    Raises
    ------
    ValueError
        With the policy's key and what is wrong.
    """
    problem = _unknown(model, policy, levers) or _missing(model, policy)
    if problem is None and policy.lever in ON_STAGES:
        problems = (_stage_problem(model, policy, name) for name in sorted(policy.target.stages))
        problem = next((text for text in problems if text), None)
    if problem is None and policy.lever in SHOCKS:
        problem = shock_problem(model, policy)
    if problem is None and policy.lever == "transport":
        problem = way_problem(model, policy)
    if problem:
        raise ValueError(f"policy '{key}' would change nothing: {problem}")


def _unknown(model: IndustryChainModel, policy: Policy, levers: tuple[str, ...]) -> str | None:
    """Name what the policy speaks of and the model does not have."""
    target, index = policy.target, model.index
    chain = [target.chain] if target.chain else []
    for kind, keys, known in (
        ("lever", [policy.lever], levers),
        ("chain", chain, index.chains),
        ("stage", target.stages, index.stages),
        ("county", target.counties, index.counties),
    ):
        for name in keys:
            if name not in known:
                return f"there is no {kind} '{name}'"
    return None


def _missing(model: IndustryChainModel, policy: Policy) -> str | None:
    """Say when no stage is given, or no farm of the counties has the activity."""
    if policy.lever in ON_STAGES and not policy.target.stages:
        return f"lever '{policy.lever}' needs target stages"
    if policy.lever not in ACTIVITY:
        return None
    farms, activity = model.farms, ACTIVITY[policy.lever]
    a = farms.activity(activity)
    if a < 0:
        return f"no stage has the farm activity '{activity}'"
    here, level = farms.farm_of[farms.part(a)], farms.level[farms.part(a)]
    size = farms.trees_30[here] if policy.lever == "orchard_renewal" else level
    size = size * of_size(policy, level, model.mean_level[a])
    wanted = counties_hit(model, policy)
    which = f"{policy.target.size} farm" if policy.target.size else "farm"
    return None if size[wanted[farms.county[here]]].sum() > 0 else f"no {which} there has the activity '{activity}'"


def _sized(model: IndustryChainModel, policy: Policy, s: int) -> bool:
    """Tell whether a stage has a firm of the size named in the counties of a policy."""
    firms = model.firms
    there = (firms.stage == s) & counties_hit(model, policy)[firms.county]
    return bool((there & of_size(policy, firms.capacity_base, model.mean_plant[firms.stage])).any())


def _stage_problem(model: IndustryChainModel, policy: Policy, name: str) -> str | None:
    """Say why a lever that works on stages would not move this one."""
    index, supply = model.index, model.supply
    s, item = index.stage_code(name), index.stage[name]
    product = index.product[item.product]
    for county in policy.target.counties:
        if model.base.county_share[s, index.county_code(county)] <= 0:
            return f"stage '{name}' is nowhere in {county}; for a new site give it a small share there in config/chains"
    if policy.target.counties and policy.lever == "productivity" and item.agent != "firm":
        return f"stage '{name}' belongs to farms, whose yield 'productivity' raises in the whole city"
    if policy.target.size and item.agent != "firm":
        return f"stage '{name}' belongs to farms, which '{policy.lever}' cannot tell by size"
    if policy.target.size and not _sized(model, policy, s):
        return f"stage '{name}' has no {policy.target.size} firm there"
    if policy.lever == "capacity" and item.agent != "firm":
        return f"stage '{name}' belongs to farms, which have no capacity"
    if policy.lever == "capacity" and not same_dimension(f"{product.unit}/yr", policy.intensity.unit):
        return f"capacity of '{name}' counts in {product.unit}/yr, not in {policy.intensity.unit}"
    if policy.lever == "guarantee" and item.agent != "firm":
        return f"stage '{name}' belongs to farms, whose credit hangs on land and cattle"
    if policy.lever in ("closure", "denial") and item.agent != "firm":
        return f"stage '{name}' belongs to farms; a shock to them works through weather, prices or demand"
    if policy.lever == "productivity" and item.activity in HERDS:
        return f"stage '{name}' is a herd, which has no yield to raise"
    sells_outside = supply.export_base[supply.seller_stage == s].sum() > 0
    follows = policy.lever in ("premium", "price_fall") and product.price_rule == "taker"
    if policy.lever in TO_OUTSIDE and not (sells_outside or follows):
        return f"stage '{name}' sells nothing outside"
    return None
