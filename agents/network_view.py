"""The supply network of a month as people look at it: who delivered what to whom, and who they are.

Stepping never walks this graph.  A watch, opened before the month, keeps what the two market rounds delivered along
each link, because links move and firms leave before the month is over; the graph is drawn from what it kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from .cells import stage_cells
from .county_market import ask_makers, county_orders
from .factors import FACTORS
from .supply import EXPORT, FARM, FIRM, GOVERNMENT, HOUSEHOLD, INVESTMENT

if TYPE_CHECKING:
    from .market import Deliveries
    from .model import IndustryChainModel
    from .supply import Market

USERS = {HOUSEHOLD: "households", GOVERNMENT: "government", INVESTMENT: "investment", EXPORT: "outside"}
WORDS = {
    "households": ("居民", "households"),
    "government": ("政府", "government"),
    "investment": ("投资", "investment"),
    "outside": ("市外", "outside"),
}
# Codes of nodes: sellers have their own from 0 on; users and outside are -1 less their kind, spot markets come below,
# and below them the county markets, by product and county.
SPOT = -100
COUNTY = -100_000
DUST = 1e-9  # share of a slot's goods below which a spot purchase is the last digit of a sum
EDGE = ["seller", "buyer", "product"]


class NetworkWatch:
    """Keeps who delivered what to whom in the month being stepped; opening one costs later months a little time.

    Attributes
    ----------
    nodes, edges : DataFrame or None
        Of the last month that was closed; None before the first.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        self.rounds: list[pd.DataFrame] = []
        self.nodes: pd.DataFrame | None = None
        self.edges: pd.DataFrame | None = None
        self.period = 0
        model.network_watch = self

    def see_round(
        self,
        model: IndustryChainModel,
        market: Market,
        available: np.ndarray,
        price: np.ndarray,
        deliveries: Deliveries,
    ) -> None:
        """Note one market round; by seller (N,) what was there and its price."""
        if market is model.supply.trade:
            self.rounds = []  # the month's first round
        orders = deliveries.orders  # less what is on its way
        buyer, critical = _buyers(model, market), np.zeros(len(orders), dtype=bool)
        if market is model.supply.trade:
            critical = model.supply.critical
        links, slots, sold = market.links, market.slots, deliveries
        asked = orders[links.slot] * links.share
        fill = np.minimum(np.divide(available, sold.ordered, out=np.ones(len(price)), where=sold.ordered > 0), 1.0)
        direct = asked * fill[links.seller]
        seller, place, pulled, got, cost = _through_counties(model, market, orders, fill, price)
        here = orders * links.pooled
        by_slot = np.bincount(links.slot, direct, minlength=len(orders)) + here * got
        paid = np.bincount(links.slot, direct * price[links.seller], minlength=len(orders)) + here * cost
        by_seller = np.bincount(links.seller, direct, minlength=len(price))
        by_seller += np.bincount(seller, pulled * fill[seller], minlength=len(price))
        spot = _above_dust(sold.local - by_slot, sold.local)
        lent = _above_dust(sold.sold - by_seller, sold.sold)
        outside = np.full(len(orders), -1 - EXPORT)
        made, product = model.supply.seller_product, slots.product
        counter = COUNTY - (product * len(model.index.counties) + slots.county)
        self.rounds += [
            _edges(links.seller, buyer[links.slot], product[links.slot], direct, direct * price[links.seller],
                   asked, critical[links.slot]),
            _edges(seller, COUNTY - place, made[seller], pulled * fill[seller], pulled * fill[seller] * price[seller],
                   pulled, np.zeros(len(seller), bool)),
            _edges(counter, buyer, product, here * got, here * cost, here, critical),
            _edges(SPOT - product, buyer, product, spot, sold.paid_local - paid, spot, critical),
            _edges(np.arange(len(price)), SPOT - made, made, lent, lent * price, lent, np.zeros(len(price), bool)),
            _edges(outside, buyer, product, sold.imported, sold.paid_outside, sold.imported, critical),
        ]  # fmt: skip

    def close_month(self, model: IndustryChainModel) -> None:
        """Note who the firms and farms of the month are, before those that close leave the tables."""
        every = pd.concat(self.rounds).groupby(EDGE, sort=True)
        self.edges = every.agg({"quantity": "sum", "paid": "sum", "ordered": "sum", "critical": "max"}).reset_index()
        self.nodes = pd.concat([_farm_gates(model), _firms(model)], ignore_index=True)
        self.period = model.year * 100 + model.calendar


