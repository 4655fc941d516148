"""The audit: every identity rebuilt from agent columns, never from the totals it checks.

A residual is the sum of absolute errors over agents relative to the gross turnover of the account (stocks: to the gross
opening stock).  Opening balances are copied when the books open and compared when they close, so a cell changed in
between trips the identity it belongs to.  Between months nothing may move at all: what is changed then trips the check
that the balance was carried over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled
from .farms import COHORTS
from .supply import EXPORT
from .workers import INCOMES, OUTSIDE, SPENDING, TOWN

if TYPE_CHECKING:
    from .model import IndustryChainModel


_PRIME, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


def relative(error: np.ndarray | float, gross: np.ndarray | float) -> float:
    """|error| over gross turnover; plain |error| where nothing moved."""
    total = float(np.sum(np.abs(gross)))
    return float(np.sum(np.abs(error))) / (total if total > 0 else 1.0)


def changed(now: np.ndarray, before: np.ndarray) -> float:
    """Largest change of a cell relative to the cell; 1 where rows came or went.

    Cell by cell, because one sum over tonnes, heads and kWh would hide a tonne.
    """
    if now.shape != before.shape:
        return 1.0
    if np.array_equal(now, before):
        return 0.0
    error, gross = np.abs(now - before), np.abs(before)
    return float(np.max(np.divide(error, gross, out=error, where=gross > 0), initial=0.0))


class Audit:
    """Opening balances and this month's residuals by identity."""

    def __init__(self, model: IndustryChainModel) -> None:
        self.model = model
        self.residuals: dict[str, float] = {}
        self.closing: dict[str, np.ndarray] = {}
        self.remember()

    def remember(self) -> None:
        """Note every balance as the month closes; the next month must open with the same."""
        self.now = _balances(self.model)
        self.closing = {key: np.copy(value) for key, value in self.now.items()}
        self.checksums = {key: checksum(column) for key, column in _rows(self.model).items()}

    def open(self) -> None:
        """Opening balances must be last month's closing ones: nothing may change between months."""
        balances = _balances(self.model)
        self.carried = {f"{key} carried over": changed(value, self.closing[key]) for key, value in balances.items()}
        for key, column in _rows(self.model).items():
            same = checksum(column) == self.checksums[key]
            self.carried[f"{key} carried over"] = 0.0 if same else 1.0
        self.opening = {key: np.copy(value) for key, value in balances.items()}

    def close(self) -> None:
        """Check all identities of the month."""
        checks = (_cash, _debt, _transactions, _bank, _goods, _animals, _persons, _posts, _production)
        self.residuals = dict(self.carried)
        self.remember()
        for key in ("firm cash", "firm debt", "firm stock", "input stock"):  # entrants opened with nothing
            entered = len(self.now[key]) - len(self.opening[key])
            self.opening[key] = np.r_[self.opening[key], np.zeros(entered)]
        for check in checks:
            self.residuals.update(check(self.model, self.opening))


def _balances(model: IndustryChainModel) -> dict[str, np.ndarray]:
    firms, farms, workers = model.firms, model.farms, model.workers
    counties = len(model.index.counties)
    resident = workers.alive & (workers.place != OUTSIDE)
    in_town = workers.alive & (workers.place == TOWN)
    herd = sum(getattr(farms, cohort) for cohort in COHORTS)
    for a in farms.herd_activities:
        herd[farms.farm_of[farms.part(a)]] += farms.stored[farms.part(a)]
    return {
        "firm cash": firms.cash,
        "firm debt": firms.debt,
        "farm cash": farms.cash,
        "farm debt": farms.debt,
        "worker debt": np.array([float((workers.weight * workers.debt).sum())]),
        "worker cash": np.array([float((workers.weight * workers.cash).sum())]),
        "government cash": np.array([g.account.cash for g in model.all_governments]),
        "bank": np.array([model.bank.outside_position, model.bank.equity]),
        "firm stock": firms.stock,
        "input stock": model.supply.stock,
        "farm stock": farms.stored,
        "herd": herd,
        "persons": np.bincount(workers.county[resident], workers.weight[resident], minlength=counties),
        "townspeople": np.bincount(workers.county[in_town], workers.weight[in_town], minlength=counties),
    }


def _rows(model: IndustryChainModel) -> dict[str, np.ndarray]:
    """What each person has and is, and capital and land: columns of which the audit keeps a checksum."""
    workers = model.workers
    people = ("cash", "debt", "weight", "county", "place", "employer")
    return {f"worker {name} by row": getattr(workers, name) for name in people} | {
        "firm capital": model.firms.capital,
        "farm capital": model.farms.capital,
        "land": model.farms.level,
    }


