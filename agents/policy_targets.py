"""Where and when a policy acts, and the public money it spends there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, get_args

import numpy as np

from ..config.schema import Policy, SchoolLevel

if TYPE_CHECKING:
    from .model import IndustryChainModel


SCHOOL_LEVELS = get_args(SchoolLevel)  # in the order of the column ``education``


@lru_cache(maxsize=1024)
def month_of(text: str) -> int:
    """Months since year 0 of 'YYYY-MM'."""
    year, month = (int(part) for part in text.split("-"))
    return year * 12 + month - 1


def months_of(policy: Policy) -> int:
    """Months over which a policy builds up."""
    return max(month_of(policy.end or policy.start) - month_of(policy.start) + 1, 1)


def county_weights(model: IndustryChainModel, policy: Policy, stage: int | None = None) -> np.ndarray:
    """Where a policy acts: its counties, by base shares of the stage (else by people); the same all through a run."""
    known = model.policies.weights
    where = (tuple(policy.target.counties), stage)
    if where not in known:
        known[where] = _weights(model, policy, stage)
    return known[where]


def _weights(model: IndustryChainModel, policy: Policy, stage: int | None) -> np.ndarray:
    weights = model.base.county_share[stage] if stage is not None else model.base_government
    least = 1e-9 if policy.target.counties else 0.0
    weights = np.where(counties_hit(model, policy), np.maximum(weights, least), 0.0)
    return np.asarray(weights / weights.sum())


def of_size(policy: Policy, amount: np.ndarray, mean: np.ndarray | float) -> np.ndarray:
    """Firms or farms of the size a policy names, mask: below the mean of 2020 or not; all where it names none."""
    if policy.target.size is None:
        return np.ones(len(amount), dtype=bool)
    return np.asarray((amount < mean) == (policy.target.size == "small"))


def shares_on_farms(model: IndustryChainModel, policy: Policy, a: int) -> np.ndarray:
    """Each farm's share of an activity in its county, among farms of the size the policy names, (branches,)."""
    farms, part = model.farms, model.farms.part(a)
    share = farms.activity_share()[part]
    if policy.target.size is None:
        return share
    share = np.where(of_size(policy, farms.level[part], model.mean_level[a]), share, 0.0)
    county = farms.county[farms.farm_of[part]]
    total = np.bincount(county, share, minlength=len(model.index.counties))[county]
    return np.divide(share, total, out=np.zeros(len(share)), where=total > 0)


def persons_named(model: IndustryChainModel, policy: Policy) -> np.ndarray:
    """Persons of the schooling and registration a policy names, mask; all where it names none."""
    workers, target = model.workers, policy.target
    named = np.ones(len(workers.age), dtype=bool)
    if target.schooling:
        named &= np.isin(workers.education, [SCHOOL_LEVELS.index(level) for level in target.schooling])
    if target.registration is not None:
        named &= workers.hukou_urban == (target.registration == "town")
    return named


def counties_hit(model: IndustryChainModel, policy: Policy) -> np.ndarray:
    """Counties a policy names, (C,) mask: all where it names none."""
    named = policy.target.counties
    return np.array([not named or name in named for name in model.index.counties])


def target_stages(model: IndustryChainModel, policy: Policy) -> list[int]:
    """Codes of the stages a policy names, by key."""
    return [model.index.stage_code(key) for key in sorted(policy.target.stages)]


def programme_cost(model: IndustryChainModel, policy: Policy, share: float, running: bool) -> np.ndarray:
    """What a public programme costs in a month if all of its ``share`` arrives, CNY (C,), running costs apart.

    Works cost their intensity, breeding cows what they fetch outside, nets the grant on them; others their cost as the
    intensity builds up.
    """
    stage = target_stages(model, policy)[0] if policy.target.stages else None
    if policy.lever == "construction":
        return policy.intensity.amount / 12 * county_weights(model, policy) * running
    if policy.lever == "breeding_cows":
        stage = int(model.farms.stages[model.farms.activity("breeding")])
        return policy.intensity.amount * share * county_weights(model, policy, stage) * cow_price(model)
    if policy.lever == "hail_nets":
        stage = int(model.farms.stages[model.farms.activity("orchard")])
        rules = model.config.farming.hail_net
        grant = rules.cost.amount * rules.subsidy_share.amount
        return grant * policy.intensity.amount * share * county_weights(model, policy, stage)
    cost = policy.cost.amount if policy.cost else 0.0
    return cost * share * county_weights(model, policy, stage)


def cow_price(model: IndustryChainModel) -> np.ndarray:
    """What a breeding cow costs in each county, CNY (C,)."""
    gates = model.gate_price.reshape(-1, len(model.index.counties))
    weight = model.config.farming.cattle.value_weights.amounts["cows"]
    return np.asarray(gates[model.farms.activity("fattening")] * weight)


def public_cost(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Public money of a programme is spent on works and equipment in the counties it targets, as far as it is paid."""
    if policy.payer != "firm" and policy.cost:
        book = model.policies
        book.spend(policy, programme_cost(model, policy, book.full_share, True) * book.paid_part)
