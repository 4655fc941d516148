"""One goods market round: orders meet stocks along supplier links, proportional rationing, spot pass, imports.

Buyers are slots (a firm's input, a farm activity's input in a county, a final user's product in a county); sellers are
firms and farm-gate markets (one per farm stage and county).  Hallegatte (2008, 2013: ARIO) rations in proportion;
Colon, Hallegatte and Rozenberg (2021) send unmet orders to other suppliers and then outside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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


@dataclass
class Deliveries:
    """Outcome of a round; quantities in product units, money in CNY.

    ``local`` and ``imported`` (K,) are quantities by slot, ``paid_local`` and ``paid_outside`` (K,) their cost;
    ``sold`` and ``revenue`` (N,) by seller; ``ordered`` (N,) what was asked of the seller, unmet demand included;
    ``unmet`` (K,); ``flows`` (S, S) CNY from selling to buying stage.
    """

    local: np.ndarray
    imported: np.ndarray
    paid_local: np.ndarray
    paid_outside: np.ndarray
    sold: np.ndarray
    revenue: np.ndarray
    ordered: np.ndarray
    unmet: np.ndarray
    flows: np.ndarray

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
) -> Deliveries:
    """Serve orders (K,) from what sellers have.

    ``import_price`` is (P,), ``importable`` (K,) says who may buy outside.  Where local sellers have goods left below
    the import price, buyers turn ``substitution`` x the price gap of their outside orders to them.
    """
    slots, count, products = len(orders), len(sellers.available), len(import_price)
    asked = orders[links.slot] * links.share
    ordered = np.bincount(links.seller, asked, minlength=count)
    fill = np.minimum(1.0, np.divide(sellers.available, ordered, out=np.ones(count), where=ordered > 0))
    direct = asked * fill[links.seller]
    cost = direct * sellers.price[links.seller]
    sold = np.bincount(links.seller, direct, minlength=count)
    local = np.bincount(links.slot, direct, minlength=slots)
    paid_local = np.bincount(links.slot, cost, minlength=slots)
    flows = _flow_matrix(sellers.stage[links.seller], links.stage[links.slot], cost, stages)

    # Spot pass: what linked suppliers could not serve goes to whoever still has stock, at that seller's price.
    outside = orders * links.outside
    spare = np.maximum(sellers.available - sold, 0.0)
    spare_before = np.bincount(sellers.product, spare, minlength=products)
    worth = np.bincount(sellers.product, spare * sellers.price, minlength=products)
    local_price = np.divide(worth, spare_before, out=import_price.copy(), where=spare_before > 0)
    turn = np.clip(substitution * (import_price / np.maximum(local_price, 1e-12) - 1), 0.0, 0.9)
    outside = outside * (1 - turn[links.product])
    missing = np.maximum(orders - outside - local, 0.0)
    missing_p = np.bincount(links.product, missing, minlength=products)
    spare_p = np.bincount(sellers.product, spare, minlength=products)
    served = np.minimum(1.0, np.divide(spare_p, missing_p, out=np.zeros(products), where=missing_p > 0))
    used = np.divide(served * missing_p, spare_p, out=np.zeros(products), where=spare_p > 0)
    extra_sold = spare * used[sellers.product]
    spot_value = np.bincount(sellers.product, extra_sold * sellers.price, minlength=products)
    extra = missing * served[links.product]
    extra_p = np.bincount(links.product, extra, minlength=products)
    spot_price = np.divide(spot_value, extra_p, out=np.zeros(products), where=extra_p > 0)
    flows += _spot_flows(sellers, extra_sold, links, extra, extra_p, stages)

    unmet = missing - extra
    bought_outside = outside + np.where(importable, unmet, 0.0)
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
        flows=flows,
    )


def _flow_matrix(seller: np.ndarray, buyer: np.ndarray, value: np.ndarray, stages: int) -> np.ndarray:
    """Sum CNY by selling and buying stage; final users (stage -1) are left out."""
    inner = buyer >= 0
    code = seller[inner] * stages + buyer[inner]
    summed = np.bincount(code, value[inner], minlength=stages * stages).astype(np.float64)
    return summed.reshape(stages, stages)


def _spot_flows(
    sellers: Sellers, extra_sold: np.ndarray, links: Links, extra: np.ndarray, extra_p: np.ndarray, stages: int
) -> np.ndarray:
    """Spot purchases by stage: every buyer of a product takes the same mix of sellers."""
    products = len(extra_p)
    by_seller = np.bincount(
        sellers.product * stages + sellers.stage, extra_sold * sellers.price, minlength=products * stages
    ).reshape(products, stages)
    inner = links.stage >= 0
    by_buyer = np.bincount(
        links.product[inner] * stages + links.stage[inner], extra[inner], minlength=products * stages
    ).reshape(products, stages)
    share = by_buyer / np.where(extra_p > 0, extra_p, 1.0)[:, None]
    return by_seller.T @ share
