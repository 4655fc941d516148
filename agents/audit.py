"""The audit: every identity rebuilt from agent columns, never from the totals it checks.

A residual is the sum of absolute errors over agents relative to the gross turnover of the account (stocks: to the gross
opening stock).  Opening balances are copied when the books open and compared when they close, so a cell changed in
between trips the identity it belongs to.  Between months nothing may move at all: what is changed then trips the check
that the balance was carried over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .audit_loops import checksum, count_posts, residents_by_county, sums_by_product, weighted_sums
from .farms import COHORTS
from .supply import EXPORT
from .workers import INCOMES, SPENDING

if TYPE_CHECKING:
    from .model import IndustryChainModel


MONEY = ("cash", "debt", *INCOMES, *SPENDING)


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

    def remember(self, people: dict[str, float] | None = None) -> None:
        """Note every balance as the month closes; the next month must open with the same.

        ``people``: sums over persons, where they were just made and no money of theirs moved since.
        """
        self.people = people or people_sums(self.model)
        self.now = _balances(self.model) | _people(self.model, self.people)
        self.closing = {key: np.copy(value) for key, value in self.now.items()}
        self.checksums = {key: checksum(column) for key, column in _rows(self.model).items()}

    def open(self) -> None:
        """Opening balances must be last month's closing ones: nothing may change between months."""
        same = {key: checksum(column) == self.checksums[key] for key, column in _rows(self.model).items()}
        balances = _balances(self.model)
        if all(same[key] for key in same if key.startswith("worker")):
            balances |= {key: self.closing[key] for key in PEOPLE}  # what no row changed need not be summed again
        else:
            balances |= _people(self.model, people_sums(self.model))
        self.carried = {f"{key} carried over": changed(value, self.closing[key]) for key, value in balances.items()}
        self.carried |= {f"{key} carried over": 0.0 if unchanged else 1.0 for key, unchanged in same.items()}
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
    firms, farms = model.firms, model.farms
    herd = sum(getattr(farms, cohort) for cohort in COHORTS)
    for a in farms.herd_activities:
        herd[farms.farm_of[farms.part(a)]] += farms.stored[farms.part(a)]
    return {
        "firm cash": firms.cash,
        "firm debt": firms.debt,
        "farm cash": farms.cash,
        "farm debt": farms.debt,
        "government cash": np.array([g.account.cash for g in model.all_governments]),
        "government debt": np.array([g.debt for g in model.all_governments]),
        "bank": np.array([model.bank.outside_position, model.bank.equity]),
        "firm stock": firms.stock,
        "input stock": model.supply.stock,
        "farm stock": farms.stored,
        "herd": herd,
    }


def people_sums(model: IndustryChainModel) -> dict[str, float]:
    """What all persons together have and got this month, CNY by column."""
    workers = model.workers
    sums = weighted_sums(workers.weight, tuple(getattr(workers, name) for name in MONEY))
    return dict(zip(MONEY, sums.tolist(), strict=True))


PEOPLE = ("worker debt", "worker cash", "persons", "townspeople")


def _people(model: IndustryChainModel, sums: dict[str, float]) -> dict[str, np.ndarray]:
    """What all persons together owe and have, residents and townspeople by county: `PEOPLE`."""
    workers = model.workers
    residents, town = residents_by_county(
        workers.county, workers.place, workers.alive, workers.weight, len(model.index.counties)
    )
    found = (np.array([sums["debt"]]), np.array([sums["cash"]]), residents, town)
    return dict(zip(PEOPLE, found, strict=True))


def _rows(model: IndustryChainModel) -> dict[str, np.ndarray]:
    """What each person has and is, and capital and land: columns of which the audit keeps a checksum."""
    workers = model.workers
    people = ("cash", "debt", "weight", "county", "place", "employer")
    return {f"worker {name} by row": getattr(workers, name) for name in people} | {
        "firm capital": model.firms.capital,
        "farm capital": model.farms.capital,
        "land": model.farms.level,
    }


