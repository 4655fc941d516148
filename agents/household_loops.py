"""Loops of the money of persons: what they want to spend, what they spend, what they are paid, what they pool.

Everyone takes the same way through a loop, and who is not concerned gets a zero from the first cell of a table: a
processor is quick where it need not guess.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .persons import Persons
from .workers import OUTSIDE, RURAL, TOWN


class Wants(NamedTuple):
    """Rules of spending by place (3,), zero for those elsewhere.

    ``propensity`` to consume out of income, ``wealth`` the share of cash consumed, ``dwelling`` the share of income.
    """

    propensity: np.ndarray
    wealth: np.ndarray
    dwelling: np.ndarray


@compiled
def wanted(place: int, income: float, cash: float, wants: Wants) -> tuple[float, float]:
    """What a person wants to consume and to put into dwellings this month, CNY, never more than the cash at hand."""
    purse = max(cash, 0.0)
    budget = wants.propensity[place] * income + wants.wealth[place] * purse
    budget = min(max(budget, 0.0), purse)
    left = max(cash - budget, 0.0)
    return budget, min(max(wants.dwelling[place] * income, 0.0), left)


@compiled
def budgets(persons: Persons, wants: Wants, counties: int) -> np.ndarray:
    """What persons want to spend, (2, C, 3) CNY: consumption and dwellings x county x place; nothing elsewhere."""
    total, last = np.zeros((2, counties, 3)), 0
    town_budget, town_plan, village_budget, village_plan = 0.0, 0.0, 0.0, 0.0
    for i in range(len(persons.county)):
        if persons.county[i] != last:  # neighbours mostly share a county: its sums stay in the processor
            total[0, last, TOWN], total[1, last, TOWN] = town_budget, town_plan
            total[0, last, RURAL], total[1, last, RURAL] = village_budget, village_plan
            last = persons.county[i]
            town_budget, town_plan = total[0, last, TOWN], total[1, last, TOWN]
            village_budget, village_plan = total[0, last, RURAL], total[1, last, RURAL]
        place, weight = persons.place[i], persons.weight[i]
        budget, plan = wanted(place, persons.income[i], persons.cash[i], wants)
        budget, plan = weight * budget, weight * plan
        town_budget += budget if place == TOWN else 0.0
        town_plan += plan if place == TOWN else 0.0
        village_budget += budget if place == RURAL else 0.0
        village_plan += plan if place == RURAL else 0.0
    total[0, last, TOWN], total[1, last, TOWN] = town_budget, town_plan
    total[0, last, RURAL], total[1, last, RURAL] = village_budget, village_plan
    return total


@compiled
def spend(persons: Persons, wants: Wants, fill: np.ndarray) -> None:
    """Pay the part of everyone's wishes that was served, ``fill`` (2, C, 3), out of the same cash and income."""
    for i in range(len(persons.key)):
        place, county, cash = persons.place[i], persons.county[i], persons.cash[i]
        budget, plan = wanted(place, persons.income[i], cash, wants)
        consumption, housing = budget * fill[0, county, place], plan * fill[1, county, place]
        persons.consumption[i], persons.housing[i] = consumption, housing
        persons.cash[i] = cash - consumption - housing


