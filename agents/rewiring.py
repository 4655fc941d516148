"""Links that change: buyers who lose a supplier, or wait too long for one, turn to another; new firms win customers.

A new supplier is drawn as the first ones were, with weight size / distance^w (Colon, Hallegatte and Rozenberg 2021).
Markets that reach every maker (final users, farm inputs) share out what a maker leaves or takes among the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .randomness import child_key
from .supply import EXPORT, FIRM

if TYPE_CHECKING:
    from .model import IndustryChainModel
    from .supply import Market


def seller_sizes(model: IndustryChainModel) -> np.ndarray:
    """What each seller could sell in a month, product units (N,): plant of going firms, base sales of farm gates."""
    firms = model.firms
    going = (firms.closing == 0) & (firms.opening == 0)
    return np.r_[model.gate_base, np.where(going, firms.capacity, 0.0)]


def customers_turn_away(model: IndustryChainModel, rows: np.ndarray) -> None:
    """Customers of firms that close (row numbers) turn to other makers, and outside where there is none."""
    supply = model.supply
    gone = np.zeros(len(supply.seller_stage), dtype=bool)
    gone[supply.gates + rows] = True
    size = np.where(gone, 0.0, seller_sizes(model))
    for market in (supply.trade, supply.final):
        links, kind = market.links, market.slots.kind[market.links.slot]
        lost = np.flatnonzero(gone[links.seller] & (links.share > 0) & (kind != EXPORT))
        firm_buys = kind[lost] == FIRM
        _switch(model, market, lost[firm_buys], size)
        _share_out(market, lost[~firm_buys], gone)
    _hand_over_exports(model, gone, size)


def buyers_switch(model: IndustryChainModel) -> int:
    """Firms leave suppliers that delivered too little for too long, each link with the chance of the part missing.

    Returns the number of links that moved.
    """
    supply, firms, rules = model.supply, model.firms, model.config.parameters.firms
    poor = model.fill[supply.at_firms] < rules.switch_below.amount
    firms.poor[:] = np.where(poor, firms.poor + 1, 0)
    bad = np.zeros(len(supply.seller_stage), dtype=bool)
    bad[supply.at_firms] = firms.poor >= rules.switch_after.amount
    links = supply.trade.links
    at = np.flatnonzero(bad[links.seller] & (links.share > 0) & (supply.trade.slots.kind[links.slot] == FIRM))
    if len(at) == 0:
        return 0
    draw = model.streams.uniform("network.leave", link_keys(model, supply.trade, at), model.month)
    leaving = at[draw < 1 - model.fill[links.seller[at]]]
    return _switch(model, supply.trade, leaving, np.where(bad, 0.0, seller_sizes(model)), keep=True)


def link_keys(model: IndustryChainModel, market: Market, at: np.ndarray) -> np.ndarray:
    """Identity of links for draws, (n,) uint64: of buyer, product and seller, so that no row order matters."""
    links = market.links
    product = model.product_key[links.product[links.slot[at]]]
    return child_key(market.slots.key[links.slot[at]] ^ product, 0, 0) ^ model.supply.seller_key[links.seller[at]]


def _switch(model: IndustryChainModel, market: Market, at: np.ndarray, size: np.ndarray, *, keep: bool = False) -> int:
    """Give each link another seller drawn by ``size`` (N,); where there is none, buy outside or ``keep`` it."""
    links, slots, supply = market.links, market.slots, model.supply
    decay, moved = -model.config.parameters.firms.distance_decay.amount, 0
    product, county = slots.product[links.slot[at]], slots.county[links.slot[at]]
    draw = model.streams.uniform("network.switch", link_keys(model, market, at), model.month)
    for p in np.unique(product):
        here = np.flatnonzero(product == p)
        mine = at[here]
        makers = np.flatnonzero((supply.seller_product == p) & (size > 0))
        if len(makers) == 0:
            if not keep:
                np.add.at(links.outside, links.slot[mine], links.share[mine])
                links.share[mine] = 0.0
            continue
        makers = makers[np.argsort(supply.seller_key[makers], kind="stable")]
        near = model.distance[:, supply.seller_county[makers]] ** decay
        weight = np.cumsum(size[makers] / near, axis=1)[county[here]]
        chosen = (weight <= draw[here, None] * weight[:, -1:]).sum(axis=1)
        links.seller[mine] = makers[np.minimum(chosen, len(makers) - 1)]
        moved += len(mine)
    return moved


def _share_out(market: Market, at: np.ndarray, gone: np.ndarray) -> None:
    """Divide the shares of these links among the other sellers of their slots; what finds none goes outside."""
    links, slots = market.links, len(market.slots.kind)
    lost = np.bincount(links.slot[at], links.share[at], minlength=slots)
    links.share[at] = 0.0
    staying = np.where(gone[links.seller], 0.0, links.share)
    left = np.bincount(links.slot, staying, minlength=slots)
    grown = np.divide(left + lost, left, out=np.ones(slots), where=left > 0)
    links.share[:] = np.where(gone[links.seller], links.share, links.share * grown[links.slot])
    links.outside += np.where(left > 0, 0.0, lost)


def _hand_over_exports(model: IndustryChainModel, gone: np.ndarray, size: np.ndarray) -> None:
    """Buyers outside who bought from firms that close buy from the product's other makers, by size."""
    supply, products = model.supply, len(model.index.products)
    lost = np.bincount(supply.seller_product[gone], supply.export_base[gone], minlength=products)
    supply.export_base[gone] = 0.0
    selling = np.where(supply.export_base > 0, size, 0.0)
    total = np.bincount(supply.seller_product, selling, minlength=products)[supply.seller_product]
    part = np.divide(selling, total, out=np.zeros(len(total)), where=total > 0)
    supply.export_base += lost[supply.seller_product] * part


