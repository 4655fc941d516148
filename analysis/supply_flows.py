"""Which flows the supply picture draws: of the many small ones only those a chain depends on, or that are large."""

from __future__ import annotations

import networkx as nx
import numpy as np

from .supply_layout import Flow
from .words import REST

INNER_SHARE, CROSS_COUNT, CROSS_LEAST, REST_COUNT = 0.05, 26, 0.05e8, 8


def shown_flows(graph: nx.MultiDiGraph) -> list[Flow]:
    """Choose the arrows: inside a chain all that matter to it, across chains the largest."""
    inner, cross, rest = [], [], []
    for seller, buyer, data in graph.edges(data=True):
        ends = graph.nodes[seller], graph.nodes[buyer]
        if seller == buyer or not all(end.get("chain") for end in ends):
            continue
        flow = Flow(seller, buyer, str(data.get("product", "")), float(data["flow"]))
        least = min(end.get("output") or np.inf for end in ends)
        if ends[0]["chain"] == ends[1]["chain"]:
            if ends[0]["chain"] != REST and flow.flow >= INNER_SHARE * least:
                inner.append(flow)
        elif REST in (ends[0]["chain"], ends[1]["chain"]):
            rest.append(flow)
        else:
            cross.append(flow)
    return inner + _across(graph, cross) + _largest(rest, REST_COUNT)


def _across(graph: nx.MultiDiGraph, flows: list[Flow]) -> list[Flow]:
    """Choose the largest flow of each pair of chains, so that power does not crowd out manure; then the largest."""
    best: dict[tuple[str, str], Flow] = {}
    for flow in _largest(flows, len(flows)):
        best.setdefault((graph.nodes[flow.seller]["chain"], graph.nodes[flow.buyer]["chain"]), flow)
    chosen = _largest([flow for flow in best.values() if flow.flow >= CROSS_LEAST], CROSS_COUNT)
    taken = set(chosen)
    others = [flow for flow in flows if flow not in taken]
    return chosen + _largest(others, CROSS_COUNT - len(chosen))


def _largest(flows: list[Flow], count: int) -> list[Flow]:
    return sorted(flows, key=lambda item: (-item.flow, item.seller, item.buyer, item.product))[:count]


def shown_share(graph: nx.MultiDiGraph) -> float:
    """Share of the value of all flows between local stages that the picture's arrows carry."""
    drawn = sum(flow.flow for flow in shown_flows(graph))
    local = [
        data["flow"]
        for seller, buyer, data in graph.edges(data=True)
        if seller != buyer and graph.nodes[seller].get("chain") and graph.nodes[buyer].get("chain")
    ]
    return drawn / sum(local) if local else 1.0
