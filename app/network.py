"""The command ``network``: who supplied whom in a month, which firms others cannot do without, what hangs on few."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import IO, Any

import click
import networkx as nx
import pandas as pd

from ..analysis.network import (
    concentration_table,
    deliveries,
    firm_centrality_table,
    stage_centrality_table,
    suppliers_table,
)
from ..analysis.network_criticality import criticality_table
from ..analysis.results import records
from ..config.loader import Config
from ..runs.errors import ExperimentError
from ..runs.experiment import resolve
from ..runs.network import month_network, months_to, write_network
from ..runs.store import write_file
from .progress import MonthsProgress
from .running import DONE, experiment_path
from .showing import aligned

TOP = 10
SMALL = 1e6  # CNY a month: a product of which less is bought here is left out of what is printed
CRITICAL_HEADINGS = (
    "企业 firm", "环节 stage", "依赖的增加值 value added that hangs on it", "占比 share",
    "其中直接客户 direct customers", "受影响企业 firms hit",
)  # fmt: skip
CONCENTRATION_HEADINGS = (
    "产品 product", "本地采购 bought here", "本地卖方 local sellers", "最大卖方 largest seller", "份额 share",
    "赫芬达尔 Herfindahl", "外购 outside",
)  # fmt: skip


def network_command(
    experiment: str, *, scenario: str | None, month: str, out: Path | None, csv: Path | None, **changes: Any
) -> int:
    """Run one scenario to a month; print and write its network and measures; return the exit code."""
    changes.pop("replicates")
    resolved = resolve(experiment_path(experiment, changes["root"]), **changes)
    chosen = resolved.scenario(scenario).name
    months_to(resolved, month)
    _check_places(out, csv)
    with MonthsProgress("network") as progress:
        graph = month_network(resolved, scenario, month, on_month=progress)
    config = resolved.configs[chosen]
    critical, concentrated = criticality_table(graph), concentration_table(graph)
    click.echo(f"{resolved.experiment.name}, {chosen}, {month}; {_size(graph)}; 1e4 CNY\n")
    click.echo(f"最关键的企业 firms others cannot do without\n{_critical(critical, config)}\n")
    click.echo(f"最集中的产品 most concentrated products\n{_concentrated(concentrated, graph, config)}")
    if out is not None:
        write_network(graph, out)
        click.echo(out)
    if csv is not None:
        _write_tables(graph, {"criticality": critical, "concentration": concentrated}, csv)
    return DONE


def _check_places(out: Path | None, csv: Path | None) -> None:
    """Refuse before months are run what could not be written after them."""
    if out is not None and out.suffix != ".graphml":
        raise ExperimentError(f"--out {out}: the network is written as GraphML; give a name that ends in .graphml")
    if csv is not None:
        csv.mkdir(parents=True, exist_ok=True)


def _write_tables(graph: nx.MultiDiGraph, known: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write every measure as CSV that spreadsheets read, and print the files' paths."""
    tables = known | {
        "centrality_firms": firm_centrality_table(graph),
        "centrality_stages": stage_centrality_table(graph),
        "suppliers": suppliers_table(graph),
        "deliveries": deliveries(graph),
    }
    for name, table in tables.items():
        text = table.to_csv(index=False).encode("utf-8-sig")
        write_file(folder / f"{name}.csv", partial(_write, text))
        click.echo(folder / f"{name}.csv")


def _write(text: bytes, file: IO[bytes]) -> None:
    file.write(text)


def _size(graph: nx.MultiDiGraph) -> str:
    firms = sum(data["kind"] == "firm" for _, data in graph.nodes(data=True))
    return f"{firms} firms, {graph.number_of_edges()} deliveries"


def _critical(table: pd.DataFrame, config: Config) -> str:
    stages = {key: item.name for chain in config.chains.values() for key, item in chain.stages.items()}
    lines = [CRITICAL_HEADINGS]
    for row in records(table[table["kind"] == "firm"].head(TOP)):
        stage = stages[row.stage]
        lines.append(
            (
                f"{row.name_zh} {row.name_en}", f"{stage.zh} {stage.en}", _wan(row.value_added_at_risk),
                f"{row.criticality:.1%}", _wan(row.customers_at_risk), f"{row.dependants}",
            )
        )  # fmt: skip
    return aligned(lines, right=range(2, len(CRITICAL_HEADINGS)))


def _concentrated(table: pd.DataFrame, graph: nx.MultiDiGraph, config: Config) -> str:
    products = {key: item.name for chain in config.chains.values() for key, item in chain.products.items()}
    lines = [CONCENTRATION_HEADINGS]
    for row in records(table[table["bought"] >= SMALL].head(TOP)):
        name, seller = products[row.product], graph.nodes[row.largest]["label"] if row.largest else ""
        lines.append(
            (
                f"{name.zh} {name.en}", _wan(row.bought), f"{row.sellers}", seller, f"{row.largest_share:.0%}",
                f"{row.herfindahl:.2f}", f"{row.outside_share:.0%}",
            )
        )  # fmt: skip
    return aligned(lines, right={1, 2, 4, 5, 6})


def _wan(amount: Any) -> str:
    return f"{amount / 1e4:,.0f}"