def win_customers(model: IndustryChainModel, rows: np.ndarray) -> None:
    """Firms that open (row numbers) take their part of the product's buyers from the makers that are there."""
    for row in rows:
        seller = model.supply.gates + int(row)
        model.firms.smoothed[row] = (
            _win_links(model, model.supply.trade, seller)
            + _win_links(model, model.supply.final, seller)
            + _win_exports(model, seller)
        )


def _win_links(model: IndustryChainModel, market: Market, seller: int) -> float:
    """Firms move a link, with the chance of the newcomer's weight; users buy its share.  Returns units a month won."""
    links, slots, supply = market.links, market.slots, model.supply
    p, size = supply.seller_product[seller], seller_sizes(model)
    decay = -model.config.parameters.firms.distance_decay.amount
    makers = np.flatnonzero((supply.seller_product == p) & (size > 0))
    weight = size[makers] / model.distance[:, supply.seller_county[makers]] ** decay
    part = np.divide(
        size[seller] / model.distance[:, supply.seller_county[seller]] ** decay, weight.sum(axis=1)
    )  # (C,): the newcomer among all makers, seen from each county
    mine = slots.product[links.slot] == p
    at = np.flatnonzero(mine & (slots.kind[links.slot] == FIRM) & (links.share > 0) & (links.seller != seller))
    draw = model.streams.uniform("network.win", link_keys(model, market, at), model.month)
    at = at[draw < part[slots.county[links.slot[at]]]]
    links.seller[at] = seller
    won = float((model_orders(model, market)[links.slot[at]] * links.share[at]).sum())
    wide = np.flatnonzero((slots.product == p) & (slots.kind != FIRM) & (slots.kind != EXPORT))
    served = np.bincount(links.slot, links.share, minlength=len(slots.kind))[wide]
    wide, served = wide[served > 0], served[served > 0]
    taken = part[slots.county[wide]]
    keep = np.ones(len(slots.kind))
    keep[wide] = 1 - taken
    market.links = replace(
        links,
        slot=np.r_[links.slot, wide],
        seller=np.r_[links.seller, np.full(len(wide), seller)],
        share=np.r_[links.share * keep[links.slot], taken * served],
    )
    return won + float((model_orders(model, market)[wide] * taken * served).sum())


def model_orders(model: IndustryChainModel, market: Market) -> np.ndarray:
    """Units a month each slot bought in the last round of its market, (K,); entrants' own slots have bought nothing."""
    last = model.trade if market is model.supply.trade else model.sales
    bought = np.zeros(len(market.slots.kind))
    bought[: len(last.local)] = last.quantity
    return bought


def _win_exports(model: IndustryChainModel, seller: int) -> float:
    """The newcomer's part of the product's outside buyers, by plant; returns units a month."""
    supply, size = model.supply, seller_sizes(model)
    makers = np.flatnonzero((supply.seller_product == supply.seller_product[seller]) & (size > 0))
    pool = float(supply.export_base[makers].sum())
    part = size[seller] / size[makers].sum()
    supply.export_base[makers] *= 1 - part
    supply.export_base[seller] = pool * part
    return pool * part
