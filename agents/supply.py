"""Who buys what from whom: all slots and links of the city, input stocks, and the two market rounds of a month."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..chains.base import Base
from ..chains.index import Index
from ..config.loader import Config
from ..config.parameters_schema import ModelForms
from .compiled import compiled
from .county_market import CountyMarket, county_orders
from .firms import TRADED, FirmSet, firm_slots, input_recipes
from .market import Deliveries, Links, Sellers, clear_market
from .network import SellerSide, Slots, distance_power, draw_links
from .randomness import Streams, name_key

FIRM, FARM, HOUSEHOLD, GOVERNMENT, INVESTMENT, EXPORT = range(6)
FINAL_COLUMNS = {HOUSEHOLD: (0, 1), GOVERNMENT: (2,), INVESTMENT: (3,)}


@dataclass
class Market:
    """One round's slots and links: the trade round (firms, farms) or the final round (users, exports)."""

    slots: Slots
    links: Links
    known: dict[int, np.ndarray] = field(default_factory=dict)

    def rows(self, kind: int) -> np.ndarray:
        """Row numbers of the slots of one kind."""
        if kind not in self.known:
            self.known[kind] = np.flatnonzero(self.slots.kind == kind)
        return self.known[kind]


@dataclass
class Supply:
    """The living network.

    ``trade`` serves inputs of firms and farms, ``final`` serves households, governments, investment and outside buyers;
    buyers without named suppliers of both buy in the ``local`` county markets.
    Firm input stocks ``stock`` (product units), what of them was ``used`` and ``lost`` in the month, replacement price
    ``price`` (CNY per unit), ``critical`` and ``important`` are by slot of ``trade`` (farms hold none).  ``seller_*``
    arrays are by seller: farm-gate markets first, then firms.  ``transit`` (months, slots) is on its way from outside.
    ``recipe`` (P, S) are the inputs of 2020, by which firms that enter buy.
    """

    trade: Market
    final: Market
    local: CountyMarket
    stock: np.ndarray
    price: np.ndarray
    critical: np.ndarray
    important: np.ndarray
    storable: np.ndarray
    used: np.ndarray
    lost: np.ndarray
    transit: np.ndarray
    seller_stage: np.ndarray
    seller_county: np.ndarray
    seller_product: np.ndarray
    seller_key: np.ndarray
    export_base: np.ndarray
    importable: np.ndarray
    base_price: np.ndarray
    recipe: np.ndarray
    gates: int

    @property
    def at_gates(self) -> slice:
        """Sellers that are farm-gate markets: the first ones, so that firms that enter are only appended."""
        return slice(0, self.gates)

    @property
    def at_firms(self) -> slice:
        """Sellers that are firms, in the order of their rows."""
        return slice(self.gates, None)

    @cached_property
    def firm_slots(self) -> slice:
        """Rows of ``trade`` that are firm inputs: the last ones, sorted by firm; a slice reads without copying."""
        return slice(int((self.trade.slots.kind == FARM).sum()), None)


def build_supply(
    config: Config,
    base: Base,
    firms: FirmSet,
    base_output: np.ndarray,
    distance: np.ndarray,
    streams: Streams,
    made_per_sold: np.ndarray,
    forms: ModelForms,
) -> Supply:
    """Draw the network of 2020: every buyer's suppliers, every seller's outside sales."""
    columns = {"stage": firms.stage, "county": firms.county, "key": firms.key, "base_output": base_output}
    recipe = input_recipes(base)
    parts = [_farm_slots(base, recipe), firm_slots(base, recipe, columns, made_per_sold), _final_slots(config, base)]
    slots = Slots(*(np.concatenate([getattr(p, f) for p in parts]) for f in Slots.__dataclass_fields__))
    sellers = _sellers(base, firms, base_output)
    rules = config.parameters.firms
    decay = distance_power(config, forms)
    links, pull, exports = draw_links(
        base,
        slots,
        sellers,
        distance,
        named=named_inputs(config, base, slots),
        suppliers=int(rules.suppliers.amount),
        decay=decay,
        streams=streams,
    )
    trade = _part(slots, links, slots.kind <= FARM)
    final = _with_exports(_part(slots, links, slots.kind > FARM), sellers, exports)
    index = base.index
    storable_product = np.array([item.storable for item in index.product.values()])
    mine = trade.slots.kind == FIRM
    stock = np.where(mine & storable_product[trade.slots.product], rules.input_target.amount * trade.slots.base, 0.0)
    return Supply(
        trade=trade,
        final=final,
        local=CountyMarket(pull, 1.0 / distance**decay),
        stock=stock,
        price=base.price[trade.slots.product].copy(),
        critical=listed(index, "critical")[trade.slots.stage, trade.slots.product] & mine,
        important=listed(index, "important")[trade.slots.stage, trade.slots.product] & mine,
        recipe=recipe,
        storable=storable_product[trade.slots.product],
        used=np.zeros(len(stock)),
        lost=np.zeros(len(stock)),
        transit=np.zeros((round(config.parameters.outside.delay.amount), len(stock))),
        seller_stage=sellers.stage,
        seller_county=sellers.county,
        seller_product=sellers.product,
        seller_key=sellers.key,
        export_base=exports,
        importable=storable_product | (base.import_share > TRADED),
        base_price=base.price,
        gates=len(sellers.stage) - len(firms.stage),
    )


