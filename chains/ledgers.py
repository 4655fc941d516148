"""The plan ledger: what 全产业链产值 and 增加值 count, by one rule, kept apart from national accounts.

Rule (model.md section 2), annual, basic prices, local stages only.  ``x_s`` is a stage's full product value, or its
fee or margin only where ``ledger.basis`` is margin.  ``a[c,s]`` is 1 for a core stage of chain c; for an upstream stage
its sales to core stages of c over ``x_s``; for a downstream stage the core products of c it handles over all goods
it handles.  One round, no recursion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .base import Base
from .index import Index


@dataclass(frozen=True)
class PlanLedger:
    """Plan output and value added by chain (CNY a year) and how much of it is counted more than once."""

    output: np.ndarray
    value_added: np.ndarray
    overlap: float
    weights: np.ndarray


def plan_ledger(index: Index, output: np.ndarray, value_added: np.ndarray, flows: np.ndarray) -> PlanLedger:
    """Count each chain's whole turnover by the rule above.

    Parameters
    ----------
    output, value_added : (S,) CNY in the year, national-accounts values of the stages.
    flows : (S, S) CNY of goods bought in the year by the column stage from the local row stage.
    """
    handled = handled_goods(index, flows)
    margin = np.array([item.ledger.basis == "margin" for item in index.stage.values()])
    turnover = np.where(margin, np.maximum(output - handled, 0.0), output)
    weights = _weights(index, turnover, flows)
    covered = np.minimum(1.0, weights.sum(axis=0))
    plan_value_added = weights @ value_added
    return PlanLedger(
        output=weights @ turnover,
        value_added=plan_value_added,
        overlap=float(plan_value_added.sum() - covered @ value_added),
        weights=weights,
    )


def handled_goods(index: Index, flows: np.ndarray) -> np.ndarray:
    """CNY of goods each stage buys to sell on: its local purchases of products marked ``handled``, (S,)."""
    handled = np.array([index.product[item.product].handled for item in index.stage.values()])
    return flows[handled].sum(axis=0)


def _weights(index: Index, turnover: np.ndarray, flows: np.ndarray) -> np.ndarray:
    """``a[c,s]``, (chains, S), for the nine plan chains; the row of ``rest`` stays zero."""
    roles = np.array([item.ledger.role for item in index.stage.values()])
    weights = np.zeros((len(index.chains), len(index.stages)))
    bought = flows.sum(axis=0)
    for c, chain in enumerate(index.chains):
        own = index.chain_of_stage == c
        core = own & (roles == "core")
        if chain == "rest" or not core.any():
            continue
        weights[c, core] = 1.0
        up, down = own & (roles == "upstream"), own & (roles == "downstream")
        to_core = flows[:, core].sum(axis=1)
        from_core = flows[core].sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            weights[c, up] = np.nan_to_num(np.minimum(to_core / turnover, 1.0), posinf=0.0)[up]
            weights[c, down] = np.nan_to_num(from_core / bought, posinf=0.0)[down]
    return weights


def base_flows(base: Base) -> np.ndarray:
    """Local flows between stages in the base year, (S, S) CNY: makers of one product share its sales by output."""
    index, made = base.index, base.product_output
    share = base.output / made[index.product_of_stage]
    local = base.use * (1 - base.import_share)[:, None]
    return local[index.product_of_stage] * share[:, None]
