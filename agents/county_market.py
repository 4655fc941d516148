"""Where buyers without named suppliers buy: all makers of a product, seen from each county.

Firms know the suppliers of their main inputs by name (`network`); the small inputs of firms, the inputs of farms and
what final users buy come from whoever serves their county.  A maker's part of a county's orders is its pull over the
distance to it, size / distance^w as for named suppliers (Colon, Hallegatte and Rozenberg 2021), so nothing but a number
by maker is kept and a round costs one pass over buyers and sellers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .compiled import compiled


@dataclass
class CountyMarket:
    """All makers as the counties' buyers see them.

    Attributes
    ----------
    pull : (N,) size of each seller in these markets, product units a month; 0 where it sells nothing there.
    near : (C, C) what a unit of pull in a seller's county (column) counts for buyers of a county (row), distance^-w.
    """

    pull: np.ndarray
    near: np.ndarray

    def asked(self, orders: np.ndarray, product: np.ndarray, county: np.ndarray) -> np.ndarray:
        """Units asked of each seller, (N,), where counties order ``orders`` (P, C); of sellers' product and county."""
        _, rate = ask_makers(orders, self.pull, self.near, product, county)
        return self.pull * rate[product, county]


def county_orders(
    orders: np.ndarray, pooled: np.ndarray, product: np.ndarray, county: np.ndarray, products: int, counties: int
) -> np.ndarray:
    """What buyers in each county order of each product without a named supplier, (P, C); by slot (K,) otherwise."""
    code = product * counties + county
    return np.bincount(code, orders * pooled, minlength=products * counties).reshape(products, counties)


@compiled
def ask_makers(
    asked: np.ndarray, pull: np.ndarray, near: np.ndarray, product: np.ndarray, county: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Spread county orders (P, C) over sellers by pull; by seller (N,) otherwise.

    Returns (P, C) pull seen from each buyers' county, and (P, C) units asked of each unit of pull by sellers' county.
    """
    products, counties = asked.shape
    here, seen, rate = np.zeros((products, counties)), np.zeros((products, counties)), np.zeros((products, counties))
    for n in range(len(pull)):
        here[product[n], county[n]] += pull[n]
    for p in range(products):
        for c in range(counties):
            for d in range(counties):
                seen[p, c] += near[c, d] * here[p, d]
            if seen[p, c] > 0.0:
                for d in range(counties):
                    rate[p, d] += asked[p, c] / seen[p, c] * near[c, d]
    return seen, rate


@compiled
def serve_counties(
    pull: np.ndarray,
    near: np.ndarray,
    fill: np.ndarray,
    price: np.ndarray,
    product: np.ndarray,
    county: np.ndarray,
    stage: np.ndarray,
    seen: np.ndarray,
    stages: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a unit ordered in a county brings once every seller serves its part ``fill`` (N,).

    Returns (P, C) units delivered and CNY paid a unit ordered, and (S, C) CNY of the latter that goes to each stage.
    """
    products, counties = seen.shape
    filled, worth, of_stage = np.zeros((products, counties)), np.zeros((stages, counties)), np.zeros(stages, np.int64)
    for n in range(len(pull)):
        filled[product[n], county[n]] += pull[n] * fill[n]
        worth[stage[n], county[n]] += pull[n] * fill[n] * price[n]
        of_stage[stage[n]] = product[n]
    got, cost, by_stage = np.zeros((products, counties)), np.zeros((products, counties)), np.zeros((stages, counties))
    for p in range(products):
        for c in range(counties):
            if seen[p, c] > 0.0:
                for d in range(counties):
                    got[p, c] += near[c, d] * filled[p, d] / seen[p, c]
    for s in range(stages):
        p = of_stage[s]
        for c in range(counties):
            if seen[p, c] > 0.0:
                for d in range(counties):
                    by_stage[s, c] += near[c, d] * worth[s, d] / seen[p, c]
            cost[p, c] += by_stage[s, c]
    return got, cost, by_stage
