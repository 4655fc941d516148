"""How the city and its counties pay for programmes: own money beyond a reserve, special bonds, and what is cut.

Higher levels pay what they promise.  What a programme of a county or the city costs in a month is paid as far as there
is money: running costs from cash beyond a reserve; works and equipment from the year's quota of special bonds (专项债),
the rest from cash.  All programmes of a government are cut in the same proportion, so that their order decides nothing.
Bonds are issued through the province and held outside; they are paid back evenly, with interest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from . import money

if TYPE_CHECKING:
    from .institutions import Government
    from .model import IndustryChainModel

OWN = ("city", "county")  # payers whose means bind


@dataclass
class Wish:
    """What a programme wants to spend this month, CNY by county (C,): works and equipment, and running costs."""

    payer: str
    sunk: np.ndarray
    recurrent: np.ndarray


@dataclass
class Paid:
    """Part of each wish that can be paid, (C,): of works and equipment, and of running costs."""

    sunk: np.ndarray
    recurrent: np.ndarray


@dataclass
class PublicFinance:
    """Programmes paid here: ``issued`` CNY of bonds this year, ``cut`` CNY of this month by programme."""

    model: IndustryChainModel
    issued: float = 0.0
    cut: dict[str, float] = field(default_factory=dict)
    free: np.ndarray = field(default_factory=lambda: np.zeros(0))  # own money left after this month's programmes, (G,)

    def fund(self, wishes: dict[str, Wish]) -> dict[str, Paid]:
        """Decide which part of each programme's wish is paid, and issue the bonds that takes."""
        model = self.model
        self.cut.clear()
        if model.calendar == 1:
            self.issued = 0.0
        governments, counties = [*model.governments, model.city], len(model.governments)
        asked = {name: wish for name, wish in wishes.items() if wish.payer in OWN}
        sunk, recurrent = np.zeros(counties + 1), np.zeros(counties + 1)
        for wish in asked.values():
            sunk += _by_government(wish.payer, wish.sunk)
            recurrent += _by_government(wish.payer, wish.recurrent)
        free = self._free(governments)
        running = np.minimum(recurrent, free)
        bonds = self._bonds(sunk)
        own = np.minimum(sunk - bonds, free - running)
        self.free = free - running - own
        for government, amount in zip(governments, bonds.tolist(), strict=True):
            self._issue(government, amount)
        part = _part(bonds + own, sunk), _part(running, recurrent)
        paid = {}
        for name, wish in wishes.items():
            here = [np.ones(counties), np.ones(counties)]
            if name in asked:
                here = [of[:counties] if wish.payer == "county" else np.full(counties, of[counties]) for of in part]
            paid[name] = Paid(*here)
            missing = float((wish.sunk * (1 - here[0])).sum() + (wish.recurrent * (1 - here[1])).sum())
            if missing > 0.0:
                self.cut[name] = missing
        return paid

    def counties_pay(self, name: str, bill: np.ndarray) -> np.ndarray:
        """Part of a bill that comes once a year, CNY by county (C,), which own money still covers; the rest is cut."""
        paid = np.minimum(bill, self.free[:-1])
        self.free[:-1] -= paid
        missing = float((bill - paid).sum())
        if missing > 0.0:
            self.cut[name] = self.cut.get(name, 0.0) + missing
        return _part(paid, bill)

    def _free(self, governments: list[Government]) -> np.ndarray:
        """Cash beyond the reserve of usual spending, CNY (G,): what programmes may take this month."""
        model, rules = self.model, self.model.config.parameters.government
        growth = (1 + rules.transfer_growth.amount) ** (model.month / 12)
        usual = np.r_[(model.base_government + model.base_works) * growth, 0.0]  # the city has none of its own
        cash = np.array([government.account.cash for government in governments])
        return np.maximum(cash - rules.programme_reserve.amount * usual, 0.0)

    def _bonds(self, sunk: np.ndarray) -> np.ndarray:
        """Bonds each government issues, CNY (G,): the quota opens month by month and is shared by what works cost."""
        rules = self.model.config.parameters.government
        room = max(rules.bond_quota.amount * self.model.calendar / 12 - self.issued, 0.0)
        total = float(sunk.sum())
        return sunk * (min(1.0, room / total) if total > 0 else 0.0)

    def _issue(self, government: Government, amount: float) -> None:
        if amount <= 0.0:
            return
        model, years = self.model, self.model.config.parameters.government.bond_years.amount
        self.issued += amount
        government.account.receive("bonds", amount)
        money.to_outside(model.outside, model.bank, "bonds", -amount)
        government.debt += amount
        government.repayment += amount / (12 * years)

    def service_debt(self) -> None:
        """Interest and the month's even part of every bond are paid to holders outside."""
        model = self.model
        rate = model.config.parameters.government.bond_rate.amount / 12
        for government in model.all_governments:
            if government.debt <= 0.0:
                continue
            interest, back = rate * government.debt, min(government.repayment, government.debt)
            government.account.receive("bond interest", -interest)
            government.account.receive("bond repayment", -back)
            money.to_outside(model.outside, model.bank, "bond interest", interest)
            money.to_outside(model.outside, model.bank, "bond repayment", back)
            government.debt -= back


def _by_government(payer: str, amount: np.ndarray) -> np.ndarray:
    """Put amounts by county (C,) under who pays: the counties, or the city in the last place, (C + 1,)."""
    return np.r_[amount, 0.0] if payer == "county" else np.r_[np.zeros(len(amount)), amount.sum()]


def _part(paid: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    return np.divide(paid, wanted, out=np.ones(len(wanted)), where=wanted > 0)
