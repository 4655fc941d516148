"""Time the model at several scales, each in a process of its own, and add the numbers to the history beside this file.

``make bench``; ``--note`` says what changed since the entry before, ``--largest 0.1`` leaves out scale 1.  At the end
the same workers are stepped as plain Mesa agents beside ours (`plain_mesa.py`).
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

MONTHS = {0.001: 24, 0.01: 24, 0.1: 24, 1.0: 6}  # by scale
HISTORY = Path(__file__).with_name("history.jsonl")
SHOWN = (
    "scale", "persons", "firms", "links", "compile_cpu_s", "build_cpu_s", "run_cpu_s", "firm_side_ms_a_month",
    "people_ms_a_month", "agent_months_per_cpu_s", "bytes_a_person", "peak_mib", "yardstick_cpu_s",
)  # fmt: skip


def measured(scale: float, months: int) -> dict[str, Any]:
    """Measure one scale by ``pingliang bench``."""
    program = [sys.executable, "-m", "pingliang.app.cli", "bench"]
    command = [*program, "--scale", str(scale), "--months", str(months), "--json"]
    row: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return row


def before(row: dict[str, Any]) -> dict[str, Any] | None:
    """The last entry of the same scale and months."""
    lines = HISTORY.read_text(encoding="utf-8").splitlines() if HISTORY.exists() else []
    same = [old for old in map(json.loads, lines) if all(old[key] == row[key] for key in ("scale", "months"))]
    return same[-1] if same else None


def compared(row: dict[str, Any], old: dict[str, Any]) -> str:
    """Run time against an older entry, both counted in yardsticks, so that a busier machine is no slower model."""
    now, then = (entry["run_cpu_s"] / entry["yardstick_cpu_s"] for entry in (row, old))
    return f"  run time against the entry before, machine allowed for: {now / then - 1:+.0%}  ({old['note']})"


def exponent(rows: list[dict[str, Any]]) -> float:
    """How the cost of people steps grows with persons between the two largest scales: 1 is in proportion."""
    small, large = sorted(rows, key=lambda row: row["persons"])[-2:]
    cost, persons = (large[name] / small[name] for name in ("people_ms_a_month", "persons"))
    return math.log(cost) / math.log(persons)


def main() -> None:
    """Print a row a scale with the entry before it, and the slowest steps of the largest; add the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, help="by default 24, and 6 at scale 1")
    parser.add_argument("--largest", type=float, default=1.0, help="leave out scales above this")
    parser.add_argument("--scale", type=float, help="this scale only")
    parser.add_argument("--note", default="", help="what changed since the entry before")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    print("  ".join(f"{name:>{max(len(name), 9)}}" for name in SHOWN))
    for scale in (options.scale,) if options.scale else [scale for scale in MONTHS if scale <= options.largest]:
        row = {"note": options.note} | measured(scale, options.months or MONTHS.get(scale, 24))
        rows.append(row)
        print("  ".join(f"{row[name]:>{max(len(name), 9)},}" for name in SHOWN))
        if (old := before(row)) is not None:
            print(compared(row, old))
    for name, seconds in list(rows[-1]["seconds_by_step"].items())[:6]:
        print(f"  {name:<36}{seconds:>9.2f} s")
    if len(rows) > 1:
        print(f"people steps grow with persons to the power {exponent(rows):.2f} (two largest scales)")
    with HISTORY.open("a", encoding="utf-8") as history:
        history.writelines(json.dumps(row) + "\n" for row in rows)
    subprocess.run([sys.executable, str(HISTORY.with_name("plain_mesa.py"))], check=True)


if __name__ == "__main__":
    main()
