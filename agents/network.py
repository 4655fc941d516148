"""The firm-level supply network: buyer-supplier links drawn from the balanced base year.

A firm draws a few suppliers of each main input with weight size / distance^w (Colon, Hallegatte and Rozenberg 2021), at
least two where they exist; small inputs, farms and final users take what serves their county (`county_market`).  Shares
are then fitted to what suppliers sell at base, so sellers start near equilibrium.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..chains.base import Base
from ..config.loader import Config
from ..config.parameters_schema import ModelForms
from .compiled import compiled
from .market import Links
from .randomness import Streams

FIT_ROUNDS = 60


@dataclass
class Slots:
    """Who buys what: one row per buyer and product.

    ``buyer`` is a firm's row for firm inputs, a farm market's code for farm inputs, else -1; ``kind`` is 0 firm, 1 farm
    activity, 2 household, 3 government, 4 investment; ``coefficient`` is product units per unit of output;
    ``base`` is the base-year order in product units a month.
    """

    kind: np.ndarray
    buyer: np.ndarray
    stage: np.ndarray
    county: np.ndarray
    product: np.ndarray
    coefficient: np.ndarray
    base: np.ndarray
    key: np.ndarray

    def of(self, *kinds: int) -> np.ndarray:
        """Row numbers of the given kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))


@dataclass
class SellerSide:
    """Sellers in code order: firms, then farm-gate markets (stage x county); ``size`` is base sales a month."""

    stage: np.ndarray
    county: np.ndarray
    product: np.ndarray
    size: np.ndarray
    key: np.ndarray


def distance_power(config: Config, forms: ModelForms) -> float:
    """Power of distance by which a supplier's weight falls; 0 where suppliers are chosen by size alone."""
    return 0.0 if forms.network == "size" else -config.parameters.firms.distance_decay.amount


def draw_links(
    base: Base,
    slots: Slots,
    sellers: SellerSide,
    distance: np.ndarray,
    *,
    named: np.ndarray,
    suppliers: int,
    decay: float,
    streams: Streams,
) -> tuple[Links, np.ndarray, np.ndarray]:
    """Draw suppliers for every slot that is ``named`` (K,) and fit all shares to base sales.

    Returns the links, each seller's pull in the county markets (N,), product units a month, and its base sales outside
    (exports, N), which are what its base output leaves.
    """
    imports, counties = base.import_share[slots.product], len(distance)
    wanted = slots.base * (1 - imports)
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    pull, pooled = np.zeros(len(sellers.size)), np.zeros(len(slots.product))
    sold = np.zeros(len(sellers.size))
    for product in np.unique(slots.product):
        mine = slots.product == product
        rows, others = np.flatnonzero(mine & named), np.flatnonzero(mine & ~named)
        makers = np.flatnonzero((sellers.product == product) & (sellers.size > 0))
        if len(makers) == 0:
            continue
        point = draws(slots.key[rows], suppliers, streams)
        buyer, maker, weight = _chosen(slots, rows, sellers, makers, distance, suppliers, decay, point)
        # a county's buyers without named suppliers are one buyer more, who knows every maker
        market = np.bincount(slots.county[others], wanted[others], minlength=counties)
        county, every = np.divmod(np.arange(counties * len(makers)), len(makers))
        size, place = sellers.size[makers], sellers.county[makers]
        flow, factor = _fit(
            np.r_[buyer, len(rows) + county],
            np.r_[maker, every],
            np.r_[weight, size[every] / distance[county, place[every]] ** decay],
            np.r_[wanted[rows], market],
            size,
        )
        pull[makers] = size * factor
        sold[makers] = np.bincount(np.r_[maker, every], flow, minlength=len(makers))
        served = np.bincount(county, flow[len(buyer) :], minlength=counties)
        filled = np.divide(served, market, out=np.ones(counties), where=market > 0)
        pooled[others] = (1 - imports[others]) * filled[slots.county[others]]
        flow = flow[: len(buyer)]
        # plant that is still to be built buys nothing yet; its suppliers are drawn all the same
        idle = slots.base[rows][buyer] == 0
        flow[idle] = even_shares(buyer, weight, 1 - imports[rows])[idle]
        parts.append((rows[buyer], makers[maker], flow))
    slot, seller, flow = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((seller, slot))
    slot, seller, flow = slot[order], seller[order], flow[order]
    share = np.divide(flow, slots.base[slot], out=flow.copy(), where=slots.base[slot] > 0)
    linked = np.bincount(slot, share, minlength=len(slots.product)) + pooled
    links = Links(
        slot=slot,
        seller=seller,
        share=share,
        pooled=pooled,
        outside=np.clip(1 - linked, 0.0, 1.0),
        product=slots.product,
        county=slots.county,
        stage=np.where(slots.kind <= 1, slots.stage, -1),
    )
    return links, pull, np.maximum(sellers.size - sold, 0.0)


