"""Decides which runs an experiment needs and which random numbers each of them gets."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pandas as pd

from ..config.schema import Experiment

PAIRED, UNPAIRED = 0, 1
# There is one point of the parameter space so far; it stands in the seed so that adding points shifts no seed.
ONLY_POINT = 0


def run_seed(root: int, *, crn: bool, scenario: str, replicate: int) -> int:
    """Draw the seed of one run, the same in every scenario when random numbers are common.

    ``SeedSequence(root, spawn_key=(0, replicate))`` with common random numbers, else
    ``(1, scenario, point, replicate)``; the scenario enters by its name, so that adding or reordering scenarios
    changes no other scenario's seeds.
    """
    key = (PAIRED, replicate) if crn else (UNPAIRED, crc32(scenario.encode()), ONLY_POINT, replicate)
    return int(np.random.SeedSequence(root, spawn_key=key).generate_state(1, np.uint64)[0])


def run_name(scenario: str, replicate: int) -> str:
    """Name a run; the name is also that of its part files."""
    return f"{scenario}-{replicate:04d}"


def make_design(experiment: Experiment) -> pd.DataFrame:
    """List the runs: every replicate of every scenario.

    Rows go replicate by replicate, so that an experiment that is interrupted has complete pairs.

    Returns
    -------
    DataFrame
        run_id, scenario, replicate (int32), seed (uint64).
    """
    seeds = experiment.seeds
    rows = [
        (
            run_name(scenario.name, replicate),
            scenario.name,
            replicate,
            run_seed(seeds.root, crn=seeds.crn, scenario=scenario.name, replicate=replicate),
        )
        for replicate in range(experiment.replicates.n)
        for scenario in experiment.scenarios
    ]
    design = pd.DataFrame(rows, columns=["run_id", "scenario", "replicate", "seed"])
    return design.astype({"replicate": "int32", "seed": "uint64"})
