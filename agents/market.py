"""One goods market round: orders meet stocks along supplier links, proportional rationing, spot pass, imports.

Buyers are slots (a firm's input, a farm activity's input in a county, a final user's product in a county); sellers are
firms and farm-gate markets (one per farm stage and county).  Hallegatte (2008, 2013: ARIO) rations in proportion;
Colon, Hallegatte and Rozenberg (2021) send unmet orders to other suppliers and then outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .compiled import compiled


@dataclass
class Links:
    """Supplier links in slot order.

    Attributes
    ----------
    slot, seller : (L,) codes; ``share`` (L,) is the share of the slot's order that goes to the seller.
    outside : (K,) share of each slot's order that goes outside at once.
    product, county, stage : (K,) of the slots; ``stage`` is -1 for final users.
    """

    slot: np.ndarray
    seller: np.ndarray
    share: np.ndarray
    outside: np.ndarray
    product: np.ndarray
    county: np.ndarray
    stage: np.ndarray


@dataclass
class Sellers:
    """What is for sale in this round; arrays (N,) over firms then farm-gate markets."""

    product: np.ndarray
    stage: np.ndarray
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

    def widened(self, slots: int, sellers: int) -> Deliveries:
        """The same round with room for slots and sellers that came after it, all nought."""
        room = dict.fromkeys(BY_SLOT, slots) | dict.fromkeys(BY_SELLER, sellers)
        return replace(self, **{name: np.concatenate((getattr(self, name), np.zeros(n))) for name, n in room.items()})

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
    orders: np.ndarray,
    sellers: Sellers,
    import_price: np.ndarray,
    importable: np.ndarray,
    stages: int,
    substitution: float = 0.0,
    waits: np.ndarray | None = None,
) -> Deliveries:
    """Serve orders (K,) from what sellers have.

    ``import_price`` is (P,), ``importable`` (K,) says who may buy outside, ``waits`` (K,) whose emergency orders
    come later.  Where local sellers have goods left below the import price, buyers turn ``substitution`` x the price
    gap of their outside orders to them.
    """
    ordered, sold, local, paid_local, flows = _serve_links(
        links.slot,
        links.seller,
        links.share,
        links.stage,
        orders,
        sellers.stage,
        sellers.price,
        sellers.available,
        stages,
    )
    extra, extra_sold, spot_price, outside, unmet, extra_p = _spot_pass(
        links.product, links.outside, orders, local, sellers.product, sellers.price, sellers.available, sold,
        import_price, substitution,
    )  # fmt: skip
    flows += _spot_flows(sellers, extra_sold, links, extra, extra_p, stages)
    emergency = np.where(importable, unmet, 0.0)
    late = np.zeros(len(orders)) if waits is None else np.where(waits, emergency, 0.0)
    bought_outside = outside + emergency - late
    unmet = np.where(importable, 0.0, unmet)
    sold = sold + extra_sold
    return Deliveries(
        local=local + extra,
        imported=bought_outside,
        paid_local=paid_local + extra * spot_price[links.product],
        paid_outside=bought_outside * import_price[links.product],
        sold=sold,
        revenue=sold * sellers.price,
        ordered=ordered,
        unmet=unmet,
        late=late,
        orders=orders,
        flows=flows,
    )


@compiled
def _serve_links(
    link_slot: np.ndarray,
    link_seller: np.ndarray,
    link_share: np.ndarray,
    slot_stage: np.ndarray,
    orders: np.ndarray,
    seller_stage: np.ndarray,
    price: np.ndarray,
    available: np.ndarray,
    stages: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ask linked suppliers and ration each in proportion to what it was asked for.

    Returns (N,) ordered and sold by seller, (K,) delivered and CNY paid by slot, (S, S) CNY from selling to buying
    stage; final users (stage -1) are left out of the last.
    """
    sellers, slots = len(available), len(orders)
    ordered, sold = np.zeros(sellers), np.zeros(sellers)
    local, paid = np.zeros(slots), np.zeros(slots)
    flows = np.zeros((stages, stages))
    for at in range(len(link_slot)):
        ordered[link_seller[at]] += orders[link_slot[at]] * link_share[at]
    fill = np.ones(sellers)
    for n in range(sellers):
        if ordered[n] > 0:
            fill[n] = min(1.0, available[n] / ordered[n])
    for at in range(len(link_slot)):
        slot, seller = link_slot[at], link_seller[at]
        direct = orders[slot] * link_share[at] * fill[seller]
        cost = direct * price[seller]
        sold[seller] += direct
        local[slot] += direct
        paid[slot] += cost
        if slot_stage[slot] >= 0:
            flows[seller_stage[seller], slot_stage[slot]] += cost
    return ordered, sold, local, paid, flows


@compiled
def _spot_pass(
    slot_product: np.ndarray,
    outside_share: np.ndarray,
    orders: np.ndarray,
    local: np.ndarray,
    seller_product: np.ndarray,
    price: np.ndarray,
    available: np.ndarray,
    sold: np.ndarray,
    import_price: np.ndarray,
    substitution: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Send what linked suppliers could not serve to whoever still has stock, at that seller's price.

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
        outside[k] = orders[k] * outside_share[k] * (1 - turn[p])
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
    by_seller = _by_product_and_stage(sellers.product, sellers.stage, value, products, stages)
    by_buyer = _by_product_and_stage(links.product, links.stage, extra, products, stages)
    share = by_buyer / np.where(extra_p > 0, extra_p, 1.0)[:, None]
    return by_seller.T @ share


@compiled
def _by_product_and_stage(
    product: np.ndarray, stage: np.ndarray, value: np.ndarray, products: int, stages: int
) -> np.ndarray:
    """Sum by product and stage, (P, S); final users (stage -1) are left out."""
    sums = np.zeros((products, stages))
    for k in range(len(value)):
        if stage[k] >= 0:
            sums[product[k], stage[k]] += value[k]
    return sums
