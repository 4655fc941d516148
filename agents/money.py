"""Who pays whom: wages, taxes, benefits, remittances, interest, dividends, credit.

Every flow leaves one account and enters another in the same call.
"""

from __future__ import annotations

import numpy as np

from ..config.parameters_schema import Finance
from .farms import FarmSet
from .firms import FirmSet
from .institutions import Bank, Government, Outside
from .workers import OUTSIDE, TOWN, WorkerSet


def firms_pay_wages(firms: FirmSet, workers: WorkerSet) -> None:
    """Pay staffed jobs to the rows employed; where a firm's jobs are less than a row, to its owner as mixed income."""
    bill = firms.wage * firms.staffed
    at = workers.employer
    has_job = at >= 0
    persons = np.bincount(at[has_job], workers.weight[has_job], minlength=len(bill))
    per_head = np.divide(bill, persons, out=np.zeros(len(bill)), where=persons > 0)
    pay = np.where(has_job, per_head[np.maximum(at, 0)], 0.0)
    workers.wage_income += pay
    workers.cash += pay
    _pay_owners(workers, firms.owner, np.where(persons > 0, 0.0, bill), workers.mixed_income)
    firms.wage_bill += bill
    firms.cash -= bill


def _pay_owners(workers: WorkerSet, owner: np.ndarray, amount: np.ndarray, column: np.ndarray) -> None:
    """Credit amounts (CNY) to owner rows, per head of the row."""
    total = np.bincount(owner, amount, minlength=len(column))
    per_head = np.divide(total, workers.weight, out=np.zeros(len(column)), where=workers.weight > 0)
    column += per_head
    workers.cash += per_head


def pay_taxes(
    sets: tuple[FirmSet | FarmSet, ...],
    amounts: tuple[np.ndarray, ...],
    governments: list[Government],
    outside: Outside,
    bank: Bank,
    county_share: float,
) -> None:
    """Net production taxes: counties keep their share, the rest goes to higher levels outside."""
    for agents, amount in zip(sets, amounts, strict=True):
        agents.tax += amount
        agents.cash -= amount
        by_county = np.bincount(agents.county, amount, minlength=len(governments))
        for government, value in zip(governments, by_county, strict=True):
            government.account.receive("taxes", county_share * value)
        to_outside(outside, bank, "taxes", (1 - county_share) * float(by_county.sum()))


def to_outside(outside: Outside, bank: Bank, name: str, amount: float) -> None:
    """Money that leaves the city: outside receives it and the bank's position outside falls by as much."""
    outside.account.receive(name, amount)
    bank.outside_position -= amount


def transfers_come_down(
    city: Government, governments: list[Government], amounts: np.ndarray, outside: Outside, bank: Bank
) -> None:
    """Transfers from above reach the city, which passes them to its counties; CNY by county."""
    total = float(amounts.sum())
    city.account.receive("transfers", total)
    to_outside(outside, bank, "transfers", -total)
    for government, amount in zip(governments, amounts, strict=True):
        government.account.receive("transfers", float(amount))
        city.account.receive("transfers to counties", -float(amount))


def city_refunds(city: Government, governments: list[Government], amounts: np.ndarray) -> None:
    """The city pays counties for its programmes there; CNY by county."""
    for government, amount in zip(governments, amounts, strict=True):
        government.account.receive("transfers from the city", float(amount))
        city.account.receive("transfers to counties", -float(amount))


def governments_pay_benefits(
    governments: list[Government], workers: WorkerSet, pension_age: float, per_head: np.ndarray
) -> None:
    """Pensions and allowances to residents above pension age; ``per_head`` (2,) CNY a month in town and village."""
    entitled = (workers.age >= pension_age) & (workers.place != OUTSIDE) & (workers.weight > 0)
    amount = np.where(entitled, np.where(workers.place == TOWN, per_head[0], per_head[1]), 0.0)
    workers.transfer_income += amount
    workers.cash += amount
    by_county = np.bincount(workers.county, workers.weight * amount, minlength=len(governments))
    for government, value in zip(governments, by_county, strict=True):
        government.account.receive("benefits", -float(value))


def migrants_remit(workers: WorkerSet, per_worker: float, outside: Outside, bank: Bank) -> None:
    """Working members elsewhere send money home; members at home share it equally."""
    away = (workers.place == OUTSIDE) & (workers.household >= 0) & (workers.age >= 16) & (workers.age < 65)
    home = workers.alive & (workers.place != OUTSIDE) & (workers.household >= 0)
    size = int(workers.household.max()) + 1
    sent = np.bincount(workers.household[away], workers.weight[away], minlength=size) * per_worker
    heads = np.bincount(workers.household[home], workers.weight[home], minlength=size)
    per_head = np.divide(sent, heads, out=np.zeros(size), where=heads > 0)
    amount = per_head[workers.household[home]]
    workers.remittance_income[home] += amount
    workers.cash[home] += amount
    to_outside(outside, bank, "remittances", -float((workers.weight[home] * amount).sum()))


