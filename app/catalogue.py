"""The command ``policies``: what can be done, where, when, how strongly, for whose money, and what it cannot do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..analysis.words import PAYERS
from ..config import loader
from ..config.errors import nearest
from ..config.loader import Config
from ..config.schema import Policy, Quantity
from .showing import aligned

LEVERS = {
    "capacity": ("增加产能", "adds capacity of the stages; firms need workers and inputs to use it"),
    "orchard_renewal": ("老果园改造", "replaces the oldest trees; the young bear after some years"),
    "breeding_cows": ("引进基础母牛", "brings in cows; calves and beef follow over the years"),
    "greenhouse_area": ("扩大设施面积", "adds greenhouses on farms that have some"),
    "herb_area": ("扩大药材面积", "adds herb fields on farms that have some"),
    "crop_insurance": (
        "农作物保险扩面",
        "insures more orchards against bad weather; farms and treasuries pay",
    ),
    "price_insurance": ("保险+期货", "insures the apple price of more orchards on the futures market"),
    "hail_nets": ("防雹网", "puts nets over orchards; farms pay what a grant does not"),
    "land_transfer": (
        "土地流转改革",
        "makes letting land cheaper; land goes to farms with hands and plant, for a rent",
    ),
    "demand": ("开拓市场", "raises outside demand for the stages' products"),
    "transport": ("降低运输成本", "lowers the cost of reaching markets"),
    "premium": ("品牌溢价", "raises the outside price of the stages' products"),
    "productivity": ("提高效率", "raises output per job and per unit of capacity, on farms the yield"),
    "construction": ("公共工程", "spends on construction while it runs; what is built does nothing by itself"),
    "training": ("技能培训", "gives skills to people without work and to farm members"),
    "services": ("公共服务", "makes towns more attractive to live in"),
    "permit": ("提高居住证含金量", "opens more of a town's schools and services to holders of a residence permit"),
    "conversion": ("简化落户", "has townspeople convert a rural registration sooner"),
    "housing": ("保障住房", "adds flats in towns"),
    "guarantee": ("融资担保", "lets the bank lend firms of the stages more on the same security"),
    "start_up": ("创业扶持", "has founders fill gaps faster"),
    "sent_work": ("劳务输转", "makes going to work outside easier"),
    "closure": ("企业关停", "a firm, or all of a stage, fails"),
    "denial": ("要素中断", "withholds part of a factor or input while it runs"),
    "price_fall": ("外部价格下跌", "lowers the outside price of the stages' products step by step, for good"),
    "demand_fall": ("外部需求中断", "holds outside demand to a part of what is normal while it runs"),
    "weather": ("气象灾害", "takes part of the year's exposed crops when the hazard's month comes"),
    "transfer_cut": ("上级转移支付减少", "withholds part of the transfers from above while it runs"),
}
DIRECTIONS = {"up": ("上升", "up"), "down": ("下降", "down")}


def list_command(root: Path | None, as_json: bool) -> None:
    """Print every policy and shock on one line."""
    config = loader.load(root)
    if as_json:
        whole = {key: policy.model_dump(mode="json", exclude_none=True) for key, policy in config.interventions.items()}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    lines: list[tuple[str, ...]] = [("key", "手段 lever", "时间 when", "出资 payer", "章节 section", "名称 name")]
    for key, policy in config.interventions.items():
        lines.append(
            (
                key,
                LEVERS.get(policy.lever, (policy.lever, ""))[0] + f" {policy.lever}",
                _when(policy),
                PAYERS[policy.payer][0] if policy.cost or policy.recurrent_cost else "—",
                policy.section,
                f"{policy.name.zh} {policy.name.en}",
            )
        )
    click.echo(aligned(lines, right=()))


def show_command(key: str, root: Path | None) -> None:
    """Explain one policy in Chinese and English."""
    config = loader.load(root)
    policy = config.interventions.get(key)
    if policy is None:
        raise click.UsageError(f"there is no policy '{key}'; {nearest(key, config.interventions)}")
    click.echo(aligned([(f"{zh}  {en}", text) for zh, en, text in _lines(config, policy)], right=()))


def _when(policy: Policy) -> str:
    return f"{policy.start} – {policy.end}" if policy.end else policy.start


def _lines(config: Config, policy: Policy) -> list[tuple[str, str, str]]:
    """What a reader wants to know, in the order they would ask."""
    lever = LEVERS.get(policy.lever, (policy.lever, policy.lever))
    rows = [
        ("名称", "name", f"{policy.name.zh}  {policy.name.en}"),
        ("出处", "section", policy.section),
        ("作用", "lever", f"{policy.lever}：{lever[0]}; {lever[1]}"),
        ("对象", "where", _where(config, policy)),
        ("时间", "when", _when(policy)),
        ("适中", "moderate", _amount(policy.intensity)),
    ]
    spread = policy.intensity.range
    if spread:
        rows += [
            ("较弱", "weak", f"{spread[0]:,g} {policy.intensity.unit}"),
            ("较强", "strong", f"{spread[1]:,g} {policy.intensity.unit}"),
        ]
    if policy.cost:
        rows.append(("一次性成本", "sunk cost", _amount(policy.cost, spread=True)))
    if policy.recurrent_cost:
        rows.append(("经常性成本", "recurrent cost", _amount(policy.recurrent_cost, spread=True)))
    if policy.cost or policy.recurrent_cost:
        zh, en = PAYERS[policy.payer]
        rows.append(("谁出钱", "who pays", f"{zh}  {en}"))
    zh, en = DIRECTIONS[policy.direction]
    rows.append(("应使指标", "must move", f"{policy.indicator}：{zh} {en}"))
    if policy.cannot:
        rows.append(("做不到", "what it cannot do", f"{policy.cannot.zh}  {policy.cannot.en}"))
    rows.append(("依据", "why so much", policy.intensity.note or ""))
    rows += [("来源", "source", text) for text in _sources(config, policy)]
    return rows


def _where(config: Config, policy: Policy) -> str:
    target = policy.target
    stages = {name: stage.name for chain in config.chains.values() for name, stage in chain.stages.items()}
    parts = [f"{stages[name].zh} {stages[name].en}" if name in stages else name for name in target.stages]
    places = [config.counties.counties[name].name.zh + f" {name}" for name in target.counties]
    return "；".join([", ".join(parts) or "全部居民 all residents", ", ".join(places) or "七县（市、区）all counties"])


def _amount(quantity: Quantity, *, spread: bool = False) -> str:
    text = f"{quantity.value:,g} {quantity.unit} [{quantity.kind}]"
    if spread and quantity.range:
        text += f"（{quantity.range[0]:,g}–{quantity.range[1]:,g}）"
    return text


def _sources(config: Config, policy: Policy) -> list[str]:
    found: dict[str, Any] = {}
    for quantity in (policy.intensity, policy.cost, policy.recurrent_cost):
        if quantity is None:
            continue
        keys = quantity.source if isinstance(quantity.source, list) else [quantity.source]
        found |= {key: config.sources.sources[key] for key in keys if key in config.sources.sources}
    return [f"{item.title}{f', {item.url}' if item.url else ''}" for item in found.values()]