def even_shares(slot: np.ndarray, weight: np.ndarray, local: np.ndarray) -> np.ndarray:
    """Shares of a slot's order by link, in proportion to weights; ``local`` (K,) is what is bought here."""
    total = np.bincount(slot, weight, minlength=len(local))
    return weight * np.divide(local, total, out=np.zeros(len(local)), where=total > 0)[slot]


def links_of_newcomers(
    base: Base,
    slots: Slots,
    sellers: SellerSide,
    distance: np.ndarray,
    *,
    named: np.ndarray,
    suppliers: int,
    decay: float,
    streams: Streams,
) -> Links:
    """Draw suppliers for the ``named`` (K,) inputs of firms that enter, with weight size / distance^w.

    Nothing is fitted to sales.
    """
    imports = base.import_share[slots.product]
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [(np.zeros(0, int), np.zeros(0, int), np.zeros(0))]
    pooled = np.where(named, 0.0, 1 - imports)
    point = draws(slots.key, suppliers, streams)
    for product in np.unique(slots.product[named]):
        rows = np.flatnonzero((slots.product == product) & named)
        makers = np.flatnonzero((sellers.product == product) & (sellers.size > 0))
        if len(makers) == 0:
            continue
        buyer, maker, weight = _chosen(slots, rows, sellers, makers, distance, suppliers, decay, point[rows])
        parts.append((rows[buyer], makers[maker], even_shares(buyer, weight, 1 - imports[rows])))
    slot, seller, share = (np.concatenate(column) for column in zip(*parts, strict=True))
    linked = np.bincount(slot, share, minlength=len(slots.product)) + pooled
    outside = np.clip(1 - linked, 0.0, 1.0)
    return Links(slot, seller, share, pooled, outside, slots.product, slots.county, slots.stage)


