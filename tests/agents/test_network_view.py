"""The network people look at is what the markets delivered, and looking changes nothing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pingliang.agents.network_view import NetworkWatch, supply_network
from pingliang.agents.supply import EXPORT, FIRM

from .built import build, series

LOCAL = ("firm", "farms")


@pytest.fixture(scope="module")
def watched(config):
    model = build(config)
    model.step()
    NetworkWatch(model)
    model.step()
    return model, supply_network(model)


def into(graph, **wanted):
    """CNY of edges by node they enter."""
    paid = Counter()
    for _, buyer, data in graph.edges(data=True):
        if all(data[name] == value for name, value in wanted.items()):
            paid[buyer] += data["weight"]
    return paid


def test_what_every_user_paid_is_on_the_edges(watched):
    model, graph = watched
    paid = into(graph)
    firm = model.supply.trade.slots.kind == FIRM
    by_firm = np.bincount(model.supply.trade.slots.buyer[firm], model.trade.paid[firm], minlength=len(model.firms))
    firms = [node for node, data in graph.nodes(data=True) if data["kind"] == "firm"]
    np.testing.assert_allclose([paid[node] for node in firms], by_firm, rtol=1e-9, atol=1e-3)
    exports = model.supply.final.slots.kind == EXPORT
    assert paid["outside"] == pytest.approx(model.sales.paid_local[exports].sum())
    final = sum(paid[name] for name in ("households", "government", "investment"))
    assert final == pytest.approx(model.sales.paid[~exports].sum())


def test_what_every_firm_sold_is_on_the_edges(watched):
    model, graph = watched
    firms = [node for node, data in graph.nodes(data=True) if data["kind"] == "firm"]
    sold = [sum(data["quantity"] for *_, data in graph.out_edges(node, data=True)) for node in firms]
    np.testing.assert_allclose(sold, model.firms.sold, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("kind", ["county market", "spot market"])
def test_a_market_passes_on_what_it_gets(watched, kind):
    _, graph = watched
    spots = [node for node, data in graph.nodes(data=True) if data["kind"] == kind]
    assert spots
    for node in spots:
        given = sum(data["quantity"] for *_, data in graph.in_edges(node, data=True))
        taken = sum(data["quantity"] for *_, data in graph.out_edges(node, data=True))
        assert given == pytest.approx(taken, rel=1e-6, abs=1e-6)


def test_nodes_say_who_they_are(watched):
    model, graph = watched
    kinds = Counter(data["kind"] for _, data in graph.nodes(data=True))
    assert kinds["firm"] == len(model.firms)
    assert kinds["farms"] == model.supply.gates
    named = [data for _, data in graph.nodes(data=True) if data.get("anchor")]
    assert "平凉电厂 Pingliang power station" in {data["label"] for data in named}
    output = sum(data["output"] for _, data in graph.nodes(data=True) if data["kind"] in LOCAL)
    recorded = model.firms.output_value.sum() + model.farms.output_value.sum()
    assert output == pytest.approx(recorded)
    assert graph.graph["month"] == "2021-02"


def test_looking_changes_nothing(config):
    seen, unseen = build(config), build(config)
    NetworkWatch(seen)
    for model in (seen, unseen):
        for _ in range(3):
            model.step()
    assert series(seen).equals(series(unseen))


def test_a_month_nobody_watched_is_refused(config):
    model = build(config)
    with pytest.raises(RuntimeError, match="open NetworkWatch"):
        supply_network(model)