def _cash(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Each account's change is the sum of its flows."""
    out = {}
    for name, agents in (("firm", model.firms), ("farm", model.farms)):
        inflow = sum(getattr(agents, k) for k in agents.inflows)
        outflow = sum(getattr(agents, k) for k in agents.outflows)
        change = agents.cash - opening[f"{name} cash"]
        out[f"cash of {name}s"] = relative(change - (inflow - outflow), np.abs(inflow) + np.abs(outflow))
    people = model.audit_book.people
    income, spent = (sum(people[name] for name in names) for names in (INCOMES, SPENDING))
    # The dead are no longer rows: their incomes went to heirs by pooling and to estates; both are booked.
    change = people["cash"] - opening["worker cash"][0]
    gone = model.departed["net"]
    estates = float(model.people_flows["estates"].sum())
    out["cash of households"] = relative(change - (income - spent) - gone + estates, income + spent)
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
    bonds = np.array([g.debt for g in model.all_governments])
    flows = [g.account.flows for g in model.all_governments]
    turned = np.array([[flow["bonds"], flow["bond repayment"]] for flow in flows])
    out["debt of governments"] = relative(bonds - opening["government debt"] - turned.sum(axis=1), turned)
    owed = model.audit_book.people["debt"] - model.bank.flows["unpaid estates"]
    out["debt of households"] = relative(owed - opening["worker debt"][0], opening["worker debt"])
    return out


def _transactions(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """What one side pays the other receives, kind by kind."""
    firms, farms, people, outside = model.firms, model.farms, model.audit_book.people, model.outside.account.flows

    def public(name: str) -> float:
        return sum(g.account.flows[name] for g in model.all_governments)

    exports = model.supply.final.slots.kind == EXPORT
    buyers = firms.purchases.sum() + farms.purchases.sum() + people["consumption"] + people["housing"]
    buyers += firms.investment.sum() + farms.investment.sum() - public("consumption") - public("works")
    buyers += -outside["exports"] + model.departed["spent"]
    sellers = firms.revenue.sum() + farms.revenue.sum() + outside["imports"]
    paid_labour = firms.wage_bill.sum() + firms.dividends.sum() + farms.drawings.sum() + farms.day_wages.sum()
    earned = people["wage_income"] + people["mixed_income"] + people["dividend_income"] + model.departed["earned"]
    rented = people["rent_paid"] - people["rent_income"] + model.departed["rents"]
    taxes = firms.tax.sum() + farms.tax.sum()
    benefits = people["transfer_income"] + model.departed["benefits"]
    remitted = people["remittance_income"] + model.departed["remitted"]
    sold = float(model.sales.paid_local[exports].sum())
    return {
        "sales and purchases": relative(float(buyers - sellers), float(sellers)),
        "labour and property income": relative(float(paid_labour - earned), float(earned)),
        "taxes": relative(float(taxes - public("taxes") - outside["taxes"]), float(abs(taxes))),
        "benefits": relative(float(benefits + public("benefits")), float(benefits)),
        "remittances": relative(float(remitted + outside["remittances"]), float(remitted)),
        "premiums": relative(
            float(farms.premiums.sum()) - public("premiums") - outside["premiums"], outside["premiums"]
        ),
        "indemnities": relative(float(farms.indemnities.sum()) + outside["indemnities"], outside["indemnities"]),
        "land rents": relative(float(farms.land_rent.sum()), farms.land_rent),
        "farms' sales to each other": relative(float(farms.handed_over.sum()), farms.handed_over),
        "rents": relative(float(rented - public("rents")), people["rent_paid"]),
        "exports": relative(sold + outside["exports"], sold),
        "outside owners": relative(
            float(firms.outside_dividends.sum() + farms.outside_drawings.sum()) - outside["dividends"],
            outside["dividends"],
        ),
        "founders": relative(float(firms.founding.sum() - people["founding"]), firms.founding),
        "outside equity": relative(float(firms.equity.sum()) + outside["equity"], outside["equity"]),
        "bonds": relative(public("bonds") + outside["bonds"], outside["bonds"]),
        "debt service": relative(
            public("bond interest") + public("bond repayment") + outside["bond interest"] + outside["bond repayment"],
            outside["bond interest"] + outside["bond repayment"],
        ),
    }


def _bank(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Deposits plus equity equal loans plus the position outside; it moves with payments across the border."""
    firms, farms, people, bank = model.firms, model.farms, model.audit_book.people, model.bank
    deposits = float(firms.cash.sum() + farms.cash.sum()) + people["cash"]
    deposits += sum(g.account.cash for g in model.all_governments)
    loans = float(firms.debt.sum() + farms.debt.sum()) + people["debt"]
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

    def by_product(firm: np.ndarray, farm: np.ndarray) -> np.ndarray:
        total = np.bincount(firms.product, firm, minlength=products)
        return total + np.bincount(farm_product, farms.by_gate(farm).sum(axis=1), minlength=products)

    inputs = sums_by_product(
        supply.trade.slots.product, opening["input stock"], supply.stock, supply.used, supply.lost,
        model.trade.imported, products,
    )  # fmt: skip
    start = by_product(opening["firm stock"], opening["farm stock"]) + inputs[0]
    end = by_product(firms.stock, farms.stored) + inputs[1]
    made, lost = by_product(firms.made, farms.made), by_product(firms.lost, farms.lost)
    used, bought = inputs[2] + inputs[3], inputs[4]
    bought = bought + np.bincount(supply.final.slots.product, model.sales.imported, minlength=products)
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
    counted, wrong = count_posts(workers.employer, workers.place, workers.alive, len(firms.rows))
    return {"head counts": relative(np.r_[counted - firms.rows, wrong], counted)}


def _production(model: IndustryChainModel, opening: dict[str, np.ndarray]) -> dict[str, float]:
    """Value added by production equals expenditure: final sales + exports - imports + change of stocks and herds."""
    firms, farms, people = model.firms, model.farms, model.audit_book.people
    outside = model.outside.account.flows
    production = firms.output_value.sum() - firms.used_value.sum() + farms.output_value.sum() - farms.used_value.sum()
    final = people["consumption"] + people["housing"] + model.departed["spent"]
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
