"""The commands that show and check: ``base``, ``graph``, ``report``, ``validate`` and ``schema``."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import networkx as nx

from ..config import loader
from ..config.errors import ConfigError, nearest, width
from ..config.validation import KINDS, json_schema, validate_files

BASE_HEADINGS = ("2020", "modelled", "reference", "unit", "status", "deviation", "tolerance")
PNG: dict[str, Any] = {"format": "png", "dpi": 160, "metadata": {"Software": None}}


def base_command(scale: float | None, root: Path | None, as_json: bool) -> None:
    """Print the base year: modelled, observed or derived, and how far apart."""
    config = loader.load(root)
    rows = _base_rows(config, scale)
    if as_json:
        whole = _base_report(config) | {"scale": scale, "rows": rows}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    lines = [BASE_HEADINGS]
    for row in rows:
        lines.append(
            (
                f"{row['item_zh']} {row['item_en']}",
                _number(row["modelled"]),
                _number(row["reference"]),
                str(row["unit"]),
                str(row["status"]),
                _percent(row["deviation"], sign="+"),
                _percent(row["tolerance"]),
            )
        )
    click.echo(aligned(lines, right={1, 2, 5, 6}))


def aligned(lines: Sequence[Sequence[str]], right: Collection[int]) -> str:
    """Set words in columns; Chinese characters take two places."""
    widths = [max(width(line[column]) for line in lines) for column in range(len(lines[0]))]
    set_lines = []
    for line in lines:
        gaps = [" " * (room - width(cell)) for cell, room in zip(line, widths, strict=True)]
        cells = [
            gap + cell if at in right else cell + gap for at, (cell, gap) in enumerate(zip(line, gaps, strict=True))
        ]
        set_lines.append("  ".join(cells).rstrip())
    return "\n".join(set_lines)


def graph_command(out: Path, root: Path | None) -> None:
    """Draw the base year's supply graph, write it as GraphML, and print the files' paths."""
    from ..analysis.style import to_svg
    from ..analysis.supply_picture import chain_looks, plot_supply
    from ..chains.graph import build_graph
    from ..runs.store import write_file

    config = loader.load(root)
    supply = build_graph(config)
    figure = plot_supply(supply, chains=chain_looks(config))
    out.mkdir(parents=True, exist_ok=True)
    files = {
        out / "supply.png": lambda file: figure.savefig(file, **PNG),
        out / "supply.svg": lambda file: file.write(to_svg(figure, "supply").encode()),
        out / "supply.graphml": lambda file: nx.write_graphml(for_graphml(supply), file),
    }
    for path, write in files.items():
        write_file(path, write)
        click.echo(path)


def for_graphml(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Copy a graph with attributes GraphML can hold: numbers and truths stay, gaps go, the rest becomes text."""
    plain = nx.MultiDiGraph()
    for node, data in graph.nodes(data=True):
        plain.add_node(node, **_plain(data))
    for seller, buyer, key, data in graph.edges(keys=True, data=True):
        plain.add_edge(seller, buyer, key=str(key), **_plain(data))
    return plain


def report_command(results: Path, root: Path | None) -> None:
    """Write a report again from stored results, and print its path."""
    from ..analysis.report import write_report

    click.echo(write_report(results, config=loader.load(root)))


def validate_command(files: Sequence[Path], root: Path | None) -> None:
    """Check files; say that there is no error, or all of them at once."""
    problems = validate_files(files, root)
    if problems:
        raise ConfigError(problems)
    click.echo(f"{len(files)} file{'s' * (len(files) != 1)} without errors", err=True)


def schema_command(kind: str | None) -> None:
    """Print the JSON Schema of one kind of file, or of all by kind."""
    if kind is not None and kind not in KINDS:
        raise click.UsageError(f"there is no kind of file '{kind}'; {nearest(kind, KINDS)}")
    schema = json_schema(kind) if kind is not None else {name: json_schema(name) for name in sorted(KINDS)}
    click.echo(json.dumps(schema, ensure_ascii=False, indent=2))


def _base_report(config: loader.Config) -> dict[str, Any]:
    """Accounts, assumptions, plan ledger and the 2022 check of the base year."""
    from ..chains.base_report import base_report

    return base_report(config)


def _base_rows(config: loader.Config, scale: float | None) -> list[dict[str, Any]]:
    """Build the base year's rows, at a scale from the agents; a number that does not exist becomes nothing."""
    from ..chains.base_report import base_table

    measured = None if scale is None else _agents_totals(config, scale)
    return [_finite_row(row) for row in base_table(config, measured)]


def _agents_totals(config: loader.Config, scale: float) -> dict[str, float]:
    """Build the city at a scale and add its agents up."""
    from ..agents.base_totals import base_totals
    from ..agents.model import IndustryChainModel
    from ..config.schema import Name, Scenario

    nothing = Scenario(name="base", label=Name(zh="基年", en="base year"))
    model = IndustryChainModel(config, nothing, seed=0, scale=scale)
    totals = base_totals(model)
    model.release()
    return totals


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in data.items() if value is not None}
    return {key: value if isinstance(value, bool | int | float | str) else str(value) for key, value in kept.items()}


def _finite_row(row: Mapping[str, Any]) -> dict[str, Any]:
    missing = [key for key, value in row.items() if isinstance(value, float) and not math.isfinite(value)]
    return {**row, **dict.fromkeys(missing)}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _percent(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{value:{sign}.2%}"
