"""The command ``ripple``: what the failure of a named firm takes away downstream and upstream, printed and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click
import pandas as pd

from ..analysis.results import records
from ..analysis.ripple import plot_ripple, ripple_table, shown_stages
from ..analysis.style import to_svg
from ..chains.graph import build_graph
from ..config.errors import nearest
from ..config.schema import County
from ..runs.errors import ExperimentError
from ..runs.experiment import resolve
from ..runs.ripple import Failure, ripple
from ..runs.store import write_file
from .progress import MonthsProgress
from .running import DONE, experiment_path
from .showing import PNG, aligned

TOP = 15
HEADINGS = ("步 step", "环节 stage", "损失产出 output lost", "占比 share", "最大月损失 worst month")


def ripple_command(
    experiment: str,
    *,
    scenario: str | None,
    stage: str,
    month: str,
    anchor: str | None,
    counties: tuple[str, ...],
    out: Path | None,
    **changes: Any,
) -> int:
    """Run a scenario without and with a failure; print who lost most, write table and figure; return the exit code."""
    resolved = resolve(experiment_path(experiment, changes["root"]), **changes)
    chosen = resolved.scenario(scenario).name
    for county in counties:
        if county not in get_args(County):
            raise ExperimentError(f"--county {county}: there is no such county; {nearest(county, get_args(County))}")
    failure = Failure(stage, month, anchor, counties)  # type: ignore[arg-type]
    with MonthsProgress("ripple") as progress:
        outcome = ripple(resolved, scenario, failure, on_month=progress)
    config = resolved.configs[chosen]
    table = ripple_table(outcome, build_graph(config), config, stage)
    pairs = resolved.experiment.replicates.n
    click.echo(
        f"{resolved.experiment.name}, {chosen}, {anchor or stage} {month}; 1e4 CNY at 2020 prices; {pairs} pairs"
    )
    click.echo(_printed(table, stage))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        figure = plot_ripple(table, failed=stage)
        files = {
            "ripple.csv": lambda file: file.write(table.to_csv(index=False).encode("utf-8-sig")),
            "ripple.png": lambda file: figure.savefig(file, **PNG),
            "ripple.svg": lambda file: file.write(to_svg(figure, "ripple").encode()),
        }
        for name, write in files.items():
            write_file(out / name, write)
            click.echo(out / name)
    return DONE


def _printed(table: pd.DataFrame, failed: str) -> str:
    """Set the stages that lost most in columns: over all months, and in the worst one."""
    worst = table.groupby("stage")["share"].max()
    base = table.groupby("stage")["base"].sum()
    lines = [HEADINGS]
    for row in records(shown_stages(table, failed, TOP)):
        step = "" if pd.isna(row.order) else f"{row.order:+.0f}" if row.order else "0"
        share = row.lost / base[row.Index] if base[row.Index] else 0.0
        names = f"{row.name_zh} {row.name_en}"
        lines.append((step, names, f"{row.lost / 1e4:,.0f}", f"{share:.1%}", f"{worst[row.Index]:.1%}"))
    return aligned(lines, right={0, 2, 3, 4})
