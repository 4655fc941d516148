"""Stock-flow accounts: what every sector paid and got in a month, and what it owns and owes.

Rows of the matrix are the payments of `account_table.FLOWS`, columns are sectors; receipts are positive.  Every row
sums to 0, because what one side pays the other gets; every column sums to the change of the sector's net financial
position, which is read from its balances.  No cell is set by difference: a wrong cell leaves a row or a column open.
Terms are those of the System of National Accounts 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .account_cells import Reader, firms_by_chain, household_kinds, places, sector_keys
from .account_loops import sum_by_kind
from .account_table import BANK, CITY, COUNTIES, FARMS, FIRMS, FLOWS, HOUSEHOLDS, OUTSIDE
from .budgets import investment_price
from .farming import herd_units
from .supply import inputs_in_stock

if TYPE_CHECKING:
    from .model import IndustryChainModel


SMALL_ROW = 1e-6  # of the turnover of all rows


@dataclass
class Balances:
    """What each sector has at a month's end, CNY; claims are positive, debts negative.

    ``claims`` has rows deposits, loans, bonds and position_outside, columns are sectors.  ``net`` is the net financial
    position, the bank's from its own account of equity.  ``kind`` (H + 1,) says which households are urban.
    """

    claims: pd.DataFrame
    net: pd.Series
    kind: np.ndarray

    @classmethod
    def of(cls, model: IndustryChainModel, before: np.ndarray | None = None) -> Balances:
        """Read them off the agents; ``before`` says which households were urban a month ago."""
        workers, bank, at, keys = model.workers, model.bank, places(model), sector_keys(model)
        kind = household_kinds(workers, before)
        held, owed, bonds, abroad = np.zeros((4, len(keys)))
        persons = sum_by_kind(workers.household, workers.weight, kind, (workers.cash, workers.debt))
        held[at[HOUSEHOLDS]], owed[at[HOUSEHOLDS]] = persons[0], -persons[1]
        held[at[FARMS]], owed[at[FARMS]] = model.farms.cash.sum(), -model.farms.debt.sum()
        held[at[FIRMS]] = firms_by_chain(model, model.firms.cash)
        owed[at[FIRMS]] = -firms_by_chain(model, model.firms.debt)
        held[at[COUNTIES]] = sum(government.account.cash for government in model.governments)
        held[at[CITY]] = model.city.account.cash
        bonds[at[COUNTIES]] = -sum(government.debt for government in model.governments)
        bonds[at[CITY]] = -model.city.debt
        bonds[at[OUTSIDE]] = sum(government.debt for government in model.all_governments)
        abroad[at[BANK]], abroad[at[OUTSIDE]] = bank.outside_position, -bank.outside_position
        net = held + owed + bonds + abroad
        net[at[BANK]] = bank.equity
        lent = -float(owed.sum())
        # Deposits are not kept twice: the bank's side is what its own books leave for them.
        owed[at[BANK]], held[at[BANK]] = lent, bank.equity - lent - bank.outside_position
        rows = ["deposits", "loans", "bonds", "position_outside"]
        claims = pd.DataFrame([held, owed, bonds, abroad], index=rows, columns=keys)
        return cls(claims, pd.Series(net, index=keys), kind)


@dataclass
class Matrix:
    """The stock-flow matrix of a month, or of several added up: CNY.

    ``flows`` has a row by payment, ``change`` is the change of each sector's net financial position and ``financing``
    that of its deposits, loans, bonds and position outside.
    """

    flows: pd.DataFrame
    change: pd.Series
    financing: pd.DataFrame

    def __add__(self, later: Matrix) -> Matrix:
        """Add the flows and changes of a later month."""
        return Matrix(self.flows + later.flows, self.change + later.change, self.financing + later.financing)

    @property
    def row_errors(self) -> pd.Series:
        """What a row lacks to balance, as a share of its gross turnover, or of a millionth of all where it is less.

        Rents among households of one kind cancel inside a cell, so that a row's cells may show next to no turnover.
        """
        gross = self.flows.abs().sum(axis=1)
        return _share(self.flows.sum(axis=1), gross.clip(lower=SMALL_ROW * float(gross.sum())))

    @property
    def column_errors(self) -> pd.Series:
        """Sum of a column less the change of the sector's position, as a share of its gross turnover."""
        return _share(self.flows.sum() - self.change, self.flows.abs().sum())

    @property
    def error(self) -> float:
        """Largest share by which a row or a column is open; not a number where a cell is none."""
        errors = np.r_[self.row_errors.to_numpy(), self.column_errors.to_numpy()]
        return float(np.max(errors))


class Accounts:
    """Keeps a model's accounts from now on, month by month; a model whose accounts nobody opens does not pay for them.

    ``months`` are the matrices of the months stepped since, ``balances`` those of the last month's end.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        self.model, self.months = model, list[Matrix]()
        self.balances = Balances.of(model)
        model.accounts = self

    def close_month(self) -> None:
        """Add the month's matrix and carry the balances over; the month calls it before closed firms' rows go."""
        closing = Balances.of(self.model, self.balances.kind)
        self.months.append(stock_flow_matrix(self.model, self.balances, closing))
        self.balances = closing

    def total(self) -> Matrix:
        """All months since the accounts were opened, added up."""
        return sum(self.months[1:], self.months[0])

    def largest_error(self) -> float:
        """Largest share by which a row or a column of any month was open."""
        return max(matrix.error for matrix in self.months)


def stock_flow_matrix(model: IndustryChainModel, opening: Balances, closing: Balances) -> Matrix:
    """Matrix of the month just stepped, which began with ``opening`` and ended with ``closing``."""
    reader = Reader(model, opening.kind, closing.kind)
    rows = [reader.row(flow) for flow in FLOWS]
    flows = pd.DataFrame(rows, index=[flow.key for flow in FLOWS], columns=sector_keys(model))
    return Matrix(flows, closing.net - opening.net, closing.claims - opening.claims)


def balance_sheet(model: IndustryChainModel, balances: Balances) -> pd.DataFrame:
    """What sectors own and owe at the month's end, CNY: claims and debts, then real assets at replacement cost.

    Orchards, dwellings and public works are not carried as stocks.
    """
    real = {name: np.zeros(len(balances.net)) for name in ("capital", "being_built", "goods", "animals")}
    firms, farms, at, price = model.firms, model.farms, places(model), investment_price(model)
    real["capital"][at[FIRMS]] = firms_by_chain(model, firms.capital) * price
    real["capital"][at[FARMS]] = farms.capital.sum() * price
    real["being_built"][at[FIRMS]] = firms_by_chain(model, firms.pipeline) * price
    inputs = inputs_in_stock(model.supply, len(firms.price))
    real["goods"][at[FIRMS]] = firms_by_chain(model, firms.stock * firms.price + inputs)
    real["goods"][at[FARMS]] = (farms.stored * model.gate_price[farms.gate_of]).sum()
    fattening = farms.activity("fattening")
    if fattening >= 0:
        gate = model.gate_price.reshape(-1, len(model.index.counties))
        real["animals"][at[FARMS]] = (herd_units(model).sum(axis=1) * gate[fattening][farms.county]).sum()
    assets = pd.DataFrame(real, index=balances.net.index).T
    table = pd.concat([balances.claims, assets])
    table.loc["net_worth"] = table.sum()
    return table


def _share(error: pd.Series, gross: pd.Series) -> pd.Series:
    return error.abs() / gross.where(gross > 0, 1.0)
