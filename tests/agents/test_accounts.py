"""Every payment has two ends in the accounts, every sector's balance follows from them, and a wrong cell shows."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from pingliang.agents import months
from pingliang.agents.account_cells import sector_keys
from pingliang.agents.account_loops import RURAL, URBAN, kinds_of
from pingliang.agents.account_table import COUNTIES, FARMS, FIRMS, FLOWS, HOUSEHOLDS, SECTORS
from pingliang.agents.accounts import Accounts, Balances, balance_sheet
from pingliang.agents.model import IndustryChainModel
from pingliang.agents.workers import OUTSIDE, TOWN
from pingliang.agents.workers import RURAL as VILLAGE
from pingliang.config.loader import load_experiment

from .built import build, run, series

TOLERANCE = 1e-9


@pytest.fixture(scope="module", params=["baseline", "plan_as_written"])
def kept(request, config, root):
    """Keep accounts over 14 months of a shipped scenario, a change of year included; model and accounts."""
    experiment = load_experiment(root / "config/experiments/plan-2026.yaml", config)
    policies = next(list(one.policies) for one in experiment.scenarios if one.name == request.param)
    model = build(config, policies, scale=0.002)
    accounts = Accounts(model)
    run(model, 14)
    return model, accounts


def test_rows_and_columns_close_every_month(kept):
    _, accounts = kept
    assert len(accounts.months) == 14
    for month in accounts.months:
        assert month.row_errors.max() <= TOLERANCE, month.row_errors.idxmax()
        assert month.column_errors.max() <= TOLERANCE, month.column_errors.idxmax()
    assert accounts.largest_error() <= TOLERANCE
    assert accounts.total().error <= TOLERANCE


def test_what_changes_in_position_is_financed(kept):
    _, accounts = kept
    total = accounts.total()
    turnover = total.flows.abs().sum()
    assert (total.financing.sum(axis=1).abs() <= TOLERANCE * turnover.sum()).all()
    assert ((total.financing.sum() - total.change).abs() <= TOLERANCE * turnover).all()


def test_the_balance_sheet_balances(kept):
    model, accounts = kept
    sheet = balance_sheet(model, accounts.balances)
    claims = sheet.loc[["deposits", "loans", "bonds", "position_outside"]]
    assert (claims.sum(axis=1).abs() <= TOLERANCE * claims.abs().sum(axis=1)).all()
    assert claims["bank"].sum() == pytest.approx(model.bank.equity, rel=1e-9)
    real = sheet.loc[["capital", "being_built", "goods", "animals"]]
    assert (real >= 0).all().all()
    assert (real.sum(axis=1) > 0).all()
    np.testing.assert_allclose(sheet.loc["net_worth"], claims.sum() + real.sum(), rtol=1e-12)


def test_every_sector_pays_and_the_common_rows_are_not_empty(kept):
    _, accounts = kept
    flows = accounts.total().flows
    assert list(flows.index) == [flow.key for flow in FLOWS]
    assert (flows.abs().sum() > 0).all()
    rare = {"equity", "founding", "write_offs", "estates", "unpaid_estates", "bond_interest", "premiums", "indemnities"}
    assert set(flows.index[flows.abs().sum(axis=1) == 0]) <= rare


def test_signs_are_receipts_and_payments(kept):
    _, accounts = kept
    flows = accounts.total().flows
    persons = ["households_urban", "households_rural"]
    assert (flows.loc["labour", persons] > 0).all()
    assert (flows.loc["consumption", persons] < 0).all()
    assert flows.loc["exports", "outside"] < 0 < flows.loc["exports", "firms_coal"]
    assert flows.loc["transfers", "outside"] < 0 < flows.loc["transfers", "city"]
    assert flows.loc["investment", "firms_rest"] > 0  # builders are paid more than they invest


def test_accounts_change_nothing(config, six_months):
    model = build(config)
    Accounts(model)
    run(model, 6)
    assert series(model).equals(series(six_months))


def test_columns_are_sectors_and_chains(six_months):
    keys = sector_keys(six_months)
    assert len(keys) == len(set(keys)) == len(SECTORS) - 1 + len(six_months.index.chains)


def test_the_same_cell_is_not_read_twice():
    """A column or a flow by name belongs to one row, so that no payment is counted twice."""
    read = [
        (entry.sector, name) for flow in FLOWS for entry in flow.entries if entry.how != "rule" for name in entry.names
    ]
    assert len(read) == len(set(read))
    assert len({flow.key for flow in FLOWS}) == len(FLOWS)


def test_every_flow_of_cash_is_in_the_table(six_months):
    """What agents' cash moves by is all in the table but loans, which move debt alike."""
    read = {sector: set() for sector in (FIRMS, FARMS)}
    for flow in FLOWS:
        for entry in flow.entries:
            read.get(entry.sector, set()).update(entry.names)
    for sector, agents in ((FIRMS, six_months.firms), (FARMS, six_months.farms)):
        flows = {*agents.inflows, *agents.outflows} - {"borrowed", "revenue"}
        assert flows == read[sector] - {"written_off"}


