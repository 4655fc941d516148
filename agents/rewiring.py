"""Links that change: buyers who lose a supplier, or wait too long for one, turn to another; new firms win customers.

A new supplier is drawn as the first ones were, with weight size / distance^w (Colon, Hallegatte and Rozenberg 2021).
Markets that reach every maker (final users, farm inputs) share out what a maker leaves or takes among the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled
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
    if not bad.any():
        return 0
    links = supply.trade.links
    at = _links_between(links.slot, links.seller, links.share, supply.trade.slots.kind == FIRM, bad)
    if len(at) == 0:
        return 0
    draw = model.streams.uniform("network.leave", link_keys(model, supply.trade, at), model.month)
    leaving = at[draw < 1 - model.fill[links.seller[at]]]
    return _switch(model, supply.trade, leaving, np.where(bad, 0.0, seller_sizes(model)), keep=True)


@compiled
def _links_between(
    slot: np.ndarray, seller: np.ndarray, share: np.ndarray, buying: np.ndarray, selling: np.ndarray
) -> np.ndarray:
    """Numbers of the links that carry orders from these slots (K,) to these sellers (N,)."""
    found, count = np.empty(len(slot), dtype=np.int64), 0
    for at in range(len(slot)):
        if share[at] > 0 and selling[seller[at]] and buying[slot[at]]:
            found[count] = at
            count += 1
    return found[:count].copy()


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
        near = model.freight.way(int(p))[:, supply.seller_county[makers]] ** decay
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
    """Firms that open (row numbers) take their part of their product's buyers from the makers that are there."""
    supply, size = model.supply, seller_sizes(model)
    new = supply.gates + rows
    won = _win_exports(model, new, size)
    for market in (supply.trade, supply.final):
        won += _win_links(model, market, new, size)
    model.firms.smoothed[rows] = won[new]


def win_local_customers(model: IndustryChainModel, rows: np.ndarray, local_share: np.ndarray) -> None:
    """Plant a project has built at a new site (row numbers) takes its part of the buyers here.

    ``local_share`` (n,) is what it sells here against what makers of its product do; 1 where it sells as they did.
    """
    supply, size = model.supply, seller_sizes(model)
    new = supply.gates + rows
    size[new] *= local_share
    rows, new = rows[size[new] > 0], new[size[new] > 0]
    if len(new):
        for market in (supply.trade, supply.final):
            model.firms.smoothed[rows] += _win_links(model, market, new, size)[new]


def _win_links(model: IndustryChainModel, market: Market, new: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Firms move a link, with the chance of the newcomers' weight; users buy their shares.

    ``new`` are seller codes, ``size`` (N,) is by seller.  Returns units a month won, (N,).
    """
    links, slots, sellers = market.links, market.slots, model.supply.seller_product
    bought, won, everyone = model_orders(model, market), np.zeros(len(size)), np.ones(len(size), dtype=bool)
    concerned = np.isin(np.arange(len(model.base.price)), sellers[new])[slots.product]
    shared = concerned & (slots.kind != FIRM) & (slots.kind != EXPORT)
    users = _links_between(links.slot, links.seller, links.share, shared, everyone)
    served = np.bincount(links.slot[users], links.share[users], minlength=len(slots.kind))
    firm_links = _links_between(links.slot, links.seller, links.share, concerned & (slots.kind == FIRM), everyone)
    carried = slots.product[links.slot[firm_links]]
    draws = model.streams.uniform("network.win", link_keys(model, market, firm_links), model.month)
    markets = np.flatnonzero(shared & (served > 0))
    keep, slot, seller, share = np.ones(len(slots.kind)), [links.slot], [links.seller], []
    for p in np.unique(sellers[new]):
        entrants = new[sellers[new] == p]
        part = _newcomers_part(model, entrants, size)
        at, draw = firm_links[carried == p], draws[carried == p]
        cumulative = part.cumsum(axis=0)[:, slots.county[links.slot[at]]]
        winner = (draw >= cumulative).sum(axis=0)
        moved = winner < len(entrants)
        links.seller[at[moved]] = entrants[winner[moved]]
        wide = markets[slots.product[markets] == p]
        taken = part[:, slots.county[wide]]
        keep[wide] = 1 - taken.sum(axis=0)
        slot.append(np.tile(wide, len(entrants)))
        seller.append(np.repeat(entrants, len(wide)))
        share.append((taken * served[wide]).ravel())
        won[entrants] += (taken * served[wide] * bought[wide]).sum(axis=1)
        at = at[moved]
        won += np.bincount(links.seller[at], bought[links.slot[at]] * links.share[at], minlength=len(won))
    links.share[users] *= keep[links.slot[users]]
    market.links = replace(
        links,
        slot=np.concatenate(slot),
        seller=np.concatenate(seller),
        share=np.concatenate([links.share, *share]),
    )
    return won


def _newcomers_part(model: IndustryChainModel, entrants: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Weight of each of these sellers among all makers of their product, seen from each county, (E, C)."""
    supply, decay = model.supply, -model.config.parameters.firms.distance_decay.amount
    makers = np.flatnonzero((supply.seller_product == supply.seller_product[entrants[0]]) & (size > 0))
    way = model.freight.way(int(supply.seller_product[entrants[0]])) ** decay
    weight = size[makers] / way[:, supply.seller_county[makers]]
    part = size[entrants] / way[:, supply.seller_county[entrants]] / weight.sum(axis=1)[:, None]
    return np.ascontiguousarray(part.T)


def model_orders(model: IndustryChainModel, market: Market) -> np.ndarray:
    """Units a month each slot bought in the last round of its market, (K,); entrants' own slots have bought nothing."""
    if model.month == 0:  # nothing has been bought yet: what was in 2020
        return market.slots.base.copy()
    last = model.trade if market is model.supply.trade else model.sales
    bought = np.zeros(len(market.slots.kind))
    bought[: len(last.local)] = last.quantity
    return bought


def _win_exports(model: IndustryChainModel, new: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Newcomers' (seller codes) parts of their product's outside buyers, by plant; returns units a month, (N,)."""
    supply, products = model.supply, len(model.index.products)
    made, come = supply.seller_product, np.isin(np.arange(len(size)), new)
    pool = np.bincount(made, np.where(size > 0, supply.export_base, 0.0), minlength=products)
    plant = np.maximum(np.bincount(made, size, minlength=products), 1e-300)
    opened = np.bincount(made[new], size[new], minlength=products)
    supply.export_base *= np.where((size > 0) & ~come, 1 - (opened / plant)[made], 1.0)
    supply.export_base[new] = (pool / plant)[made[new]] * size[new]
    return np.where(come, supply.export_base, 0.0)
