"""Entry and exit: failing firms sell off and close, founders build where capacity is missing and pays.

A firm deeper in debt than its plant is worth for some months fails.  Plant that is named, needs a permit or is wanted
by orders finds a successor; other firms sell their stock and close: the bank bears what is owed, the plant is
scrapped.  Entrants build a part of the capacity a stage and county lacks, where the stage earns more
than loans cost (AgriPoliS and Eurace@Unibi let firms enter so; the speeds are assumed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import money
from .build import choose_owners
from .compiled import compiled
from .randomness import child_key
from .resizing import add_firms_to_network, drop_firms
from .rewiring import customers_turn_away, seller_sizes, win_customers

if TYPE_CHECKING:
    from .model import IndustryChainModel

GONE = -1


def close_failed_firms(model: IndustryChainModel, failed: np.ndarray) -> None:
    """Firms that failed this month (mask) begin to sell off; their customers look elsewhere at once."""
    firms = model.firms
    rows = np.flatnonzero(failed & (firms.closing == 0))
    if len(rows):
        firms.closing[rows] = int(model.config.parameters.firms.exit_notice.amount) + 1
        firms.planned_investment[rows] = 0.0
        customers_turn_away(model, rows)


def firms_wind_up(model: IndustryChainModel) -> None:
    """Closing firms come a month nearer to the end; at the end the estate is settled and the posts are gone."""
    firms, workers, supply = model.firms, model.workers, model.supply
    closing = firms.closing > 0
    firms.closing[closing] -= 1
    rows = np.flatnonzero(closing & (firms.closing == 0))
    if len(rows) == 0:
        return
    firms.closing[rows] = GONE
    shut = np.zeros(len(firms.price), dtype=bool)
    shut[rows] = True
    hands = _rows_of(workers.employer, shut)
    model.labour.layoffs += float(workers.weight[hands].sum())
    workers.employer[hands] = -1
    firms.rows[rows] = 0
    firms.lost[rows] += firms.stock[rows]
    firms.stock[rows] = 0.0
    at = supply.firm_slots
    slots = at.start + _rows_of(supply.trade.slots.buyer[at], shut)
    supply.lost[slots] += supply.stock[slots]
    supply.stock[slots] = 0.0
    supply.transit[:, slots] = 0.0  # what has not come is not paid for and not taken
    for name in ("capital", "capacity", "pipeline", "planned_investment", "jobs", "staffed", "smoothed"):
        getattr(firms, name)[rows] = 0.0
    _settle_estate(model, rows)


@compiled
def _rows_of(firm: np.ndarray, shut: np.ndarray) -> np.ndarray:
    """Row numbers at which the firm's row (n,), -1 for none, is one of those ``shut`` (F,)."""
    found, count = np.empty(len(firm), dtype=np.int64), 0
    for at in range(len(firm)):
        if firm[at] >= 0 and shut[firm[at]]:
            found[count] = at
            count += 1
    return found[:count].copy()


def _settle_estate(model: IndustryChainModel, rows: np.ndarray) -> None:
    """Cash repays the bank, the bank bears the rest, and what is left over goes to the owners."""
    firms, workers = model.firms, model.workers
    repaid = np.minimum(np.maximum(firms.cash[rows], 0.0), firms.debt[rows])
    firms.borrowed[rows] -= repaid
    firms.debt[rows] -= repaid
    firms.cash[rows] -= repaid
    loss = firms.debt[rows].copy()
    firms.written_off[rows] += loss
    firms.debt[rows] = 0.0
    model.bank.equity -= float(loss.sum())
    model.bank.flows["write-offs"] -= float(loss.sum())
    left = firms.cash[rows].copy()
    leaving = left * firms.outside_share[rows]
    firms.cash[rows] = 0.0
    firms.outside_dividends[rows] += leaving
    firms.dividends[rows] += left - leaving
    money.to_outside(model.outside, model.bank, "dividends", float(leaving.sum()))
    for row, value in zip(rows, left - leaving, strict=True):
        owner = firms.owner[row]
        workers.dividend_income[owner] += value / workers.weight[owner]
        workers.cash[owner] += value / workers.weight[owner]


