"""The plan ledger: what 全产业链产值 and 增加值 count, by one rule, kept apart from national accounts.

Rule (model.md section 2), annual, basic prices, local stages only:

- ``x_s`` is a stage's full product value, or its fee or margin only where ``ledger.basis`` is margin;
- ``a[c,s]`` is 1 for a core stage of chain c; for another upstream stage its sales to core stages of c over its
  output; for another downstream stage the core products of c it handles over all goods it handles;
- plan output of c is the sum of ``a[c,s] x_s``, plan value added the sum of ``a[c,s]`` x value added.

One round, no recursion.  Only what a stage's recipe names links it to a chain; the provincial column that fills the
rest of a recipe does not.  ``ledger.role`` says from which side a stage is looked at by chains whose core it is not:
upstream, downstream, or, for a core stage of another chain, from the side with the larger weight; ``none`` (general
suppliers such as trade, finance, schools) counts in no chain.  See docs/decisions/003-plan-ledger.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config.schema import LedgerForm
from .base import Base
from .index import Index


@dataclass(frozen=True)
class PlanLedger:
    """Plan output and value added by chain, CNY a year, and how much value added is counted more than once.

    Attributes
    ----------
    output, value_added : (chains,).
    turnover : (S,) what the rule counts of a stage: full product value, or fee or margin.
    weights : (chains, S) the ``a`` of the rule.
    overlap : CNY a year counted more than once.
    """

    output: np.ndarray
    value_added: np.ndarray
    turnover: np.ndarray
    weights: np.ndarray
    overlap: float


def plan_ledger(
    index: Index,
    output: np.ndarray,
    value_added: np.ndarray,
    flows: np.ndarray,
    bought_outside: np.ndarray | None = None,
    rule: LedgerForm = "margin",
) -> PlanLedger:
    """Count each chain's whole turnover by the rule above.

    Parameters
    ----------
    output, value_added : (S,) CNY in the year, national-accounts values of the stages.
    flows : (S, S) CNY of goods bought in the year by the column stage from the local row stage.
    bought_outside : (P, S), optional
        CNY of products bought outside by stage; without it local purchases are raised by the import shares of 2020.
    rule
        ``margin`` as above; ``turnover`` counts packing, storage, trade and transport with the goods they handle, as
        reports of a chain's sales may do. Value added is the same.
    """
    local, named = purchases(index, flows), index.named_inputs
    bought = local + (_usual_imports(index, local) if bought_outside is None else bought_outside)
    margin = np.array([item.ledger.basis == "margin" for item in index.stage.values()])
    resold = (bought * named)[_handled(index)].sum(axis=0)
    turnover = np.where(margin & (rule == "margin"), np.maximum(output - resold, 0.0), output)
    weights = _weights(index, output, flows * named[index.product_of_stage], bought[_goods(index)].sum(axis=0))
    covered = np.minimum(1.0, weights.sum(axis=0))
    plan_value_added = weights @ value_added
    return PlanLedger(
        output=weights @ turnover,
        value_added=plan_value_added,
        turnover=turnover,
        weights=weights,
        overlap=float(plan_value_added.sum() - covered @ value_added),
    )


def base_ledger(base: Base) -> PlanLedger:
    """Apply the rule to the base year."""
    return plan_ledger(base.index, base.output, base.value_added, base_flows(base), base_bought_outside(base))


def base_flows(base: Base) -> np.ndarray:
    """Local flows between stages in the base year, (S, S) CNY: makers of one product share its sales by output."""
    index, made = base.index, base.product_output
    share = base.output / made[index.product_of_stage]
    local = base.use * (1 - base.import_share)[:, None]
    return local[index.product_of_stage] * share[:, None]


def base_bought_outside(base: Base) -> np.ndarray:
    """Inputs of stages bought outside in the base year, (P, S) CNY."""
    return base.use * base.import_share[:, None]


def purchases(index: Index, flows: np.ndarray) -> np.ndarray:
    """Local purchases by product and buying stage, (P, S)."""
    bought = np.zeros((len(index.products), len(index.stages)))
    for s, p in enumerate(index.product_of_stage):
        bought[p] += flows[s]
    return bought


def _usual_imports(index: Index, local: np.ndarray) -> np.ndarray:
    """Purchases outside (P, S) that go with local ones at the declared import shares."""
    shares = [item.import_share.amount if item.import_share else 0.0 for item in index.product.values()]
    declared = np.minimum(np.array(shares), 0.99)
    return local * (declared / (1 - declared))[:, None]


def _handled(index: Index) -> np.ndarray:
    """Products that are goods in trade when a margin stage buys them, (P,)."""
    return np.array([item.handled for item in index.product.values()])


def _goods(index: Index) -> np.ndarray:
    """Products that can be handled at all, (P,): goods in trade and everything storable; not services and power."""
    return np.array([item.handled or item.storable for item in index.product.values()])


def _weights(index: Index, output: np.ndarray, flows: np.ndarray, goods: np.ndarray) -> np.ndarray:
    """``a[c,s]``, (chains, S), from flows that recipes name (S, S); ``goods`` (S,) is all goods stages buy.

    Sales of a margin stage carry the goods in them, so its upstream weight is a share of its output, not of its fee.
    """
    roles = np.array([item.ledger.role for item in index.stage.values()])
    resale = _handled(index)[index.product_of_stage]
    looked_up, looked_down = np.isin(roles, ("core", "upstream")), np.isin(roles, ("core", "downstream"))
    weights = np.zeros((len(index.chains), len(index.stages)))
    for c in range(len(index.chains)):
        core = (index.chain_of_stage == c) & (roles == "core")
        if not core.any():
            continue
        up = np.minimum(_ratio(flows[:, core].sum(axis=1), output), 1.0)
        down = np.minimum(_ratio(flows[core & resale].sum(axis=0), goods), 1.0)
        weights[c] = np.maximum(np.where(looked_up, up, 0.0), np.where(looked_down, down, 0.0))
        weights[c, core] = 1.0
    return weights


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)
