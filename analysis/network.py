"""Who matters in a month's supply network, by firm and by stage: ties, rank among suppliers, place between others.

Everything here is read from the graph that `runs.network` writes; no model is needed.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd

LOCAL = ("firm", "farms")
COUNTY = "county market"
SPOT = "spot market"
MARKETS = (COUNTY, SPOT)
OUTSIDE = "outside"
STARTS = 100  # paths are followed from so many of the largest sellers: from all of them would take hours at scale 1
NAMES = ["kind", "name_zh", "name_en", "stage", "chain", "county", "anchor"]
CENTRALITY = ["suppliers", "customers", "bought", "sold", "pagerank", "betweenness"]


def deliveries(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """List deliveries, a row per edge.

    Returns
    -------
    DataFrame with seller, buyer (nodes), product, quantity, weight (CNY), ordered, critical, and kind and stage of both
    ends as seller_kind, buyer_kind, seller_stage, buyer_stage.
    """
    rows = [{"seller": seller, "buyer": buyer, **data} for seller, buyer, data in graph.edges(data=True)]
    columns = ["seller", "buyer", "product", "quantity", "weight", "ordered", "critical"]
    frame = pd.DataFrame(rows, columns=columns)
    for fact in ("kind", "stage"):
        known = {node: data.get(fact, "") for node, data in graph.nodes(data=True)}
        for end in ("seller", "buyer"):
            frame[f"{end}_{fact}"] = frame[end].map(known)
    return frame


def firm_centrality_table(graph: nx.MultiDiGraph, *, starts: int = STARTS) -> pd.DataFrame:
    """Say how central each firm and farm gate is, the highest rank first.

    Returns
    -------
    DataFrame with node, its names and place, suppliers and customers (numbers of ties, outside and final users
    included), bought and sold (CNY in the month), pagerank (buyers vote for suppliers with what they pay, each first
    with its own output, so that cutting a firm in two changes no sum) and betweenness (share of shortest paths from the
    ``starts`` largest sellers to all others that lead through it; a large delivery is a short way).
    """
    flows = deliveries(graph).groupby(["seller", "buyer"], sort=True)["weight"].sum().reset_index()
    inner = flows[flows["seller"].map(_is_local(graph)) & flows["buyer"].map(_is_local(graph))]
    simple = _simple(inner, [node for node in graph if _is_local(graph)[node]])
    largest = sorted(simple, key=lambda node: (-float(simple.out_degree(node, weight="weight")), node))[:starts]
    size = {node: max(float(graph.nodes[node].get("output", 0.0)), 0.0) for node in simple}
    table = _centrality(flows, simple, size, largest)
    table = table[[graph.nodes[node]["kind"] in LOCAL for node in table.index]]
    facts = pd.DataFrame({node: {name: graph.nodes[node][name] for name in NAMES} for node in table.index}).T
    return _ranked(facts.join(table), "node")


def stage_centrality_table(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Say the same of stages, whose firms and farms are taken together; betweenness follows paths from every stage."""
    flows = stage_flows(graph)
    inside = set(flows["seller"]) | set(flows["buyer"])
    stages = sorted(inside & {data["stage"] for _, data in graph.nodes(data=True) if data["kind"] in LOCAL})
    inner = flows[flows["seller"].isin(stages) & flows["buyer"].isin(stages) & (flows["seller"] != flows["buyer"])]
    size = dict.fromkeys(stages, 0.0)
    for _, data in graph.nodes(data=True):
        if data.get("stage") in size:
            size[data["stage"]] += max(float(data["output"]), 0.0)
    return _ranked(_centrality(flows, _simple(inner, stages), size, stages), "stage")