def stepped_with(model: IndustryChainModel, corrupt) -> Accounts:
    """Run a month sentence by sentence with open accounts and change something before the books close."""
    accounts = Accounts(model)
    for name in re.findall(r"months\.(\w+)\(self\)", inspect.getsource(IndustryChainModel.step)):
        if name == "ledgers_close":
            corrupt(model)
        getattr(months, name)(model)
    model.month += 1
    return accounts


def test_a_month_run_sentence_by_sentence_closes(another):
    accounts = stepped_with(another(), lambda model: None)
    assert accounts.months[0].error <= TOLERANCE


COLUMNS = [
    (flow.key, entry.sector, name)
    for flow in FLOWS
    for entry in flow.entries
    if entry.how in ("paid", "received")
    for name in entry.names
]
BOOKED = [
    (flow.key, entry.sector, name)
    for flow in FLOWS
    for entry in flow.entries
    if entry.how in ("booked out", "booked in")
    for name in entry.names
]


@pytest.mark.parametrize(("row", "sector", "column"), COLUMNS)
def test_a_wrong_cell_opens_its_row_and_its_column(another, row, sector, column):
    def corrupt(model):
        agents = {FIRMS: model.firms, FARMS: model.farms, HOUSEHOLDS: model.workers}[sector]
        at = int(np.argmax(agents.weight)) if sector == HOUSEHOLDS else 0
        getattr(agents, column)[at] += 1000.0

    month = stepped_with(another(), corrupt).months[0]
    open_rows = set(month.row_errors.index[month.row_errors > TOLERANCE])
    assert open_rows == {row}
    assert (month.column_errors > TOLERANCE).sum() == 1


@pytest.mark.parametrize(("row", "sector", "name"), BOOKED)
def test_a_wrong_booking_opens_its_row_and_its_column(another, row, sector, name):
    def corrupt(model):
        if sector == "bank":
            model.bank.flows[name] += 1e5
        else:
            owner = {COUNTIES: model.governments[3], "city": model.city, "outside": model.outside}[sector]
            owner.account.flows[name] += 1e5

    month = stepped_with(another(), corrupt).months[0]
    assert set(month.row_errors.index[month.row_errors > TOLERANCE]) == {row}
    assert set(month.column_errors.index[month.column_errors > TOLERANCE]) == {sector}


def test_a_sellers_wrong_revenue_opens_the_rows_of_sales(another):
    coal = "firms_coal"

    def corrupt(model):
        stage = model.index.chain_of_stage[model.firms.stage] == model.index.chains.index("coal")
        model.firms.revenue[np.flatnonzero(stage)[0]] += 1e5

    month = stepped_with(another(), corrupt).months[0]
    assert set(month.row_errors.index[month.row_errors > TOLERANCE]) & {"consumption", "exports", "investment"}
    assert set(month.column_errors.index[month.column_errors > TOLERANCE]) == {coal}


