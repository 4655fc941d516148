"""Room for firms that come and go: all arrays of the supply network grow and shrink with the firm table.

Newcomers' slots, links and sellers are appended; those of firms that have left are cut out and the rest renumbered.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from .firms import firm_slots
from .market import BY_SELLER, BY_SLOT, Deliveries, Links
from .network import SellerSide, Slots, distance_power, links_of_newcomers
from .supply import EXPORT, FIRM, Market, listed, named_inputs

if TYPE_CHECKING:
    from .model import IndustryChainModel

SLOT_ARRAYS = ("stock", "price", "critical", "important", "storable", "used", "lost")
SELLER_ARRAYS = ("seller_stage", "seller_county", "seller_product", "seller_key", "export_base")


def extended(column: np.ndarray, more: np.ndarray) -> np.ndarray:
    """The column (n,) with ``more`` (m,) behind it; room is kept for more to come, so that seldom all is copied.

    The result may share its memory with ``column``, which must not be used any more.
    """
    held, total, room = len(column), len(column) + len(more), column.base
    if (
        not isinstance(room, np.ndarray)
        or room.ndim != 1
        or room.dtype != column.dtype
        or room.ctypes.data != column.ctypes.data
        or len(room) < total
        or not column.flags.c_contiguous
    ):
        room = np.empty(total + total // 8 + 64, dtype=column.dtype)
        room[:held] = column
    room[held:total] = more
    return room[:total]


def add_firms_to_network(model: IndustryChainModel, rows: np.ndarray, size: np.ndarray) -> None:
    """Give new firms (row numbers) inputs, suppliers and a market outside; ``size`` (N,) is that of older sellers."""
    firms, supply, base = model.firms, model.supply, model.base
    rules = model.config.parameters.firms
    columns = {name: getattr(firms, name)[rows] for name in ("stage", "county", "key")}
    slots = firm_slots(base, supply.recipe, columns | {"base_output": np.zeros(len(rows))}, model.rules.made_per_sold)
    slots.buyer = rows[slots.buyer]
    slots.coefficient *= model.freight.transport_needed(slots) * model.seasons.of_slots(slots.product, slots.stage)
    old = SellerSide(supply.seller_stage, supply.seller_county, supply.seller_product, size, supply.seller_key)
    links = links_of_newcomers(
        base, slots, old, model.distance, named=named_inputs(model.config, base, slots),
        suppliers=int(rules.suppliers.amount), decay=distance_power(model.config, model.forms), streams=model.streams,
    )  # fmt: skip
    product, stage, none = slots.product, slots.stage, np.zeros(len(slots.product))
    storable = model.storable_product[product]
    new = (none, model.outside_price[product], listed(model.index, "critical")[stage, product],
           listed(model.index, "important")[stage, product], storable, none, none)  # fmt: skip
    for name, values in zip(SLOT_ARRAYS, new, strict=True):
        setattr(supply, name, extended(getattr(supply, name), values))
    supply.transit = np.hstack([supply.transit, np.zeros((len(supply.transit), len(none)))])
    made, zero = firms.product[rows].astype(np.int64), np.zeros(len(rows))
    sellers = (columns["stage"].astype(np.int64), columns["county"].astype(np.int64), made, columns["key"], zero)
    start = len(supply.seller_stage)
    supply.local.pull = extended(supply.local.pull, zero)
    for name, values in zip(SELLER_ARRAYS, sellers, strict=True):
        setattr(supply, name, extended(getattr(supply, name), values))
    supply.trade = _appended(supply.trade, slots, links)
    away = _markets_outside(model, rows, start)
    supply.final = _appended(supply.final, *away)
    model.final_price = extended(model.final_price, model.outside_price[away[0].product])
    model.trade = _widened(model.trade, len(slots.kind), len(rows))
    model.sales = _widened(model.sales, len(rows), len(rows))
    _resize_firm_arrays(model)
    find_resold_inputs(model, len(supply.trade.slots.kind) - len(slots.kind))


def _markets_outside(model: IndustryChainModel, rows: np.ndarray, start: int) -> tuple[Slots, Links]:
    """One slot a new seller (codes from ``start``) for its buyers outside; the link takes the whole order."""
    firms, n = model.firms, len(rows)
    seller, none, zero = start + np.arange(n), np.full(n, -1), np.zeros(n)
    county, product = firms.county[rows].astype(np.int64), firms.product[rows].astype(np.int64)
    slots = Slots(np.full(n, EXPORT), seller, none, county, product, zero, zero, firms.key[rows])
    return slots, Links(np.arange(n), seller, np.ones(n), zero, zero, product, county, none)


def _appended(market: Market, slots: Slots, links: Links) -> Market:
    start = len(market.slots.kind)
    joined = {f.name: extended(getattr(market.slots, f.name), getattr(slots, f.name)) for f in fields(Slots)}
    new = replace(links, slot=links.slot + start)
    linked = {f.name: extended(getattr(market.links, f.name), getattr(new, f.name)) for f in fields(Links)}
    return Market(Slots(**joined), Links(**linked))


def _widened(round_of: Deliveries, slots: int, sellers: int) -> Deliveries:
    """The same round with room for slots and sellers that came after it, all nought."""
    room = dict.fromkeys(BY_SLOT, slots) | dict.fromkeys(BY_SELLER, sellers)
    return replace(round_of, **{name: extended(getattr(round_of, name), np.zeros(n)) for name, n in room.items()})


def _resize_firm_arrays(model: IndustryChainModel) -> None:
    """Arrays by firm that are filled anew each month take the new number of rows."""
    count, sellers = len(model.firms.price), len(model.supply.seller_stage)
    wider = np.full((len(model.limits), count), np.inf)
    shared = min(count, model.limits.shape[1])
    wider[:, :shared] = model.limits[:, :shared]
    model.limits = wider
    model.permit_limit = np.full(count, np.inf)
    model.reach_binds = np.r_[model.reach_binds, np.zeros(max(count - len(model.reach_binds), 0), dtype=bool)][:count]
    model.fill = np.r_[model.fill, np.ones(max(sellers - len(model.fill), 0))][:sellers]
    model.seller_size = np.r_[model.seller_size, np.zeros(max(sellers - len(model.seller_size), 0))][:sellers]


def find_resold_inputs(model: IndustryChainModel, first: int = 0) -> None:
    """Trade slots of goods that trading, packing and storing firms sell on: not their output in national accounts.

    Slots before ``first`` are known already.
    """
    model.seasons.slots_changed()
    slots, known = model.supply.trade.slots, model.resold_slots if first else np.zeros(0, dtype=np.int64)
    stage, product, buyer = slots.stage[first:], slots.product[first:], slots.buyer[first:]
    resold = model.margin_stage[stage] & model.handled_product[product] & (buyer >= 0)
    model.resold_slots = np.r_[known, first + np.flatnonzero(resold)]


def drop_firms(model: IndustryChainModel, rows: np.ndarray) -> None:
    """Take closed firms out of the table and the network; their posts, stocks and links must be empty."""
    firms, supply = model.firms, model.supply
    for name in ("cash", "debt", "stock", "capital", "rows"):
        if getattr(firms, name)[rows].any():
            raise RuntimeError(f"a firm that leaves still holds {name}: its estate was not settled")
    firms.at_rows(rows).leave_model()
    row_map = firms.table.compact()
    model.workers.table.renumber("employer", row_map)
    sellers = np.r_[np.ones(supply.gates, dtype=bool), row_map >= 0]
    seller_map = np.cumsum(sellers) - 1
    for name in SELLER_ARRAYS:
        setattr(supply, name, getattr(supply, name)[sellers])
    supply.local.pull = supply.local.pull[sellers]
    model.fill, model.seller_size = model.fill[sellers], model.seller_size[sellers]
    model.limits = model.limits[:, row_map >= 0]
    kinds = supply.trade.slots.kind
    kept = np.ones(len(kinds), dtype=bool)
    own = np.flatnonzero(kinds == FIRM)
    kept[own] = row_map[supply.trade.slots.buyer[own]] >= 0
    firms.scarce[:] = np.where(firms.scarce >= 0, (np.cumsum(kept) - 1)[firms.scarce], -1)
    for name in SLOT_ARRAYS:
        setattr(supply, name, getattr(supply, name)[kept])
    supply.transit = supply.transit[:, kept]
    supply.trade = _cut(supply.trade, kept, sellers, seller_map)
    buyer = supply.trade.slots.buyer
    supply.trade.slots.buyer = np.where(supply.trade.slots.kind == FIRM, row_map[buyer], buyer)
    model.trade = model.trade.cut(kept, sellers)
    kinds = supply.final.slots.kind
    kept = np.ones(len(kinds), dtype=bool)
    out = np.flatnonzero(kinds == EXPORT)
    kept[out] = sellers[supply.final.slots.buyer[out]]
    supply.final = _cut(supply.final, kept, sellers, seller_map)
    buyer = supply.final.slots.buyer
    supply.final.slots.buyer = np.where(supply.final.slots.kind == EXPORT, seller_map[buyer], buyer)
    model.sales = model.sales.cut(kept, sellers)
    model.final_price = model.final_price[kept]
    _resize_firm_arrays(model)
    find_resold_inputs(model)


def _cut(market: Market, kept: np.ndarray, sellers: np.ndarray, seller_map: np.ndarray) -> Market:
    """The slots kept, with the links between them and sellers that stay, renumbered."""
    links, number = market.links, np.cumsum(kept) - 1
    at = np.flatnonzero(kept[links.slot] & sellers[links.seller] & (links.share > 0))
    slots = Slots(**{f.name: getattr(market.slots, f.name)[kept] for f in fields(Slots)})
    by_slot = {name: getattr(links, name)[kept] for name in ("pooled", "outside", "product", "county", "stage")}
    return Market(slots, Links(number[links.slot[at]], seller_map[links.seller[at]], links.share[at], **by_slot))
