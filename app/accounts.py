"""The command ``accounts``: who paid whom in a scenario's last year, and who owns what, printed or as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from ..agents.account_table import FLOWS, SECTORS
from ..config.loader import Config
from ..runs.accounts import YearAccounts, last_year
from ..runs.audit import TOLERANCE
from ..runs.experiment import resolve
from ..runs.store import write_file
from .progress import MonthsProgress
from .running import DONE, NOTHING_FINISHED, experiment_path
from .showing import aligned

CHANGE = ("change", "净金融头寸变动", "change of net financial position")
STOCKS = (
    ("deposits", "存款", "deposits"),
    ("loans", "贷款", "loans"),
    ("bonds", "专项债", "special bonds"),
    ("position_outside", "对市外净头寸", "position outside"),
    ("capital", "固定资本", "fixed capital"),
    ("being_built", "在建", "capital being built"),
    ("goods", "存货", "goods in stock"),
    ("animals", "牲畜", "animals"),
    ("net_worth", "净值", "net worth"),
)
Row = tuple[str, str, str]


def accounts_command(experiment: str, *, scenario: str | None, csv: Path | None, **changes: Any) -> int:
    """Run one scenario and print who paid whom in its last twelve months; return the exit code."""
    changes.pop("replicates")
    resolved = resolve(experiment_path(experiment, changes["root"]), **changes)
    chosen = resolved.scenario(scenario).name
    with MonthsProgress("accounts") as progress:
        year = last_year(resolved, scenario, on_month=progress)
    rows: list[Row] = [(flow.key, flow.zh, flow.en) for flow in FLOWS]
    flows = pd.concat([year.flows, year.change.to_frame(CHANGE[0]).T])
    parts = {"flows": ([*rows, CHANGE], flows), "balances": (list(STOCKS), year.sheet)}
    if csv is not None:
        table = as_csv(parts, resolved.configs[chosen])
        write_file(csv, lambda file: file.write(table.to_csv(index=False).encode("utf-8-sig")))
        click.echo(csv)
    else:
        click.echo(f"{resolved.experiment.name}, {chosen}, {year.first} to {year.last}; 1e8 CNY, receipts positive\n")
        click.echo("\n\n".join(_printed(*part) for part in parts.values()))
    return _closes(year)


def _closes(year: YearAccounts) -> int:
    """Say by how much rows and columns are open; the exit code."""
    closes = year.error <= TOLERANCE
    click.echo(f"largest gap of a row or column: {year.error:.1e}{'' if closes else ', does not close'}", err=True)
    return DONE if closes else NOTHING_FINISHED


def as_csv(parts: dict[str, tuple[list[Row], pd.DataFrame]], config: Config) -> pd.DataFrame:
    """Lay the tables out for a spreadsheet: a line by row and sector, CNY, with the words for both."""
    names = _sector_names(config)
    lines = [
        (part, key, zh, en, sector, *names[sector], value)
        for part, (rows, table) in parts.items()
        for key, zh, en in rows
        for sector, value in zip(table.columns, table.loc[key].to_numpy(dtype=float), strict=True)
    ]
    heading = ("part", "row", "row_zh", "row_en", "sector", "sector_zh", "sector_en", "CNY")
    return pd.DataFrame(lines, columns=pd.Index(heading))


def _sector_names(config: Config) -> dict[str, tuple[str, str]]:
    """Chinese and English name of every column; firms by the name of their chain."""
    names = {sector.key: (sector.zh, sector.en) for sector in SECTORS}
    for key, chain in config.chains.items():
        names[f"firms_{key}"] = (f"企业：{chain.name.zh}", f"firms: {chain.name.en}")
    return names


def _printed(rows: list[Row], table: pd.DataFrame) -> str:
    """Set a table in columns; cells below half of the last digit are left blank."""
    short = [key.removeprefix("households_").removeprefix("firms_") for key in table.columns]
    lines = [("", *short, "sum")]
    for key, zh, en in rows:
        cells = table.loc[key].to_numpy(dtype=float) / 1e8
        lines.append((f"{zh} {en}", *(_cell(value) for value in [*cells, float(np.sum(cells))])))
    return aligned(lines, right=range(1, len(short) + 2))


def _cell(value: float) -> str:
    return "" if abs(value) < 0.005 else f"{value:,.2f}"
