"""Levers that take away: firms close, inputs, buyers, prices or transfers fail, weather strikes.

A shock of zero intensity changes no bit: it multiplies by one or takes the lesser of equals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from .factors import FACTORS
from .policy_targets import counties_hit, month_of, of_size
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
    return np.asarray(hit & of_size(policy, firms.capacity_base, model.mean_plant[firms.stage]))


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


def products_of(model: IndustryChainModel, policy: Policy) -> np.ndarray:
    """Codes of the products the target stages make, each once."""
    stages = [model.index.stage_code(name) for name in policy.target.stages]
    return np.unique(model.index.product_of_stage[stages])


def price_fall(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Let the outside price of the stages' products fall, by even steps in its logarithm, and stay there."""
    model.policies.outside_price[products_of(model, policy)] *= (1 - policy.intensity.amount) ** share


def demand_held(model: IndustryChainModel, policy: Policy, product: int, month: int) -> tuple[float, float]:
    """Outside demand for a product in a month, 2020 = 1: what the series has, and what a closure holds it to.

    Held to a part of what is normal, the best level its series knows, and not of what the month has: where the series
    carries an epidemic already, the same loss is not taken twice.
    """
    series = model.index.product[model.index.products[product]].outside_demand
    if series is None:
        now = best = float(model.outside_demand[product]) if model.month == month else 1.0
    else:
        now = model.drivers.value(series, month)
        best = max(now, *model.config.drivers.drivers[series].index.amounts.values())
    return now, (1 - policy.intensity.amount) * best


def demand_fall(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """While it runs, let buyers outside order no more than a part of what they do in a normal year."""
    for product in products_of(model, policy):
        held = demand_held(model, policy, product, model.month)[1]
        model.outside_demand[product] = min(float(model.outside_demand[product]), held)


def weather(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """While it runs, a hazard costs at least the intensity of exposed crops in the counties when its month comes."""
    least = np.where(counties_hit(model, policy), policy.intensity.amount, 0.0)
    known = model.policies.hazards.get(str(policy.hazard), np.zeros(len(least)))
    model.policies.hazards[str(policy.hazard)] = np.maximum(known, least)


def transfer_cut(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """While it runs, let only a part of the usual transfers from above arrive in the counties."""
    model.policies.transfers[counties_hit(model, policy)] *= 1 - policy.intensity.amount


SHOCKS: dict[str, Callable[[IndustryChainModel, Policy, float], None]] = {
    "closure": closure,
    "denial": denial,
    "price_fall": price_fall,
    "demand_fall": demand_fall,
    "weather": weather,
    "transfer_cut": transfer_cut,
}


def shock_problem(model: IndustryChainModel, policy: Policy) -> str | None:
    """Say why a shock would change nothing."""
    if policy.lever == "closure":
        return None if firms_hit(model, policy).any() else "it names no firm; check stages, counties and anchor"
    problems = {"denial": _denial_problem, "demand_fall": _demand_problem, "weather": _weather_problem}
    problem = problems[policy.lever](model, policy) if policy.lever in problems else None
    most = 1.0 if policy.lever != "price_fall" else 0.99  # goods are never given away
    if problem is None and not 0 <= policy.intensity.amount <= most:
        return f"intensity is the share lost, at most {most:g}"
    return problem


def _demand_problem(model: IndustryChainModel, policy: Policy) -> str | None:
    """Say when outside demand is as low anyhow in every month it runs."""
    first = model.drivers.first
    end = month_of(policy.end) if policy.end else first + model.drivers.months - 1
    window = range(max(month_of(policy.start) - first, 0), min(end - first + 1, model.drivers.months))
    products = products_of(model, policy)
    pairs = [demand_held(model, policy, product, month) for product in products for month in window]
    if policy.intensity.amount == 0 or not pairs or any(held < now for now, held in pairs):
        return None
    return f"outside demand for {', '.join(policy.target.stages)} is as low in those months without it"


def _weather_problem(model: IndustryChainModel, policy: Policy) -> str | None:
    """Say when no hazard is named, its month never comes, or no farm there grows what it harms."""
    farms, known = model.farms, model.config.farming.weather
    if policy.hazard not in known:
        return f"lever 'weather' needs a hazard of {', '.join(sorted(known))}"
    hazard = known[policy.hazard]
    month, start = round(hazard.month.amount), month_of(policy.start)
    end = month_of(policy.end) if policy.end else start + 11
    if not any(at % 12 + 1 == month for at in range(start, end + 1)):
        return f"{policy.hazard} strikes in month {month}, which does not lie between its start and end"
    there = counties_hit(model, policy)
    for a, activity in enumerate(farms.activities):
        part = farms.part(a)
        grown = farms.level[part][there[farms.county[farms.farm_of[part]]]].sum()
        if hazard.exposure.amounts.get(activity, 0.0) > 0 and grown > 0:
            return None
    return f"no farm there grows what {policy.hazard} harms"


def _denial_problem(model: IndustryChainModel, policy: Policy) -> str | None:
    """Say when nothing is named to be withheld, or a stage does not buy it."""
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
    return None
