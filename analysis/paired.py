"""Statistics of paired differences: mean, interval, quantiles, tests adjusted for looking at many indicators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from .comparison import Comparison, Side

CONFIDENCE = 0.95
RESAMPLES = 2000
KEYS = ["indicator", "chain", "county"]


def paired_table(comparison: Comparison, where: pd.Series | None = None) -> pd.DataFrame:
    """Compare every side with the baseline, indicator by indicator.

    Parameters
    ----------
    where : rows of ``comparison.values`` to compare; default: all.

    Returns
    -------
    DataFrame, a row per side, indicator, chain and county, canonical units: pairs, base and value (means), mean, low,
    high (95 % t-interval of the mean difference), p (paired t-test), p_holm (adjusted over the indicators of a side,
    Holm 1979), median, median_low, median_high (95 % bootstrap, percentiles), correlation of pairs, variance_saved
    (part of the variance of a difference of independent runs that pairing removes).
    """
    rows: list[dict[str, Any]] = []
    for side in comparison.others:
        for key, pair in comparison.pairs(side, where).groupby(KEYS, sort=False):
            about = dict(zip(KEYS, key, strict=True)) if isinstance(key, tuple) else {"indicator": key}
            rows.append({"side": side.name} | about | paired(pair["value"].to_numpy(), pair["base"].to_numpy()))
    table = pd.DataFrame(rows)
    for _, mine in table.groupby("side"):
        table.loc[mine.index, "p_holm"] = holm(mine["p"].to_numpy())
    return table


def paired(value: np.ndarray, base: np.ndarray) -> dict[str, float]:
    """Summarise the differences of pairs, value and base (n,); NaN where so few pairs say nothing."""
    difference, n = value - base, len(value)
    mean, nan = float(difference.mean()), float("nan")
    found = {"pairs": n, "base": float(base.mean()), "value": float(value.mean()), "mean": mean, "low": nan,
             "high": nan, "p": nan, "median": float(np.median(difference)), "median_low": nan, "median_high": nan,
             "correlation": nan, "variance_saved": nan}  # fmt: skip
    if n < 2:
        return found
    spread = float(difference.std(ddof=1))
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * spread / np.sqrt(n)
    found |= {"low": mean - half, "high": mean + half, "p": _p_value(mean, spread, n)}
    found["median_low"], found["median_high"] = _bootstrap(difference, 0.5)
    apart = float(value.var(ddof=1) + base.var(ddof=1))
    if value.std() > 0 and base.std() > 0:
        found["correlation"] = float(np.corrcoef(value, base)[0, 1])
        found["variance_saved"] = 1 - spread**2 / apart
    return found


def _p_value(mean: float, spread: float, n: int) -> float:
    """Two-sided paired t-test; differences that are all the same number are certain, and none at all when it is 0."""
    if spread == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * stats.t.sf(abs(mean) / (spread / np.sqrt(n)), n - 1))


def _bootstrap(difference: np.ndarray, level: float) -> tuple[float, float]:
    """Interval of a quantile by resampling pairs; the draws are the same in every report."""
    draws = np.random.default_rng(0).integers(len(difference), size=(RESAMPLES, len(difference)))
    found = np.quantile(difference[draws], level, axis=1)
    low, high = np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def holm(p: np.ndarray) -> np.ndarray:
    """Adjust p-values (m,) for making m comparisons (Holm 1979, step down); NaN stays NaN and does not count."""
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = np.arange(len(order), 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(p[order] * steps), 1.0)
    return out


def chance(reached: int, runs: int) -> tuple[float, float, float]:
    """Probability of a target and its 95 % interval (Wilson) from the runs that reach it."""
    if runs == 0:
        return float("nan"), float("nan"), float("nan")
    interval = stats.binomtest(reached, runs).proportion_ci(CONFIDENCE, method="wilson")
    return reached / runs, float(interval.low), float(interval.high)


def lever_groups(comparison: Comparison, side: Side) -> list[Side]:
    """Other sides whose policies together are those of ``side``, none in two of them; empty when there are none."""
    parts = [
        other for other in comparison.others if other is not side and other.policies and other.policies < side.policies
    ]
    covered = sum(len(part.policies) for part in parts)
    union = frozenset().union(*(part.policies for part in parts)) if parts else frozenset()
    return parts if covered == len(union) and union == side.policies else []


def effect_by_group(comparison: Comparison, side: Side, indicators: list[str]) -> pd.DataFrame:
    """Split the effect of a side over its lever groups, each run alone, and the interaction that is left.

    Returns
    -------
    DataFrame with indicator, part (a side, ``interaction`` or ``total``), mean, low, high; the parts add up to the
    total exactly in every pair of runs.
    """
    parts = lever_groups(comparison, side)
    values = comparison.values
    city = (values["chain"] == "") & (values["county"] == "")
    wide = values[city].pivot(index=["indicator", "replicate"], columns="side", values="value")
    rows = []
    for indicator in indicators:
        if not parts or indicator not in wide.index.get_level_values(0):
            continue
        runs = wide.loc[indicator, [comparison.base.name, side.name, *(part.name for part in parts)]].dropna()
        base = runs[comparison.base.name].to_numpy()
        effect = {part.name: runs[part.name].to_numpy() - base for part in parts}
        total = runs[side.name].to_numpy() - base
        effect["interaction"] = total - sum(effect.values())
        for part, found in (effect | {"total": total}).items():
            summary = paired(found, np.zeros(len(found)))
            rows.append({"indicator": indicator, "part": part} | {k: summary[k] for k in ("mean", "low", "high")})
    return pd.DataFrame(rows, columns=["indicator", "part", "mean", "low", "high"])
