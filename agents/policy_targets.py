"""Where and when a policy acts, and the public money it spends there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..config.schema import Policy

if TYPE_CHECKING:
    from .model import IndustryChainModel


@lru_cache(maxsize=1024)
def month_of(text: str) -> int:
    """Months since year 0 of 'YYYY-MM'."""
    year, month = (int(part) for part in text.split("-"))
    return year * 12 + month - 1


def county_weights(model: IndustryChainModel, policy: Policy, stage: int | None = None) -> np.ndarray:
    """Where a policy acts: its counties, by base shares of the stage (else by people); the same all through a run."""
    known = model.policies.weights
    where = (tuple(policy.target.counties), stage)
    if where not in known:
        known[where] = _weights(model, policy, stage)
    return known[where]


def _weights(model: IndustryChainModel, policy: Policy, stage: int | None) -> np.ndarray:
    weights = model.base.county_share[stage] if stage is not None else model.base_government
    named = policy.target.counties
    mask = np.array([not named or name in named for name in model.index.counties])
    weights = np.where(mask, np.maximum(weights, 1e-9 if named else 0.0), 0.0)
    return np.asarray(weights / weights.sum())


def counties_hit(model: IndustryChainModel, policy: Policy) -> np.ndarray:
    """Counties a policy names, (C,) mask: all where it names none."""
    named = policy.target.counties
    return np.array([not named or name in named for name in model.index.counties])


def target_stages(model: IndustryChainModel, policy: Policy) -> list[int]:
    """Codes of the stages a policy names, by key."""
    return [model.index.stage_code(key) for key in sorted(policy.target.stages)]


def public_cost(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Public money of a programme is spent on works and equipment in the counties it targets."""
    if policy.payer != "firm" and policy.cost:
        stage = target_stages(model, policy)[0] if policy.target.stages else None
        model.policies.spend(policy, policy.cost.amount * share * county_weights(model, policy, stage))