BALANCES = [
    (lambda m: m.firms.cash.__setitem__(0, m.firms.cash[0] + 1e4), "firms_"),
    (lambda m: m.firms.debt.__setitem__(0, m.firms.debt[0] + 1e4), "firms_"),
    (lambda m: m.farms.cash.__setitem__(0, m.farms.cash[0] + 1e4), "farms"),
    (lambda m: m.workers.cash.__setitem__(0, m.workers.cash[0] + 100), "households_"),
    (lambda m: m.workers.debt.__setitem__(0, m.workers.debt[0] + 100), "households_"),
    (lambda m: setattr(m.governments[3].account, "cash", m.governments[3].account.cash + 1e4), "counties"),
    (lambda m: setattr(m.city.account, "cash", m.city.account.cash + 1e4), "city"),
    (lambda m: setattr(m.bank, "outside_position", m.bank.outside_position + 1e5), "outside"),
    (lambda m: setattr(m.bank, "equity", m.bank.equity + 1e4), "bank"),
]


@pytest.mark.parametrize(("corrupt", "column"), BALANCES)
def test_a_wrong_balance_opens_its_column(another, corrupt, column):
    month = stepped_with(another(), corrupt).months[0]
    open_columns = set(month.column_errors.index[month.column_errors > TOLERANCE])
    assert len(open_columns) == 1
    assert open_columns.pop().startswith(column)
    assert month.row_errors.max() <= TOLERANCE


def test_who_dies_without_survivors_leaves_deposit_and_debt(another):
    model = another()
    workers = model.workers
    old = np.flatnonzero(workers.alive & (workers.place == TOWN))[::4]
    workers.household[old] = workers.household.max() + 1 + np.arange(len(old))  # each lives alone
    workers.age[old] = 110.0
    accounts = Accounts(model)
    for _ in range(3):
        model.step()
    total = accounts.total()
    assert total.flows.loc["estates", COUNTIES] > 0
    assert total.flows.loc["unpaid_estates", "bank"] < 0
    assert accounts.largest_error() <= TOLERANCE


def test_a_written_off_loan_is_the_banks_loss(another):
    def write_off(model):
        firm = int(np.argmax(model.firms.debt))
        loss = 0.5 * model.firms.debt[firm]
        model.firms.debt[firm] -= loss
        model.firms.written_off[firm] += loss
        model.bank.equity -= loss
        model.bank.flows["write-offs"] -= loss

    month = stepped_with(another(), write_off).months[0]
    assert month.flows.loc["write_offs", "bank"] < 0
    assert month.change["bank"] == pytest.approx(month.flows["bank"].sum())
    assert month.error <= TOLERANCE


def test_a_household_is_what_most_members_at_home_are():
    household = np.array([0, 0, 0, 1, 1, 2, -1])
    place = np.array([TOWN, VILLAGE, OUTSIDE, VILLAGE, OUTSIDE, OUTSIDE, TOWN])
    before = np.array([RURAL, URBAN, URBAN, RURAL])
    kind = kinds_of(household, place, np.ones(7), before)
    assert kind.tolist() == [URBAN, RURAL, URBAN, URBAN]  # the third has nobody at home and stays what it was


def test_moving_to_town_takes_the_household_along(another):
    model = another()
    accounts = Accounts(model)
    village = np.flatnonzero(model.workers.alive & (model.workers.place == VILLAGE))
    homes = np.unique(model.workers.household[village])[:50]
    before = Balances.of(model, accounts.balances.kind)
    model.workers.place[village[np.isin(model.workers.household[village], homes)]] = TOWN
    model.step()
    month = accounts.months[0]
    assert month.flows.loc["reclassified", "households_urban"] > 0
    assert (before.kind[homes] == RURAL).all()
    assert (accounts.balances.kind[homes] == URBAN).mean() > 0.9
    assert month.error <= TOLERANCE
