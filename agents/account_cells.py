"""Cells of the accounts: reads each side of a payment off the books it stands in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .account_loops import RURAL, kinds_of, sum_by_kind
from .account_table import BANK, CITY, COUNTIES, FARMS, FIRMS, HOUSEHOLDS, OUTSIDE, SECTORS, Entry, Flow
from .supply import EXPORT, GOVERNMENT, HOUSEHOLD, INVESTMENT
from .workers import INCOMES, SPENDING, WorkerSet

if TYPE_CHECKING:
    from .model import IndustryChainModel

KINDS = {"households": HOUSEHOLD, "governments": GOVERNMENT, "investors": INVESTMENT, "outside": EXPORT}


def sector_keys(model: IndustryChainModel) -> list[str]:
    """Columns of the matrix, in order; firms have one by chain."""
    chains = [f"firms_{chain}" for chain in model.index.chains]
    return [key for sector in SECTORS for key in (chains if sector.key == FIRMS else [sector.key])]


def places(model: IndustryChainModel) -> dict[str, slice]:
    """Where each sector stands among the columns of the matrix; households and firms have several."""
    keys = sector_keys(model)
    single = {key: slice(at, at + 1) for at, key in enumerate(keys)}
    firms = [at for at, key in enumerate(keys) if key.startswith("firms_")]
    return single | {HOUSEHOLDS: slice(0, 2), FIRMS: slice(firms[0], firms[-1] + 1)}


def household_kinds(workers: WorkerSet, before: np.ndarray | None = None) -> np.ndarray:
    """Which households are urban and which rural by where their members at home live; see `kinds_of`.

    Members elsewhere belong to the household they left.
    """
    known = np.zeros(0, dtype=np.int64) if before is None else before[:-1]
    new = max(int(workers.household.max()) + 1 - len(known), 0)
    before = np.r_[known, np.full(new + 1, RURAL)]
    return kinds_of(workers.household, workers.place, workers.weight, before)


def firms_by_chain(model: IndustryChainModel, values: np.ndarray) -> np.ndarray:
    """Sum a column of firms by the chain of their stage."""
    chain = model.index.chain_of_stage[model.firms.stage]
    return np.bincount(chain, values, minlength=len(model.index.chains))


class Reader:
    """Reads the entries of the table for the month just stepped.

    Persons count with their household as it was when the month opened (``opening``); ``closing`` says what households
    are now.
    """

    def __init__(self, model: IndustryChainModel, opening: np.ndarray, closing: np.ndarray) -> None:
        self.model, self.opening, self.closing = model, opening, closing
        self.places = places(model)
        self.sales = Sales(model)
        names, workers = (*INCOMES, *SPENDING), model.workers
        columns = tuple(getattr(workers, name) for name in names)
        living = sum_by_kind(workers.household, workers.weight, opening, columns)
        self.persons = {name: living[k] + self._dead(name) for k, name in enumerate(names)}

    def row(self, flow: Flow) -> np.ndarray:
        """A row of the matrix."""
        cells = np.zeros(len(sector_keys(self.model)))
        for entry in flow.entries:
            sign = -1.0 if entry.how == "paid" else 1.0
            cells[self.places[entry.sector]] += sign * self.read(entry)
        return cells

    def read(self, entry: Entry) -> np.ndarray | float:
        """What an entry says, by kind of household or by chain where the sector has several columns."""
        if entry.how == "sold":
            return self.sales.read(entry.sector, str(entry.buyer))
        if entry.how == "rule":
            rule: np.ndarray = getattr(self, entry.names[0])()
            return rule
        parts = [np.asarray(self._column(entry.sector, name)) for name in entry.names]
        return sum(parts[1:], parts[0])

    def _column(self, sector: str, name: str) -> np.ndarray | float:
        model = self.model
        if sector == HOUSEHOLDS:
            return self.persons[name]
        if sector == FIRMS:
            return firms_by_chain(model, getattr(model.firms, name))
        if sector == FARMS:
            return float(getattr(model.farms, name).sum())
        if sector == BANK:
            return model.bank.flows.get(name, 0.0)
        owners = {COUNTIES: model.governments, CITY: [model.city], OUTSIDE: [model.outside]}[sector]
        return sum(owner.account.flows.get(name, 0.0) for owner in owners)

    def _dead(self, name: str, who: np.ndarray | float = 1.0) -> np.ndarray:
        """What those who died this month had or got, of those for whom ``who`` is 1, by kind of household."""
        gone = self.model.people_flows
        return np.bincount(self.opening[gone["departed household"]], who * gone[f"departed {name}"], minlength=2)

    @cached_property
    def _without_heirs(self) -> np.ndarray:
        """1 for the dead without survivors; children born later in the month (age 0) inherit nothing."""
        workers, home = self.model.workers, self.model.people_flows["departed household"]
        alone = np.zeros(len(self.opening), dtype=bool)
        alone[home] = True
        left = np.flatnonzero(alone[workers.household])
        alone[workers.household[left[workers.alive[left] & (workers.age[left] > 0)]]] = False
        return alone[home]

    def estates(self) -> np.ndarray:
        """Deposits of the dead that nobody inherits, which households lose."""
        return -self._dead("cash", self._without_heirs)

    def unpaid_estates(self) -> np.ndarray:
        """Debts of the dead that nobody inherits, of which households are rid."""
        return self._dead("debt", self._without_heirs)

    def reclassified(self) -> np.ndarray:
        """What households bring along that turned urban, or rural, this month; the other kind loses as much."""
        workers = self.model.workers
        rows = np.flatnonzero((self.opening != self.closing)[workers.household])
        before, now = self.opening[workers.household[rows]], self.closing[workers.household[rows]]
        own = workers.weight[rows] * (workers.cash[rows] - workers.debt[rows])
        return np.bincount(now, own, minlength=2) - np.bincount(before, own, minlength=2)


class Sales:
    """Sellers' receipts by kind of buyer.

    Inputs are sold in the trade round.  In the final round a product's sellers serve its users in the same mix.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        self.model = model
        slots, count = model.supply.final.slots, len(model.index.products)
        paid = np.zeros((len(KINDS), count))
        for k, kind in enumerate(KINDS.values()):
            at = np.flatnonzero(slots.kind == kind)
            paid[k] = np.bincount(slots.product[at], model.sales.paid_local[at], minlength=count)
        total = paid.sum(axis=0)
        mix = np.divide(paid, total, out=np.zeros_like(paid), where=total > 0)
        self.mix = dict(zip(KINDS, mix, strict=True))

    def read(self, seller: str, buyer: str) -> np.ndarray | float:
        """What firms by chain, farms or outside got from a kind of buyer."""
        if seller == OUTSIDE:
            return self._imports(buyer)
        return self._firms(buyer) if seller == FIRMS else self._farms(buyer)

    def _firms(self, buyer: str) -> np.ndarray:
        model, at = self.model, self.model.supply.at_firms
        inputs = model.trade.revenue[at]
        if buyer == "producers":
            return firms_by_chain(model, inputs)
        return firms_by_chain(model, (model.firms.revenue - inputs) * self.mix[buyer][model.firms.product])

    def _farms(self, buyer: str) -> float:
        """Farms' own revenue; its mix is that of the farm-gate markets they sold on."""
        model, at = self.model, self.model.supply.at_gates
        inputs, gates = float(model.trade.revenue[at].sum()), model.sales.revenue[at]
        if buyer == "producers":
            return inputs
        part = float((gates * self.mix[buyer][model.supply.seller_product[at]]).sum())
        return (float(model.farms.revenue.sum()) - inputs) * part / (float(gates.sum()) or 1.0)

    def _imports(self, buyer: str) -> float:
        """What outside was paid; for inputs, what its account shows beyond final users' bills."""
        model, slots = self.model, self.model.supply.final.slots
        if buyer == "producers":
            return float(model.outside.account.flows["imports"] - model.sales.paid_outside.sum())
        return float(model.sales.paid_outside[slots.kind == KINDS[buyer]].sum())
