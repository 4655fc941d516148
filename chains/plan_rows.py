"""The plan ledger of the base year beside the plan's targets and ceilings, and the unit values the targets imply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
    """What the targets ask of a mu, a tonne, a head and a yuan of output, beside the base year and 2022.

    Returns
    -------
    list of dict with item_zh, item_en, unit, target, base and observed_2022 (None where nothing was reported).
    """
    targets = plan_targets(config)
    values = [*_land_and_herd(config, base, ledger, targets)]
    for c, chain in enumerate(base.index.chains):
        asked, output = (targets.get((figure, chain)) for figure in ("plan_value_added", "plan_output"))
        if asked and output:
            name, now = config.chains[chain].name, float(ledger.value_added[c] / ledger.output[c])
            item = (f"{name.zh}增加值率", f"plan value added / output, {name.en}")
            values.append((*item, "share", asked / output, now, None))
    keys = ("item_zh", "item_en", "unit", "target", "base", "observed_2022")
    return [dict(zip(keys, value, strict=True)) for value in values]


def _land_and_herd(
    config: Config, base: Base, ledger: PlanLedger, targets: Mapping[tuple[str, str], float]
) -> Iterator[tuple[str, str, str, float, float, float | None]]:
    """Unit values of the four farm chains; one whose target is missing is left out."""
    index = base.index
    volume = base.output / base.price[index.product_of_stage]
    area = {key: sum(table.amounts.values()) for key, table in config.farming.area.items()}
    seen = {key: series.values.amounts for key, series in config.observed.series.items()}
    made = {a: float(volume[index.stages_where(activity=a)].sum()) for a in ("orchard", "open_vegetable", "greenhouse")}
    plan = dict(zip(index.chains, ledger.output.tolist(), strict=True))
    asked = {indicator: value for (indicator, chain), value in targets.items() if not chain}
    worth = {chain: value for (indicator, chain), value in targets.items() if indicator == "plan_output"}
    vegetables, beds = made["open_vegetable"] + made["greenhouse"], area["open_vegetable"] + area["greenhouse"]
    crop, trees = seen["apple_output"]["2022"], seen["orchard_area"]["2022"]
    apples, cattle = seen["apple_chain_output"]["2022"], seen["cattle_chain_output"]["2022"]
    raised = seen["cattle_raised"]
    if "apple_output" in asked:
        target = asked["apple_output"]
        values = (1e3 * target / trees, 1e3 * made["orchard"] / area["orchard"], 1e3 * crop / trees)
        yield "苹果单产", "apples per mu of orchard", "kg/mu", *values
        values = (worth["apple"] / target, plan["apple"] / made["orchard"], apples / crop)
        yield "每吨苹果全产业链产值", "apple plan output per tonne", "CNY/t", *values
    if "cattle_raised" in asked:
        values = (worth["cattle"] / asked["cattle_raised"], plan["cattle"] / raised["2020"], cattle / raised["2022"])
        yield "每头饲养牛全产业链产值", "cattle plan output per head raised", "CNY/head", *values
    if {"vegetable_output", "vegetable_area"} <= set(asked):
        target = asked["vegetable_output"]
        yield (
            "蔬菜单产",
            "vegetables per mu",
            "kg/mu",
            1e3 * target / asked["vegetable_area"],
            1e3 * vegetables / beds,
            None,
        )
        item = ("每吨蔬菜全产业链产值", "vegetable plan output per tonne", "CNY/t")
        yield *item, worth["vegetable"] / target, plan["vegetable"] / vegetables, None
    if "herb_area" in asked:
        item = ("每亩药材全产业链产值", "medicine plan output per mu of herbs", "CNY/mu")
        yield *item, worth["medicine"] / asked["herb_area"], plan["medicine"] / area["herb"], None
