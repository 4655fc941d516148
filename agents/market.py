"""One goods market round: orders meet stocks at named suppliers and in county markets, then spot pass and imports.

Buyers are slots (a firm's input, a farm activity's input in a county, a final user's product in a county); sellers are
firms and farm-gate markets (one per farm stage and county).  Hallegatte (2008, 2013: ARIO) rations in proportion;
Colon, Hallegatte and Rozenberg (2021) send unmet orders to other suppliers and then outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .compiled import compiled
from .county_market import CountyMarket, ask_makers, serve_counties


@dataclass
class Links:
    """Supplier links in slot order.

    Attributes
    ----------
    slot, seller : (L,) codes; ``share`` (L,) is the share of the slot's order that goes to the seller.
    pooled : (K,) share of each slot's order that goes to the makers that serve its county, no one by name.
    outside : (K,) share of each slot's order that goes outside at once.
    product, county, stage : (K,) of the slots; ``stage`` is -1 for final users.
    """

    slot: np.ndarray
    seller: np.ndarray
    share: np.ndarray
    pooled: np.ndarray
    outside: np.ndarray
    product: np.ndarray
    county: np.ndarray
    stage: np.ndarray


@dataclass
class Sellers:
    """What is for sale in this round; arrays (N,) over farm-gate markets, then firms."""

    product: np.ndarray
    stage: np.ndarray
    county: np.ndarray
    price: np.ndarray
    available: np.ndarray


BY_SLOT = ("local", "imported", "paid_local", "paid_outside", "unmet", "late", "orders")
BY_SELLER = ("sold", "revenue", "ordered")


@dataclass
class Deliveries:
    """Outcome of a round; quantities in product units, money in CNY.

    ``local`` and ``imported`` (K,) are quantities by slot, ``paid_local`` and ``paid_outside`` (K,) their cost;
    ``sold`` and ``revenue`` (N,) by seller; ``ordered`` (N,) what was asked of the seller, unmet demand included;
    ``unmet`` (K,); ``late`` (K,) is ordered outside in an emergency and comes in a later month; ``flows`` (S, S) CNY
    from selling to buying stage; ``orders`` (K,) is what slots asked for.
    """

    local: np.ndarray
    imported: np.ndarray
    paid_local: np.ndarray
    paid_outside: np.ndarray
    sold: np.ndarray
    revenue: np.ndarray
    ordered: np.ndarray
    unmet: np.ndarray
    late: np.ndarray
    orders: np.ndarray
    flows: np.ndarray

    def cut(self, slots: np.ndarray, sellers: np.ndarray) -> Deliveries:
        """The same round for the slots and sellers (masks) that stay."""
        masks = dict.fromkeys(BY_SLOT, slots) | dict.fromkeys(BY_SELLER, sellers)
        return replace(self, **{name: getattr(self, name)[mask] for name, mask in masks.items()})

    @property
    def quantity(self) -> np.ndarray:
        """Product units delivered to each slot."""
        return self.local + self.imported

    @property
    def paid(self) -> np.ndarray:
        """CNY paid by each slot."""
        return self.paid_local + self.paid_outside


def clear_market(
    links: Links,
    local_market: CountyMarket,
    orders: np.ndarray,
    sellers: Sellers,
    import_price: np.ndarray,
    importable: np.ndarray,
    stages: int,
    waits: np.ndarray,
    arrived: np.ndarray,
    substitution: float,
    nearer: np.ndarray,
) -> Deliveries:
    """Serve orders (K,) from what sellers have.

    ``import_price`` is (P,), ``importable`` (K,) says who may buy outside, ``waits`` (K,) whose emergency orders
    come later, ``arrived`` (K,) what comes now of earlier ones.  Where local sellers have goods left below the import
    price, buyers turn ``substitution`` x the price gap of their outside orders to them; ``nearer`` (P,) is what hauls
    from outside got cheaper by, CNY a unit.
    """
    ordered, sold, local, paid_local, flows, seen = _serve(
        links.slot, links.seller, links.share, links.pooled, links.product, links.county, links.stage, orders,
        local_market.pull, local_market.near, sellers.product, sellers.county, sellers.stage, sellers.price,
        sellers.available, stages, len(import_price),
    )  # fmt: skip
    extra, extra_sold, spot_price, outside, unmet, extra_p = _spot_pass(
        links.product, links.county, links.pooled, links.outside, orders, local, seen, sellers.product, sellers.price,
        sellers.available, sold, import_price - nearer, substitution,
    )  # fmt: skip
    flows += _spot_flows(sellers, extra_sold, links, extra, extra_p, stages)
    sold = sold + extra_sold
    late = np.zeros(len(orders))
    imported, paid_outside = _turn_outside(
        links.product, importable, waits, arrived, outside, extra, spot_price, import_price, local, paid_local, unmet,
        late,
    )  # fmt: skip
    return Deliveries(
        local=local,
        imported=imported,
        paid_local=paid_local,
        paid_outside=paid_outside,
        sold=sold,
        revenue=sold * sellers.price,
        ordered=ordered,
        unmet=unmet,
        late=late,
        orders=orders,
        flows=flows,
    )


@compiled
def _turn_outside(
    product: np.ndarray,
    importable: np.ndarray,
    waits: np.ndarray,
    arrived: np.ndarray,
    outside: np.ndarray,
    extra: np.ndarray,
    spot_price: np.ndarray,
    import_price: np.ndarray,
    local: np.ndarray,
    paid_local: np.ndarray,
    unmet: np.ndarray,
    late: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Add what was bought on the spot to ``local``; what may be bought outside comes from there, at once or ``late``.

    Returns units and CNY that come from outside, (K,); fills ``late`` and leaves in ``unmet`` what nobody brings.
    """
    imported, paid = np.empty(len(product)), np.empty(len(product))
    for k in range(len(product)):
        p, comes = product[k], outside[k]
        local[k] += extra[k]
        paid_local[k] += extra[k] * spot_price[p]
        if importable[k]:
            if waits[k]:
                late[k] = unmet[k]
            else:
                comes += unmet[k]
            unmet[k] = 0.0
        imported[k], paid[k] = comes + arrived[k], comes * import_price[p] + arrived[k] * import_price[p]
    return imported, paid


