"""Decides which runs an experiment needs and which random numbers each of them gets."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pandas as pd

from ..config.experiment_schema import Experiment
from .points import UNIT, make_points

PAIRED, UNPAIRED = 0, 1


def run_seed(root: int, *, crn: bool, scenario: str, replicate: int, point: int = 0, luck: tuple[int, ...] = ()) -> int:
    """Draw the seed of one run, the same in every scenario and point when random numbers are common.

    ``SeedSequence(root, spawn_key=(0, replicate))`` with common random numbers, else
    ``(1, scenario, point, replicate)``; the scenario enters by its name, so that adding or reordering scenarios
    changes no other scenario's seeds. ``luck`` is what the dummy factors say: they change the upper half of the
    seed and nothing else, so the same prices and weather meet other people and firms.
    """
    key = (PAIRED, replicate) if crn else (UNPAIRED, crc32(scenario.encode()), point, replicate)
    seed, own = (int(np.random.SeedSequence(root, spawn_key=of).generate_state(1, np.uint64)[0]) for of in (key, luck))
    return seed ^ (own >> 32 << 32) if luck else seed


def run_name(scenario: str, replicate: int, point: int | None = None) -> str:
    """Name a run by scenario, point (where there is a design) and replicate."""
    return f"{scenario}-{replicate:04d}" if point is None else f"{scenario}-p{point:06d}-{replicate:04d}"


def make_design(
    experiment: Experiment, points: pd.DataFrame | None = None, replicates: int | None = None
) -> pd.DataFrame:
    """List the runs: every replicate of every scenario at every point.

    Rows go replicate by replicate and point by point, so that an experiment that is interrupted has complete pairs, and
    one that is extended only gets rows at the end.

    Parameters
    ----------
    experiment : Experiment
        With its factors written out.
    points : DataFrame, optional
        Of :func:`make_points`; made here when missing.
    replicates : int, optional
        Default those of the experiment.

    Returns
    -------
    DataFrame
        run_id, scenario, point (int32), replicate (int32), seed (uint64).
    """
    seeds, scenarios = experiment.seeds, [one.name for one in experiment.scenarios]
    points = make_points(experiment) if points is None else points
    plain = experiment.design.kind == "none"
    luck = _luck(experiment, points)
    zipped = experiment.design.combine == "zip" and not plain
    rows = [
        (
            run_name(scenario, replicate, None if plain else point),
            scenario,
            point,
            replicate,
            run_seed(seeds.root, crn=seeds.crn, scenario=scenario, replicate=replicate, point=point, luck=luck[point]),
        )
        for replicate in range(experiment.replicates.n if replicates is None else replicates)
        for point in range(len(points))
        for scenario in ([scenarios[point]] if zipped else scenarios)
    ]
    design = pd.DataFrame(rows, columns=["run_id", "scenario", "point", "replicate", "seed"])
    return design.astype({"point": "int32", "replicate": "int32", "seed": "uint64"})


def _luck(experiment: Experiment, points: pd.DataFrame) -> list[tuple[int, ...]]:
    """What the dummies add to the seeds at each point: nothing where there are none."""
    names = [f"{UNIT}{factor.name}" for factor in experiment.factors if factor.role == "dummy"]
    if not names:
        return [()] * len(points)
    return [tuple(int(value * 2**31) for value in row) for row in points[names].to_numpy()]
