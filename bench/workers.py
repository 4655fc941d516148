"""Time one ensemble with one worker process and with two, in turn, and print how many times as fast two are.

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


if __name__ == "__main__":
    main()
