"""Time the model at several scales: build and run CPU seconds, agent-months per CPU second, memory, seconds by step.

Each scale runs in a process of its own, so that peak memory is that scale's.  ``python bench/run.py --help``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

SCALES = (0.001, 0.01, 0.1)
LAST = Path(__file__).with_name("last.json")


def measure(scale: float, months: int) -> dict[str, object]:
    """Build the baseline at one scale and step it, timing every sentence of the month."""
    started = time.process_time()
    from pingliang.agents import months as sentences
    from pingliang.agents.model import IndustryChainModel
    from pingliang.config.loader import load
    from pingliang.config.schema import Name, Scenario

    config = load()
    loaded = time.process_time()
    scenario = Scenario(name="baseline", label=Name(zh="基准", en="baseline"))
    model = IndustryChainModel(config, scenario, seed=1, scale=scale)
    built = time.process_time()
    seconds: Counter[str] = Counter()
    names = [name for name in IndustryChainModel.step.__code__.co_names if hasattr(sentences, name) and name != "month"]
    for name in names:
        setattr(sentences, name, _timed(getattr(sentences, name), name, seconds))
    for _ in range(months):
        model.step()
    stepped = time.process_time()
    agents = len(model.workers) + len(model.farms) + len(model.firms)
    return {
        "scale": scale,
        "months": months,
        "agents": agents,
        "load_cpu_s": round(loaded - started, 2),
        "build_cpu_s": round(built - loaded, 2),
        "run_cpu_s": round(stepped - built, 2),
        "agent_months_per_cpu_s": round(agents * months / (stepped - built)),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "seconds_by_step": {name: round(value, 3) for name, value in seconds.most_common()},
    }


def _timed(function, name, seconds):  # type: ignore[no-untyped-def]
    """Wrap a sentence so that its CPU seconds add up under its name."""

    def run(model):  # type: ignore[no-untyped-def]
        start = time.process_time()
        function(model)
        seconds[name] += time.process_time() - start

    return run


def main() -> None:
    """Run one scale here, or every scale in processes of their own and keep the numbers beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, help="one scale only, as JSON")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--full", action="store_true", help="also scale 1: minutes and about a gigabyte")
    options = parser.parse_args()
    if options.scale is not None:
        print(json.dumps(measure(options.scale, options.months)))
        return
    rows = []
    print(f"{'scale':>7} {'agents':>10} {'build s':>8} {'run s':>8} {'agent-months/s':>15} {'peak MiB':>9}")
    for scale in (*SCALES, 1.0) if options.full else SCALES:
        command = [sys.executable, __file__, "--scale", str(scale), "--months", str(options.months)]
        row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rows.append(row)
        print(
            f"{row['scale']:>7} {row['agents']:>10,} {row['build_cpu_s']:>8} {row['run_cpu_s']:>8} "
            f"{row['agent_months_per_cpu_s']:>15,} {row['peak_mib']:>9}"
        )
    LAST.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
