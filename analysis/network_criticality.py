"""Which firms others cannot do without: value added that hangs on a firm's deliveries of critical inputs."""

from __future__ import annotations

from collections import defaultdict

import networkx as nx
import pandas as pd

from .network import LOCAL, MARKETS, NAMES

SMALLEST = 1e-4  # share of a firm's output: smaller losses are not followed any further
FOLLOWED = 300  # failures followed through the network: at scale 1 it would take hours to follow every firm's

# what hangs on a node's deliveries: (buyer, product, share of the buyer's supply of it that comes from here)
Hangers = dict[str, list[tuple[str, str, float]]]


def criticality_table(graph: nx.MultiDiGraph, *, most: int = FOLLOWED) -> pd.DataFrame:
    """Say how much value added of others depends on each firm and farm gate, the most critical first.

    A firm's deliveries are taken away and nothing takes their place: stocks are used up, nobody changes supplier, and
    a firm makes as much less as the critical input it lacks most (Leontief, as in ``critical`` of Pichler et al. 2022).
    Its own customers then lack what it no longer makes, and so on.  Only inputs a stage lists as critical count; what
    comes from outside goes on.  So this is an upper bound of the first months; how buyers get round a failure is what
    `runs.ripple` shows.

    Returns
    -------
    DataFrame with a row for each of the ``most`` firms and farm gates whose direct customers depend most on them: node,
    its names and place, own_value_added (CNY in the month), customers_at_risk (value added of direct customers that
    depends on it, CNY), dependants (firms that lose some output), value_added_at_risk (CNY in the month, of all others;
    negative value added counts as none) and criticality (its share of all value added of firms and farms).
    """
    hangers = _hangers(graph)
    worth = {
        node: max(float(data["value_added"]), 0.0) for node, data in graph.nodes(data=True) if data["kind"] in LOCAL
    }
    total = sum(worth.values())
    direct = {node: _at_risk(losses(node, hangers, once=True), node, worth) for node in worth}
    rows = []
    for node in sorted(worth, key=lambda name: (-direct[name], name))[:most]:
        lost, facts = losses(node, hangers), graph.nodes[node]
        at_risk = _at_risk(lost, node, worth)
        rows.append(
            {"node": node, **{name: facts[name] for name in NAMES}}
            | {"own_value_added": float(facts["value_added"]), "customers_at_risk": direct[node]}
            | {"dependants": sum(other in worth for other in lost) - 1, "value_added_at_risk": at_risk}
            | {"criticality": at_risk / total if total > 0 else 0.0}
        )
    table = pd.DataFrame(rows)
    return table.sort_values(["criticality", "node"], ascending=[False, True], ignore_index=True)


def _at_risk(lost: dict[str, float], node: str, worth: dict[str, float]) -> float:
    """Value added of others that is lost with these shares of output, CNY."""
    return sum(worth[other] * share for other, share in lost.items() if other in worth and other != node)


def losses(node: str, hangers: Hangers, *, once: bool = False) -> dict[str, float]:
    """Follow what a node's failure takes away: share of output lost by node, 1 for the node itself.

    The share a firm loses is the largest over its critical inputs of what is missing of each; gains come in small steps
    that are added up until none is left that matters.  ``once`` stops at direct customers.
    """
    lost = {node: 1.0}
    missing: dict[tuple[str, str], float] = defaultdict(float)
    waiting = {node: 1.0}
    while waiting:
        seller, more = waiting.popitem()
        for buyer, product, share in hangers.get(seller, ()):
            missing[buyer, product] += share * more
            now = min(missing[buyer, product], 1.0)
            before = lost.get(buyer, 0.0)
            told = before - waiting.get(buyer, 0.0)  # what its own customers have been told of
            if now > before and now - told > SMALLEST:
                lost[buyer] = now
                if not once:
                    waiting[buyer] = now - told
    return lost


def _hangers(graph: nx.MultiDiGraph) -> Hangers:
    """Read off the graph who depends on whom for what; a market has less when its sellers have."""
    supply: dict[tuple[str, str], float] = defaultdict(float)
    counted = []
    for seller, buyer, data in graph.edges(data=True):
        kind = graph.nodes[buyer]["kind"]
        if data["quantity"] > 0 and (kind in MARKETS or (kind in LOCAL and data["critical"])):
            supply[buyer, data["product"]] += data["quantity"]
            counted.append((seller, buyer, data["product"], data["quantity"]))
    found: Hangers = defaultdict(list)
    for seller, buyer, product, quantity in counted:
        found[seller].append((buyer, product, quantity / supply[buyer, product]))
    return found
