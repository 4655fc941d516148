"""Decides which month's supply network is looked at: runs a scenario to that month, and writes and reads the graph."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import networkx as nx

from . import single
from .clock import count_months, last_month, month_index, month_name
from .design import run_seed
from .errors import ExperimentError
from .experiment import ResolvedExperiment
from .store import write_file

READING = ("node_default", "edge_default")  # what NetworkX notes about a file, not about the graph


def month_network(
    resolved: ResolvedExperiment,
    scenario: str | None,
    month: str,
    *,
    on_month: Callable[[int, int], None] | None = None,
) -> nx.MultiDiGraph:
    """Run the first replicate of a scenario to a month (YYYY-MM) and draw who delivered what to whom in it.

    Raises
    ------
    ExperimentError
        There is no such scenario or month, or the experiment does not run in it.
    """
    from ..agents.network_view import NetworkWatch, supply_network

    months = months_to(resolved, month)
    experiment, chosen = resolved.experiment, resolved.scenario(scenario)
    seed = run_seed(experiment.seeds.root, crn=experiment.seeds.crn, scenario=chosen.name, replicate=0)
    model = single.industry_chain_model(
        resolved.configs[chosen.name], chosen, seed=seed, scale=experiment.scale, start=experiment.start
    )
    try:
        for done in range(months):
            if done == months - 1:
                NetworkWatch(model)
            model.step()
            if on_month is not None:
                on_month(done + 1, months)
        graph = supply_network(model)
        graph.graph |= {"experiment": experiment.name, "scenario": chosen.name}
        return graph
    finally:
        model.release()


def months_to(resolved: ResolvedExperiment, month: str) -> int:
    """Count the steps to the end of a month of the experiment."""
    first, last = resolved.experiment.start, last_month(resolved.experiment.start, resolved.months)
    if not re.fullmatch(r"\d{4}-\d{2}", month) or month_name(month_index(month)) != month:
        raise ExperimentError(f"--month {month}: there is no such month; write YYYY-MM with months 01 to 12")
    steps = count_months(first, month)
    if not 1 <= steps <= resolved.months:
        raise ExperimentError(
            f"--month {month}: {resolved.experiment.name} runs from {first} to {last}; choose one of these months"
        )
    return steps


def write_network(graph: nx.MultiDiGraph, path: Path) -> None:
    """Write a network as GraphML that Gephi, too, reads whole: every edge gets a number of its own as its id."""
    numbered = graph.copy()
    for number, (_, _, data) in enumerate(numbered.edges(data=True)):
        data["number"] = number
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(
        path, lambda file: nx.write_graphml_xml(numbered, file, edge_id_from_attribute="number", prettyprint=False)
    )


def read_network(path: Path) -> nx.MultiDiGraph:
    """Read a network that :func:`write_network` wrote; it is equal to the one written, edges keyed by product again."""
    read = nx.read_graphml(path, force_multigraph=True)
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    graph.graph.update({name: value for name, value in read.graph.items() if name not in READING})
    graph.add_nodes_from(read.nodes(data=True))
    edges = sorted(read.edges(data=True), key=lambda edge: edge[2]["number"])
    for seller, buyer, data in edges:
        del data["number"]
        graph.add_edge(seller, buyer, key=data["product"], **data)
    return graph
