"""The supply network of 2020: choice of suppliers, and firms that start near equilibrium."""

import numpy as np

from pingliang.agents.supply import EXPORT, FIRM

from .built import build


def test_every_input_has_two_suppliers_where_they_exist(config):
    supply = build(config).supply
    slots, links = supply.trade.slots, supply.trade.links
    makers = np.bincount(supply.seller_product, minlength=len(supply.base_price))
    suppliers = np.bincount(links.slot, minlength=len(slots.kind))
    firm = slots.kind == FIRM
    assert (suppliers[firm] >= np.minimum(makers[slots.product[firm]], 2)).all()
    assert len(np.unique(links.slot * 10**9 + links.seller)) == len(links.slot)


def test_shares_are_shares_and_sellers_are_not_asked_for_more_than_they_make(config):
    model = build(config)
    supply = model.supply
    for market in (supply.trade, supply.final):
        links = market.links
        linked = np.bincount(links.slot, links.share, minlength=len(market.slots.kind))
        assert (links.share >= 0).all()
        assert (linked <= 1 + 1e-9).all()
        np.testing.assert_allclose(linked + links.outside, 1.0, atol=1e-9)
    asked = sum(
        np.bincount(m.links.seller, m.slots.base[m.links.slot] * m.links.share, minlength=len(supply.seller_stage))
        for m in (supply.trade, supply.final)
    )
    made = np.r_[model.gate_base, model.firms.smoothed]
    np.testing.assert_allclose(asked, made, rtol=1e-6, atol=1e-9)
    assert (supply.final.slots.base[supply.final.slots.kind == EXPORT] >= 0).all()


def test_chiefs_judge_from_what_was_seen_alone(config):
    model = build(config)
    chief = model.chiefs[0]
    assert chief.judgement == ""
    chief.watch([0.5, 0.5] + [0.0] * (len(chief.factors) - 2))
    chief.judge()
    assert chief.judgement == chief.factors[1]
    chief.judge()
    assert chief.judgement == "demand"
