"""Decides whether an ensemble is large enough: the interval of a mean is narrow in every scenario and point."""

from __future__ import annotations

import math

import pandas as pd

from ..config.errors import nearest
from ..config.experiment_schema import Experiment
from .errors import ExperimentError
from .store import ResultsFolder

LEVEL = 0.95


def replicates_needed(experiment: Experiment, folder: ResultsFolder, plan: pd.DataFrame) -> int | None:
    """Say how many replicates to go on with; None when the mean is known well enough or the most is reached.

    The widest interval of all scenarios and points decides. Its half-width falls with the root of the number, so the
    number needed is foretold, but at most doubled at a time, as the spread of a few runs is itself uncertain.
    """
    until, now = experiment.replicates.until, int(plan["replicate"].max()) + 1
    if until is None or now >= until.most:
        return None
    rows = folder.run_rows()
    rows = rows[(rows["status"] == "ok") & rows["run_id"].isin(plan["run_id"])]
    column = f"kpi_{until.kpi}"
    if column not in rows:
        known = [str(name)[4:] for name in rows if str(name).startswith("kpi_")]
        if rows.empty:
            return None  # every run failed; more of them would not help
        raise ExperimentError(f"replicates.until.kpi: there is no indicator '{until.kpi}'; {nearest(until.kpi, known)}")
    widest = max((relative_half_width(group[column]) for _, group in rows.groupby(["scenario", "point"])), default=0.0)
    if widest <= until.half_width:
        return None
    foretold = math.ceil(now * (widest / until.half_width) ** 2) if math.isfinite(widest) else 2 * now
    return min(max(now + 1, min(foretold, 2 * now)), until.most)


def relative_half_width(values: pd.Series) -> float:
    """Half the width of the 95 % t-interval of the mean, as a share of the mean; infinite for fewer than two values."""
    from scipy.stats import t

    values = values.dropna()
    if len(values) < 2:
        return math.inf
    half = float(t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    mean = abs(float(values.mean()))
    return half / mean if mean > 0 else (0.0 if half == 0 else math.inf)
