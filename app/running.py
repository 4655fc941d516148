"""The commands that run the model: ``run`` and ``audit``."""

from __future__ import annotations

import json
import math
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from ..config import loader
from ..config.errors import nearest
from ..runs.audit import TOLERANCE, books_close, largest_residuals
from ..runs.engine import Outcome, run_experiment
from ..runs.errors import ExperimentError
from ..runs.experiment import resolve
from .progress import MonthsProgress

DONE, NOTHING_FINISHED, SOME_FAILED, INTERRUPTED = 0, 1, 3, 130


def run_command(
    experiment: str,
    *,
    jobs: int | None,
    out: Path | None,
    no_report: bool,
    as_json: bool,
    **changes: Any,
) -> int:
    """Run an experiment, write its report, print where it is; return the exit code."""
    resolved = resolve(experiment_path(experiment, changes["root"]), **changes)
    with MonthsProgress(resolved.experiment.name) as progress:
        outcome = run_experiment(
            resolved,
            out=out,
            jobs=jobs,
            command=this_command(),
            on_plan=lambda planned: progress.say(_plan(planned)),
            on_progress=progress,
        )
    tell_outcome(outcome)
    report = None
    if not (no_report or outcome.interrupted or not outcome.finished):
        report = _write_report(outcome, resolved.configs[resolved.scenario().name])
    if as_json:
        click.echo(json.dumps(_as_fields(outcome, report), ensure_ascii=False, indent=1))
    elif not outcome.interrupted and outcome.finished:
        click.echo(report or outcome.path)
    return _exit_code(outcome)


def audit_command(experiment: str, *, scenario: str | None, as_json: bool, **changes: Any) -> int:
    """Run one scenario, print the largest residual by identity; return the exit code."""
    changes.pop("replicates")
    resolved = resolve(experiment_path(experiment, changes["root"]), **changes)
    with MonthsProgress("audit") as progress:
        residuals = largest_residuals(resolved, scenario, on_month=progress)
    if as_json:
        numbers = {name: value if math.isfinite(value) else None for name, value in sorted(residuals.items())}
        fields = {
            "experiment": resolved.experiment.name,
            "scenario": resolved.scenario(scenario).name,
            "scale": resolved.experiment.scale,
            "months": resolved.months,
            "tolerance": TOLERANCE,
            "residuals": numbers,
        }
        click.echo(json.dumps(fields, indent=1))
    else:
        width = max((len(name) for name in residuals), default=0)
        for name, value in sorted(residuals.items(), key=lambda item: -item[1]):
            click.echo(f"{name:<{width}}  {value:.2e}{'' if abs(value) <= TOLERANCE else '  does not close'}")
    return DONE if books_close(residuals) else NOTHING_FINISHED


def experiment_path(experiment: str, root: Path | None) -> Path:
    """Find an experiment: a file, or the name of one in the configuration's experiments folder."""
    path = Path(experiment)
    if path.suffix or path.exists():
        return path
    folder = (root or Path(loader.__file__).parent) / "experiments"
    if (shipped := folder / f"{experiment}.yaml").is_file():
        return shipped
    names = sorted(file.stem for file in folder.glob("*.yaml"))
    raise ExperimentError(f"there is no experiment {experiment!r} here or in {folder}; {nearest(experiment, names)}")


def this_command() -> str:
    """Write the command as it was given, so that giving it again goes on with the work."""
    return shlex.join(["pingliang", *sys.argv[1:]])


def _plan(outcome: Outcome) -> str:
    missing = outcome.planned - outcome.kept
    kept = f", {outcome.kept} already there" if outcome.kept else ""
    return f"{outcome.path}: {missing} of {outcome.planned} runs to do{kept}"


def tell_outcome(outcome: Outcome) -> None:
    """Say what failed and how to go on."""
    for row in outcome.failed:
        click.echo(f"run {row['run_id']} {row['status']}: {row['message']}", err=True)
    if outcome.failed:
        count = len(outcome.failed)
        click.echo(f"{count} of {outcome.planned} runs failed; tracebacks: {outcome.path / 'runs'}", err=True)
    if outcome.interrupted:
        click.echo(f"interrupted: {outcome.finished} of {outcome.planned} runs are finished and kept", err=True)
        click.echo(f"to go on: {this_command()}", err=True)


def _write_report(outcome: Outcome, config: loader.Config) -> Path | None:
    """Write the report; a scenario without one finished run has none, and that is said."""
    from ..analysis.report import write_report
    from ..analysis.results import IncompleteResults

    try:
        return write_report(outcome.path, config=config)
    except IncompleteResults as error:
        click.echo(f"no report: {error}", err=True)
        return None
    except Exception:
        click.echo(f"the report failed, the runs are kept; try again with: pingliang report {outcome.path}", err=True)
        raise


def _as_fields(outcome: Outcome, report: Path | None) -> dict[str, Any]:
    """Put an outcome into JSON's words."""
    return {
        "results": str(outcome.path),
        "report": str(report) if report else None,
        "planned": outcome.planned,
        "kept": outcome.kept,
        "finished": outcome.finished,
        "failed": [{key: row[key] for key in ("run_id", "status", "message")} for row in outcome.failed],
        "interrupted": outcome.interrupted,
    }


def _exit_code(outcome: Outcome) -> int:
    if outcome.interrupted:
        return INTERRUPTED
    if not outcome.finished:
        return NOTHING_FINISHED
    return SOME_FAILED if outcome.failed else DONE
