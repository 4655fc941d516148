"""Decides at which points of the factors' space the model is run: draws them by the design, in unit and in own values.

A point is a row.  Unit values lie between 0 and 1 and are what the analysis of a design needs; own values are what goes
into the configuration.  A design is a function of the experiment alone: same file, same points.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ..config.experiment_schema import LISTED, Design, Experiment, Factor, LogUniform, Normal, Triangular, Uniform
from .errors import ExperimentError

UNIT, OWN = "u_", "x_"
MOST_RUNS = 10_000_000
EXTRA = "the designs 'morris' and 'saltelli' need SALib: pip install 'pingliang[experiments]' (make install has it)"


def make_points(experiment: Experiment) -> pd.DataFrame:
    """Lay out the points of a design.

    Parameters
    ----------
    experiment : Experiment
        With its factors written out.

    Returns
    -------
    DataFrame
        point (int32), and per factor ``u_<name>`` (0 to 1) and ``x_<name>`` (its value; a dummy has none). Without a
        design one row without factors.
    """
    design, factors = experiment.design, experiment.factors
    if design.kind == "none":
        _refuse_too_many(experiment)
        return pd.DataFrame({"point": np.zeros(1, dtype=np.int32)})
    _refuse_too_many(experiment)
    if design.kind in LISTED:
        rows = design.rows or []
        named = {factor.name: UNIT if factor.role == "dummy" else OWN for factor in factors}
        frame = pd.DataFrame({f"{sign}{name}": [row[name] for row in rows] for name, sign in named.items()})
    else:
        unit = _SAMPLERS[design.kind](factors, design, experiment.seeds.root)
        columns: dict[str, Any] = {f"{UNIT}{factor.name}": unit[:, k] for k, factor in enumerate(factors)}
        columns |= {
            f"{OWN}{factor.name}": [own_value(factor, u) for u in unit[:, k]]
            for k, factor in enumerate(factors)
            if factor.role != "dummy"
        }
        frame = pd.DataFrame(columns)
    if design.combine == "zip" and len(frame) != len(experiment.scenarios):
        raise ExperimentError(
            f"design.combine is zip: {len(frame)} points cannot be paired with {len(experiment.scenarios)} scenarios;"
            " put combine: cross, or as many points as scenarios"
        )
    frame.insert(0, "point", np.arange(len(frame), dtype=np.int32))
    return frame


def count_points(experiment: Experiment) -> int:
    """Count the points of a design without laying them out."""
    design, factors = experiment.design, experiment.factors
    n, k = design.n or 1, len(factors)
    counts: dict[str, Callable[[], int]] = {
        "none": lambda: 1,
        "grid": lambda: math.prod(len(_levels(factor, design)) for factor in factors),
        "oat": lambda: 1 + sum(len(factor.values or (0, 1)) for factor in factors),
        "morris": lambda: n * (k + 1),
        "saltelli": lambda: n * (2 * k + 2),
        "table": lambda: len(design.rows or []),
        "posterior": lambda: len(design.rows or []),
    }
    return counts.get(design.kind, lambda: n)()


def _refuse_too_many(experiment: Experiment) -> None:
    points, scenarios, until = count_points(experiment), len(experiment.scenarios), experiment.replicates.until
    runs = points * scenarios * (until.most if until else experiment.replicates.n)
    if runs > MOST_RUNS:
        raise ExperimentError(f"{experiment.name} asks for {runs:.3g} runs; at most {MOST_RUNS:,} can be laid out")


def own_value(factor: Factor, unit: float) -> float | str:
    """Turn a number between 0 and 1 into a value of the factor: a level, or the quantile of its distribution."""
    if factor.values is not None:
        return factor.values[min(int(unit * len(factor.values)), len(factor.values) - 1)]
    given = factor.distribution
    assert given is not None  # checked when the file was read
    value = _quantile(given, unit)
    return min(max(value, given.low), given.high)


def _quantile(given: Uniform | LogUniform | Triangular | Normal, unit: float) -> float:
    if isinstance(given, Uniform):
        return given.low + unit * (given.high - given.low)
    if isinstance(given, LogUniform):
        return math.exp(math.log(given.low) + unit * (math.log(given.high) - math.log(given.low)))
    if isinstance(given, Triangular):
        width, left = given.high - given.low, given.mode - given.low
        if unit * width < left:
            return given.low + math.sqrt(unit * width * left)
        return given.high - math.sqrt((1 - unit) * width * (given.high - given.mode))
    from scipy.special import ndtr, ndtri

    low, high = (ndtr((end - given.mean) / given.sd) for end in (given.low, given.high))
    return float(given.mean + given.sd * ndtri(low + unit * (high - low)))


def _levels(factor: Factor, design: Design) -> list[float]:
    """Unit values of a factor's levels: one for each of its values, else evenly spread."""
    if factor.values is not None:
        return [(k + 0.5) / len(factor.values) for k in range(len(factor.values))]
    return list(np.linspace(0.0, 1.0, design.levels))


def _grid(factors: list[Factor], design: Design, root: int) -> np.ndarray:
    """Every combination of levels."""
    return np.array(list(itertools.product(*(_levels(factor, design) for factor in factors))))


def _one_at_a_time(factors: list[Factor], design: Design, root: int) -> np.ndarray:
    """All at the middle, then each factor at its ends (or at every level) with the others at the middle."""
    middle = [0.5] * len(factors)
    rows = [middle]
    for k, factor in enumerate(factors):
        levels = _levels(factor, design) if factor.values is not None else [0.0, 1.0]
        rows += [[*middle[:k], level, *middle[k + 1 :]] for level in levels]
    return np.array(rows)


def _latin(factors: list[Factor], design: Design, root: int) -> np.ndarray:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(len(factors), rng=np.random.default_rng(root)).random(design.n))


def _sobol(factors: list[Factor], design: Design, root: int) -> np.ndarray:
    from scipy.stats import qmc

    return np.asarray(qmc.Sobol(len(factors), rng=np.random.default_rng(root)).random(design.n))


def _morris(factors: list[Factor], design: Design, root: int) -> np.ndarray:
    return np.asarray(_salib("morris").sample(salib_problem(factors), design.n, num_levels=design.levels, seed=root))


def _saltelli(factors: list[Factor], design: Design, root: int) -> np.ndarray:
    return np.asarray(_salib("sobol").sample(salib_problem(factors), design.n, seed=root))


_SAMPLERS: dict[str, Callable[[list[Factor], Design, int], np.ndarray]] = {
    "grid": _grid,
    "oat": _one_at_a_time,
    "lhs": _latin,
    "sobol": _sobol,
    "morris": _morris,
    "saltelli": _saltelli,
}


def salib_problem(factors: list[Factor]) -> dict[str, Any]:
    """Describe the unit cube in SALib's words."""
    return {
        "num_vars": len(factors),
        "names": [factor.name for factor in factors],
        "bounds": [[0.0, 1.0]] * len(factors),
    }


def _salib(method: str) -> Any:
    try:
        from SALib.sample import morris, sobol
    except ImportError as error:
        raise ExperimentError(EXTRA) from error
    return {"morris": morris, "sobol": sobol}[method]