def supply_network(model: IndustryChainModel) -> nx.MultiDiGraph:
    """Draw who delivered what to whom in the month just stepped.

    Nodes are firms and farm gates (the farms of one stage and county), named by their keys in hexadecimal (a named
    firm's followed by its number in its stage), and ``households``, ``government``, ``investment``, ``outside``,
    ``market:<product>:<county>``, where who knows no supplier by name buys from the makers that serve the county, and
    ``spot:<product>``, where what suppliers could not deliver was bought from whoever had some left.  Firms and
    farm gates carry kind, label, name_zh, name_en, stage, chain, county, product and its unit, output and value_added
    (CNY in the month), jobs (persons) and anchor (whether a named firm); firms also capacity (product units a month)
    and bound (what held output back).

    Edges, keyed by product, carry product, quantity (product units), weight (CNY paid), ordered (product units
    asked of this supplier) and critical (the buyer cannot do without).

    Raises
    ------
    RuntimeError
        Nobody watched the month.
    """
    watch = model.network_watch
    if watch is None or watch.nodes is None or watch.edges is None:
        raise RuntimeError("no month was watched: open NetworkWatch(model) before the step whose network is wanted")
    graph: nx.MultiDiGraph = nx.MultiDiGraph(month=f"{watch.period // 100}-{watch.period % 100:02d}", scale=model.scale)
    names: dict[int, str] = {}
    for code, facts in enumerate(watch.nodes.to_dict("records")):
        names[code] = str(facts["key"])
        left_out = ("key", "capacity", "bound") if facts["kind"] == "farms" else ("key",)
        graph.add_node(names[code], **{str(fact): value for fact, value in facts.items() if fact not in left_out})
    for kind, name in USERS.items():
        names[-1 - kind] = name
        graph.add_node(name, **_named("outside" if kind == EXPORT else "final users", *WORDS[name]))
    index = model.index
    every: Iterator[Any] = watch.edges.itertuples(index=False)
    for row in every:
        product = index.products[row.product]
        for code in (row.seller, row.buyer):
            if code <= COUNTY:
                county = index.counties[(COUNTY - code) % len(index.counties)]
                words, where = index.product[product].name, model.config.counties.counties[county].name
                names[code] = f"market:{product}:{county}"
                named = _named("county market", f"{words.zh}（{where.zh}）", f"{words.en} ({where.en})")
                graph.add_node(names[code], product=product, county=county, **named)
            elif code <= SPOT:
                words = index.product[product].name
                names[code] = f"spot:{product}"
                graph.add_node(names[code], product=product, **_named("spot market", words.zh, words.en))
        graph.add_edge(
            names[row.seller], names[row.buyer], key=product, product=product,
            quantity=float(row.quantity), weight=float(row.paid), ordered=float(row.ordered),
            critical=bool(row.critical),
        )  # fmt: skip
    return graph


