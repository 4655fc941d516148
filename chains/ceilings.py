"""The ceiling of a chain: how far it could come in the plan ledger if only land, herds and plants bound it.

Every physical target of the plan is met (crops, herds, areas), every firm stage runs at full capacity, dated capacity
included, and demand, labour, finance and inputs from outside are unlimited.  What the chain's own goods allow still
holds: stores and plants together cannot handle more than is grown or slaughtered here.  Prices are those of 2020 or
given.
"""

from __future__ import annotations

import numpy as np

from ..config.loader import Config
from ..config.schema import LedgerForm
from ..config.units import unit_factor
from .base import Base
from .scaling import Change, ScaledChain

DATED = "capacity"  # lever of policies that add units of product a year to stages
LAST = 2026


def ceilings(
    config: Config,
    base: Base,
    *,
    year: int = LAST,
    price: np.ndarray | None = None,
    rule: LedgerForm = "margin",
) -> dict[str, dict[str, float]]:
    """Plan output and plan value added of every plan chain at its ceiling, CNY a year.

    Parameters
    ----------
    year : int
        Capacity of policies that end by its December counts.
    price : (P,), optional
        Prices over those of 2020; default: those of 2020.
    rule
        What the plan ledger counts (`ledgers.plan_ledger`).

    Returns
    -------
    dict by chain of ``output`` and ``value_added``; a chain without a core stage has none.
    """
    index = base.index
    given = {} if price is None else dict(zip(index.products, price.tolist(), strict=True))
    found = {}
    for c, chain in enumerate(index.chains):
        if not any(item.ledger.role == "core" for item in config.chains[chain].stages.values()):
            continue
        change = Change(volume=ceiling_volumes(config, base, chain, year), price=given)
        ledger = ScaledChain(base, chain, change).ledger(rule)
        found[chain] = {"output": float(ledger.output[c]), "value_added": float(ledger.value_added[c])}
    return found


def ceiling_volumes(config: Config, base: Base, chain: str, year: int = LAST) -> dict[str, float]:
    """Volume of a chain's stages at the ceiling over 2020; stages that only follow others are left out."""
    stages = config.chains[chain].stages
    volume = {key: ratio for key, ratio in target_volumes(config, base).items() if key in stages}
    full = _full_capacity(config, base, year)
    for key in sorted(stages):
        item = stages[key]
        follows = item.capacity_from is not None or item.ledger.role == "upstream"
        deals = item.ledger.role == "downstream" and item.ledger.basis == "margin"
        if item.agent == "firm" and not follows and not deals:
            volume[key] = full[key]
    return _within_supply(base, chain, volume)


def target_volumes(config: Config, base: Base) -> dict[str, float]:
    """Volume of farm stages with the plan's physical targets met, over 2020, by stage."""
    targets = {
        item.indicator: item.value * (unit_factor(item.unit) if item.unit else 1.0)
        for item in config.plan.items.values()
        if item.kind == "target" and item.value is not None and item.indicator
    }
    stage_of = {item.activity: key for key, item in base.index.stage.items() if item.activity}
    made = dict(zip(base.index.stages, base.output / base.price[base.index.product_of_stage], strict=True))
    volume = {}
    if "apple_output" in targets and "orchard" in stage_of:
        volume[stage_of["orchard"]] = targets["apple_output"] / made[stage_of["orchard"]]
    if "cattle_raised" in targets:
        raised = config.observed.series["cattle_raised"].values.amounts["2020"]
        volume |= {stage_of[a]: targets["cattle_raised"] / raised for a in ("breeding", "fattening") if a in stage_of}
    if "herb_area" in targets and "herb" in stage_of:
        volume[stage_of["herb"]] = targets["herb_area"] / sum(config.farming.area["herb"].amounts.values())
    if "facility_area" in targets and "greenhouse" in stage_of:
        area = sum(config.farming.area["greenhouse"].amounts.values())
        volume[stage_of["greenhouse"]] = max(targets["facility_area"] / area, 1.0)
    if "vegetable_output" in targets and "open_vegetable" in stage_of:
        inside = stage_of.get("greenhouse")
        under_glass = made[inside] * volume.get(inside, 1.0) if inside else 0.0
        left = max(targets["vegetable_output"] - under_glass, 0.0)
        volume[stage_of["open_vegetable"]] = left / made[stage_of["open_vegetable"]]
    return volume


def _full_capacity(config: Config, base: Base, year: int) -> dict[str, float]:
    """Capacity with what is dated by the end of a year, over the output of 2020, by stage."""
    index = base.index
    capacity = base.capacity / base.price[index.product_of_stage]
    for name in sorted(config.policies.policies):
        policy = config.policies.policies[name]
        if policy.lever == DATED and policy.section != "shock" and int((policy.end or policy.start)[:4]) <= year:
            for key in policy.target.stages:
                capacity[index.stage_code(key)] += policy.intensity.amount / len(policy.target.stages)
    made = base.output / base.price[index.product_of_stage]
    return dict(zip(index.stages, (capacity / made).tolist(), strict=True))


def _within_supply(base: Base, chain: str, volume: dict[str, float]) -> dict[str, float]:
    """Lower firm stages that handle the chain's own goods until they need no more of each than is made."""
    index, bounded = base.index, dict(volume)
    system = ScaledChain(base, chain, Change())
    products = [key for key in sorted(system.makers) if index.product[key].handled]
    for product in products * len(products):  # a bound on slaughter reaches processing in a later pass
        p = index.product_code(product)
        made = sum(base.output[index.stage_code(key)] * bounded.get(key, 1.0) for key in system.makers[product])
        named = [key for key, sold in system.sales(product) if sold > 0 and key in bounded]
        buyers = [key for key in named if index.stage[key].agent == "firm"]
        wanted = sum(base.use[p, index.stage_code(key)] * bounded[key] for key in buyers)
        if wanted > made:
            bounded |= {key: bounded[key] * made / wanted for key in buyers}
    return bounded