@compiled
def _serve(
    link_slot: np.ndarray,
    link_seller: np.ndarray,
    link_share: np.ndarray,
    pooled: np.ndarray,
    slot_product: np.ndarray,
    slot_county: np.ndarray,
    slot_stage: np.ndarray,
    orders: np.ndarray,
    pull: np.ndarray,
    near: np.ndarray,
    seller_product: np.ndarray,
    seller_county: np.ndarray,
    seller_stage: np.ndarray,
    price: np.ndarray,
    available: np.ndarray,
    stages: int,
    products: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ask named suppliers and the makers that serve a county; each serves all orders it gets in proportion.

    Returns (N,) ordered and sold by seller, (K,) delivered and CNY paid by slot, (S, S) CNY from selling to buying
    stage, and (P, C) the pull of makers seen from each county.  Final users (stage -1) are left out of the flows.
    """
    sellers, slots, counties = len(available), len(orders), len(near)
    ordered, sold = np.zeros(sellers), np.zeros(sellers)
    local, paid = np.zeros(slots), np.zeros(slots)
    flows = np.zeros((stages, stages))
    asked, by_buyer = np.zeros((products, counties)), np.zeros((products, counties, stages))
    for at in range(len(link_slot)):
        ordered[link_seller[at]] += orders[link_slot[at]] * link_share[at]
    for k in range(slots):
        if pooled[k] > 0.0:
            p, c, units = slot_product[k], slot_county[k], orders[k] * pooled[k]
            asked[p, c] += units
            if slot_stage[k] >= 0:
                by_buyer[p, c, slot_stage[k]] += units
    seen, rate = ask_makers(asked, pull, near, seller_product, seller_county)
    fill = np.ones(sellers)
    for n in range(sellers):
        ordered[n] += pull[n] * rate[seller_product[n], seller_county[n]]
        if ordered[n] > 0:
            fill[n] = min(1.0, available[n] / ordered[n])
        sold[n] = pull[n] * rate[seller_product[n], seller_county[n]] * fill[n]
    got, cost, by_stage = serve_counties(
        pull, near, fill, price, seller_product, seller_county, seller_stage, seen, stages
    )
    for k in range(slots):
        if pooled[k] > 0.0:
            units = orders[k] * pooled[k]
            local[k] = units * got[slot_product[k], slot_county[k]]
            paid[k] = units * cost[slot_product[k], slot_county[k]]
    for at in range(len(link_slot)):
        slot, seller = link_slot[at], link_seller[at]
        direct = orders[slot] * link_share[at] * fill[seller]
        value = direct * price[seller]
        sold[seller] += direct
        local[slot] += direct
        paid[slot] += value
        if slot_stage[slot] >= 0:
            flows[seller_stage[seller], slot_stage[slot]] += value
    product_of = np.full(stages, -1)
    for n in range(sellers):
        product_of[seller_stage[n]] = seller_product[n]
    for s in range(stages):
        if product_of[s] >= 0:
            for c in range(counties):
                if by_stage[s, c] > 0.0:
                    for b in range(stages):
                        flows[s, b] += by_stage[s, c] * by_buyer[product_of[s], c, b]
    return ordered, sold, local, paid, flows, seen


@compiled
def _spot_pass(
    slot_product: np.ndarray,
    slot_county: np.ndarray,
    pooled: np.ndarray,
    outside_share: np.ndarray,
    orders: np.ndarray,
    local: np.ndarray,
    seen: np.ndarray,
    seller_product: np.ndarray,
    price: np.ndarray,
    available: np.ndarray,
    sold: np.ndarray,
    import_price: np.ndarray,
    substitution: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Send what suppliers could not serve to whoever still has stock, at that seller's price.

    Where no maker serves a county (``seen`` (P, C) is 0), what would be bought there is ordered outside.
    Returns (K,) units bought so, (N,) units sold so, (P,) mean price, (K,) units ordered outside from the start,
    (K,) units still missing, (P,) units bought so by product.
    """
    products, slots, sellers = len(import_price), len(orders), len(available)
    spare = np.maximum(available - sold, 0.0)
    spare_p, worth = np.zeros(products), np.zeros(products)
    for n in range(sellers):
        spare_p[seller_product[n]] += spare[n]
        worth[seller_product[n]] += spare[n] * price[n]
    turn = np.zeros(products)
    for p in range(products):
        local_price = worth[p] / spare_p[p] if spare_p[p] > 0 else import_price[p]
        turn[p] = min(max(substitution * (import_price[p] / max(local_price, 1e-12) - 1), 0.0), 0.9)
    outside, missing, missing_p = np.zeros(slots), np.zeros(slots), np.zeros(products)
    for k in range(slots):
        p = slot_product[k]
        away = outside_share[k] + (pooled[k] if seen[p, slot_county[k]] == 0.0 else 0.0)
        outside[k] = orders[k] * away * (1 - turn[p])
        missing[k] = max(orders[k] - outside[k] - local[k], 0.0)
        missing_p[p] += missing[k]
    served, used = np.zeros(products), np.zeros(products)
    for p in range(products):
        if missing_p[p] > 0:
            served[p] = min(1.0, spare_p[p] / missing_p[p])
        if spare_p[p] > 0:
            used[p] = served[p] * missing_p[p] / spare_p[p]
    value, extra_sold = np.zeros(products), np.zeros(sellers)
    for n in range(sellers):
        extra_sold[n] = spare[n] * used[seller_product[n]]
        value[seller_product[n]] += extra_sold[n] * price[n]
    extra, extra_p = np.zeros(slots), np.zeros(products)
    for k in range(slots):
        extra[k] = missing[k] * served[slot_product[k]]
        missing[k] -= extra[k]
        extra_p[slot_product[k]] += extra[k]
    spot_price = np.zeros(products)
    for p in range(products):
        if extra_p[p] > 0:
            spot_price[p] = value[p] / extra_p[p]
    return extra, extra_sold, spot_price, outside, missing, extra_p


def _spot_flows(
    sellers: Sellers, extra_sold: np.ndarray, links: Links, extra: np.ndarray, extra_p: np.ndarray, stages: int
) -> np.ndarray:
    """Spot purchases by stage: every buyer of a product takes the same mix of sellers."""
    products = len(extra_p)
    value = extra_sold * sellers.price
    by_seller = sum_by_product_and_stage(sellers.product, sellers.stage, value, products, stages)
    by_buyer = sum_by_product_and_stage(links.product, links.stage, extra, products, stages)
    share = by_buyer / np.where(extra_p > 0, extra_p, 1.0)[:, None]
    return _through(by_seller, share)


@compiled
def sum_by_product_and_stage(
    product: np.ndarray, stage: np.ndarray, value: np.ndarray, products: int, stages: int
) -> np.ndarray:
    """Sum by product and stage, (P, S); final users (stage -1) are left out."""
    sums = np.zeros((products, stages))
    for k in range(len(value)):
        if stage[k] >= 0:
            sums[product[k], stage[k]] += value[k]
    return sums


@compiled
def _through(by_seller: np.ndarray, share: np.ndarray) -> np.ndarray:
    """CNY from selling to buying stage (S, S): of each product's sellers (P, S) by shares of its buyers (P, S)."""
    products, stages = by_seller.shape
    flows = np.zeros((stages, stages))
    for p in range(products):
        for s in range(stages):
            if by_seller[p, s] > 0.0:
                for b in range(stages):
                    flows[s, b] += by_seller[p, s] * share[p, b]
    return flows
