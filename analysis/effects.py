"""What a scenario costs and to whom, what it gives for it, what would have come anyway, and what it takes elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .comparison import PAYERS, Comparison, Side
from .paired import chance, paired
from .results import Results
from .words import REST

PUBLIC = ("upper", "city", "county")


def cost_table(comparison: Comparison) -> pd.DataFrame:
    """Set the money a scenario moves beside what it adds, summed over all simulated years.

    Returns
    -------
    DataFrame, a row per side, CNY, persons and job-years, differences from the baseline: cost_upper, cost_city,
    cost_county, cost_firm, public (the first three), jobs (in nine chains, last year), job_years and value_added (GDP,
    nominal) with _low and _high, per_job_year and per_yuan (public money, NaN where the interval of the effect holds
    zero or the effect is negative), deadweight (part of the growth of the chains' jobs since the first year that the
    baseline has too) and displacement (part of the jobs added in the chains that are missing elsewhere in the city).
    """
    return pd.DataFrame([_side_costs(comparison, side) for side in comparison.others])


def _side_costs(comparison: Comparison, side: Side) -> dict[str, Any]:
    gain = {
        name: _difference(comparison, side, name)
        for name in ("chain_jobs", "employed", "chain_jobs_all_years", "gdp_all_years")
    }
    row: dict[str, Any] = {"side": side.name}
    for payer in PAYERS:
        row[f"cost_{payer}"] = _cost(comparison, side, payer) - _cost(comparison, comparison.base, payer)
    row["public"] = sum(row[f"cost_{payer}"] for payer in PUBLIC)
    row["jobs"] = gain["chain_jobs"]["mean"]
    for name, source in (("job_years", "chain_jobs_all_years"), ("value_added", "gdp_all_years")):
        row |= {name: gain[source]["mean"], f"{name}_low": gain[source]["low"], f"{name}_high": gain[source]["high"]}
    row["per_job_year"] = _ratio(row["public"], gain["chain_jobs_all_years"])
    row["per_yuan"] = _ratio(row["public"], gain["gdp_all_years"])
    row["deadweight"] = _deadweight(comparison, side)
    row["displacement"] = _displacement(gain["chain_jobs"], gain["employed"])
    return row


def _difference(comparison: Comparison, side: Side, indicator: str) -> dict[str, float]:
    values = comparison.values
    where = (values["indicator"] == indicator) & (values["chain"] == "") & (values["county"] == "")
    pair = comparison.pairs(side, where)
    return paired(pair["value"].to_numpy(), pair["base"].to_numpy())


def _cost(comparison: Comparison, side: Side, payer: str) -> float:
    """Mean over runs; a payer nobody asked anything of is not in the record."""
    values = comparison.values
    mine = values[(values["side"] == side.name) & (values["indicator"] == f"cost_{payer}")]
    return float(mine["value"].mean()) if len(mine) else 0.0


def _ratio(cost: float, effect: dict[str, float]) -> float:
    """Cost per unit of effect, where the runs tell that there is one and it is a gain."""
    return cost / effect["mean"] if effect["low"] > 0 else float("nan")


def _deadweight(comparison: Comparison, side: Side) -> float:
    start, base, value = (
        _chain_jobs(each.run, each.label.name, year)
        for each, year in (
            (comparison.base, comparison.runs[0].years[0]),
            (comparison.base, comparison.year),
            (side, comparison.year),
        )
    )
    return float(np.clip((base - start) / (value - start), 0.0, 1.0)) if value > start else float("nan")


def _chain_jobs(run: Results, scenario: str, year: int) -> float:
    chains = [name for name in run.config.chains if name != REST]
    frame = run.annual("chain_jobs", "mean", where={"chain": chains})
    return float(frame[(frame["scenario"] == scenario) & (frame["year"] == year)]["value"].mean())


def _displacement(chains: dict[str, float], everywhere: dict[str, float]) -> float:
    if not chains["low"] > 0:
        return float("nan")
    return 1 - everywhere["mean"] / chains["mean"]


def ranking_table(comparison: Comparison) -> pd.DataFrame:
    """Rank all sides by the targets of chains they reach, then by the mean gap left.

    Returns
    -------
    DataFrame with side, output and value_added (expected number of chain targets reached), others (of the targets
    that are neither), closeness (mean over chain targets of value / target, at most 1 each).
    """
    rows = []
    for side in comparison.sides:
        mine = comparison.targets[(comparison.targets["side"] == side.name) & comparison.targets["value"].notna()]
        ledgers = mine["indicator"].isin(["plan_output", "plan_value_added"])
        share = np.minimum(mine.loc[ledgers, "value"] / mine.loc[ledgers, "target"], 1.0)
        rows.append(
            {
                "side": side.name,
                "output": float(mine.loc[mine["indicator"] == "plan_output", "probability"].sum()),
                "value_added": float(mine.loc[mine["indicator"] == "plan_value_added", "probability"].sum()),
                "others": float(mine.loc[~ledgers, "probability"].sum()),
                "closeness": float(share.mean()) if len(share) else float("nan"),
            }
        )
    table = pd.DataFrame(rows)
    table["met"] = table["output"] + table["value_added"] + table["others"]
    return table.sort_values(["met", "closeness"], ascending=False, kind="stable").reset_index(drop=True)


def target_chances(comparison: Comparison) -> pd.DataFrame:
    """Probability of every target by side with its Wilson interval, the year reached and the ceiling.

    Returns
    -------
    DataFrame with side, item, name_zh, name_en, chain, indicator, unit, target_year, target, value, probability, low,
    high, year_reached, ceiling (canonical units); only targets the
    model has a variable for and that fall due within the runs.
    """
    due = comparison.targets["target_year"].fillna(0) <= comparison.runs[0].years[-1]
    rows = comparison.targets[comparison.targets["value"].notna() & due].copy()
    found = [chance(int(k), int(n)) for k, n in zip(rows["reached"], rows["n"], strict=True)]
    rows["low"], rows["high"] = [low for _, low, _ in found], [high for _, _, high in found]
    columns = ["side", "item", "name_zh", "name_en", "chain", "indicator", "unit", "target_year", "target", "value"]
    return rows[[*columns, "probability", "low", "high", "year_reached", "ceiling"]].reset_index(drop=True)
