"""Decides what a yuan of outside demand moves in the model itself, to set beside the static multipliers.

The same months are run twice with one seed, without and with more outside demand for some stages; nothing else differs.
Why the answer is not the Leontief inverse's is said in docs/accounts.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..chains.base import Base, build_base
from ..chains.multipliers import Multipliers, makers, multipliers
from ..config.errors import nearest
from ..config.loader import Config
from ..config.schema import Name, Policies, Policy, PolicyTarget, PolicyUse, Quantity, Scenario
from .errors import ExperimentError

PROBE = "more_outside_demand"


@dataclass(frozen=True)
class MultiplierCheck:
    """Value added a yuan of added outside sales brings: the model's, and the static ones for the same sales.

    Attributes
    ----------
    demand, value_added : float
        Added sales outside, and added value added, over all months at current prices, CNY.
    value_added_2020 : float
        The same at prices of 2020, CNY.
    model : float
        value_added / demand.
    type_1, type_2 : float
        Static multipliers, mean over stages by what each of them sold more.
    """

    demand: float
    value_added: float
    value_added_2020: float
    model: float
    type_1: float
    type_2: float


@dataclass(frozen=True)
class _Sums:
    """Over all months of a run: sales outside, in all and by product (P,), and value added in both kinds of prices."""

    exports: float
    sold: np.ndarray
    value_added: float
    value_added_2020: float


def compare_multipliers(
    config: Config,
    stages: Sequence[str],
    *,
    growth: float = 0.1,
    scale: float = 0.005,
    months: int = 24,
    seed: int = 1,
    start: str = "2021-01",
) -> MultiplierCheck:
    """Raise outside demand for what ``stages`` sell by ``growth`` from the first month on; compare with the base year.

    Raises
    ------
    ExperimentError
        A stage does not exist, or sold nothing more, so that there is no demand to relate to.
    """
    base = build_base(config)
    for stage in stages:
        if stage not in base.index.stages:
            raise ExperimentError(f"there is no stage {stage!r}; {nearest(stage, base.index.stages)}")
    probed = replace(config, policies=Policies(policies={PROBE: _probe(stages, growth, start)}))
    without, with_more = (
        _run(probed, base, policies, seed=seed, scale=scale, start=start, months=months) for policies in ([], [PROBE])
    )
    added = with_more.sold - without.sold
    demand = with_more.exports - without.exports
    if demand <= 0:
        raise ExperimentError(
            f"outside bought no more of {', '.join(stages)}: raise growth, or choose stages that export"
        )
    first, second = _static(base, multipliers(config, base), added)
    value_added = with_more.value_added - without.value_added
    return MultiplierCheck(
        demand=demand,
        value_added=value_added,
        value_added_2020=with_more.value_added_2020 - without.value_added_2020,
        model=value_added / demand,
        type_1=first,
        type_2=second,
    )


def _probe(stages: Sequence[str], growth: float, start: str) -> Policy:
    """An intervention of no cost that raises outside demand at once and for good."""
    words = "probe of the multiplier, no measure of the plan"
    return Policy(
        name=Name(zh="外部需求增加（试验）", en="more outside demand (probe)"),
        section="shock",
        lever="demand",
        target=PolicyTarget(stages=list(stages)),
        start=start,
        end=start,
        intensity=Quantity(
            value=growth, unit="share", source="assumption", kind="assumed", range=(growth, growth), note=words
        ),
        indicator="exports",
        direction="up",
    )


def _run(config: Config, base: Base, policies: list[str], **options: Any) -> _Sums:
    """Run some months and add up what was sold outside and the value added."""
    from ..agents.model import IndustryChainModel
    from ..agents.supply import EXPORT

    months = options.pop("months")
    uses = [PolicyUse(policy=name) for name in policies]
    scenario = Scenario(name="probe", label=Name(zh="试验", en="probe"), policies=uses)
    model = IndustryChainModel(config, scenario, base=base, **options)
    exports, sold = 0.0, np.zeros(len(base.index.products))
    try:
        for _ in range(months):
            model.step()
            exports -= model.outside.account.flows["exports"]
            # firms that closed this month are cut out already: the mix by product leaves out what they sold last
            slots = model.supply.final.slots
            paid = np.where(slots.kind == EXPORT, model.sales.paid_local, 0.0)
            sold += np.bincount(slots.product, paid, minlength=len(sold))
        rows = model.recorder.table().to_pandas().groupby("variable", observed=True).value.sum()
    finally:
        model.release()
    return _Sums(exports, sold, float(rows["gdp"]), float(rows["gdp_2020"]))


def _static(base: Base, found: Multipliers, added: np.ndarray) -> tuple[float, float]:
    """Types I and II for sales outside ``added`` by product (P,), by the stages that make the products."""
    by_stage = makers(base) @ added
    total = float(by_stage.sum())
    first, second = found.value_added @ by_stage, found.value_added_with_households @ by_stage
    return float(first) / total, float(second) / total