@compiled
def count_heads(
    persons: Persons, firms: int, farms: int, households: int, pay: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Persons by firm (F + 1,), by farm (M + 1,), by household (H + 1,) at home, and of working age elsewhere.

    The first cell of each counts those who belong to none.  Staff count by what they are paid relative to the firm's
    mean wage, ``pay`` (F + 1, 4) by schooling.
    """
    staff, hands = np.zeros(firms + 1), np.zeros(farms + 1)
    home, away = np.zeros(households + 1), np.zeros(households + 1)
    for i in range(len(persons.key)):
        weight, age, household = persons.weight[i], persons.age[i], persons.household[i] + 1
        outside = persons.place[i] == OUTSIDE
        here = 0.0 if outside else weight
        if persons.employer[i] >= 0:
            staff[persons.employer[i] + 1] += weight * pay[persons.employer[i] + 1, persons.education[i]]
        if persons.farm[i] >= 0:
            hands[persons.farm[i] + 1] += here
        home[household] += here
        away[household] += weight if outside & (age >= 16) & (age < 65) else 0.0
    return staff, hands, home, away


class Due(NamedTuple):
    """What falls due this month, CNY a head, by number + 1: the first cell, 0, is for those who have none.

    ``wage`` (F + 1,), ``drawing`` (M + 1,), ``remittance`` (H + 1,); ``benefit`` (3, 2) by place and registration
    from ``pension_age``; ``pay`` (F + 1, 4) by schooling multiplies the
    wage; rates a month on ``deposit`` and ``loan`` (3,) by place; ``owner`` (K,) ascending rows, their ``own_work`` and
    ``dividend`` (K,).
    """

    wage: np.ndarray
    drawing: np.ndarray
    remittance: np.ndarray
    benefit: np.ndarray
    pension_age: float
    pay: np.ndarray
    deposit: np.ndarray
    loan: np.ndarray
    owner: np.ndarray
    own_work: np.ndarray
    dividend: np.ndarray


@compiled
def pay_members(persons: Persons, due: Due, counties: int) -> tuple[np.ndarray, float, float, np.ndarray, np.ndarray]:
    """Credit everyone with the month's incomes, in the order in which they fall due.

    Rents received and day wages of the month count as income that is in cash already; rents paid are spent out of it.
    Returns totals in CNY: benefits by county (C,), remittances, interest; and by household (H + 1,) cash and income of
    those at home.
    """
    benefits, remitted, interest = np.zeros(counties), 0.0, 0.0
    money, income = np.zeros(len(due.remittance)), np.zeros(len(due.remittance))
    k, owners, at, paid = 0, len(due.owner), 0, 0.0
    for i in range(len(persons.key)):
        place, weight, household = persons.place[i], persons.weight[i], persons.household[i] + 1
        home = place != OUTSIDE
        mixed, profit = 0.0, 0.0
        if k < owners and due.owner[k] == i:
            mixed, profit = due.own_work[k], due.dividend[k]
            k += 1
        wage = due.wage[persons.employer[i] + 1] * due.pay[persons.employer[i] + 1, persons.education[i]]
        benefit = due.benefit[place, persons.hukou_urban[i]] if persons.age[i] >= due.pension_age else 0.0
        remittance = due.remittance[household] if home else 0.0
        cash = persons.cash[i] + wage + mixed + benefit + remittance
        wage += persons.day_wages[i]  # in hand since the day it was earned
        earned = due.deposit[place] * (cash if cash > 0 else 0.0) - due.loan[place] * persons.debt[i]
        drawing = due.drawing[persons.farm[i] + 1] if home else 0.0
        mixed += drawing
        cash = cash + earned + profit + drawing
        persons.cash[i] = cash
        persons.wage_income[i], persons.mixed_income[i] = wage, mixed
        if persons.dividend_income[i] != profit:  # seldom; what is not written need not travel to memory
            persons.dividend_income[i] = profit
        persons.transfer_income[i], persons.remittance_income[i], persons.interest_income[i] = (
            benefit,
            remittance,
            earned,
        )
        if persons.county[i] != at:  # neighbours mostly share a county: the sum is put away when it changes
            benefits[at] = paid
            at = persons.county[i]
            paid = benefits[at]
        paid += weight * benefit
        remitted += weight * remittance
        interest += weight * earned
        here = weight if home else 0.0
        money[household] += here * cash
        rent = persons.rent_income[i]  # came when dwellings were let
        income[household] += here * (wage + mixed + profit + benefit + remittance + earned + rent)
    benefits[at] = paid
    return benefits, remitted, interest, money, income


@compiled
def pool(persons: Persons, heads: np.ndarray, money: np.ndarray, income: np.ndarray, smoothing: float) -> None:
    """Members at home get equal cash; expected income follows what the household had a head.

    ``heads``, ``money`` and ``income`` (H + 1,) persons and CNY of those at home; ``smoothing``: weight of the month.
    """
    for household in range(1, len(heads)):
        if heads[household] > 0:
            money[household] /= heads[household]
            income[household] /= heads[household]
    income[0] = 0.0
    for i in range(len(persons.key)):
        household, cash = persons.household[i] + 1, persons.cash[i]
        home = (persons.place[i] != OUTSIDE) & (household > 0)
        persons.cash[i] = cash + (money[household] - cash) if home else cash
        now = income[household] if home else 0.0
        persons.income[i] = (1 - smoothing) * persons.income[i] + smoothing * now
