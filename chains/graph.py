"""The supply graph: stages as nodes, product flows of the base year as edges.

Stepping never walks this graph; it is what people look at and what the firm network is drawn from.
"""

from __future__ import annotations

import networkx as nx
import numpy as np

from ..config.loader import Config
from .base import Base, build_base

OUTSIDE, FINAL = "outside", ("households", "government", "investment")


def build_graph(config: Config, base: Base | None = None) -> nx.MultiDiGraph:
    """Draw who supplies whom in 2020.

    Nodes are stages plus ``outside``, ``households``, ``government`` and ``investment``; a stage carries chain, names,
    output (CNY a year), value added, utilisation and depth in its chain.  Edges carry product, flow (CNY a year),
    quantity (product units), coefficient (CNY per CNY of the buyer's output), outside share, transport cost and lag.
    """
    base = base or build_base(config)
    index = base.index
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for s, key in enumerate(index.stages):
        item = index.stage[key]
        chain = config.chains[index.chains[index.chain_of_stage[s]]]
        graph.add_node(
            key,
            chain=chain.chain,
            name_zh=item.name.zh,
            name_en=item.name.en,
            kind=item.agent,
            product=item.product,
            output=float(base.output[s]),
            value_added=float(base.value_added[s]),
            utilisation=float(base.output[s] / base.capacity[s]),
        )
    for node in (*FINAL, OUTSIDE):
        graph.add_node(node, chain="", kind="sector", output=0.0)
    _add_flows(graph, base)
    for key, depth in stage_depths(graph, index.stages).items():
        graph.nodes[key]["depth"] = depth
    return graph


def _add_flows(graph: nx.MultiDiGraph, base: Base) -> None:
    """Edges from makers to users, by product; makers of one product share its local sales by output."""
    index = base.index
    made = base.product_output
    buyers = [*index.stages, "households", "households", "government", "investment"]
    use = np.hstack([base.use, base.final])
    for p, product in enumerate(index.products):
        item = index.product[product]
        makers = np.flatnonzero(index.product_of_stage == p)
        attributes = {
            "transport_cost": item.freight.amount if item.freight else 0.0,
            "outside_share": float(base.import_share[p]),
        }
        for b in np.flatnonzero(use[p] > 0):
            local = use[p, b] * (1 - base.import_share[p])
            lag = index.stage[buyers[b]].lag if buyers[b] in index.stage else None
            edge = attributes | {"lag": lag.amount if lag else 0.0}
            edge["coefficient"] = float(use[p, b] / base.output[b]) if b < len(index.stages) else 0.0
            for s in makers:
                flow = local * base.output[s] / made[p]
                _add_flow(graph, index.stages[s], buyers[b], product, flow, base.price[p], edge)
            _add_flow(graph, OUTSIDE, buyers[b], product, use[p, b] - local, base.price[p], edge)
        for s in makers:
            flow = base.exports[p] * base.output[s] / made[p]
            _add_flow(graph, index.stages[s], OUTSIDE, product, flow, base.price[p], attributes)


def _add_flow(
    graph: nx.MultiDiGraph, seller: str, buyer: str, product: str, flow: float, price: float, edge: dict[str, float]
) -> None:
    if flow > 0:
        graph.add_edge(seller, buyer, key=product, product=product, flow=float(flow), quantity=float(flow / price), **edge)


def stage_depths(graph: nx.MultiDiGraph, stages: list[str]) -> dict[str, int]:
    """Columns of the supply picture: steps from the head of its own chain along the main flows.

    An edge counts when it carries at least 5 % of the buyer's or the seller's output inside one chain; cycles (coal for
    power for coal) are cut by condensing strongly connected stages into one column and spreading them by key.
    """
    inner: nx.DiGraph = nx.DiGraph()
    inner.add_nodes_from(stages)
    for seller, buyer, data in graph.edges(data=True):
        if seller in inner and buyer in inner and seller != buyer:
            if graph.nodes[seller]["chain"] == graph.nodes[buyer]["chain"] and graph.nodes[seller]["chain"] != "rest":
                if data["flow"] >= 0.05 * min(graph.nodes[seller]["output"], graph.nodes[buyer]["output"]):
                    inner.add_edge(seller, buyer)
    condensed = nx.condensation(inner)
    depth: dict[str, int] = {}
    for layer, components in enumerate(nx.topological_generations(condensed)):
        for component in components:
            for offset, key in enumerate(sorted(condensed.nodes[component]["members"])):
                depth[key] = layer + offset
    return depth


def local_share_of_inputs(base: Base) -> np.ndarray:
    """Share of each chain's intermediate inputs bought in the city (本地配套率), (chains,)."""
    local = (base.use * (1 - base.import_share)[:, None]).sum(axis=0)
    total = base.use.sum(axis=0)
    chains = base.index.chain_of_stage
    size = len(base.index.chains)
    return np.bincount(chains, local, minlength=size) / np.bincount(chains, total, minlength=size)