def remove_closed_firms(model: IndustryChainModel) -> None:
    """Take the rows of closed firms, which hold and do nothing any more, out once the year is audited.

    The last row of a stage and county stays, as the site that a project may take over.
    """
    firms = model.firms
    gone = firms.closing == GONE
    if model.calendar != 12 or not gone.any():
        return
    cell = firms.stage.astype(np.int64) * len(model.index.counties) + firms.county
    deserted = np.bincount(cell, ~gone, minlength=len(model.cell_key)) == 0
    order = np.argsort(firms.key, kind="stable")
    _, first = np.unique(cell[order], return_index=True)
    last = np.zeros(len(cell), dtype=bool)
    last[order[first]] = True
    rows = np.flatnonzero(gone & ~(last & deserted[cell]))
    if len(rows) == 0:
        return
    drop_firms(model, rows)
    model.audit_book.remember(model.audit_book.people)  # firms' rows moved, no person's money


def firms_enter(model: IndustryChainModel) -> None:
    """Founders build plants where a stage and county lacks capacity and the stage pays; others come to open."""
    firms, rules = model.firms, model.config.parameters.firms
    opening = firms.opening > 0
    firms.opening[opening] -= 1
    ready = np.flatnonzero(opening & (firms.opening == 0))
    if len(ready):
        worth = model.plant_worth[firms.stage[ready]]
        firms.capacity[ready] = firms.capital[ready] / worth
        win_customers(model, ready)
    _remember_return(model)
    missing, size = missing_capacity(model)
    wanted = np.divide(
        rules.entry_speed.amount * model.policies.founding.ravel() * missing,
        size,
        out=np.zeros(len(size)),
        where=size > 0,
    )
    count = model.streams.keyed_round("firms.entry", wanted, model.cell_key, model.month)
    if count.any():
        _found(model, count.astype(np.int64), size)


def _remember_return(model: IndustryChainModel) -> None:
    """Keep a yearly average of each stage's monthly profit per CNY of plant."""
    firms, stages = model.firms, len(model.stage_return)
    profit = np.bincount(firms.stage, firms.profit, minlength=stages)
    plant = np.bincount(firms.stage, firms.capital, minlength=stages)
    now = np.divide(profit, plant, out=np.zeros(stages), where=plant > 0)
    model.stage_return += (now - model.stage_return) / 12


