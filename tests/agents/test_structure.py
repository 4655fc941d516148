"""Firms that close settle and leave; firms that enter pay, build, open and sell; the network stays whole."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.resizing import extended
from pingliang.agents.structure import GONE, close_failed_firms, missing_capacity
from pingliang.agents.supply import EXPORT, FIRM
from pingliang.config.loader import load

from .built import build, run, tripped


def whole(model) -> None:
    """Every array of the network fits the firms there are, every code points at someone, shares add up."""
    firms, supply = model.firms, model.supply
    count, sellers = len(firms.price), supply.gates + len(firms.price)
    for name in ("seller_stage", "seller_county", "seller_product", "seller_key", "export_base"):
        assert len(getattr(supply, name)) == sellers, name
    assert (supply.seller_key[supply.at_firms] == firms.key).all()
    assert model.limits.shape[1] == len(model.permit_limit) == count
    for name in ("stock", "price", "critical", "important", "storable", "used", "lost"):
        assert len(getattr(supply, name)) == len(supply.trade.slots.kind), name
    assert len(supply.local.pull) == sellers
    assert (supply.local.pull >= 0).all()
    assert supply.transit.shape[1] == len(supply.trade.slots.kind)
    for market in (supply.trade, supply.final):
        slots, links = market.slots, market.links
        assert links.seller.min() >= 0
        assert links.seller.max() < sellers
        assert (supply.seller_product[links.seller] == slots.product[links.slot]).all()
        assert (links.share >= 0).all()
        served = np.bincount(links.slot, links.share, minlength=len(slots.kind)) + links.pooled + links.outside
        wanted = slots.kind != EXPORT
        np.testing.assert_allclose(served[wanted], 1.0, atol=1e-9)
    slots = supply.trade.slots
    owner = slots.buyer[supply.firm_slots]
    assert (slots.kind[supply.firm_slots] == FIRM).all()
    assert (slots.stage[supply.firm_slots] == firms.stage[owner]).all()
    assert len(np.unique(firms.key)) == count


LEFT = ("closing", "cash", "debt", "stock", "capital", "capacity", "rows", "jobs", "target", "sold", "ordered")


def indebted(model) -> int:
    """Row of the unnamed firm that owes most beyond its cash and has customers."""
    firms = model.firms
    return int(np.argmax(np.where(firms.anchor < 0, firms.debt - firms.cash, -np.inf)))


@pytest.fixture(scope="module")
def closed(config):
    """Let a firm fail; give the model month by month until its row is gone."""
    model = build(config)
    run(model, 1)
    row = indebted(model)
    key, debt, hands = model.firms.key[row], float(model.firms.debt[row]), int(model.firms.rows[row])
    mask = np.zeros(len(model.firms.price), dtype=bool)
    mask[row] = True
    close_failed_firms(model, mask)
    seen = []
    notice = int(config.parameters.firms.exit_notice.amount)
    for _ in range(notice):
        run(model, 1)
        at = np.flatnonzero(model.firms.key == key)
        seen.append({name: float(getattr(model.firms, name)[at[0]]) for name in ("made", "target", "stock", "closing")})
    equity = model.bank.equity
    run(model, 1)
    return {
        "model": model, "key": key, "debt": debt, "hands": hands, "seen": seen, "equity": equity,
        "written_off": model.bank.flows["write-offs"], "margin": model.bank.flows["interest margin"],
        "after": {name: float(getattr(model.firms, name)[model.firms.key == key][0]) for name in LEFT},
        "equity_after": model.bank.equity,
    }  # fmt: skip


def test_a_closing_firm_makes_nothing_and_only_sells_off(closed):
    seen = closed["seen"]
    assert [month["closing"] for month in seen] == [3, 2, 1][-len(seen) :]
    assert all(month["made"] == 0 and month["target"] == 0 for month in seen)
    stock = [month["stock"] for month in seen]
    assert stock == sorted(stock, reverse=True)


def test_at_the_end_nothing_is_left_and_the_bank_bore_what_was_owed(closed):
    assert closed["after"] == {"closing": GONE} | dict.fromkeys(LEFT[1:], 0.0)
    assert closed["debt"] > 0
    assert closed["written_off"] < 0
    assert closed["equity_after"] < closed["equity"] + closed["margin"] + 1


def test_at_the_end_of_the_year_the_row_is_gone(closed):
    model = closed["model"]
    run(model, 12 - model.month)
    assert closed["key"] not in model.firms.key
    assert not (model.firms.closing == GONE).any()
    assert (model.workers.employer < len(model.firms.price)).all()
    counted = np.bincount(model.workers.employer[model.workers.employer >= 0], minlength=len(model.firms.price))
    assert (counted == model.firms.rows).all()
    whole(model)


def test_columns_grow_into_the_room_kept_and_hold_what_was_put_in():
    kept = np.arange(5.0)
    column, twin, expected = kept, kept, [0.0, 1.0, 2.0, 3.0, 4.0]
    for more in (1, 2, 40, 3):
        new = np.full(more, float(more))
        before = column
        column, twin = extended(column, new), extended(twin, -new)
        expected = [*expected, *new]
        assert column.tolist() == expected
        assert twin[:5].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert twin[-1] == -more  # columns that were one array grow apart
        if more == 2:
            assert np.shares_memory(before, column)  # nothing but the new cells was written
    assert kept.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert extended(column, np.ones(1)).dtype == column.dtype
    assert extended(column[3:], np.zeros(1)).tolist() == [*expected[3:], 0.0]  # not the start of its room
    assert column.tolist() == expected


def test_a_project_takes_over_a_site_where_nobody_goes_on(config):
    """All makers of cartons at Lingtai close; one row stays beyond December, and the packaging park builds on it."""
    park = config.policies.policies["carton_park"].model_copy(
        update={"start": "2022-02", "end": "2022-03", "opens": None}
    )
    model = build(config, {"park": park})
    stage, county = model.index.stage_code("carton_making"), model.index.county_code("lingtai")

    def site():
        return (model.firms.stage == stage) & (model.firms.county == county)

    run(model, 1)
    close_failed_firms(model, site())
    run(model, 11)
    firms = model.firms
    assert (firms.closing[site()] == GONE).all()
    assert site().sum() == 1
    assert firms.capacity[site()].sum() == 0
    run(model, 4)
    assert (model.firms.closing[site()] == 0).any()
    added = park.intensity.amount / 12
    assert model.firms.capacity[site()].sum() == pytest.approx(added, rel=0.05)
    whole(model)


@pytest.fixture(scope="module")
def founding():
    """Configuration in which firms enter as fast as the range allows."""
    return load(overrides={"parameters.firms.entry_speed": 0.02})


@pytest.fixture(scope="module")
def grown(founding):
    """Run until firms have entered and some have opened; note each entrant as it came."""
    model, came = build(founding, scale=0.003), {}
    for _ in range(16):
        known = set(model.firms.key.tolist())
        run(model, 1)
        for row in np.flatnonzero(~np.isin(model.firms.key, list(known))):
            names = ("founding", "equity", "borrowed", "debt", "cash", "planned_investment", "opening", "smoothed")
            came[int(model.firms.key[row])] = {name: float(getattr(model.firms, name)[row]) for name in names}
            came[int(model.firms.key[row])]["month"] = model.month
    return model, came


def test_entrants_are_paid_for_by_founders_outside_owners_and_the_bank(grown, config):
    _, came = grown
    assert len(came) > 5
    limit = config.parameters.finance.credit_limit.amount
    for entrant in came.values():
        paid = entrant["founding"] + entrant["equity"] + entrant["borrowed"]
        assert paid == pytest.approx(entrant["planned_investment"])
        assert entrant["cash"] == pytest.approx(paid)
        assert 0 <= entrant["debt"] == entrant["borrowed"] <= limit * paid * (1 + 1e-9)
        assert entrant["opening"] == int(config.parameters.firms.gestation.amount)
        assert entrant["smoothed"] == 0


def test_entrants_open_after_their_time_and_sell(grown, config):
    model, came = grown
    gestation = int(config.parameters.firms.gestation.amount)
    old = [key for key, entrant in came.items() if entrant["month"] + gestation < model.month]
    young = [key for key, entrant in came.items() if entrant["month"] + gestation > model.month]
    rows = {int(key): row for row, key in enumerate(model.firms.key)}
    opened = np.array([rows[key] for key in old if key in rows])
    building = np.array([rows[key] for key in young if key in rows])
    assert len(opened) > 0
    assert (model.firms.opening[opened] == 0).all()
    assert (model.firms.capacity[opened] > 0).all()
    assert model.firms.sold[opened].sum() > 0
    assert (model.firms.opening[building] > 0).all()
    assert (model.firms.made[building] == 0).all()
    whole(model)


def test_an_entrant_is_no_smaller_where_firms_have_shrunk(config):
    model = build(config)
    _, size = missing_capacity(model)
    assert size.max() > 0
    model.firms.capacity[:] *= 0.1  # as entrants with little money make the mean
    _, later = missing_capacity(model)
    np.testing.assert_array_equal(size, later)


def test_a_founder_who_paid_nothing_trips_the_audit(founding):
    from pingliang.agents import months as sentences

    model, kept = run(build(founding), 3), sentences.firms_enter

    def enter_and_forget(model):
        kept(model)
        model.workers.founding[:] = 0.0

    try:
        sentences.firms_enter = enter_and_forget
        for _ in range(12):
            model.step()
            if model.firms.founding.sum() > 0:
                break
    finally:
        sentences.firms_enter = kept
    assert "founders" in tripped(model)