def listed(index: Index, kind: str) -> np.ndarray:
    """Which products a stage lists as critical or important, (S, P)."""
    listed = np.zeros((len(index.stages), len(index.products)), dtype=bool)
    for s, item in enumerate(index.stage.values()):
        for product in getattr(item, kind, ()):
            listed[s, index.product_code(product)] = True
    return listed


def named_inputs(config: Config, base: Base, slots: Slots) -> np.ndarray:
    """Slots (K,) whose buyers know their suppliers: firms' critical and important inputs, and those that cost much."""
    index = base.index
    firm = slots.kind == FIRM
    stage = np.where(firm, slots.stage, 0)
    per_unit = slots.coefficient * base.price[slots.product] / base.price[index.product_of_stage[stage]]
    least = config.parameters.firms.named_supplier_share.amount
    must = (listed(index, "critical") | listed(index, "important"))[stage, slots.product]
    return np.asarray(firm & (must | (per_unit >= least)))


def _farm_slots(base: Base, recipe: np.ndarray) -> Slots:
    """Inputs of each farm activity by county; a farm's part is settled by its share of the activity."""
    index = base.index
    rows = []
    for s in index.stages_where(agent="farm"):
        for c in np.flatnonzero(base.county_share[s] > 0):
            for p in np.flatnonzero(recipe[:, s]):
                monthly = recipe[p, s] * base.output[s] * base.county_share[s, c] / base.price[p] / 12
                rows.append((FARM, -1, s, c, p, 0.0, monthly))
    return _slots_from(base, rows)


def _final_slots(config: Config, base: Base) -> Slots:
    """Markets of households, governments and investment by county and product."""
    index, counties = base.index, config.counties.counties
    urban = np.array([counties[c].residents_urban.amount for c in index.counties])
    rural = np.array([counties[c].residents_rural.amount for c in index.counties])
    heads = urban + rural
    shares = {
        HOUSEHOLD: np.stack([urban / urban.sum(), rural / rural.sum()]),
        GOVERNMENT: np.stack([heads / heads.sum()]),
        INVESTMENT: np.stack([base.county_share.T @ base.capital / base.capital.sum()]),
    }
    rows = []
    for kind, columns in FINAL_COLUMNS.items():
        for c in range(len(index.counties)):
            yearly = base.final[:, columns] @ shares[kind][:, c]
            for p in np.flatnonzero(yearly > 0):
                rows.append((kind, -1, -1, c, p, 0.0, yearly[p] / base.price[p] / 12))
    return _slots_from(base, rows)


def _slots_from(base: Base, rows: list[tuple[Any, ...]]) -> Slots:
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    whole = table[:, :5].astype(np.int64)
    index = base.index
    key = np.array(
        [
            name_key("slot", str(k), index.stages[s] if s >= 0 else "", index.counties[c], index.products[p])
            for k, _, s, c, p in whole
        ],
        dtype=np.uint64,
    )
    kind, buyer, stage, county, product = whole.T
    return Slots(kind, buyer, stage, county, product, coefficient=table[:, 5], base=table[:, 6], key=key)


def _sellers(base: Base, firms: FirmSet, base_output: np.ndarray) -> SellerSide:
    """A farm-gate market for every farm stage and county, then firms."""
    index = base.index
    farm = index.stages_where(agent="farm")
    counties = len(index.counties)
    stage = np.concatenate([np.repeat(farm, counties), firms.stage.astype(np.int64)])
    county = np.concatenate([np.tile(np.arange(counties), len(farm)), firms.county.astype(np.int64)])
    product = index.product_of_stage[stage]
    farm_output = (base.output[farm][:, None] * base.county_share[farm]).ravel()
    size = np.concatenate([farm_output, base_output]) / base.price[product] / 12
    gate = [name_key("farm-gate", index.stages[s], index.counties[c]) for s in farm for c in range(counties)]
    return SellerSide(stage, county, product, size, np.concatenate([np.array(gate, dtype=np.uint64), firms.key]))


