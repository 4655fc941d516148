"""The commands around an experiment that run little or nothing: ``init``, ``plan`` and ``rerun``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..config.loader import ROOT
from ..runs.again import find_run, run_again
from ..runs.errors import ExperimentError
from ..runs.experiment import resolve
from ..runs.files import write_file
from ..runs.forecast import Forecast, forecast
from .progress import MonthsProgress
from .running import experiment_path

DONE, DIFFERS = 0, 1
TEMPLATE = Path(__file__).with_name("experiment_template.yaml")


def init_command(file: Path) -> None:
    """Write a commented experiment file that runs as it stands; editors find its schema by the first line."""
    if file.exists():
        raise ExperimentError(f"{file} is there already; give another name, or remove it first")
    text = TEMPLATE.read_text(encoding="utf-8")
    schema = (ROOT / "schemas" / "experiment.json").resolve().as_uri()
    text = text.replace("NAME", "".join(c if c.isalnum() else "-" for c in file.stem.lower()).strip("-") or "mine")
    file.parent.mkdir(parents=True, exist_ok=True)
    content = f"# yaml-language-server: $schema={schema}\n{text}".encode()
    write_file(file, lambda out: out.write(content))
    click.echo(file)


def plan_command(experiment: str, *, as_json: bool, **changes: Any) -> None:
    """Say what an experiment will cost, from a trial of a few months of its first run."""
    resolved = resolve(experiment_path(experiment, changes["root"]), **changes)
    found = forecast(resolved)
    if as_json:
        fields = {**found.__dict__, "hours": found.hours, "gib": found.gib}
        click.echo(json.dumps(fields, indent=1))
        return
    click.echo("\n".join(_told(resolved.experiment.name, found)))


def rerun_command(run_id: str, *, results: Path | None, out: Path | None, root: Path | None) -> int:
    """Run a stored run again and compare every bit; return the exit code."""
    path = results or find_run(run_id, Path("results"))
    with MonthsProgress(run_id) as progress:
        again = run_again(path, run_id, root=root, on_month=progress)
    for text in again.changed:
        click.echo(f"since {path} was made, {text}", err=True)
    if out is not None:
        _write_series(again.series, out)
    click.echo(f"{run_id} of {path}: {'the same bits' if again.same else 'differs'} ({again.found[:16]})")
    if not again.same:
        click.echo(f"stored: {again.stored[:16]}", err=True)
    return DONE if again.same else DIFFERS


def _write_series(series: Any, out: Path) -> None:
    if series is None:
        raise ExperimentError("the experiment keeps no series (outputs.series: none); leave out --out")
    import pyarrow.parquet as pq

    write_file(out, lambda file: pq.write_table(series, file))


def _told(name: str, found: Forecast) -> list[str]:
    """Put a forecast into lines."""
    points = f"{found.points} point{'s' * (found.points != 1)}"
    runs = f"{points} x {found.scenarios} scenarios x {found.replicates} replicates"
    more = f", up to {found.most_replicates} replicates" if found.most_replicates > found.replicates else ""
    workers = f"{found.workers} workers" if found.workers else "one worker; a cluster divides this"
    return [
        f"experiment  {name}",
        f"runs        {found.runs:,} ({runs}{more})",
        f"one run     {found.seconds_per_run:,.1f} s of CPU, {found.bytes_per_run / 1e6:,.2f} MB",
        f"time        {_duration(found.hours)} on {workers}",
        f"disk        {found.gib:,.2f} GiB",
    ]


def _duration(hours: float) -> str:
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} s"
    return f"{hours * 60:.0f} min" if hours < 2 else f"{hours:,.1f} h"
