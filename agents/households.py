"""Households: what they want to spend, what they spend, the incomes of the month, and cash pooled among members."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config.parameters_schema import Households
from .household_loops import Due, Wants, budgets, count_heads, pay_members, pool, spend
from .persons import persons_of
from .workers import OUTSIDE, RURAL, TOWN, WorkerSet

MARKETS = [TOWN, RURAL]  # order of basket columns


@dataclass
class Wishes:
    """What residents want to spend: the rules of the month and their sum by market.

    ``budget`` and ``plan`` (C, 2) CNY for consumption and dwellings by county x (town, village).
    """

    rules: Wants
    budget: np.ndarray
    plan: np.ndarray


def households_plan_spending(
    workers: WorkerSet, rules: Households, propensity: np.ndarray, housing_share: np.ndarray, counties: int
) -> Wishes:
    """Consumption = propensity x smoothed income + a small share of cash; dwellings out of the cash that is left.

    ``propensity`` and ``housing_share`` (2,) of town and village.  Never more than the cash at hand.
    """
    wants = Wants(*np.zeros((3, 3)))
    wants.propensity[MARKETS] = propensity
    wants.wealth[MARKETS] = rules.wealth_consumption.amount
    wants.dwelling[MARKETS] = housing_share
    total = budgets(persons_of(workers), wants, counties)[:, :, MARKETS]
    return Wishes(wants, total[0], total[1])


def households_pay(workers: WorkerSet, wishes: Wishes, fill: np.ndarray, fill_dwellings: np.ndarray) -> None:
    """Each resident pays the part of the wishes that was served; shares (C, 2) are spent / wanted."""
    served = np.zeros((2, len(fill), 3))
    served[:, :, MARKETS] = fill, fill_dwellings
    spend(persons_of(workers), wishes.rules, served)


@dataclass
class Heads:
    """Persons who share an income: by firm (F,), by farm (M,), by household (H + 1,) at home and of working age away.

    Staff count by what schooling makes of their pay.  The first household stands for those who belong to none.
    """

    staff: np.ndarray
    hands: np.ndarray
    home: np.ndarray
    away: np.ndarray

    @classmethod
    def of(cls, workers: WorkerSet, firms: int, farms: int, pay: np.ndarray) -> Heads:
        """Count them from the workers' columns."""
        households = int(workers.household.max()) + 1
        staff, hands, home, away = count_heads(persons_of(workers), firms, farms, households, pay)
        return cls(staff[1:], hands[1:], home, away)


@dataclass
class Incomes:
    """What falls due this month, CNY a head: ``wage`` (F,), ``drawing`` (M,), ``benefit`` (3, 2) by place and papers.

    ``pay`` (F + 1, 4) is what schooling makes of a firm's wage.  Benefits are paid from ``pension_age``; each working
    member elsewhere sends ``remittance``, which those at home share.
    ``own_work`` and ``dividend`` (F,) are CNY to each firm's ``owner`` (F,); ``deposit`` and ``loan`` are
    rates a month.
    """

    wage: np.ndarray
    drawing: np.ndarray
    remittance: float
    benefit: np.ndarray
    pension_age: float
    pay: np.ndarray
    owner: np.ndarray
    own_work: np.ndarray
    dividend: np.ndarray
    deposit: float
    loan: float


@dataclass
class Received:
    """What all persons got, CNY: benefits by county (C,), remittances, interest; cash, income by household (H + 1,).

    The first household stands for those who belong to none.
    """

    benefits: np.ndarray
    remitted: float
    interest: float
    money: np.ndarray
    income: np.ndarray


def people_are_paid(workers: WorkerSet, heads: Heads, incomes: Incomes, counties: int) -> Received:
    """Wages, own work, benefits, remittances, interest, dividends and farm drawings reach persons, in this order."""
    owner, at = np.unique(incomes.owner, return_inverse=True)
    weight = workers.weight[owner]
    own = [np.bincount(at, amount, minlength=len(owner)) for amount in (incomes.own_work, incomes.dividend)]
    sent = np.divide(heads.away * incomes.remittance, heads.home, out=np.zeros(len(heads.home)), where=heads.home > 0)
    sent[0] = 0.0
    due = Due(
        np.r_[0.0, incomes.wage],
        np.r_[0.0, incomes.drawing],
        sent,
        incomes.benefit,
        incomes.pension_age,
        incomes.pay,
        _by_place(incomes.deposit, incomes.deposit),
        _by_place(incomes.loan, incomes.loan),
        owner,
        *(np.divide(amount, weight, out=np.zeros(len(owner)), where=weight > 0) for amount in own),
    )
    return Received(*pay_members(persons_of(workers), due, counties))


def _by_place(town: float, village: float) -> np.ndarray:
    """Rates by place (3,); zero for those who live elsewhere."""
    rates = np.zeros(3)
    rates[[TOWN, RURAL, OUTSIDE]] = town, village, 0.0
    return rates


def households_pool_cash(workers: WorkerSet, heads: Heads, received: Received, rules: Households) -> None:
    """Members at home share what the household has, nothing created; expected income follows income a head."""
    pool(persons_of(workers), heads.home, received.money, received.income, rules.income_smoothing.amount)
