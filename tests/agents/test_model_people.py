"""Two years of people, firms and farms: nobody is lost, nothing is below nothing, no chain dies out or explodes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from pingliang.agents.farms import COHORTS, TREES
from pingliang.agents.workers import OUTSIDE

from .built import build, run, series

PENNY = 1e-6  # CNY; cash shared out among a household is whole only up to rounding


@dataclass
class Lived:
    """What is true at the end of every month of two years."""

    model: object
    faults: list[tuple[int, str, float]] = field(default_factory=list)
    persons: list[float] = field(default_factory=list)

    def look(self, before: float) -> None:
        model = self.model
        workers, firms, farms, flows = model.workers, model.firms, model.farms, model.people_flows
        has_job = workers.employer >= 0
        rows = np.bincount(workers.employer[has_job], minlength=len(firms.rows))
        owner = firms.owner
        gone = float(flows["deaths"].sum()) + flows["deaths_outside"]
        now = float(workers.weight[workers.alive].sum())
        counts = {
            "persons created or lost": abs(now - (before + float(flows["births"].sum()) - gone)) > 1e-6 * now,
            "employed under 16": (has_job & (workers.age < 16 - 1e-5)).sum(),
            "employed and dead": (has_job & ~workers.alive).sum(),
            "employed and away": (has_job & (workers.place == OUTSIDE)).sum(),
            "rows of a firm are not its workers": (rows != firms.rows).sum(),
            "owners dead": (~workers.alive[owner]).sum(),
            "owners away": (workers.place[owner] == OUTSIDE).sum(),
            "owners are children": (workers.age[owner] < 18).sum(),
            "working under 16": ((workers.participates == 1) & (workers.age < 16 - 1e-5)).sum(),
            "skill outside 0-1": ((workers.skill < 0) | (workers.skill > 1)).sum(),
            "households overdrawn": (workers.cash < -PENNY).sum(),
            "firms overdrawn": (firms.cash < -PENNY).sum(),
            "farms overdrawn": (farms.cash < -PENNY).sum(),
            "debt below zero": sum((agents.debt < -PENNY).sum() for agents in (workers, firms, farms)),
            "stock below zero": (firms.stock < 0).sum() + (model.supply.stock < 0).sum() + (farms.stored < -1e-6).sum(),
            "price not above zero": (firms.price <= 0).sum() + (model.gate_price <= 0).sum(),
            "capital below zero": (firms.capital < 0).sum() + (farms.capital < 0).sum(),
            "capacity below zero": (firms.capacity < 0).sum(),
            "animals below zero": sum((getattr(farms, name) < -1e-6).sum() for name in COHORTS),
            "trees below zero": sum((farms.table[name] < -1e-6).sum() for name in TREES),
            "made or sold below zero": (firms.made < 0).sum() + (firms.sold < 0).sum(),
            "governments overdrawn": sum(government.account.cash < 0 for government in model.all_governments),
        }
        self.faults += [(model.month, name, float(count)) for name, count in counts.items() if count]
        self.persons.append(now)


@pytest.fixture(scope="module")
def lived(config):
    model = build(config, seed=2)
    history = Lived(model)
    for _ in range(24):
        before = float(model.workers.weight[model.workers.alive].sum())
        run(model, 1)
        history.look(before)
    return history


def test_nothing_impossible_happens_in_two_years(lived):
    assert not lived.faults


def test_people_are_born_and_die_at_the_rates_of_a_real_city(lived):
    rows = series(lived.model)
    yearly = {name: rows[rows.variable == name].value.sum() / 2 for name in ("births", "deaths")}
    # 6 to 14 in a thousand a year; 1848 rows stand for everyone, so two years see some 35 of each
    for name, persons in yearly.items():
        assert 0.004 * 1.85e6 < persons < 0.018 * 1.85e6, (name, persons)


def test_residents_hardly_change_in_two_years(lived):
    rows = series(lived.model)
    residents = rows[rows.variable == "residents"].groupby("month").value.sum()
    assert residents.iloc[-1] == pytest.approx(1.848e6, rel=0.03)
    assert residents.diff().abs().max() < 0.01 * 1.85e6


def test_recorded_people_add_up_month_by_month(lived):
    rows = series(lived.model)
    names = ("residents", "births", "deaths", "arrivals", "departures")
    rows = rows.pivot_table(index="month", columns=["variable", "county"], values="value")
    by = {name: rows[name] for name in names}
    change = by["residents"].diff().iloc[1:]
    flows = (by["births"] - by["deaths"] + by["arrivals"] - by["departures"]).iloc[1:]
    np.testing.assert_allclose(change, flows, atol=1e-3)


def test_jobs_filled_are_the_rows_that_fill_them(lived):
    model = lived.model
    rows = series(model)
    last = rows[rows.month == rows.month.max()]
    at_work = last[last.variable == "employed"].value.sum()
    workers = model.workers
    assert workers.weight[workers.employer >= 0].sum() <= at_work <= 1.02e6


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_chain_dies_out_or_grows_tenfold(config, seed):
    model = run(build(config, seed=seed, scale=0.003), 36)
    rows = series(model)
    made = rows[rows.variable == "output_2020"]
    made = made.assign(year=made.month // 100).groupby(["chain", "year"]).value.sum().unstack()
    index = model.index
    normal = np.bincount(index.chain_of_stage, model.base.output * model.margin_share, minlength=len(index.chains))
    share = made.loc[index.chains].to_numpy() / normal[:, None]
    strange = {
        chain: row.round(2).tolist()
        for chain, row in zip(index.chains, share, strict=True)
        if (row < 0.05).any() or (row > 10).any()
    }
    assert not strange
