"""Households: pool cash, spend out of smoothed income on fixed-share baskets, save the rest."""

from __future__ import annotations

import numpy as np

from ..config.parameters_schema import Households
from .workers import INCOMES, OUTSIDE, RURAL, TOWN, WorkerSet

PLACES = (TOWN, RURAL)  # order of basket columns


def at_home(workers: WorkerSet) -> np.ndarray:
    """Mask of living residents."""
    return workers.alive & (workers.place != OUTSIDE)


def households_pool_cash(workers: WorkerSet) -> None:
    """Members at home share what the household has: equal cash per head, nothing created."""
    home = at_home(workers)
    member = workers.household[home]
    size = int(member.max()) + 1 if len(member) else 0
    weight = workers.weight[home]
    money = np.bincount(member, weight * workers.cash[home], minlength=size)
    heads = np.bincount(member, weight, minlength=size)
    share = (money / np.where(heads > 0, heads, 1.0))[member]
    change = share - workers.cash[home]
    workers.pooling[home] += change
    workers.cash[home] += change


def pooled_income(workers: WorkerSet) -> np.ndarray:
    """Income of the month per head of the household, CNY; zero for those living elsewhere."""
    total = np.zeros(len(workers.cash))
    for name in INCOMES:
        total += getattr(workers, name)
    home = at_home(workers)
    member = workers.household[home]
    size = int(member.max()) + 1 if len(member) else 0
    weight = workers.weight[home]
    heads = np.bincount(member, weight, minlength=size)
    money = np.bincount(member, weight * total[home], minlength=size)
    pooled = np.zeros(len(total))
    pooled[home] = (money / np.where(heads > 0, heads, 1.0))[member]
    return pooled


def households_smooth_income(workers: WorkerSet, rules: Households) -> None:
    """Expected income per head: an exponential average of pooled income."""
    weight = rules.income_smoothing.amount
    workers.income[:] = (1 - weight) * workers.income + weight * pooled_income(workers)


def consumption_budget(workers: WorkerSet, rules: Households, propensity: np.ndarray) -> np.ndarray:
    """CNY each resident wants to spend this month; ``propensity`` (2,) of urban and rural at base.

    Consumption = propensity x smoothed income + a small share of cash, never more than the cash at hand.
    """
    rate = np.where(workers.place == TOWN, propensity[0], propensity[1])
    wanted = rate * workers.income + rules.wealth_consumption.amount * np.maximum(workers.cash, 0)
    home = workers.place != OUTSIDE
    return np.where(home, np.clip(wanted, 0.0, np.maximum(workers.cash, 0.0)), 0.0)


def budget_by_market(workers: WorkerSet, budget: np.ndarray, counties: int) -> np.ndarray:
    """Budgets summed to (C, 2): county x (town, rural)."""
    rural = (workers.place == RURAL).astype(np.int64)
    code = workers.county.astype(np.int64) * 2 + rural
    return np.bincount(code, workers.weight * budget, minlength=counties * 2).reshape(counties, 2)


def households_pay(workers: WorkerSet, budget: np.ndarray, fill: np.ndarray, column: str) -> None:
    """Each resident pays the part of the budget that was served; ``fill`` (C, 2) is spent / budgeted."""
    rural = (workers.place == RURAL).astype(np.int64)
    spent = budget * fill[workers.county, rural]
    getattr(workers, column)[:] += spent
    workers.cash -= spent


def housing_budget(workers: WorkerSet, budget: np.ndarray, share: float) -> np.ndarray:
    """CNY each resident wants to put into dwellings, out of cash left after consumption; ``share`` of income."""
    home = workers.place != OUTSIDE
    wanted = share * workers.income
    return np.where(home, np.clip(wanted, 0.0, np.maximum(workers.cash - budget, 0.0)), 0.0)
