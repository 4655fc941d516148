"""Dated projects: plant that is built or enlarged, who pays for it, and where its output goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..config.schema import Policy
from . import money
from .policy_targets import county_weights, month_of, public_cost, target_stages
from .rewiring import win_local_customers

if TYPE_CHECKING:
    from .model import IndustryChainModel


def project_shares(
    model: IndustryChainModel, policies: Mapping[str, Policy]
) -> dict[str, dict[tuple[int, int], float]]:
    """By project, which named firms (stage, anchor) it builds or enlarges, with the share of it that each gets."""
    shares: dict[str, dict[tuple[int, int], float]] = {name: {} for name in policies}
    for s, item in enumerate(model.index.stage.values()):
        for a, anchor in enumerate(item.anchors):
            for name in shares:
                if name.partition("@")[0] == anchor.project:  # a project used a second time is named with its start
                    shares[name][s, a] = anchor.project_share.amount if anchor.project_share else 1.0
    return shares


def capacity(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Add product units a year of capacity: new plant enters firms' capital and capacity.

    A plant costs money while it is built and makes something from the month it opens, all of it at the end.  Named
    firms of the project get their shares of it; where none is named, all firms of the stage and counties do, by size.
    A firm's owners outside bring their part of what it costs, and the firm owes the rest.
    """
    firms, stages = model.firms, target_stages(model, policy)
    for stage in stages:
        here, part = _who_builds(model, policy, stage)
        added = policy.intensity.amount / 12 * model.policies.opening(policy, share) / len(stages) * part
        firms.capacity[here] += added
        worth = model.plant_worth[stage]
        if policy.payer == "firm":
            cost = policy.cost.amount * share / len(stages) * part if policy.cost else added * worth
            _finance(model, here, cost)
        else:
            firms.capital[here] += added * worth
        ratio = float(model.export_ratio[model.index.product_of_stage[stage]])
        sent = policy.export_share.amount if policy.export_share else ratio
        model.supply.export_base[model.supply.gates + here] += added * sent * model.normal_use[stage]
        if model.drivers.first + model.month == month_of(policy.end or policy.start):
            new = here[(firms.capacity_base[here] == 0) & (firms.capacity[here] > 0)]
            local = (1 - sent) / (1 - ratio) if ratio < 1 else 0.0
            win_local_customers(model, new, np.full(len(new), local))
    public_cost(model, policy, share)


def _who_builds(model: IndustryChainModel, policy: Policy, stage: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the firms of a stage that a project builds or enlarges, and the part of it that each gets, (n,)."""
    firms, book = model.firms, model.policies
    weights = county_weights(model, policy, stage)
    here = book.firms_at(policy, stage, weights)
    named = book.projects[book.running]
    part = np.array([named.get((stage, int(a)), 0.0) for a in firms.anchor[here]])
    if part.any():
        here, part = here[part > 0], part[part > 0]
    else:
        if (firms.closing[here] != 0).all():  # nobody goes on there: the project takes the site over
            firms.closing[here], firms.distress[here] = 0, 0
            firms.capacity_base[here[firms.capacity[here] == 0]] = 0.0
        part = firms.capacity[here] * weights[firms.county[here]]
        part = part if part.any() else weights[firms.county[here]]
    return here, part / part.sum()


def _finance(model: IndustryChainModel, here: np.ndarray, cost: np.ndarray) -> None:
    """Firms (rows) order plant for ``cost`` CNY: owners outside bring their part, the bank lends the rest."""
    firms = model.firms
    counties = len(model.index.counties)
    model.policies.borne["firm"] += np.bincount(firms.county[here], cost, minlength=counties)
    firms.project[here] += cost
    firms.planned_investment[here] += cost
    brought = cost * firms.outside_share[here]
    firms.equity[here] += brought
    firms.borrowed[here] += cost - brought
    firms.debt[here] += cost - brought
    firms.cash[here] += cost
    money.to_outside(model.outside, model.bank, "equity", -float(brought.sum()))
