"""Time the model at several scales, each in a process of its own, and keep the numbers beside this file.

``make bench``: prints a row a scale and how cost grows with people, then sets a plain Mesa model beside ours.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

MONTHS = {0.001: 24, 0.01: 24, 0.1: 24, 1.0: 6}
HERE = Path(__file__).parent
COLUMNS = (
    "scale", "months", "persons", "firms", "links", "compile_cpu_s", "build_cpu_s", "run_cpu_s", "people_ms_a_month",
    "agent_months_per_cpu_s", "bytes_a_person", "peak_mib",
)  # fmt: skip


def measured(scale: float, months: int) -> dict[str, Any]:
    """Measure one scale by ``pingliang bench``."""
    program = [sys.executable, "-m", "pingliang.app.cli", "bench"]
    command = [*program, "--scale", str(scale), "--months", str(months), "--json"]
    row: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return row


def exponent(rows: list[dict[str, Any]]) -> float:
    """Slope of log people cost over log persons by least squares: 1 where cost is in proportion to people."""
    x = [math.log(row["persons"]) for row in rows]
    y = [math.log(row["people_ms_a_month"]) for row in rows]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread


def commit() -> str:
    """Short name of the commit measured; a star says that files were changed since."""
    try:
        command = ["git", "-C", str(HERE), "describe", "--always", "--dirty=*"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def keep(rows: list[dict[str, Any]]) -> None:
    """Add the rows to the numbers over time, and put the full last measurement in ``last.json``."""
    history = HERE / "history.csv"
    new = not history.exists()
    with history.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(["date", "commit", *COLUMNS])
        writer.writerows([date.today().isoformat(), commit(), *(row[name] for name in COLUMNS)] for row in rows)
    (HERE / "last.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Print a row a scale, the slowest steps of the largest, the exponent, and plain Mesa beside ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, help="months at every scale (by default 24, and 6 at scale 1)")
    parser.add_argument("--largest", type=float, default=1.0, help="leave out scales above this")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    print("  ".join(f"{name:>{max(len(name), 9)}}" for name in COLUMNS), flush=True)
    for scale, months in MONTHS.items():
        if scale > options.largest:
            continue
        rows.append(measured(scale, options.months or months))
        print("  ".join(f"{rows[-1][name]:>{max(len(name), 9)},}" for name in COLUMNS), flush=True)
    for name, seconds in list(rows[-1]["seconds_by_step"].items())[:8]:
        print(f"  {name:<36}{1000 * seconds / rows[-1]['months']:>9.1f} ms a month")
    if len(rows) > 1:
        print(f"people steps grow with persons to the power {exponent(rows):.2f}")
    keep(rows)
    subprocess.run([sys.executable, str(HERE / "plain_mesa.py")], check=True)


if __name__ == "__main__":
    main()