def _part(slots: Slots, links: Links, taken: np.ndarray) -> Market:
    """The slots where ``taken`` holds, with their links renumbered."""
    rows = np.flatnonzero(taken)
    number = np.full(len(taken), -1)
    number[rows] = np.arange(len(rows))
    kept = taken[links.slot]
    chosen = Slots(*(getattr(slots, f)[rows] for f in Slots.__dataclass_fields__))
    return Market(
        chosen,
        Links(
            slot=number[links.slot[kept]],
            seller=links.seller[kept],
            share=links.share[kept],
            pooled=links.pooled[rows],
            outside=links.outside[rows],
            product=links.product[rows],
            county=links.county[rows],
            stage=links.stage[rows],
        ),
    )


def _with_exports(market: Market, sellers: SellerSide, exports: np.ndarray) -> Market:
    """Add one slot per seller for its buyers outside; the link takes the whole order."""
    slots, links, n = market.slots, market.links, len(exports)
    start = len(slots.kind)
    none = np.full(n, -1)
    wide = Slots(
        kind=np.r_[slots.kind, np.full(n, EXPORT)],
        buyer=np.r_[slots.buyer, np.arange(n)],
        stage=np.r_[slots.stage, none],
        county=np.r_[slots.county, sellers.county],
        product=np.r_[slots.product, sellers.product],
        coefficient=np.r_[slots.coefficient, np.zeros(n)],
        base=np.r_[slots.base, exports],
        key=np.r_[slots.key, sellers.key],
    )
    return Market(
        wide,
        Links(
            slot=np.r_[links.slot, start + np.arange(n)],
            seller=np.r_[links.seller, np.arange(n)],
            share=np.r_[links.share, np.ones(n)],
            pooled=np.r_[links.pooled, np.zeros(n)],
            outside=np.r_[links.outside, np.zeros(n)],
            product=np.r_[links.product, sellers.product],
            county=np.r_[links.county, sellers.county],
            stage=np.r_[links.stage, none],
        ),
    )


def firms_order_inputs(
    supply: Supply, planned: np.ndarray, ahead: np.ndarray, cover: float, adjust: float
) -> np.ndarray:
    """Orders by firm slot, units: the need for ``planned`` output (F,), of what keeps also a part of the gap in stock.

    The target stock is ``cover`` months of ``ahead`` (F,).
    """
    rows, slots = supply.firm_slots, supply.trade.slots
    return _input_orders(
        slots.buyer[rows], slots.coefficient[rows], supply.storable[rows], supply.stock[rows],
        planned, ahead, cover, adjust,
    )  # fmt: skip


@compiled
def _input_orders(
    buyer: np.ndarray,
    coefficient: np.ndarray,
    storable: np.ndarray,
    stock: np.ndarray,
    planned: np.ndarray,
    ahead: np.ndarray,
    cover: float,
    adjust: float,
) -> np.ndarray:
    orders = np.zeros(len(buyer))
    for k in range(len(buyer)):
        f = buyer[k]
        gap = (cover * coefficient[k] * ahead[f] - stock[k]) / adjust if storable[k] else 0.0
        orders[k] = max(coefficient[k] * planned[f] + gap, 0.0)
    return orders


def asked_of_sellers(supply: Supply, market: Market, orders: np.ndarray) -> np.ndarray:
    """Units the slots' orders (K,) ask of each seller, (N,), by name and through the county markets."""
    links, products, counties = market.links, len(supply.base_price), len(supply.local.near)
    by_name = np.bincount(links.seller, orders[links.slot] * links.share, minlength=len(supply.seller_product))
    at_large = county_orders(orders, links.pooled, links.product, links.county, products, counties)
    return by_name + supply.local.asked(at_large, supply.seller_product, supply.seller_county)


def run_market(
    supply: Supply,
    market: Market,
    orders: np.ndarray,
    price: np.ndarray,
    available: np.ndarray,
    import_price: np.ndarray,
    stages: int,
    substitution: float,
    nearer: np.ndarray,
    at_once: np.ndarray | None = None,
) -> Deliveries:
    """Clear one round at sellers' prices (N,); ``nearer`` (P,) is what hauls from outside got cheaper, CNY a unit.

    What firms order outside in an emergency takes some months where goods keep; power and services come at once.  What
    slots ``at_once`` (K,) lack comes at once, also what nobody brings in otherwise.
    """
    sellers = Sellers(supply.seller_product, supply.seller_stage, supply.seller_county, price, available)
    delayed = market is supply.trade and len(supply.transit) > 0
    importable, waits = _who_imports(
        market.slots.product, market.slots.kind, supply.importable, supply.storable, delayed
    )
    if at_once is not None:
        importable |= at_once
        waits &= ~at_once
    arrived = supply.transit[0] if delayed else np.zeros(len(orders))
    cleared = clear_market(
        market.links, supply.local, _not_on_its_way(orders, supply.transit) if delayed else orders, sellers,
        import_price, importable, stages, waits, arrived, substitution, nearer,
    )  # fmt: skip
    if delayed:
        supply.transit[:-1] = supply.transit[1:]
        supply.transit[-1] = cleared.late
    return cleared


