"""The command ``shortfall``: a chain's distance from its target split over causes, printed, stored and drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pandas as pd
from rich.console import Console
from rich.table import Table

from ..analysis.results import records
from ..analysis.shortfall import INDICATORS, WORDS, plot_shortfall, read_sets, shortfall_table
from ..analysis.style import to_svg
from ..config.errors import nearest
from ..config.loader import Config
from ..runs.engine import run_experiment
from ..runs.errors import ExperimentError
from ..runs.experiment import ResolvedExperiment, resolve
from ..runs.shortfall import estimate_cost, relaxed_experiment
from ..runs.store import write_file
from .progress import MonthsProgress
from .running import DONE, INTERRUPTED, NOTHING_FINISHED, SOME_FAILED, experiment_path, tell_outcome, this_command
from .showing import PNG

YI = 1e8
WIDE = 150  # columns where the output is no terminal


def shortfall_command(
    experiment: str,
    *,
    scenario: str | None,
    year: int,
    chains: tuple[str, ...],
    jobs: int | None,
    out: Path | None,
    as_json: bool,
    **changes: Any,
) -> int:
    """Run a scenario with every set of causes relaxed; print, store and draw the split; return the exit code."""
    if changes["months"] is not None:
        raise ExperimentError(f"--months {changes['months']}: the year says how long to run; give --year")
    resolved = resolve(experiment_path(experiment, changes["root"]), **changes)
    config = resolved.configs[resolved.scenario(scenario).name]
    _check_chains(config, chains)
    asked = relaxed_experiment(resolved, scenario, year)
    with MonthsProgress("shortfall") as progress:
        progress.say(_cost(asked, jobs))
        outcome = run_experiment(asked, out=out, jobs=jobs, command=this_command(), on_progress=progress)
    tell_outcome(outcome)
    if outcome.interrupted or not outcome.finished:
        return INTERRUPTED if outcome.interrupted else NOTHING_FINISHED
    sets = read_sets(outcome.path, year)
    table = shortfall_table(sets, config, chains).assign(year=year)
    paths = _write(table, config, outcome.path)
    if as_json:
        click.echo(json.dumps(_as_fields(table, asked, outcome.path), ensure_ascii=False, indent=1))
    else:
        _print(table, config)
        for path in paths:
            click.echo(path)
    return SOME_FAILED if outcome.failed else DONE


def _check_chains(config: Config, chains: tuple[str, ...]) -> None:
    """Refuse chains without a target, all at once."""
    items = config.plan.items.values()
    known = {str(item.chain) for item in items if item.kind == "target" and item.indicator in INDICATORS}
    unknown = [name for name in chains if name not in known]
    if unknown:
        raise ExperimentError(
            "\n".join(f"--chain {name}: it has no target; {nearest(name, known)}" for name in unknown)
        )


def _cost(asked: ResolvedExperiment, jobs: int | None) -> str:
    cost = estimate_cost(asked, jobs)
    return (
        f"{len(asked.experiment.scenarios)} sets of causes x {asked.experiment.replicates.n} replicates = {cost.runs}"
        f" runs of {asked.months} months: at least {cost.cpu_seconds:,.0f} s of CPU, {cost.wait_seconds:,.0f} s with"
        f" {cost.workers} workers; finished runs are kept"
    )


def _write(table: pd.DataFrame, config: Config, folder: Path) -> list[Path]:
    """Write table and figure beside the runs."""
    figure = plot_shortfall(table, config=config)
    files = {
        "shortfall.csv": lambda file: file.write(table.to_csv(index=False).encode("utf-8-sig")),
        "shortfall.png": lambda file: figure.savefig(file, **PNG),
        "shortfall.svg": lambda file: file.write(to_svg(figure, "shortfall").encode()),
    }
    for name, write in files.items():
        write_file(folder / name, write)
    return [folder / name for name in files]


def _print(table: pd.DataFrame, config: Config) -> None:
    """Set every chain in a row, a column per part; the parts of a row add up to its shortfall."""
    console = Console(width=None if Console().is_terminal else WIDE)
    for indicator, (zh, en) in INDICATORS.items():
        mine = table[table["indicator"] == indicator]
        if not len(mine):
            continue
        unit = f"亿元 1e8 CNY，{table['year'].iloc[0]}，{mine['n'].iloc[0]} 组运行 replicates"
        grid = Table(title=f"{zh} {en}（{unit}）", title_justify="left")
        grid.add_column("产业链\nchain")
        for word in ("目标\ntarget", "达到\nreached", "缺口\nshortfall", *("\n".join(pair) for pair in WORDS.values())):
            grid.add_column(word, justify="right")
        grid.add_column("交互\ninteraction", justify="right")
        grid.add_column("全部放开\nall relaxed", justify="right")
        for chain, parts in mine.groupby("chain", sort=False):
            first = next(records(parts))
            name = config.chains[str(chain)].name
            cells = [first.target, first.value, first.shortfall, *parts["amount"], first.interaction, first.all_relaxed]
            grid.add_row(f"{name.zh} {name.en}", *(f"{amount / YI:,.1f}" for amount in cells))
        console.print(grid)
    console.print(
        "各原因之和加“以上原因之外”等于缺口；负数表示放开该原因反而使该链减少（如争夺劳动力）。\n"
        "Causes and what lies beyond them add up to the shortfall; below nought, relaxing the cause lowers the chain"
        " (as where chains compete for labour).\n"
        "交互：全部放开的效果减去各原因单独放开效果之和。"
        "Interaction: what all bring together less the sum of each alone.",
        soft_wrap=True,
        highlight=False,
    )


def _as_fields(table: pd.DataFrame, asked: ResolvedExperiment, folder: Path) -> dict[str, Any]:
    """Put the split into JSON's words, CNY a year."""
    rows = []
    names = ("year", "target_year", "target", "value", "shortfall", "all_relaxed", "interaction", "n")
    for _, parts in table.groupby(["indicator", "chain"], sort=False):
        first = parts.iloc[0]
        fields = {"indicator": first["indicator"], "chain": first["chain"]} | {
            name: first[name].item() for name in names
        }
        rows.append(fields | {"parts": {row.part: _split(row) for row in records(parts)}})
    about = {"experiment": asked.experiment.name, "scale": asked.experiment.scale, "results": str(folder)}
    return about | {"chains": rows}


def _split(row: Any) -> dict[str, float | None]:
    """One part of a shortfall; what does not exist is nothing."""
    found = {key: float(getattr(row, key)) for key in ("amount", "error", "alone")}
    return {key: None if pd.isna(value) else value for key, value in found.items()}