def cell_balance(model: IndustryChainModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Plant that orders would use normally, plant there is or is being built, and firms, by stage x county (S*C,)."""
    firms, counties = model.firms, len(model.index.counties)
    cells = len(model.index.stages) * counties
    code = firms.stage.astype(np.int64) * counties + firms.county
    going, open_now = firms.closing == 0, firms.opening == 0
    planned = np.where(open_now, firms.capacity, firms.capacity_base)
    orders = np.bincount(code, np.where(going & open_now, firms.smoothed, 0.0), minlength=cells)
    plant = np.bincount(code, np.where(going, planned, 0.0), minlength=cells)
    number = np.bincount(code, going, minlength=cells)
    normal = np.maximum(model.normal_use[np.arange(cells) // counties], 0.05)
    return orders / normal, plant, number


def missing_capacity(model: IndustryChainModel) -> tuple[np.ndarray, np.ndarray]:
    """Units a month of plant that a cell lacks where the stage pays, and an entrant's plant, (S*C,).

    An entrant's plant goes by the mean plant of 2020, where there was one: by the present mean each generation of
    entrants would be smaller than the one before, and ever more of them would fill the same gap.
    """
    wanted, plant, number = cell_balance(model)
    _, loan = money.interest_rates(model.config.parameters.finance, model.drivers.value("lending_rate", model.month))
    pays = (model.stage_return > loan) & model.may_expand
    stage = np.arange(len(plant)) // len(model.index.counties)
    missing = np.where(pays[stage], np.maximum(wanted - plant, 0.0), 0.0)
    mean = np.divide(plant, number, out=np.zeros(len(plant)), where=number > 0)
    usual = np.where(model.usual_plant > 0, model.usual_plant, mean)
    return missing, usual * model.config.parameters.firms.entry_scale.amount


def finds_successor(model: IndustryChainModel) -> np.ndarray:
    """Firms (mask) whose plant finds a successor if they fail: anchors, permitted plant, plant orders would use."""
    firms, counties = model.firms, len(model.index.counties)
    wanted, plant, _ = cell_balance(model)
    needed = wanted >= plant
    cell = firms.stage.astype(np.int64) * counties + firms.county
    return (firms.anchor >= 0) | ~model.may_expand[firms.stage] | needed[cell]


def _found(model: IndustryChainModel, count: np.ndarray, size: np.ndarray) -> None:
    """Found so many firms of ``size`` units a month in each stage and county, both (S*C,)."""
    firms, counties = model.firms, len(model.index.counties)
    cell = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(cell)) - np.repeat(np.cumsum(count) - count, count)
    key = child_key(model.cell_key[cell], model.month + 1, nth)
    columns = _like_those_there(model, cell)
    firms.create_agents(
        len(cell), key=key, stage=cell // counties, county=cell % counties, premium=1.0, capacity_base=size[cell],
        product=model.index.product_of_stage[cell // counties],
        opening=int(model.config.parameters.firms.gestation.amount),
        rounding=model.streams.uniform("jobs.entrant", key, 0), **columns,
    )  # fmt: skip
    rows = np.arange(len(firms.price) - len(cell), len(firms.price))
    firms.owner[rows] = choose_owners(model, rows, model.month + 1)
    add_firms_to_network(model, rows, seller_sizes(model)[: -len(cell)])
    _pay_for_plant(model, rows, size[cell] * model.plant_worth[cell // counties])


def _like_those_there(model: IndustryChainModel, cell: np.ndarray) -> dict[str, np.ndarray]:
    """What an entrant starts with in each cell (N,): the mean of the firms there, none of them closing."""
    firms, counties = model.firms, len(model.index.counties)
    going = np.flatnonzero(firms.closing == 0)
    code, cells = firms.stage[going].astype(np.int64) * counties + firms.county[going], len(model.cell_key)
    number = np.maximum(np.bincount(code, minlength=cells), 1)[cell]
    return {
        name: np.bincount(code, getattr(firms, name)[going], minlength=cells)[cell] / number
        for name in ("price", "wage", "productivity", "outside_share", "unit_cost_base")
    }


def _pay_for_plant(model: IndustryChainModel, rows: np.ndarray, wanted: np.ndarray) -> None:
    """Owners here and outside pay their parts of new plants worth ``wanted``, CNY (N,); the bank lends the rest."""
    firms, workers = model.firms, model.workers
    share = model.config.parameters.firms.founder_share.amount
    owner, away = firms.owner[rows], firms.outside_share[rows]
    cost = wanted
    # what an owner has at hand bounds the local part; several firms of one owner share it
    times = np.bincount(owner, minlength=len(workers.cash))[owner]
    purse = np.maximum(workers.cash[owner], 0.0) * workers.weight[owner] * 0.5 / times
    local = np.minimum(share * cost * (1 - away), purse)
    brought = share * cost * away
    model.founders = np.r_[model.founders, owner]
    np.add.at(workers.founding, owner, local / workers.weight[owner])
    np.subtract.at(workers.cash, owner, local / workers.weight[owner])
    # the bank lends on plant as to everyone; with less money of their own founders build less
    limit = model.config.parameters.finance.credit_limit.amount
    cost = np.minimum(cost, (local + brought) / (1 - min(limit, 0.95)))
    loan = cost - local - brought
    firms.founding[rows] += local
    firms.equity[rows] += brought
    firms.borrowed[rows] += loan
    firms.debt[rows] += loan
    firms.cash[rows] += cost
    firms.planned_investment[rows] = cost
    money.to_outside(model.outside, model.bank, "equity", -float(brought.sum()))
