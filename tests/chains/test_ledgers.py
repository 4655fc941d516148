"""The plan ledger's rule on a case worked out by hand, and what must hold of it in the base year."""

from types import SimpleNamespace

import numpy as np
import pytest

from pingliang.chains.index import Index
from pingliang.chains.ledgers import base_bought_outside, base_flows, plan_ledger


def made_stage(product, role, basis="product", recipe=()):
    ledger = SimpleNamespace(role=role, basis=basis)
    return SimpleNamespace(product=product, ledger=ledger, recipe=dict.fromkeys(recipe))


def made_product(handled=False, storable=True):
    return SimpleNamespace(handled=handled, storable=storable, import_share=None)


@pytest.fixture
def toy():
    """Two chains, fruit and meals, and a maker of boxes outside both."""
    stage = {
        "nursery": made_stage("sapling", "upstream"),
        "orchard": made_stage("fruit", "core", recipe=["sapling"]),
        "dealer": made_stage("fruit_trade", "downstream", "margin", ["fruit", "box"]),
        "restaurant": made_stage("meal", "core", recipe=["fruit"]),
        "box_maker": made_stage("box", "none"),
    }
    product = {
        "sapling": made_product(),
        "fruit": made_product(handled=True),
        "fruit_trade": made_product(storable=False),
        "meal": made_product(storable=False),
        "box": made_product(),
    }
    products = list(product)
    return Index(
        chains=["fruit", "meals", "rest"],
        stages=list(stage),
        products=products,
        counties=[],
        sectors=[],
        stage=stage,
        product=product,
        chain_of_stage=np.array([0, 0, 0, 1, 2]),
        product_of_stage=np.array([products.index(item.product) for item in stage.values()]),
    )


@pytest.fixture
def accounts(toy):
    output = np.array([10.0, 100.0, 120.0, 50.0, 40.0])
    value_added = np.array([5.0, 60.0, 20.0, 25.0, 3.0])
    flows = np.zeros((5, 5))
    flows[0, 1] = 6  # saplings to the orchard
    flows[1, 2], flows[1, 3] = 60, 10  # fruit to the dealer and the restaurant
    flows[4, 2], flows[4, 3] = 10, 30  # boxes; the restaurant's recipe does not name them
    outside = np.zeros((5, 5))
    outside[toy.product_code("fruit"), 2] = 20  # fruit the dealer buys from outside
    return output, value_added, flows, outside


def test_the_rule_by_hand(toy, accounts):
    ledger = plan_ledger(toy, *accounts)
    # dealer: fee 120 - 60 - 20 = 40, of its goods 60 of 90 are local fruit; restaurant: 10 of 40
    np.testing.assert_allclose(ledger.turnover, [10, 100, 40, 50, 40])
    np.testing.assert_allclose(ledger.weights[0], [0.6, 1.0, 60 / 90, 0.25, 0.0])
    np.testing.assert_allclose(ledger.weights[1], [0.0, 0.1, 0.0, 1.0, 0.0])
    assert ledger.output[0] == pytest.approx(0.6 * 10 + 100 + 40 * 2 / 3 + 0.25 * 50)
    assert ledger.output[1] == pytest.approx(0.1 * 100 + 50)
    assert ledger.value_added[0] == pytest.approx(0.6 * 5 + 60 + 20 * 2 / 3 + 0.25 * 25)
    assert ledger.value_added[1] == pytest.approx(0.1 * 60 + 25)
    # counted twice: a tenth of the orchard and a quarter of the restaurant
    assert ledger.overlap == pytest.approx(0.1 * 60 + 0.25 * 25)
    assert ledger.output[2] == 0


def test_one_round_only(toy, accounts):
    output, value_added, flows, outside = accounts
    flows[4, 0] = 5  # boxes to the nursery: two steps from the orchard
    again = plan_ledger(toy, output, value_added, flows, outside)
    np.testing.assert_array_equal(again.weights, plan_ledger(toy, *accounts).weights)
    assert again.weights[0, 4] == 0


def test_a_margin_is_never_negative(toy, accounts):
    output, value_added, flows, outside = accounts
    output[2] = 50
    assert plan_ledger(toy, output, value_added, flows, outside).turnover[2] == 0


def test_an_idle_city_counts_nothing(toy):
    ledger = plan_ledger(toy, np.zeros(5), np.zeros(5), np.zeros((5, 5)))
    assert not ledger.output.any()
    assert np.isfinite(ledger.weights).all()


def test_the_nine_chains_count_no_more_than_gdp(config, base, ledger):
    union = ledger.value_added.sum() - ledger.overlap
    assert 0 < ledger.overlap < 0.1 * ledger.value_added.sum()
    assert union < base.value_added.sum()
    assert ledger.output[base.index.chains.index("rest")] == 0


def test_weights_are_shares_and_margin_stages_count_their_fee(base, ledger):
    assert (ledger.weights >= 0).all()
    assert (ledger.weights <= 1).all()
    margin = np.array([item.ledger.basis == "margin" for item in base.index.stage.values()])
    assert (ledger.turnover[margin] < base.output[margin]).all()
    np.testing.assert_array_equal(ledger.turnover[~margin], base.output[~margin])


def test_without_purchases_outside_the_usual_import_shares_stand_in(base, ledger):
    simple = plan_ledger(base.index, base.output, base.value_added, base_flows(base))
    assert simple.output.sum() == pytest.approx(ledger.output.sum(), rel=0.02)


def test_local_and_outside_purchases_are_all_purchases(base):
    local = base_flows(base).sum()
    assert local + base_bought_outside(base).sum() == pytest.approx(base.use.sum(), rel=1e-9)