def bank_settles_interest(
    bank: Bank,
    firms: FirmSet,
    farms: FarmSet,
    workers: WorkerSet,
    governments: list[Government],
    outside: Outside,
    rules: Finance,
    prime_rate: float,
) -> None:
    """Interest on deposits and loans; the margin goes to the bank's owners outside, so losses alone move equity.

    ``prime_rate`` is the loan prime rate over its mean of 2020.
    """
    deposit, loan = rules.deposit_rate.amount / 12, rules.loan_rate.amount * prime_rate / 12
    paid = 0.0
    for agents in (firms, farms):
        net = loan * agents.debt - deposit * np.maximum(agents.cash, 0.0)
        agents.interest += net
        agents.cash -= net
        paid -= float(net.sum())
    home = workers.place != OUTSIDE
    earned = np.where(home, deposit * np.maximum(workers.cash, 0.0) - loan * workers.debt, 0.0)
    workers.interest_income += earned
    workers.cash += earned
    paid += float((workers.weight * earned).sum())
    for government in governments:
        amount = deposit * max(government.account.cash, 0.0)
        government.account.receive("interest", amount)
        paid += amount
    from_outside = bank.outside_position * rules.outside_rate.amount / 12
    outside.account.receive("interest", -from_outside)
    margin = from_outside - paid
    bank.outside_position += from_outside - margin
    outside.account.receive("bank dividends", margin)
    bank.flows["interest margin"] += margin
    bank.flows["dividends"] -= margin


def firms_pay_dividends(
    firms: FirmSet,
    workers: WorkerSet,
    profit: np.ndarray,
    payout: float,
    reserve: np.ndarray,
    outside: Outside,
    bank: Bank,
) -> None:
    """Pay a share of profit from cash above the reserve; outside owners' part leaves the city."""
    free = np.maximum(firms.cash - reserve, 0.0)
    total = np.minimum(np.maximum(profit, 0.0) * payout + 0.02 * free, free)
    leaving = total * firms.outside_share
    staying = total - leaving
    firms.outside_dividends += leaving
    firms.dividends += staying
    firms.cash -= total
    _pay_owners(workers, firms.owner, staying, workers.dividend_income)
    to_outside(outside, bank, "dividends", float(leaving.sum()))


def farms_pay_members(
    farms: FarmSet, workers: WorkerSet, draw: np.ndarray, outside_share: float, outside: Outside, bank: Bank
) -> None:
    """Farm households draw cash for living; the part of owners elsewhere leaves the city."""
    member = (workers.farm >= 0) & (workers.place != OUTSIDE)
    at = workers.farm[member]
    heads = np.bincount(at, workers.weight[member], minlength=len(draw))
    staying = np.where(heads > 0, draw * (1 - outside_share), 0.0)
    leaving = draw * outside_share
    per_head = np.divide(staying, heads, out=np.zeros(len(draw)), where=heads > 0)
    amount = per_head[at]
    workers.mixed_income[member] += amount
    workers.cash[member] += amount
    farms.drawings += staying
    farms.outside_drawings += leaving
    farms.cash -= staying + leaving
    to_outside(outside, bank, "dividends", float(leaving.sum()))


def bank_lends(bank: Bank, agents: FirmSet | FarmSet, limit: np.ndarray, repayment: float) -> None:
    """Cover overdrawn accounts with loans and take back repayments from cash; both change debt and deposit alike."""
    need = np.maximum(-agents.cash, 0.0)
    repay = np.where(need > 0, 0.0, np.minimum(agents.debt / repayment, np.maximum(agents.cash * 0.25, 0.0)))
    # Loans in force are rolled over within the credit limit, so that a sound borrower is not drained.
    roll = np.where(agents.debt < 0.5 * limit, repay, 0.0)
    change = need - repay + roll
    agents.borrowed += change
    agents.debt += change
    agents.cash += change


def bank_writes_off(bank: Bank, firms: FirmSet, limit: np.ndarray, months: int) -> int:
    """Firms beyond the credit limit for ``months`` fail: the bank bears the loss and a successor takes the plant.

    Returns the number of failures.
    """
    over = firms.debt > limit
    firms.distress[:] = np.where(over, firms.distress + 1, 0)
    failed = firms.distress > months
    loss = np.where(failed, firms.debt - 0.5 * np.minimum(limit, firms.debt), 0.0)
    firms.written_off += loss
    firms.debt -= loss
    firms.distress[failed] = 0
    firms.age[failed] = 0
    bank.equity -= float(loss.sum())
    bank.flows["write-offs"] -= float(loss.sum())
    return int(failed.sum())