def stage_flows(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Add deliveries up by stage; what was bought on a county's or a spot market comes from its sellers in proportion.

    Returns
    -------
    DataFrame with seller, buyer (stages, final users or outside) and weight (CNY in the month).
    """
    every = deliveries(graph)
    market = every["seller"].where(every["seller_kind"].isin(MARKETS), every["buyer"])
    for end in ("seller", "buyer"):
        every[end] = every[f"{end}_stage"].where(every[f"{end}_stage"] != "", every[end])
    every["market"] = market
    given, taken = every[every["buyer_kind"].isin(MARKETS)], every[every["seller_kind"].isin(MARKETS)]
    part = given.groupby(["market", "seller"], sort=True)["weight"].sum()
    mix = (part / part.groupby("market").transform("sum")).rename("part").reset_index()
    mixed = taken.drop(columns="seller").merge(mix, on="market")
    mixed["weight"] *= mixed["part"]
    direct = every[~every["buyer_kind"].isin(MARKETS) & ~every["seller_kind"].isin(MARKETS)]
    whole = pd.concat([direct, mixed])[["seller", "buyer", "weight"]]
    return whole.groupby(["seller", "buyer"], sort=True)["weight"].sum().reset_index()


def _is_local(graph: nx.MultiDiGraph) -> dict[str, bool]:
    return {node: data["kind"] in (*LOCAL, *MARKETS) for node, data in graph.nodes(data=True)}


def _simple(flows: pd.DataFrame, nodes: list[str]) -> nx.DiGraph:
    """One edge a pair, with CNY as weight and its inverse as distance."""
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    for seller, buyer, weight in flows[flows["weight"] > 0].itertuples(index=False):
        graph.add_edge(seller, buyer, weight=weight, distance=1.0 / weight)
    return graph


def _centrality(flows: pd.DataFrame, simple: nx.DiGraph, size: dict[str, float], starts: list[str]) -> pd.DataFrame:
    """Measures by node: ties and CNY over all ``flows``, rank and place in the ``simple`` graph of local ends."""
    real = flows[flows["weight"] > 0]
    table = pd.DataFrame(index=pd.Index(list(simple)))
    table["suppliers"] = real.groupby("buyer").size().reindex(table.index, fill_value=0)
    table["customers"] = real.groupby("seller").size().reindex(table.index, fill_value=0)
    table["bought"] = real.groupby("buyer")["weight"].sum().reindex(table.index, fill_value=0.0)
    table["sold"] = real.groupby("seller")["weight"].sum().reindex(table.index, fill_value=0.0)
    voters = size if sum(size.values()) > 0 else None
    table["pagerank"] = pd.Series(nx.pagerank(simple.reverse(copy=False), personalization=voters, weight="weight"))
    through = nx.betweenness_centrality_subset(simple, starts, list(simple), weight="distance")
    pairs = max(len(starts) * (len(simple) - 2), 1)
    table["betweenness"] = pd.Series(through) / pairs
    return table


def _ranked(table: pd.DataFrame, key: str) -> pd.DataFrame:
    named = table.rename_axis(key).reset_index()
    return named.sort_values(["pagerank", key], ascending=[False, True], ignore_index=True)


def concentration_table(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Say on how few sellers each product that is bought in the city hangs, the most concentrated first.

    Shares are of all that is bought here.  Outside has many sellers, so it counts in the whole and adds nothing to
    concentration.  Firms without a name stand for many at small scales, which makes products they sell look more
    concentrated than they are; named firms are themselves at every scale.

    Returns
    -------
    DataFrame with product, bought (CNY in the month), sellers (local ones), outside_share, largest (node of the largest
    local seller), largest_share and herfindahl (sum of squared shares of local sellers, 0-1).
    """
    every = deliveries(graph)
    bought = every[(every["buyer_kind"] != OUTSIDE) & ~every["seller_kind"].isin(MARKETS) & (every["weight"] > 0)]
    by_seller = bought.groupby(["product", "seller"], sort=True)["weight"].sum().reset_index()
    rows = []
    for product, group in by_seller.groupby("product", sort=True):
        whole, local = float(group["weight"].sum()), group[group["seller"] != OUTSIDE]
        share = (local["weight"] / whole).to_numpy(dtype=float)
        top = int(np.argmax(share)) if len(share) else -1
        rows.append(
            {
                "product": product,
                "bought": whole,
                "sellers": len(local),
                "outside_share": 1.0 - float(share.sum()),
                "largest": local["seller"].iloc[top] if top >= 0 else "",
                "largest_share": float(share[top]) if top >= 0 else 0.0,
                "herfindahl": float((share**2).sum()),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(["herfindahl", "product"], ascending=[False, True], ignore_index=True)


def suppliers_table(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Say how many suppliers firms have for each input, by buying stage.

    Returns
    -------
    DataFrame with stage, product, critical, buyers (firms), bought (CNY in the month), suppliers (linked local firms
    and farm gates that delivered, mean over buyers weighted by what they bought), single_share (of what is bought, by
    firms with one local supplier, nothing outside and nothing from a market), outside_share, market_share (from makers
    that serve the county) and spot_share.
    """
    every = deliveries(graph)
    inputs = every[(every["buyer_kind"] == "firm") & (every["weight"] > 0)].copy()
    inputs["linked"] = inputs["seller_kind"].isin(LOCAL)
    for kind in (OUTSIDE, *MARKETS):
        inputs[kind] = inputs["weight"].where(inputs["seller_kind"] == kind, 0.0)
    keys = ["buyer_stage", "product"]
    firms = inputs.groupby([*keys, "buyer"], sort=True).agg(
        suppliers=("linked", "sum"), bought=("weight", "sum"), critical=("critical", "max"),
        outside=(OUTSIDE, "sum"), market=(COUNTY, "sum"), spot=(SPOT, "sum"),
    )  # fmt: skip
    alone = (firms["suppliers"] == 1) & (firms[["outside", "market", "spot"]] <= 0).all(axis=1)
    firms["single"] = firms["bought"].where(alone, 0.0)
    firms["suppliers"] *= firms["bought"]
    table = firms.groupby(keys, sort=True).agg(
        critical=("critical", "max"), buyers=("bought", "size"), bought=("bought", "sum"),
        suppliers=("suppliers", "sum"), single_share=("single", "sum"), outside_share=("outside", "sum"),
        market_share=("market", "sum"), spot_share=("spot", "sum"),
    )  # fmt: skip
    for name in ("suppliers", "single_share", "outside_share", "market_share", "spot_share"):
        table[name] /= table["bought"]
    return table.reset_index().rename(columns={"buyer_stage": "stage"})