@compiled
def _who_imports(
    product: np.ndarray, kind: np.ndarray, importable: np.ndarray, storable: np.ndarray, delayed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Slots (K,) that may buy outside in an emergency, by what they buy (P,), and which of them wait for it."""
    may, waits = np.empty(len(product), np.bool_), np.zeros(len(product), np.bool_)
    for k in range(len(product)):
        may[k] = importable[product[k]] and kind[k] != EXPORT
        if delayed:
            waits[k] = storable[k] and kind[k] == FIRM
    return may, waits


@compiled
def _not_on_its_way(orders: np.ndarray, transit: np.ndarray) -> np.ndarray:
    """What slots still have to order, (K,), beyond what comes from outside in the next months (M, K)."""
    left = np.empty(len(orders))
    for k in range(len(orders)):
        coming = 0.0
        for m in range(len(transit)):
            coming += transit[m, k]
        left[k] = max(orders[k] - coming, 0.0)
    return left


@compiled
def cost_of_inputs(buyer: np.ndarray, units: np.ndarray, price: np.ndarray, firms: int) -> np.ndarray:
    """Cost of so many ``units`` (K,) of inputs by firm, CNY (F,); of a recipe's units, CNY per unit of output."""
    cost = np.zeros(firms)
    for k in range(len(buyer)):
        cost[buyer[k]] += units[k] * price[k]
    return cost


def inputs_in_stock(supply: Supply, firms: int) -> np.ndarray:
    """What firms' inputs in stock would cost now, CNY (F,)."""
    rows = supply.firm_slots
    return cost_of_inputs(supply.trade.slots.buyer[rows], supply.stock[rows], supply.price[rows], firms)


def receive_inputs(supply: Supply, deliveries: Deliveries) -> None:
    """Put deliveries of the trade round into stock and note what replacement costs now."""
    _take_in(
        deliveries.local, deliveries.imported, deliveries.paid_local, deliveries.paid_outside,
        supply.price, supply.stock,
    )  # fmt: skip


@compiled
def _take_in(
    local: np.ndarray,
    imported: np.ndarray,
    paid_local: np.ndarray,
    paid_outside: np.ndarray,
    price: np.ndarray,
    stock: np.ndarray,
) -> None:
    for k in range(len(stock)):
        quantity = local[k] + imported[k]
        if quantity > 0:
            price[k] = (paid_local[k] + paid_outside[k]) / quantity
            stock[k] += quantity


def use_inputs(supply: Supply, made: np.ndarray, bought: np.ndarray, firms: int) -> tuple[np.ndarray, np.ndarray]:
    """Take the recipe's inputs for ``made`` (F,) out of stock, which holds what was ``bought`` (K,) this month, too.

    Inputs that cannot be stored are used up whatever was made; farms use all they buy in the month.  Returns the cost
    of what was used and the value of the month's change of stock, by firm at replacement prices, CNY (F,).
    """
    rows, slots = supply.firm_slots, supply.trade.slots
    return _used_inputs(
        rows.start,
        slots.buyer,
        slots.coefficient,
        supply.storable,
        supply.price,
        made,
        bought,
        supply.stock,
        supply.used,
        firms,
    )


@compiled
def _used_inputs(
    first: int,
    buyer: np.ndarray,
    coefficient: np.ndarray,
    storable: np.ndarray,
    price: np.ndarray,
    made: np.ndarray,
    bought: np.ndarray,
    stock: np.ndarray,
    used: np.ndarray,
    firms: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Fill ``used``, lower ``stock`` (K,); slots before ``first`` are farms'.  Returns CNY by firm, twice (F,)."""
    cost, growth = np.zeros(firms), np.zeros(firms)
    for k in range(len(stock)):
        used[k] = stock[k]
        if k >= first:
            if storable[k]:
                used[k] = min(coefficient[k] * made[buyer[k]], stock[k])
            cost[buyer[k]] += used[k] * price[k]
            growth[buyer[k]] += (bought[k] - used[k]) * price[k]
        stock[k] -= used[k]
    return cost, growth