def _through_counties(
    model: IndustryChainModel, market: Market, orders: np.ndarray, fill: np.ndarray, price: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What sellers were asked for by county markets, and what buyers of slots (K,) got there.

    Returns seller, market (product x county) and units asked, a row per pair, and units and CNY per unit ordered (K,).
    """
    supply, links, counties = model.supply, market.links, len(model.index.counties)
    local, made = supply.local, supply.seller_product
    orders = county_orders(orders, links.pooled, links.product, links.county, len(supply.base_price), counties)
    seen, _ = ask_makers(orders, local.pull, local.near, made, supply.seller_county)
    each = np.divide(orders, seen, out=np.zeros_like(orders), where=seen > 0)
    asked = local.pull[:, None] * each[made] * local.near[:, supply.seller_county].T
    seller, county = np.nonzero(asked > 0)
    place = made[seller] * counties + county
    units = asked[seller, county]
    total = np.maximum(np.bincount(place, units, minlength=orders.size), 1e-300)
    got = np.bincount(place, units * fill[seller], minlength=orders.size) / total
    cost = np.bincount(place, units * (fill * price)[seller], minlength=orders.size) / total
    mine = links.product * counties + links.county
    return seller, place, units, got[mine], cost[mine]


def _buyers(model: IndustryChainModel, market: Market) -> np.ndarray:
    """Code of the node that buys for each slot, (K,)."""
    slots, supply = market.slots, model.supply
    buyer = -1 - slots.kind
    firm = slots.kind == FIRM
    buyer[firm] = supply.gates + slots.buyer[firm]
    farm = slots.kind == FARM
    place = np.full(len(model.index.stages), -1)
    place[model.farms.stages] = np.arange(len(model.farms.stages))
    buyer[farm] = place[slots.stage[farm]] * len(model.index.counties) + slots.county[farm]
    return np.asarray(buyer)


def _above_dust(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(part > DUST * whole, part, 0.0)


def _edges(
    seller: np.ndarray, buyer: np.ndarray, product: np.ndarray, quantity: np.ndarray, paid: np.ndarray,
    ordered: np.ndarray, critical: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    """Deliveries that took place, or were asked for in vain, a row each."""
    took = np.flatnonzero((quantity > 0) | (ordered > 0))
    columns = {"seller": seller, "buyer": buyer, "product": product, "quantity": quantity, "paid": paid}
    columns |= {"ordered": ordered, "critical": critical}
    return pd.DataFrame({name: values[took] for name, values in columns.items()})


def _firms(model: IndustryChainModel) -> pd.DataFrame:
    firms, index = model.firms, model.index
    rows = []
    for row in range(len(firms.price)):
        stage, county = index.stages[firms.stage[row]], index.counties[firms.county[row]]
        number, key = int(firms.anchor[row]), f"{int(firms.key[row]):016x}"
        words = _place(model, stage, county)
        if number >= 0:
            name = index.stage[stage].anchors[number].name
            words, key = (name.zh, name.en), f"{key}.{number}"
        rows.append(
            {"key": key, **_named("firm", *words), "anchor": number >= 0}
            | _belongs(model, int(firms.stage[row]), county)
            | {
                "output": float(firms.output_value[row]),
                "value_added": float(firms.output_value[row] - firms.used_value[row]),
                "jobs": float(firms.staffed[row]),
                "capacity": float(firms.capacity[row]),
                "bound": FACTORS[firms.bound[row]],
            }
        )
    return pd.DataFrame(rows)


def _farm_gates(model: IndustryChainModel) -> pd.DataFrame:
    """Farms of a stage and county together, in the order of the sellers' codes."""
    index, supply = model.index, model.supply
    cells = stage_cells(model, model.recorder.farm_hands)
    rows = []
    for code in range(supply.gates):
        s, c = int(supply.seller_stage[code]), int(supply.seller_county[code])
        county = index.counties[c]
        rows.append(
            {"key": f"{int(supply.seller_key[code]):016x}"}
            | _named("farms", *_place(model, index.stages[s], county))
            | {"anchor": False}
            | _belongs(model, s, county)
            | {name: float(cells[of][s, c]) for name, of in
               (("output", "turnover"), ("value_added", "value_added"), ("jobs", "jobs"))}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _named(kind: str, zh: str, en: str) -> dict[str, str]:
    return {"kind": kind, "label": f"{zh} {en}", "name_zh": zh, "name_en": en}


def _place(model: IndustryChainModel, stage: str, county: str) -> tuple[str, str]:
    """Name of a firm without a name of its own: its stage and county."""
    name, where = model.index.stage[stage].name, model.config.counties.counties[county].name  # type: ignore[index]
    return f"{name.zh}（{where.zh}）", f"{name.en} ({where.en})"


def _belongs(model: IndustryChainModel, stage: int, county: str) -> dict[str, str]:
    index = model.index
    return {
        "stage": index.stages[stage],
        "chain": index.chains[index.chain_of_stage[stage]],
        "county": county,
        "product": (made := index.products[index.product_of_stage[stage]]),
        "unit": index.product[made].unit,
    }
