"""Time the model at several scales, each in a process of its own, and keep the numbers beside this file.

``make bench``, or ``python bench/run.py --full`` for scale 1 too (minutes and some gigabytes).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SCALES = (0.001, 0.01, 0.1)
LAST = Path(__file__).with_name("last.json")
COLUMNS = ("scale", "persons", "firms", "links", "build_cpu_s", "run_cpu_s", "agent_months_per_cpu_s", "peak_mib")


def measured(scale: float, months: int) -> dict[str, Any]:
    """Measure one scale by ``pingliang bench``."""
    program = [sys.executable, "-m", "pingliang.app.cli", "bench"]
    command = [*program, "--scale", str(scale), "--months", str(months), "--json"]
    row: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return row


def main() -> None:
    """Print a row a scale, and the slowest steps of the largest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--full", action="store_true", help="also scale 1")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    print("  ".join(f"{name:>{max(len(name), 9)}}" for name in COLUMNS))
    for scale in (*SCALES, 1.0) if options.full else SCALES:
        row = measured(scale, options.months)
        rows.append(row)
        print("  ".join(f"{row[name]:>{max(len(name), 9)},}" for name in COLUMNS))
    for name, seconds in list(rows[-1]["seconds_by_step"].items())[:6]:
        print(f"  {name:<36}{seconds:>9.2f} s")
    LAST.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
