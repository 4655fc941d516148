"""Goods by product over months, from agent columns alone: made + bought in = used + sold out + stock change + loss."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.config.loader import load_experiment

from .built import build


def stocks(model) -> np.ndarray:
    """Product units held by firms, on farms and as inputs, by product (P,)."""
    farms, supply, products = model.farms, model.supply, len(model.index.products)
    gate_product = model.index.product_of_stage[model.gate_stage]
    held = np.bincount(model.firms.product, model.firms.stock, minlength=products)
    held += np.bincount(gate_product[farms.gate_of], farms.stored, minlength=products)
    return held + np.bincount(supply.trade.slots.product, supply.stock, minlength=products)


def flows(model) -> tuple[np.ndarray, np.ndarray]:
    """What came and what went in the month just made, by product, before closed firms leave the tables (P,)."""
    farms, firms, supply, products = model.farms, model.firms, model.supply, len(model.index.products)
    gate_product = model.index.product_of_stage[model.gate_stage]

    def add(code, value):
        return np.bincount(code, value, minlength=products)

    came = add(firms.product, firms.made) + add(gate_product[farms.gate_of], farms.made)
    came += add(supply.trade.slots.product, model.trade.imported)
    came += add(supply.final.slots.product, model.sales.imported)
    went = add(firms.product, firms.lost) + add(gate_product[farms.gate_of], farms.lost)
    went += add(supply.trade.slots.product, supply.used + supply.lost)
    return came, went + add(supply.final.slots.product, model.sales.quantity)


@pytest.fixture(scope="module")
def months(config, root):
    """Step the plan as written for eight months, one firm failing; keep stocks and flows of every month."""
    from pingliang.agents import months as sentences

    experiment = load_experiment(root / "config/experiments/plan-2026.yaml", config)
    plan = next(s for s in experiment.scenarios if s.name == "plan_as_written")
    model = build(config, list(plan.policies))
    seen, kept = [], sentences.remove_closed_firms
    try:
        sentences.remove_closed_firms = lambda m: (seen.append((*flows(m), stocks(m))), kept(m))
        opening = stocks(model)
        for month in range(8):
            if month == 1:  # a plant with stock that nobody takes over
                failed = np.zeros(len(model.firms.price), dtype=bool)
                failed[int(np.argmax(np.where(model.firms.anchor < 0, model.firms.stock * model.firms.price, 0)))] = (
                    True
                )
                sentences.close_failed_firms(model, failed)
            model.step()
    finally:
        sentences.remove_closed_firms = kept
    assert (model.firms.closing > 0).sum() == 0  # it is gone
    return model, opening, seen


def test_goods_are_conserved_by_product_in_every_month_and_over_all(months):
    model, opening, seen = months
    before, came_in_all, went_in_all = opening, 0.0, 0.0
    for came, went, after in seen:
        gross = before + came
        moved = gross > 0
        error = np.abs(gross - went - after)
        assert (error[moved] / gross[moved]).max() < 1e-9
        assert (error[~moved] == 0).all()
        came_in_all, went_in_all, before = came_in_all + came, went_in_all + went, after
    np.testing.assert_allclose(opening + came_in_all, went_in_all + before, rtol=1e-9, atol=1e-6)
    assert (came_in_all > 0).sum() > 0.9 * len(model.index.products)


def test_no_stock_price_or_plant_is_below_nothing(months):
    model, _, _ = months
    for agents, names in ((model.firms, ("stock", "capital", "capacity", "pipeline")), (model.farms, ("capital",))):
        for name in names:
            assert (getattr(agents, name) >= 0).all(), name
    assert (model.supply.stock >= 0).all()
    assert (model.supply.transit >= 0).all()
    assert (model.farms.stored >= 0).all()
    for price in (model.firms.price, model.gate_price, model.outside_price, model.final_price, model.supply.price):
        assert (np.isfinite(price) & (price > 0)).all()
