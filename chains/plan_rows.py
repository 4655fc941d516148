"""The plan ledger of the base year beside the plan's targets and ceilings, and the unit values the targets imply."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config.loader import Config
from ..config.units import unit_factor
from .base import Base
from .ceilings import ceilings
from .graph import local_share_of_inputs
from .ledgers import PlanLedger


def plan_targets(config: Config) -> dict[tuple[str, str], float]:
    """Targets of the plan by (indicator, chain), canonical units; the chain is '' for physical targets of the city."""
    chain_wide = ("plan_output", "plan_value_added")
    return {
        (item.indicator, item.chain or "" if item.indicator in chain_wide else ""): item.value
        * (unit_factor(item.unit) if item.unit else 1.0)
        for item in config.plan.items.values()
        if item.kind == "target" and item.indicator and item.value is not None
    }


def plan_rows(config: Config, base: Base, ledger: PlanLedger) -> list[dict[str, Any]]:
    """Both ledgers of every plan chain beside targets and ceilings, its jobs and the local share of its inputs.

    ``own_output`` and ``own_value_added`` leave out stages of other chains: the narrow reading of the rule.
    """
    index, targets, tops = base.index, plan_targets(config), ceilings(config, base)
    local = local_share_of_inputs(base)
    rows = []
    for chain in sorted(tops, key=lambda key: (config.chains[key].order, key)):
        c = index.chains.index(chain)
        own = index.chain_of_stage == c
        weights = ledger.weights[c]
        rows.append(
            {
                "chain": chain,
                "name_zh": config.chains[chain].name.zh,
                "name_en": config.chains[chain].name.en,
                "plan_output": float(ledger.output[c]),
                "plan_value_added": float(ledger.value_added[c]),
                "own_output": float((weights * ledger.turnover)[own].sum()),
                "own_value_added": float((weights * base.value_added)[own].sum()),
                "target_output": targets.get(("plan_output", chain)),
                "target_value_added": targets.get(("plan_value_added", chain)),
                "ceiling_output": tops[chain]["output"],
                "ceiling_value_added": tops[chain]["value_added"],
                "output": float(base.output[own].sum()),
                "value_added": float(base.value_added[own].sum()),
                "jobs": float(base.jobs[own].sum()),
                "local_input_share": float(local[c]),
            }
        )
    return rows


def overlap_row(config: Config, base: Base, ledger: PlanLedger) -> dict[str, float]:
    """How much value added the nine chains count, count twice, and leave uncounted, beside GDP and the targets' sum."""
    counted = float(ledger.value_added.sum())
    targets = plan_targets(config)
    return {
        "plan_value_added": counted,
        "overlap": ledger.overlap,
        "union": counted - ledger.overlap,
        "gdp": float(base.value_added.sum()),
        "union_share_of_gdp": (counted - ledger.overlap) / float(base.value_added.sum()),
        "targets": float(sum(value for (indicator, _), value in targets.items() if indicator == "plan_value_added")),
    }


def implied_unit_values(config: Config, base: Base, ledger: PlanLedger) -> list[dict[str, Any]]:
    """What the targets ask of a mu, a tonne and a head, beside the base year and 2022 where it is observed."""
    index, targets, area = base.index, plan_targets(config), config.farming.area
    volume = base.output / base.price[index.product_of_stage]
    observed = {key: series.values.amounts for key, series in config.observed.series.items()}

    def land(*keys: str) -> float:
        return sum(sum(area[key].amounts.values()) for key in keys)

    def made(*activities: str) -> float:
        return float(sum(volume[index.stages_where(activity=activity)].sum() for activity in activities))

    def plan(chain: str) -> float:
        return float(ledger.output[index.chains.index(chain)]) if chain in index.chains else np.nan

    def target(indicator: str, chain: str = "") -> float:
        return targets.get((indicator, chain), np.nan)

    orchard, orchard_2022 = land("orchard"), observed["orchard_area"]["2022"]
    apples_2022, raised = observed["apple_output"]["2022"], observed["cattle_raised"]
    vegetable_land = land("open_vegetable", "greenhouse")
    rows = [
        ("苹果单产", "apples per mu of orchard", "kg/mu", 1e3 * target("apple_output") / orchard_2022,
         1e3 * made("orchard") / orchard, 1e3 * apples_2022 / orchard_2022),
        ("苹果吨全产业链产值", "apple plan output per tonne", "CNY/t",
         target("plan_output", "apple") / target("apple_output"), plan("apple") / made("orchard"),
         observed["apple_chain_output"]["2022"] / apples_2022),
        ("饲养每头牛全产业链产值", "cattle plan output per head raised", "CNY/head",
         target("plan_output", "cattle") / target("cattle_raised"), plan("cattle") / raised["2020"],
         observed["cattle_chain_output"]["2022"] / raised["2022"]),
        ("蔬菜单产", "vegetables per mu", "kg/mu", 1e3 * target("vegetable_output") / target("vegetable_area"),
         1e3 * made("open_vegetable", "greenhouse") / vegetable_land, np.nan),
        ("蔬菜吨全产业链产值", "vegetable plan output per tonne", "CNY/t",
         target("plan_output", "vegetable") / target("vegetable_output"),
         plan("vegetable") / made("open_vegetable", "greenhouse"), np.nan),
        ("中药材亩全产业链产值", "medicine plan output per mu of herbs", "CNY/mu",
         target("plan_output", "medicine") / target("herb_area"), plan("medicine") / land("herb"), np.nan),
    ]  # fmt: skip
    for chain in index.chains:
        if ("plan_output", chain) in targets and ("plan_value_added", chain) in targets:
            name, c = config.chains[chain].name, index.chains.index(chain)
            asked = target("plan_value_added", chain) / target("plan_output", chain)
            rows.append(
                (f"{name.zh}增加值率", f"plan value added / output, {name.en}", "share", asked,
                 float(ledger.value_added[c] / ledger.output[c]), np.nan)
            )  # fmt: skip
    keys = ("item_zh", "item_en", "unit", "target", "base", "observed_2022")
    return [
        {
            key: None if isinstance(value, float) and np.isnan(value) else value
            for key, value in zip(keys, item, strict=True)
        }
        for item in rows
    ]
