"""Which targets of the plan are reached, when, how surely, and how far the ceiling would allow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..config.schema import PlanItem
from ..config.units import unit_factor
from .results import RUN, Results
from .words import INDICATORS

CEILINGS = {"plan_output": "ceiling_output", "plan_value_added": "ceiling_value_added"}
BY_CHAIN = {*CEILINGS, *CEILINGS.values(), "output", "value_added"}
OBSERVED_AS = {"urbanisation_rate": "urbanisation"}
ABOUT = 0.98  # a figure the plan gives as "about" counts as met from 2 % below


def target_items(run: Results) -> dict[str, PlanItem]:
    """List the plan's figures that are targets with a number."""
    return {
        key: item for key, item in run.config.plan.items.items() if item.kind == "target" and item.value is not None
    }


def target_amount(item: PlanItem) -> float:
    """Bring a figure of the plan to canonical units."""
    return float(item.value or 0.0) * (unit_factor(item.unit) if item.unit else 1.0)


def yearly(run: Results, indicator: str, chain: str | None = None) -> pd.DataFrame:
    """Read an indicator by scenario, replicate and year; empty when the runs do not record it."""
    over = INDICATORS[indicator].over if indicator in INDICATORS else "end"
    if not chain or indicator not in BY_CHAIN:
        return run.annual(indicator, over)
    frame = run.annual(indicator, over, by=("chain",))
    return frame[frame["chain"] == chain].drop(columns="chain").reset_index(drop=True)


def reached(values: pd.Series, item: PlanItem) -> pd.Series:
    """Tell where a figure meets the plan's, by the plan's own wording (at least, at most, about)."""
    target = target_amount(item)
    if item.bound == "at most":
        return values <= target
    floor = ABOUT * target if item.bound == "about" else target
    return values >= floor * (1 - 1e-9)  # what was added in many parts up to the target may miss it by a last digit


def targets_table(run: Results) -> pd.DataFrame:
    """Set every target of the plan beside what the runs give.

    Returns
    -------
    DataFrame, one row per target and scenario, canonical units: item, section, chain, indicator, name_zh, name_en,
    unit, bound, scenario, target_year, year (the target's, or the last full one), base_year, base, value (mean), p05,
    p95, n, target, gap (value - target), reached (runs), probability, year_reached (median), ceiling.  Targets the
    model has no variable for keep empty cells.
    """
    rows: list[dict[str, Any]] = []
    for key, item in sorted(target_items(run).items(), key=lambda pair: _rank(run, pair[1])):
        paths = yearly(run, item.indicator, item.chain) if item.indicator else pd.DataFrame()
        about = _about(key, item) | _base(run, item, paths)
        for scenario in run.scenarios:
            mine = paths[paths["scenario"] == scenario.name] if len(paths) else paths
            rows.append(about | {"scenario": scenario.name} | _outcome(run, item, scenario.name, mine))
    return pd.DataFrame(rows)


def _rank(run: Results, item: PlanItem) -> tuple[int, int]:
    """Chain output first, then chain value added, physical targets, the city's, and last what is not simulated."""
    kinds = ("plan_output", "plan_value_added")
    chains = list(run.config.chains)
    place = chains.index(item.chain) if item.chain in chains else len(chains)
    if item.indicator in kinds:
        return kinds.index(item.indicator), place
    return (2 if item.indicator and item.chain else 3 if item.indicator else 4), place


def _about(key: str, item: PlanItem) -> dict[str, Any]:
    return {
        "item": key,
        "section": item.section,
        "chain": item.chain or "",
        "indicator": item.indicator or "",
        "name_zh": item.name.zh,
        "name_en": item.name.en,
        "unit": item.unit or "",
        "bound": item.bound,
        "target_year": item.year,
        "target": target_amount(item),
    }


def _base(run: Results, item: PlanItem, paths: pd.DataFrame) -> dict[str, Any]:
    """Where the indicator stood: the plan's own baseline, else what was observed, else the first modelled year."""
    for other in run.config.plan.items.values():
        same = other.indicator == item.indicator and other.chain == item.chain and item.indicator
        if other.kind == "baseline" and other.value is not None and same:
            return {"base_year": other.year, "base": target_amount(other), "base_from": "plan"}
    series = run.config.observed.series.get(OBSERVED_AS.get(item.indicator or "", item.indicator or ""))
    if series is not None and "2020" in series.values.values:
        return {"base_year": 2020, "base": series.values.amounts["2020"], "base_from": "observed"}
    if len(paths):
        first = int(paths["year"].min())
        value = float(paths.loc[paths["year"] == first, "value"].mean())
        return {"base_year": first, "base": value, "base_from": "model"}
    return {"base_year": None, "base": np.nan, "base_from": ""}


def _outcome(run: Results, item: PlanItem, scenario: str, paths: pd.DataFrame) -> dict[str, Any]:
    if not len(paths):
        return {"year": None, "n": 0}
    year = run.year_of(item.year or run.years[-1])
    values = paths.loc[paths["year"] == year, "value"]
    met = reached(values, item)
    first = paths[reached(paths["value"], item)].groupby("replicate")["year"].min()
    return {
        "year": year,
        "value": float(values.mean()),
        "p05": float(values.quantile(0.05)),
        "p95": float(values.quantile(0.95)),
        "n": len(values),
        "gap": float(values.mean()) - target_amount(item),
        "reached": int(met.sum()),
        "probability": float(met.mean()),
        "year_reached": int(first.median()) if 2 * len(first) > len(values) else None,
        "ceiling": _ceiling(run, item, scenario, year),
    }


def _ceiling(run: Results, item: PlanItem, scenario: str, year: int) -> float:
    """Plan ledger with physical targets met, dated capacity full, no limit of demand or labour, that year's prices."""
    if item.indicator not in CEILINGS:
        return float("nan")
    frame = yearly(run, CEILINGS[item.indicator], item.chain)
    mine = frame[(frame["scenario"] == scenario) & (frame["year"] == year)]
    return float(mine["value"].mean()) if len(mine) else float("nan")


def targets_reached(run: Results, indicator: str) -> pd.DataFrame:
    """Count, in each run, the chains that meet their target for plan output or plan value added."""
    counts = []
    for item in target_items(run).values():
        if item.indicator != indicator or not item.chain:
            continue
        paths = yearly(run, indicator, item.chain)
        due = paths[paths["year"] == run.year_of(item.year or run.years[-1])]
        counts.append(due.assign(value=reached(due["value"], item).astype(float)))
    if not counts:
        return pd.DataFrame(columns=[*RUN, "value"])
    return pd.concat(counts).groupby(list(RUN))["value"].sum().reset_index()


def count_targets(run: Results, indicator: str) -> int:
    """Count the chains for which the plan sets a target for this indicator."""
    return sum(1 for item in target_items(run).values() if item.indicator == indicator and item.chain)
