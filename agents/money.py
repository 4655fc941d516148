"""Who pays whom: wages, taxes, benefits, remittances, interest, dividends, credit.

Every flow leaves one account and enters another in the same call.
"""

from __future__ import annotations

import numpy as np

from ..config.parameters_schema import Finance
from .farms import FarmSet
from .firms import FirmSet
from .households import Heads
from .institutions import Bank, Government, Outside

FREE_CASH_PAID = 0.02  # share of cash beyond the reserve that owners take out in a month, beside the payout


def firms_pay_wages(firms: FirmSet, heads: Heads) -> tuple[np.ndarray, np.ndarray]:
    """Pay staffed jobs to the rows employed; where a firm's jobs are less than a row, to its owner as mixed income.

    Returns wages a head and what goes to owners, (F,) CNY.
    """
    bill = firms.wage * (firms.staffed - firms.day_posts)
    firms.wage_bill += bill
    firms.cash -= bill
    per_head = np.divide(bill, heads.staff, out=np.zeros(len(bill)), where=heads.staff > 0)
    return per_head, np.where(heads.staff > 0, 0.0, bill)


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


def governments_pay_benefits(governments: list[Government], paid: np.ndarray) -> None:
    """Counties bear the pensions and allowances paid to their residents, CNY (C,)."""
    for government, value in zip(governments, paid, strict=True):
        government.account.receive("benefits", -float(value))


def interest_rates(rules: Finance, prime_rate: float) -> tuple[float, float]:
    """Rates a month on deposits and on loans: prime rate and spread; ``prime_rate`` is over its mean of 2020."""
    prime = rules.loan_rate.amount - rules.firm_spread.amount
    return rules.deposit_rate.amount / 12, (prime * prime_rate + rules.firm_spread.amount) / 12


def borrowers_pay_interest(sets: tuple[FirmSet | FarmSet, ...], deposit: float, loan: float) -> float:
    """Firms and farms pay on loans and get on deposits; returns what the bank pays them, net, CNY."""
    paid = 0.0
    for agents in sets:
        net = loan * agents.debt - deposit * np.maximum(agents.cash, 0.0)
        agents.interest += net
        agents.cash -= net
        paid -= float(net.sum())
    return paid


def bank_settles_interest(
    bank: Bank, paid: float, deposit: float, governments: list[Government], outside: Outside, rules: Finance
) -> None:
    """Interest on public deposits; the margin goes to the bank's owners outside, so losses alone move equity.

    ``paid`` is what firms, farms and persons got, net, CNY.
    """
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
    firms: FirmSet, profit: np.ndarray, payout: float, reserve: np.ndarray, outside: Outside, bank: Bank
) -> np.ndarray:
    """Pay a share of profit from cash above the reserve; outside owners' part leaves the city.

    Returns what goes to each firm's local owner, (F,) CNY.
    """
    free = np.maximum(firms.cash - reserve, 0.0)
    total = np.minimum(np.maximum(profit, 0.0) * payout + FREE_CASH_PAID * free, free)
    leaving = total * firms.outside_share
    staying = total - leaving
    firms.outside_dividends += leaving
    firms.dividends += staying
    firms.cash -= total
    to_outside(outside, bank, "dividends", float(leaving.sum()))
    return np.asarray(staying)


def months_of_profit_held(payout: float) -> float:
    """Months of profit that firms hold beyond the reserve where what they keep of profit is what owners take out."""
    return max((1 - payout) / FREE_CASH_PAID, 1.0) - 1.0


def farms_pay_members(
    farms: FarmSet, heads: Heads, draw: np.ndarray, outside_share: float, outside: Outside, bank: Bank
) -> np.ndarray:
    """Farm households draw cash for living; the part of owners elsewhere leaves the city, all where nobody is at home.

    That part is taken of all that a farm pays out, day wages included, which stay here.
    Returns drawings a head of those who live on the farm, (M,) CNY.
    """
    leaving = np.where(heads.hands > 0, np.minimum(outside_share * (draw + farms.day_wages), draw), draw)
    staying = draw - leaving
    farms.drawings += staying
    farms.outside_drawings += leaving
    farms.cash -= staying + leaving
    to_outside(outside, bank, "dividends", float(leaving.sum()))
    return np.divide(staying, heads.hands, out=np.zeros(len(draw)), where=heads.hands > 0)


def loans_carried(surplus: np.ndarray, wear: np.ndarray, rules: Finance) -> np.ndarray:
    """Loans a bank grants on a month's operating surplus (F,) CNY: some years of it, interest that it pays after wear.

    Loans in force are rolled over on the years alone.
    """
    years = rules.cash_flow_limit.amount * 12 * np.maximum(surplus, 0.0)
    return np.minimum(years, 12 * np.maximum(surplus - wear, 0.0) / rules.loan_rate.amount)


def bank_lends(agents: FirmSet | FarmSet, carried: np.ndarray, repayment: float) -> None:
    """Cover overdrawn accounts with loans and take back repayments from cash; both change debt and deposit alike.

    Loans in force are rolled over up to what is ``carried`` (N,) CNY, so that a sound borrower is not drained.
    """
    need = np.maximum(-agents.cash, 0.0)
    due = np.minimum(agents.debt / repayment, np.maximum(agents.debt - carried, 0.0))
    repay = np.where(need > 0, 0.0, np.minimum(due, np.maximum(agents.cash * 0.25, 0.0)))
    change = need - repay
    agents.borrowed += change
    agents.debt += change
    agents.cash += change


def failed_firms(firms: FirmSet, limit: np.ndarray, months: int) -> np.ndarray:
    """Firms beyond the credit limit for more than ``months``, (F,) mask; who builds or closes is left out."""
    over = (firms.debt > limit) & (firms.opening == 0) & (firms.closing == 0)
    firms.distress[:] = np.where(over, firms.distress + 1, 0)
    return np.asarray(firms.distress > months)


def bank_writes_off(bank: Bank, firms: FirmSet, limit: np.ndarray, failed: np.ndarray) -> None:
    """A successor takes over the plant of failed firms (mask) and half the debt; the bank bears the other half."""
    loss = np.where(failed, firms.debt - 0.5 * np.minimum(limit, firms.debt), 0.0)
    firms.written_off += loss
    firms.debt -= loss
    firms.distress[failed] = 0
    firms.age[failed] = 0
    bank.equity -= float(loss.sum())
    bank.flows["write-offs"] -= float(loss.sum())
