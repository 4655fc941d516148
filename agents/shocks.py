"""Levers that take away: a named firm closes, or a stage is denied a part of its labour, credit, water or one input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .factors import FACTORS
from .structure import close_failed_firms

if TYPE_CHECKING:
    from ..config.schema import Policy
    from .model import IndustryChainModel


def firms_hit(model: IndustryChainModel, policy: Policy) -> np.ndarray:
    """Firms a closure names, (F,) mask: the anchor given, else every firm of the stages and counties."""
    firms, index, target = model.firms, model.index, policy.target
    stages = [index.stage_code(name) for name in target.stages]
    hit = np.isin(firms.stage, stages)
    if target.counties:
        hit &= np.isin(firms.county, [index.county_code(name) for name in target.counties])
    if target.anchor is not None:
        named = np.zeros(len(hit), dtype=bool)
        for s in stages:
            for a, anchor in enumerate(index.stage[index.stages[s]].anchors):
                if target.anchor in (anchor.key, anchor.name.en):
                    named |= (firms.stage == s) & (firms.anchor == a)
        hit &= named
    return np.asarray(hit)


def closure(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Close firms in the first month: they sell off, the bank bears what they owe, customers look elsewhere."""
    if policy.intensity.amount > 0:
        close_failed_firms(model, firms_hit(model, policy))


def denial(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Withhold a part (the intensity) of a factor from the target stages while the policy runs.

    An input is withheld where it is delivered: stocks last for a while.  Other factors lower what firms can make at
    once.
    """
    for name in policy.target.stages:
        stage = model.index.stage_code(name)
        if policy.intensity.amount == 0:
            continue
        if policy.factor == "input":
            product = model.index.product_code(str(policy.target.product))
            model.restraints.withheld[product, stage] = policy.intensity.amount
        else:
            model.restraints.denied[FACTORS.index(str(policy.factor)), stage] = policy.intensity.amount


def shock_problem(model: IndustryChainModel, policy: Policy) -> str | None:
    """Say why a shock would change nothing."""
    if policy.lever == "closure":
        return None if firms_hit(model, policy).any() else "it names no firm; check stages, counties and anchor"
    if policy.lever != "denial":
        return None
    if policy.factor is None:
        return "lever 'denial' needs a factor: what is withheld"
    if policy.factor == "input":
        slots, target = model.supply.trade.slots, policy.target
        if target.product not in model.index.products:
            return f"lever 'denial' of an input needs target product; there is no product '{target.product}'"
        code = model.index.product_code(target.product)
        for name in target.stages:
            if not ((slots.product == code) & (slots.stage == model.index.stage_code(name))).any():
                return f"stage '{name}' buys no {target.product}"
    return None if 0 <= policy.intensity.amount <= 1 else "intensity is the share withheld, at most 1"