def _chosen(
    slots: Slots,
    rows: np.ndarray,
    sellers: SellerSide,
    makers: np.ndarray,
    distance: np.ndarray,
    suppliers: int,
    decay: float,
    point: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs (slot position, maker position, weight) for one product, by the `draws` of its slots.

    Firms draw ``suppliers`` different makers with chance proportional to size / distance^w.
    """
    if len(makers) <= suppliers:
        buyer, maker = np.divmod(np.arange(len(rows) * len(makers)), len(makers))
    else:
        drawn = _draw(point, slots.county[rows], sellers, makers, distance, suppliers, decay)
        kept = drawn >= 0
        buyer, maker = np.repeat(np.arange(len(rows)), kept.sum(axis=1)), drawn[kept]
    far = distance[slots.county[rows[buyer]], sellers.county[makers[maker]]] ** decay
    return buyer, maker, sellers.size[makers[maker]] / far


def draws(key: np.ndarray, suppliers: int, streams: Streams) -> np.ndarray:
    """Numbers in [0, 1) by which slots of these keys choose makers, a few more than suppliers, (n, tries)."""
    return streams.uniform("network.suppliers", key[:, None], 0, k=np.arange(3 * suppliers)[None, :])


def _draw(
    point: np.ndarray,
    county: np.ndarray,
    sellers: SellerSide,
    makers: np.ndarray,
    distance: np.ndarray,
    suppliers: int,
    decay: float,
) -> np.ndarray:
    """Different makers for each buyer, (n, tries) positions in ``makers``, -1 for repeats and beyond ``suppliers``.

    Found by inverse of the cumulative weight; buyers with one distinct maker get the largest
    other one, so that everybody has a choice.
    """
    order = np.argsort(sellers.key[makers], kind="stable")
    largest = np.argsort(-sellers.size[makers], kind="stable")[:2]
    here = makers[order]
    return _draw_makers(
        point, county, order, sellers.size[here], sellers.county[here], distance**decay, suppliers, largest
    )


@compiled
def _draw_makers(
    point: np.ndarray,
    county: np.ndarray,
    order: np.ndarray,
    size: np.ndarray,
    at: np.ndarray,
    far: np.ndarray,
    suppliers: int,
    largest: np.ndarray,
) -> np.ndarray:
    """Draw for each buyer (n,) by its points (n, tries) from makers (M,) in ``order``, with their size and county."""
    buyers, tries = point.shape
    drawn = np.full((buyers, tries), -1)
    cumulative = np.zeros((len(far), len(order)))
    for n in range(buyers):
        c = county[n]
        if cumulative[c, -1] == 0.0:
            total = 0.0
            for m in range(len(order)):
                total += size[m] / far[c, at[m]]
                cumulative[c, m] = total
        found = 0
        for k in range(tries):
            place = np.searchsorted(cumulative[c], point[n, k] * cumulative[c, -1], side="right")
            maker = order[min(place, len(order) - 1)]
            new = True
            for before in range(k):
                new &= drawn[n, before] != maker
            if new:
                drawn[n, k] = maker
                found += 1
        if found == 1:
            drawn[n, 1] = largest[1] if drawn[n, 0] == largest[0] else largest[0]
        kept = 0
        for k in range(tries):
            if drawn[n, k] >= 0:
                kept += 1
                if kept > suppliers:
                    drawn[n, k] = -1
    return drawn


def _fit(
    slot: np.ndarray, seller: np.ndarray, weight: np.ndarray, wanted: np.ndarray, capacity: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Flows by link for one product: biproportional fitting to what slots buy and makers sell locally at base.

    ``wanted`` (K,) is what slots buy locally, ``capacity`` (M,) what makers make; every maker should sell the same
    fraction locally.  Links a maker cannot serve are cut to its capacity; that part is bought outside.  Returns also by
    how much each maker's weight is raised for that, (M,).
    """
    target = capacity * min(1.0, wanted.sum() / capacity.sum())
    flow, raised = weight.copy(), np.ones(len(capacity))
    for _ in range(FIT_ROUNDS):
        _scale_to(flow, slot, wanted, 0.0)
        raised *= _scale_to(flow, seller, target, 1.0)
    _scale_to(flow, slot, wanted, 0.0)
    asked = np.bincount(seller, flow, minlength=len(capacity))
    cut = np.minimum(1.0, np.divide(capacity, asked, out=np.ones(len(asked)), where=asked > 0))
    return flow * cut[seller], raised * cut


@compiled
def _scale_to(flow: np.ndarray, end: np.ndarray, total: np.ndarray, otherwise: float) -> np.ndarray:
    """Scale ``flow`` (L,) in place so that links which share an ``end`` sum to its ``total``; empty ends: otherwise.

    Returns the factors by end.
    """
    factor = np.zeros(len(total))
    for at in range(len(flow)):
        factor[end[at]] += flow[at]
    for n in range(len(total)):
        factor[n] = total[n] / factor[n] if factor[n] > 0 else otherwise
    for at in range(len(flow)):
        flow[at] *= factor[end[at]]
    return factor
