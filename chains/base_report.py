"""The base year reported: modelled beside observed or derived for 2020, both ledgers, assumptions and residuals.

Rows say ``observed`` or ``derived``; only observed ones carry a tolerance (model.md section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..config.loader import Config
from .base import build_base
from .base_rows import account_rows, cited, county_rows, people_rows, row
from .chain_rows import chain_rows
from .ledger_check import check_plan_ledger
from .ledgers import base_ledger
from .plan_rows import implied_unit_values, overlap_row, plan_rows

CHECK_NAMES = {
    "apple": ("苹果全产业链产值2022(核对)", "apple whole-chain output 2022 (hand check)"),
    "cattle": ("肉牛全产业链产值2022(核对)", "cattle whole-chain output 2022 (hand check)"),
}
LEDGER_NAMES = (("output", "规划口径产值", "plan output"), ("value_added", "规划口径增加值", "plan value added"))
RESIDUAL_NAMES = {
    "rows": ("平衡后行误差", "largest row error after balancing"),
    "columns": ("平衡后列误差", "largest column error after balancing"),
    "moved_share": ("平衡挪动的份额", "share of generic uses the balancing moved"),
}


def base_table(config: Config, measured: Mapping[str, float] | None = None) -> list[dict[str, Any]]:
    """Set the base year beside statistics, row by row.

    Parameters
    ----------
    measured : mapping of str to float, optional
        Totals taken from agents built at some scale, by ``item_en``; they stand as modelled instead of the accounts'.

    Returns
    -------
    list of dict with item_zh, item_en, modelled, reference, unit, status (observed or derived), tolerance, deviation
    (modelled / reference - 1), interval (of the reference, where sampled or ranged), source and note.
    """
    return [_measured(item, measured or {}) for item in base_report(config)["rows"]]


def base_report(config: Config) -> dict[str, Any]:
    """Everything about the base year that can be printed as JSON.

    Returns
    -------
    dict with year, rows (:func:`base_table`), residual, notes, plan_ledger (a row per chain), overlap, implied (unit
    values) and check_2022 (:func:`.ledger_check.check_plan_ledger`).
    """
    base = build_base(config)
    ledger = base_ledger(base)
    plan, overlap, checks = (
        plan_rows(config, base, ledger),
        overlap_row(config, base, ledger),
        check_plan_ledger(config, base),
    )
    rows = [
        *account_rows(config, base),
        *people_rows(config, base),
        *county_rows(config, base),
        *chain_rows(config, base),
        *_ledger_rows(config.plan.source, plan, overlap),
        *_check_rows(config, checks),
        *(row(RESIDUAL_NAMES[key], size, None, "share", "chains/uses.py") for key, size in base.residual.items()),
    ]
    return {
        "year": 2020,
        "rows": rows,
        "residual": base.residual,
        "notes": base.notes,
        "plan_ledger": plan,
        "overlap": overlap,
        "implied": implied_unit_values(config, base, ledger),
        "check_2022": checks,
    }


def _ledger_rows(source: str, plan: list[dict[str, Any]], overlap: Mapping[str, float]) -> list[dict[str, Any]]:
    """Plan output and value added of every chain beside its target of 2026, and the overlap beside GDP."""
    rows = []
    for item in plan:
        for key, zh, en in LEDGER_NAMES:
            name = (f"{zh} {item['name_zh']}", f"{en}, {item['name_en']}")
            note = "reference: target for 2026" if item[f"target_{key}"] else "the plan gives no target"
            rows.append(row(name, item[f"plan_{key}"], item[f"target_{key}"], "CNY/yr", source, note=note))
    rule = "docs/decisions/003-plan-ledger.md"
    twice = ("规划口径增加值重复计算", "plan value added counted more than once")
    once = ("九链增加值并集", "value added of the nine chains, each stage once")
    rows.append(row(twice, overlap["overlap"], None, "CNY/yr", rule))
    rows.append(row(once, overlap["union"], overlap["gdp"], "CNY/yr", rule, note="reference: GDP"))
    return rows


def _check_rows(config: Config, checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The hand check of 2022: the rule on sourced figures beside the reported whole-chain output."""
    rows = []
    for check in checks:
        source = cited(config.observed.series[f"{check['chain']}_chain_output"].values.source)
        ends = f"{check['low'] / 1e8:.1f} to {check['high'] / 1e8:.1f}e8 CNY"
        rows.append(
            row(
                CHECK_NAMES[check["chain"]],
                check["central"],
                check["reported"],
                "CNY/yr",
                source,
                tolerance=check["tolerance"],
                note=f"uncalibrated; {ends} over the ranges of its figures",
            )
        )
    return rows


def _measured(item: dict[str, Any], measured: Mapping[str, float]) -> dict[str, Any]:
    """Put a measured total in place of the accounts' own."""
    if item["item_en"] not in measured:
        return item
    value = float(measured[item["item_en"]])
    deviation = value / item["reference"] - 1 if item["reference"] else None
    return {**item, "modelled": value, "deviation": deviation}
