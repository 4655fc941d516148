"""Decides whether the books close: the largest relative residual of every identity over a run."""

from __future__ import annotations

import math
from collections.abc import Callable

from . import single
from .design import run_seed
from .experiment import ResolvedExperiment
from .single import Factory

TOLERANCE = 1e-9


def largest_residuals(
    resolved: ResolvedExperiment,
    scenario: str | None = None,
    *,
    factory: Factory | None = None,
    on_month: Callable[[int, int], None] | None = None,
) -> dict[str, float]:
    """Run one scenario and keep, by identity, the largest residual any month showed.

    The first replicate's seed is used, so the run audited is one of the experiment's own.

    Parameters
    ----------
    resolved : ResolvedExperiment
        Gives configuration, months, scale and seed.
    scenario : str, optional
        Default the baseline.
    factory : callable, optional
        Builds the model; default the industry-chain model.
    on_month : callable, optional
        Told the months done and in all.

    Returns
    -------
    dict of str to float
        |error| / gross turnover of the account; a residual that is not a number stays one.
    """
    experiment, chosen = resolved.experiment, resolved.scenario(scenario)
    seed = run_seed(experiment.seeds.root, crn=experiment.seeds.crn, scenario=chosen.name, replicate=0)
    build = factory or single.industry_chain_model
    model = build(resolved.configs[chosen.name], chosen, seed=seed, scale=experiment.scale, start=experiment.start)
    largest: dict[str, float] = {}
    try:
        for month in range(resolved.months):
            model.step()
            for identity, residual in model.audit().items():
                largest[identity] = _larger(largest.get(identity, 0.0), float(residual))
            if on_month is not None:
                on_month(month + 1, resolved.months)
    finally:
        model.release()
    return largest


def books_close(residuals: dict[str, float]) -> bool:
    """Tell whether every identity holds to the tolerance; with nothing audited, they do not."""
    return bool(residuals) and all(abs(residual) <= TOLERANCE for residual in residuals.values())


def _larger(before: float, now: float) -> float:
    """Keep the larger residual by size; one that is not a number outweighs all."""
    if math.isnan(before) or math.isnan(now):
        return math.nan
    return max(before, abs(now))
