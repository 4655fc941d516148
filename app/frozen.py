"""The command ``frozen``: how far chains and jobs drift when nothing outside moves."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ..analysis.results import records
from ..config import loader
from ..runs.engine import run_experiment
from ..runs.frozen import ALLOWED, drift_table, frozen_experiment
from .progress import MonthsProgress
from .running import DONE, INTERRUPTED, NOTHING_FINISHED, tell_outcome, this_command
from .showing import aligned

SCALE = 0.1
HEADINGS = ("产业链 chain", "首年 first year", "末年 last year", "漂移 drift", "标准误 error", "")


def frozen_command(
    *, seeds: int, years: int, scale: float | None, jobs: int | None, root: Path | None, as_json: bool
) -> int:
    """Run the frozen city and print the drift by chain and of all jobs; return the exit code."""
    config = loader.load(root)
    asked = frozen_experiment(config, seeds=seeds, years=years, scale=scale or SCALE)
    with TemporaryDirectory() as folder, MonthsProgress("frozen") as progress:
        outcome = run_experiment(asked, out=Path(folder), jobs=jobs, command=this_command(), on_progress=progress)
        tell_outcome(outcome)
        if outcome.interrupted or not outcome.finished:
            return INTERRUPTED if outcome.interrupted else NOTHING_FINISHED
        table = drift_table(outcome.path)
    if as_json:
        rows = json.loads(table.to_json(orient="index"))
        fields = {"scale": asked.experiment.scale, "years": years, "seeds": seeds, "allowed": ALLOWED, "drift": rows}
        click.echo(json.dumps(fields, indent=1))
        return DONE
    lines = [HEADINGS]
    for row in records(table):
        chain = config.chains.get(str(row.Index))
        name = f"{chain.name.zh} {chain.name.en}" if chain else "全部就业 all jobs"
        unit = 1e8 if chain else 1e4
        beyond = "" if abs(row.drift) <= ALLOWED else "超出 beyond 1 %"
        levels = (f"{row.first / unit:,.2f}", f"{row.last / unit:,.2f}")
        lines.append((name, *levels, f"{row.drift:+.2%}", f"{row.error:.2%}", beyond))
    click.echo("亿元（2020年价）、万人 1e8 CNY at prices of 2020, 1e4 persons")
    click.echo(aligned(lines, right={1, 2, 3, 4}))
    return DONE
