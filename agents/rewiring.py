"""Links that change: buyers who lose a supplier, or wait too long for one, turn to another; new firms win customers.

A new supplier is drawn as the first ones were, with weight size / distance^w (Colon, Hallegatte and Rozenberg 2021).
In the county markets the other makers take over what one leaves, and give up what one takes, by their pull.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .county_market import county_orders
from .network import distance_power
from .randomness import child_key

if TYPE_CHECKING:
    from .market import Links
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
    links = supply.trade.links
    _switch(model, links, np.flatnonzero(gone[links.seller] & (links.share > 0)), size)
    supply.local.pull[gone] = 0.0
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
    at = np.flatnonzero(bad[links.seller] & (links.share > 0))
    if len(at) == 0:
        return 0
    draw = model.streams.uniform("network.leave", link_keys(model, at), model.month)
    leaving = at[draw < 1 - model.fill[links.seller[at]]]
    return _switch(model, links, leaving, np.where(bad, 0.0, seller_sizes(model)), keep=True)


def link_keys(model: IndustryChainModel, at: np.ndarray) -> np.ndarray:
    """Identity of links of firms for draws, (n,) uint64: of buyer, product and seller, so that no row order matters."""
    links, slots = model.supply.trade.links, model.supply.trade.slots
    product = model.product_key[links.product[links.slot[at]]]
    return child_key(slots.key[links.slot[at]] ^ product, 0, 0) ^ model.supply.seller_key[links.seller[at]]


def _switch(model: IndustryChainModel, links: Links, at: np.ndarray, size: np.ndarray, *, keep: bool = False) -> int:
    """Give each link of a firm another seller drawn by ``size`` (N,); if there is none, buy outside or ``keep`` it."""
    supply = model.supply
    decay, moved = distance_power(model.config, model.forms), 0
    product, county = links.product[links.slot[at]], links.county[links.slot[at]]
    draw = model.streams.uniform("network.switch", link_keys(model, at), model.month)
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
    won = _win_exports(model, new, size) + _win_links(model, new, size) + _win_counties(model, new, size)
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
        model.firms.smoothed[rows] += (_win_links(model, new, size) + _win_counties(model, new, size))[new]


def _win_links(model: IndustryChainModel, new: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Firms move a link with the chance of the newcomers' weight among all makers; ``new`` are seller codes.

    ``size`` (N,) is by seller.  Returns units a month won, (N,).
    """
    market, sellers = model.supply.trade, model.supply.seller_product
    links, bought, won = market.links, model_orders(model, market), np.zeros(len(size))
    concerned = np.isin(np.arange(len(model.base.price)), sellers[new])[links.product]
    at_all = np.flatnonzero(concerned[links.slot] & (links.share > 0))
    carried = links.product[links.slot[at_all]]
    draws = model.streams.uniform("network.win", link_keys(model, at_all), model.month)
    for p in np.unique(sellers[new]):
        entrants = new[sellers[new] == p]
        part = _newcomers_part(model, entrants, size)
        at, draw = at_all[carried == p], draws[carried == p]
        cumulative = part.cumsum(axis=0)[:, links.county[links.slot[at]]]
        winner = (draw >= cumulative).sum(axis=0)
        moved = winner < len(entrants)
        links.seller[at[moved]] = entrants[winner[moved]]
        at = at[moved]
        won += np.bincount(links.seller[at], bought[links.slot[at]] * links.share[at], minlength=len(won))
    return won


def _win_counties(model: IndustryChainModel, new: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Newcomers (seller codes) pull at the counties' buyers as much for their size as other makers of their product.

    Returns units a month won, (N,).
    """
    supply, products = model.supply, len(model.base.price)
    local, made, counties = supply.local, supply.seller_product, len(model.index.counties)
    pull = np.bincount(made, local.pull, minlength=products)
    plant = np.bincount(made, np.where(local.pull > 0, size, 0.0), minlength=products)
    each = np.divide(pull, plant, out=np.ones(products), where=plant > 0)
    local.pull[new] += size[new] * each[made[new]]
    bought, won = np.zeros((products, counties)), np.zeros(len(size))
    for market in (supply.trade, supply.final):
        links = market.links
        bought += county_orders(model_orders(model, market), links.pooled, links.product, links.county, *bought.shape)
    won[new] = local.asked(bought, made, supply.seller_county)[new]
    return won


def _newcomers_part(model: IndustryChainModel, entrants: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Weight of each of these sellers among all makers of their product, seen from each county, (E, C)."""
    supply, decay = model.supply, distance_power(model.config, model.forms)
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