def checksum(column: np.ndarray) -> int:
    """Sum up a column in one number that any changed cell changes, so that no copy of millions of rows is kept."""
    flat = np.ascontiguousarray(column).reshape(-1)
    words = flat.view(np.uint64) if flat.dtype.itemsize == 8 else flat.astype(np.int64).view(np.uint64)
    return int(_fold(words))


@compiled
def _fold(words: np.ndarray) -> np.uint64:
    total = np.uint64(len(words))
    for word in words:
        total = (total ^ word) * _PRIME
        total ^= total >> _HALF
    return total


def _cash(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Each account's change is the sum of its flows."""
    out = {}
    for name, agents in (("firm", model.firms), ("farm", model.farms)):
        inflow = sum(getattr(agents, k) for k in agents.inflows)
        outflow = sum(getattr(agents, k) for k in agents.outflows)
        change = agents.cash - opening[f"{name} cash"]
        out[f"cash of {name}s"] = relative(change - (inflow - outflow), np.abs(inflow) + np.abs(outflow))
    workers = model.workers
    income = sum(getattr(workers, k) for k in INCOMES)
    spent = sum(getattr(workers, k) for k in SPENDING)
    flows = workers.weight * (income - spent)
    # The dead are no longer rows: their incomes went to heirs by pooling and to estates; both are booked.
    change = float((workers.weight * workers.cash).sum() - opening["worker cash"][0])
    gone = model.departed["net"]
    estates = float(model.people_flows["estates"].sum())
    turnover = float((workers.weight * (income + spent)).sum())
    out["cash of households"] = relative(change - float(flows.sum()) - gone + estates, turnover)
    cash = np.array([g.account.cash for g in model.all_governments])
    booked = np.array([sum(g.account.flows.values()) for g in model.all_governments])
    gross = np.array([sum(abs(v) for v in g.account.flows.values()) for g in model.all_governments])
    out["cash of governments"] = relative(cash - opening["government cash"] - booked, gross)
    return out


def _debt(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Debt moves by borrowing, repayment and write-offs only."""
    out = {}
    for name, agents in (("firm", model.firms), ("farm", model.farms)):
        change = agents.debt - opening[f"{name} debt"]
        out[f"debt of {name}s"] = relative(change - agents.borrowed + agents.written_off, opening[f"{name} debt"])
    owed = float((model.workers.weight * model.workers.debt).sum()) - model.bank.flows["unpaid estates"]
    out["debt of households"] = relative(owed - opening["worker debt"][0], opening["worker debt"])
    return out


def _transactions(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """What one side pays the other receives, kind by kind."""
    firms, farms, workers, outside = model.firms, model.farms, model.workers, model.outside.account.flows
    weight = workers.weight

    def public(name: str) -> float:
        return sum(g.account.flows[name] for g in model.all_governments)

    exports = model.supply.final.slots.kind == EXPORT
    buyers = firms.purchases.sum() + farms.purchases.sum() + (weight * (workers.consumption + workers.housing)).sum()
    buyers += firms.investment.sum() + farms.investment.sum() - public("consumption") - public("works")
    buyers += -outside["exports"] + model.departed["spent"]
    sellers = firms.revenue.sum() + farms.revenue.sum() + outside["imports"]
    paid_labour = firms.wage_bill.sum() + firms.dividends.sum() + farms.drawings.sum()
    earned = (weight * (workers.wage_income + workers.mixed_income + workers.dividend_income)).sum()
    earned += model.departed["earned"]
    rented = (weight * (workers.rent_paid - workers.rent_income)).sum() + model.departed["rents"]
    taxes = firms.tax.sum() + farms.tax.sum()
    benefits = (weight * workers.transfer_income).sum() + model.departed["benefits"]
    remitted = (weight * workers.remittance_income).sum() + model.departed["remitted"]
    sold = float(model.sales.paid_local[exports].sum())
    return {
        "sales and purchases": relative(float(buyers - sellers), float(sellers)),
        "labour and property income": relative(float(paid_labour - earned), float(earned)),
        "taxes": relative(float(taxes - public("taxes") - outside["taxes"]), float(abs(taxes))),
        "benefits": relative(float(benefits + public("benefits")), float(benefits)),
        "remittances": relative(float(remitted + outside["remittances"]), float(remitted)),
        "rents": relative(float(rented - public("rents")), float((weight * workers.rent_paid).sum())),
        "exports": relative(sold + outside["exports"], sold),
        "outside owners": relative(
            float(firms.outside_dividends.sum() + farms.outside_drawings.sum()) - outside["dividends"],
            outside["dividends"],
        ),
        "founders": relative(float(firms.founding.sum() - (weight * workers.founding).sum()), firms.founding),
        "outside equity": relative(float(firms.equity.sum()) + outside["equity"], outside["equity"]),
    }


def _bank(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Deposits plus equity equal loans plus the position outside; it moves with payments across the border."""
    firms, farms, workers, bank = model.firms, model.farms, model.workers, model.bank
    deposits = float(firms.cash.sum() + farms.cash.sum() + (workers.weight * workers.cash).sum())
    deposits += sum(g.account.cash for g in model.all_governments)
    loans = float(firms.debt.sum() + farms.debt.sum() + (workers.weight * workers.debt).sum())
    moved = bank.outside_position - opening["bank"][0] + sum(model.outside.account.flows.values())
    earned = bank.flows["interest margin"] + bank.flows["dividends"] + bank.flows["unpaid estates"]
    equity = bank.equity - opening["bank"][1] - earned
    gross = sum(abs(value) for value in model.outside.account.flows.values())
    return {
        "bank balance sheet": relative(deposits + bank.equity - loans - bank.outside_position, deposits),
        "position outside": relative(moved, gross),
        "bank equity": relative(equity + float(firms.written_off.sum() + farms.written_off.sum()), bank.equity),
    }


def _goods(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Per product: opening stock + made + bought outside = used + sold to final users + lost + closing stock."""
    firms, farms, supply, index = model.firms, model.farms, model.supply, model.index
    products = len(index.products)
    farm_product = index.product_of_stage[farms.stages]

    def by_product(firm: np.ndarray, farm: np.ndarray, slot: np.ndarray | None) -> np.ndarray:
        total = np.bincount(firms.product, firm, minlength=products)
        total += np.bincount(farm_product, farms.by_gate(farm).sum(axis=1), minlength=products)
        return total if slot is None else total + np.bincount(supply.trade.slots.product, slot, minlength=products)

    start = by_product(opening["firm stock"], opening["farm stock"], opening["input stock"])
    end = by_product(firms.stock, farms.stored, supply.stock)
    made = by_product(firms.made, farms.made, None)
    lost = by_product(firms.lost, farms.lost, None)
    used = np.bincount(supply.trade.slots.product, supply.used + supply.lost, minlength=products)
    bought = np.bincount(supply.trade.slots.product, model.trade.imported, minlength=products)
    bought += np.bincount(supply.final.slots.product, model.sales.imported, minlength=products)
    final = np.bincount(supply.final.slots.product, model.sales.quantity, minlength=products)
    error = start + made + bought - used - final - lost - end
    gross = start + made + bought
    worst = np.divide(np.abs(error), gross, out=np.abs(error), where=gross > 0)
    return {"goods by product": float(worst.max())}


def _animals(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Head on each farm: closing = opening + born + bought - died - sold."""
    farms = model.farms
    now = model.audit_book.now["herd"]
    flows = farms.born + farms.bought - farms.died - farms.sold_head - farms.sold_calves
    return {"animals": relative(now - opening["herd"] - flows, opening["herd"])}


def _persons(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Residents by county: closing = opening + births - deaths + arrivals - departures + moves inside."""
    flows = model.people_flows
    change = flows["births"] - flows["deaths"] + flows["arrivals"] - flows["departures"]
    change = change + flows["moved_in"] - flows["moved_out"]
    now = model.audit_book.now
    town = flows["town_births"] - flows["town_deaths"] + flows["town_in"] - flows["town_out"] + flows["reclassified"]
    return {
        "persons by county": relative(now["persons"] - opening["persons"] - change, opening["persons"]),
        "townspeople by county": relative(now["townspeople"] - opening["townspeople"] - town, opening["townspeople"]),
    }


def _posts(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Head counts of firms equal the workers' employer column, and nobody dead or outside is employed."""
    workers, firms = model.workers, model.firms
    has_job = workers.employer >= 0
    counted = np.bincount(workers.employer[has_job], minlength=len(firms.rows))
    wrong = float((has_job & (~workers.alive | (workers.place == OUTSIDE))).sum())
    return {"head counts": relative(np.r_[counted - firms.rows, wrong], counted)}


def _production(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Value added by production equals expenditure: final sales + exports - imports + change of stocks and herds."""
    firms, farms, workers = model.firms, model.farms, model.workers
    outside = model.outside.account.flows
    production = firms.output_value.sum() - firms.used_value.sum() + farms.output_value.sum() - farms.used_value.sum()
    final = (workers.weight * (workers.consumption + workers.housing)).sum() + model.departed["spent"]
    final += firms.investment.sum() + farms.investment.sum()
    final -= sum(g.account.flows["consumption"] + g.account.flows["works"] for g in model.governments)
    stocks = firms.stock_value_change.sum() + farms.stock_value_change.sum()
    expenditure = final - outside["exports"] - outside["imports"] + stocks
    surplus = firms.output_value - firms.used_value - firms.wage_bill - firms.tax
    rebuilt = firms.revenue + firms.stock_value_change - firms.purchases - firms.wage_bill - firms.tax
    return {
        "production and expenditure": relative(float(production - expenditure), float(final)),
        "production and income of firms": relative(surplus - rebuilt, firms.output_value),
    }
