"""The supply graph: stages as nodes, product flows of the base year as edges.

Stepping never walks this graph; it is what people look at and what the firm network is drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import numpy as np

from ..config.loader import Config
from .base import Base, build_base

OUTSIDE = "outside"
# users beyond the stages: their columns of ``Base.final``, and labels
FINAL = {
    "households": ((0, 1), "居民", "households"),
    "government": ((2,), "政府", "government"),
    "investment": ((3,), "投资", "investment"),
}
MAIN_FLOW = 0.05  # of the seller's or the buyer's output: what counts for a stage's depth


def build_graph(config: Config, base: Base | None = None) -> nx.MultiDiGraph:
    """Draw who supplies whom in 2020.

    Nodes are stages plus ``outside``, ``households``, ``government`` and ``investment``; a stage carries chain, names,
    output (CNY a year), value added, utilisation and depth in its chain.  Edges, keyed by product, carry flow (CNY a
    year), quantity (product units), coefficient (CNY per CNY of the buyer's output; 0 for final users), the product's
    outside share, transport_cost (CNY per unit over the mean haul, here or to the gates of trade with outside; paid as
    transport service, so not in the price) and lag (months).
    """
    base = base or build_base(config)
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    _add_nodes(graph, config, base)
    _add_flows(graph, config, base)
    for key, depth in stage_depths(graph, base.index.stages).items():
        graph.nodes[key]["depth"] = depth
    return graph


def road_distances(config: Config, counties: Sequence[str]) -> np.ndarray:
    """Road km between counties, (C, C): straight lines times the detour factor, half a county's radius inside it."""
    table = config.counties.distances.values
    rows = {str(a): {str(b): km for b, km in row.items()} for a, row in table.items()}
    km = np.array([[rows[a].get(b, rows[b].get(a, 0.0)) for b in counties] for a in counties])
    area = {str(key): facts.area.amount for key, facts in config.counties.counties.items()}
    inside = np.diag([0.5 * np.sqrt(area[key] / np.pi) for key in counties])
    return km * config.counties.detour.amount + inside


def gate_distances(config: Config, counties: Sequence[str]) -> np.ndarray:
    """Road km from counties to the outside cities through which trade comes and goes, (C, G)."""
    table = config.counties.distances.values
    rows = {str(a): {str(b): km for b, km in row.items()} for a, row in table.items()}
    km = np.array([[rows[a][gate] for gate in sorted(config.counties.gates.values)] for a in counties])
    return km * config.counties.detour.amount


def gate_shares(config: Config) -> np.ndarray:
    """Share of trade with outside that each of these cities takes, (G,)."""
    amounts = config.counties.gates.amounts
    return np.array([amounts[gate] for gate in sorted(amounts)]) / sum(amounts.values())


def outside_reach(config: Config, base: Base) -> np.ndarray:
    """How far goods go to outside, as a share of the way to the gates, (P,): what is heavy and cheap goes less far."""
    rate = np.array([item.freight_rate for item in base.index.product.values()])
    cost = rate * mean_way_outside(config, base)
    limit = config.parameters.outside.freight_limit.amount * base.price
    return np.minimum(1.0, np.divide(limit, cost, out=np.ones(len(cost)), where=cost > 0))


def mean_way_outside(config: Config, base: Base) -> float:
    """Road km to the gates of outside trade from where output is made."""
    away = gate_distances(config, base.index.counties) @ gate_shares(config)
    return float(base.output @ base.county_share @ away / base.output.sum())


def _add_nodes(graph: nx.MultiDiGraph, config: Config, base: Base) -> None:
    index = base.index
    for s, key in enumerate(index.stages):
        item = index.stage[key]
        graph.add_node(
            key,
            chain=config.chains[index.chains[index.chain_of_stage[s]]].chain,
            name_zh=item.name.zh,
            name_en=item.name.en,
            kind=item.agent,
            product=item.product,
            output=float(base.output[s]),
            value_added=float(base.value_added[s]),
            utilisation=float(base.output[s] / base.capacity[s]),
        )
    for key, (_, zh, en) in FINAL.items():
        graph.add_node(key, chain="", name_zh=zh, name_en=en, kind="sector", output=0.0)
    graph.add_node(OUTSIDE, chain="", name_zh="市外", name_en="outside", kind="sector", output=0.0)


def _add_flows(graph: nx.MultiDiGraph, config: Config, base: Base) -> None:
    """Edges from makers to users, by product; makers of one product share its local sales by output."""
    index, made = base.index, base.product_output
    distance = road_distances(config, index.counties)
    away = gate_distances(config, index.counties) @ gate_shares(config)
    mean_away, reach = mean_way_outside(config, base), outside_reach(config, base)
    for p, product in enumerate(index.products):
        item = index.product[product]
        makers = np.flatnonzero(index.product_of_stage == p)
        per_km, per_km_outside = item.freight_rate, item.freight_rate * float(reach[p])
        outside_share = float(base.import_share[p])
        uses = [(key, base.use[p, s], s) for s, key in enumerate(index.stages)]
        uses += [(key, base.final[p, list(columns)].sum(), -1) for key, (columns, _, _) in FINAL.items()]
        for buyer, use, b in uses:
            lag = index.stage[buyer].lag if b >= 0 else None
            edge = {
                "coefficient": float(use / base.output[b]) if b >= 0 else 0.0,
                "outside_share": outside_share,
                "transport_cost": per_km_outside * (float(base.county_share[b] @ away) if b >= 0 else mean_away),
                "lag": lag.amount if lag else 0.0,
            }
            _add_edge(graph, OUTSIDE, buyer, product, use * outside_share, base.price[p], edge)
            for s in makers:
                where = base.county_share[b] if b >= 0 else base.county_share[s]
                haul = float(base.county_share[s] @ distance @ where)
                flow = use * (1 - outside_share) * base.output[s] / made[p]
                _add_edge(
                    graph,
                    index.stages[s],
                    buyer,
                    product,
                    flow,
                    base.price[p],
                    edge | {"transport_cost": per_km * haul},
                )
        sold = {"coefficient": 0.0, "outside_share": outside_share, "lag": 0.0}
        for s in makers:
            _add_edge(
                graph,
                index.stages[s],
                OUTSIDE,
                product,
                base.exports[p] * base.output[s] / made[p],
                base.price[p],
                sold | {"transport_cost": per_km_outside * float(base.county_share[s] @ away)},
            )


def _add_edge(
    graph: nx.MultiDiGraph, seller: str, buyer: str, product: str, flow: float, price: float, edge: dict[str, float]
) -> None:
    if flow > 0:
        quantity = float(flow / price)
        graph.add_edge(seller, buyer, key=product, product=product, flow=float(flow), quantity=quantity, **edge)


def stage_depths(graph: nx.MultiDiGraph, stages: Sequence[str]) -> dict[str, int]:
    """Columns of the supply picture: steps from the head of its own chain along the main flows.

    An edge counts when it carries at least 5 % of the buyer's or the seller's output inside one chain.  Stages that
    supply each other (coal for power for coal) stand side by side, by key.
    """
    inner: nx.DiGraph = nx.DiGraph()
    inner.add_nodes_from(stages)
    for seller, buyer, data in graph.edges(data=True):
        if seller in inner and buyer in inner and seller != buyer:
            ends = graph.nodes[seller], graph.nodes[buyer]
            same = ends[0]["chain"] == ends[1]["chain"] != "rest"
            if same and data["flow"] >= MAIN_FLOW * min(end["output"] for end in ends):
                inner.add_edge(seller, buyer)
    condensed = nx.condensation(inner)
    depth: dict[str, int] = {}
    for component in nx.topological_sort(condensed):
        before = [m for source in condensed.predecessors(component) for m in condensed.nodes[source]["members"]]
        first = max((depth[member] + 1 for member in before), default=0)
        for offset, key in enumerate(sorted(condensed.nodes[component]["members"])):
            depth[key] = first + offset
    return depth


def local_share_of_inputs(base: Base) -> np.ndarray:
    """Share of each chain's intermediate inputs bought in the city (本地配套率), (chains,)."""
    local = (base.use * (1 - base.import_share)[:, None]).sum(axis=0)
    total = base.use.sum(axis=0)
    chains, size = base.index.chain_of_stage, len(base.index.chains)
    return np.bincount(chains, local, minlength=size) / np.bincount(chains, total, minlength=size)
