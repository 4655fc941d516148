"""The supply network of 2020: choice of suppliers, and firms that start near equilibrium."""

import numpy as np

from pingliang.agents.county_market import CountyMarket
from pingliang.agents.supply import EXPORT, FARM, asked_of_sellers, named_inputs

from .built import build


def test_main_inputs_have_two_suppliers_by_name_where_they_exist_and_others_a_county_market(config):
    model = build(config)
    supply = model.supply
    slots, links = supply.trade.slots, supply.trade.links
    makers = np.bincount(supply.seller_product, minlength=len(supply.base_price))
    suppliers = np.bincount(links.slot, minlength=len(slots.kind))
    named = named_inputs(config, model.base, slots)
    assert (suppliers[named] >= np.minimum(makers[slots.product[named]], 2)).all()
    assert (suppliers[~named] == 0).all()
    assert named[supply.critical | supply.important].all()
    assert not named[slots.kind == FARM].any()
    assert (links.pooled[named] == 0).all()
    assert (links.pooled[~named & (makers[slots.product] == 0)] == 0).all()
    assert links.pooled[~named].sum() > 0
    assert len(np.unique(links.slot * 10**9 + links.seller)) == len(links.slot)


def test_shares_are_shares_and_sellers_are_not_asked_for_more_than_they_make(config):
    model = build(config)
    supply = model.supply
    for market in (supply.trade, supply.final):
        links = market.links
        linked = np.bincount(links.slot, links.share, minlength=len(market.slots.kind)) + links.pooled
        assert (links.share >= 0).all()
        assert (links.pooled >= 0).all()
        assert (linked <= 1 + 1e-9).all()
        np.testing.assert_allclose(linked + links.outside, 1.0, atol=1e-9)
    asked = sum(asked_of_sellers(supply, market, market.slots.base) for market in (supply.trade, supply.final))
    made = np.r_[model.gate_base, model.firms.smoothed]
    np.testing.assert_allclose(asked, made, rtol=1e-6, atol=1e-9)
    assert (supply.final.slots.base[supply.final.slots.kind == EXPORT] >= 0).all()


def test_a_county_buys_from_near_makers_more_than_from_far_ones_and_nothing_is_lost():
    near = 1 / np.array([[1.0, 4.0], [4.0, 1.0]])
    market = CountyMarket(pull=np.array([2.0, 2.0, 0.0, 5.0]), near=near)
    product, county = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1])
    orders = np.array([[10.0, 0.0], [3.0, 4.0]])
    asked = market.asked(orders, product, county)
    np.testing.assert_allclose(asked, [8.0, 2.0, 0.0, 7.0])
    np.testing.assert_allclose(asked[:3].sum(), orders[0].sum())
