"""Decides what the sectors of a scenario paid each other in its last year, and what they own at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from . import single
from .clock import month_index, month_name
from .design import run_seed
from .experiment import ResolvedExperiment


@dataclass(frozen=True)
class YearAccounts:
    """Payments by sector added up over the last months of a run, and the balance sheet at its end; CNY.

    Attributes
    ----------
    first, last : str
        The months added up (YYYY-MM), twelve or as many as were run.
    flows, sheet : DataFrame
        Rows are payments, or claims and assets; columns are sectors.
    change : Series
        Change of each sector's net financial position over these months.
    error : float
        Largest share of its gross turnover by which a row or a column of any month was open.
    """

    first: str
    last: str
    flows: pd.DataFrame
    change: pd.Series
    sheet: pd.DataFrame
    error: float


def last_year(
    resolved: ResolvedExperiment, scenario: str | None = None, *, on_month: Callable[[int, int], None] | None = None
) -> YearAccounts:
    """Run one scenario and keep the accounts of its last twelve months.

    The first replicate's seed is used, so the run is one of the experiment's own.
    """
    from ..agents.accounts import Accounts, balance_sheet

    experiment, chosen = resolved.experiment, resolved.scenario(scenario)
    seed = run_seed(experiment.seeds.root, crn=experiment.seeds.crn, scenario=chosen.name, replicate=0)
    model = single.industry_chain_model(
        resolved.configs[chosen.name], chosen, seed=seed, scale=experiment.scale, start=experiment.start
    )
    begin, months = max(resolved.months - 12, 0), resolved.months
    try:
        for month in range(begin):
            model.step()
            _tell(on_month, month, months)
        accounts = Accounts(model)
        for month in range(begin, months):
            model.step()
            _tell(on_month, month, months)
        year = accounts.total()
        first = month_index(experiment.start)
        return YearAccounts(
            first=month_name(first + begin),
            last=month_name(first + months - 1),
            flows=year.flows,
            change=year.change,
            sheet=balance_sheet(model, accounts.balances),
            error=accounts.largest_error(),
        )
    finally:
        model.release()


def _tell(on_month: Callable[[int, int], None] | None, month: int, months: int) -> None:
    if on_month is not None:
        on_month(month + 1, months)
