"""Time one ensemble with one worker process and with two, and what engine and store add to the models' own time.

``bench/workers.py``; meant for a machine of two cores with nothing else to do.  Start-up of driver and workers is
counted.  Results go to a folder that is deleted.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pingliang.config.loader import ROOT
from pingliang.runs.engine import run_experiment
from pingliang.runs.experiment import resolve
from pingliang.runs.single import industry_chain_model


def seconds(experiment: str, replicates: int, jobs: int) -> float:
    """Run the ensemble from nothing, without its report, and give the time by the clock."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        subprocess.run(
            [
                sys.executable, "-m", "pingliang.app.cli", "run", experiment, "--no-report", "--out", folder,
                "--replicates", str(replicates), "--jobs", str(jobs),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        return time.perf_counter() - started


class Timed:
    """A model that counts the processor time spent in it: building, stepping, putting its series together, going."""

    seconds = 0.0

    def __init__(self, *world: Any, **settings: Any) -> None:
        self._model = self._count(industry_chain_model, *world, **settings)
        self.recorder = self

    def _count(self, work: Callable[..., Any], *given: Any, **settings: Any) -> Any:
        started = time.process_time()
        found = work(*given, **settings)
        Timed.seconds += time.process_time() - started
        return found

    def step(self) -> None:
        """Let a month pass."""
        self._count(self._model.step)

    def refuse_idle_policies(self) -> None:
        """As the model's."""
        self._count(self._model.refuse_idle_policies)

    def table(self) -> Any:
        """All series."""
        return self._count(self._model.recorder.table)

    def kpis(self) -> Any:
        """Values of the last year."""
        return self._count(self._model.recorder.kpis)

    def release(self) -> None:
        """Let go of it."""
        self._count(self._model.release)


def overhead(experiment: str, replicates: int) -> float:
    """Share of processor time that engine and store add to that of the models, over one ensemble in this process."""
    resolved = resolve(ROOT / "experiments" / f"{experiment}.yaml", replicates=replicates)
    Timed.seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        run_experiment(resolved, out=Path(folder) / "results", jobs=1, factory=Timed)
        return (time.process_time() - started) / Timed.seconds - 1


def main() -> None:
    """Print a line a turn and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiment", default="plan-2026")
    parser.add_argument("--replicates", type=int, default=40, help="runs per scenario")
    parser.add_argument("--turns", type=int, default=2)
    options = parser.parse_args()
    ratios = []
    for _ in range(options.turns):
        two, one = (seconds(options.experiment, options.replicates, jobs) for jobs in (2, 1))
        ratios.append(one / two)
        print(f"one worker {one:.1f} s, two workers {two:.1f} s: {ratios[-1]:.2f} times as fast", flush=True)
    print(f"median {statistics.median(ratios):.2f}")
    overhead(options.experiment, 1)  # loads the compiled loops
    print(f"engine and store add {overhead(options.experiment, 20):.1%} to the processor time of the models")


if __name__ == "__main__":
    main()
