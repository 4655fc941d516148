"""Measures of a month's network, on networks small enough to reckon by hand."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from pingliang.analysis import bottlenecks, local_share, ripple
from pingliang.analysis.causes import CAUSE_COLOURS, SIGNS
from pingliang.analysis.network import (
    concentration_table,
    firm_centrality_table,
    stage_centrality_table,
    stage_flows,
    suppliers_table,
)
from pingliang.analysis.network_criticality import criticality_table
from pingliang.analysis.words import FACTORS


def firm(graph: nx.MultiDiGraph, node: str, stage: str, value_added: float = 100.0) -> None:
    graph.add_node(
        node, kind="firm", name_zh=node, name_en=node, stage=stage, chain="coal", county="huating", anchor=False,
        output=2 * value_added, value_added=value_added,
    )  # fmt: skip


def sale(
    graph: nx.MultiDiGraph, seller: str, buyer: str, product: str, quantity: float, *, critical: bool = True
) -> None:
    graph.add_edge(
        seller, buyer, key=product, product=product, quantity=quantity, weight=10 * quantity, ordered=quantity,
        critical=critical,
    )  # fmt: skip


@pytest.fixture
def chain() -> nx.MultiDiGraph:
    """Two mines and imports feed a plant, which feeds a works; the works' paper is no critical input."""
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for node, stage in (("mine", "mining"), ("pit", "mining"), ("plant", "power"), ("works", "cement")):
        firm(graph, node, stage)
    firm(graph, "printer", "paper")
    graph.add_node("outside", kind="outside")
    graph.add_node("spot:coal", kind="spot market", product="coal")
    sale(graph, "mine", "plant", "coal", 6)
    sale(graph, "pit", "spot:coal", "coal", 2, critical=False)
    sale(graph, "spot:coal", "plant", "coal", 2)
    sale(graph, "outside", "plant", "coal", 2)
    sale(graph, "plant", "works", "power", 5)
    sale(graph, "printer", "works", "paper", 1, critical=False)
    sale(graph, "works", "outside", "cement", 9, critical=False)
    return graph


def test_criticality_follows_critical_inputs_alone(chain):
    table = criticality_table(chain).set_index("node")
    # 6 of 10 t of coal are the mine's: the plant and, through it, the works lose 60 %
    assert table.loc["mine", "value_added_at_risk"] == pytest.approx(120.0)
    assert table.loc["mine", "customers_at_risk"] == pytest.approx(60.0)
    assert table.loc["mine", "criticality"] == pytest.approx(120 / 500)
    # what went through the spot market counts too
    assert table.loc["pit", "value_added_at_risk"] == pytest.approx(40.0)
    assert table.loc["plant", "value_added_at_risk"] == pytest.approx(100.0)
    assert table.loc["printer", "value_added_at_risk"] == 0.0
    assert table.loc["mine", "dependants"] == 2


def test_firms_that_feed_each_other_lose_together_and_never_more_than_all(chain):
    sale(chain, "plant", "mine", "power", 4)
    table = criticality_table(chain).set_index("node")
    # without the mine nothing but itself is lost twice; without the plant the mine has no power
    assert table.loc["plant", "value_added_at_risk"] == pytest.approx(200.0, rel=1e-3)
    # the pit's 20 % comes back through the mine: x = 0.2 + 0.6 x, so 0.5 for plant, works and mine
    assert table.loc["pit", "value_added_at_risk"] == pytest.approx(150.0, rel=1e-3)


def test_concentration_counts_outside_as_many(chain):
    table = concentration_table(chain).set_index("product")
    coal = table.loc["coal"]
    assert (coal["bought"], coal["sellers"], coal["largest"]) == (100.0, 2, "mine")
    assert coal["herfindahl"] == pytest.approx(0.6**2 + 0.2**2)
    assert coal["outside_share"] == pytest.approx(0.2)
    assert table.loc["power", "herfindahl"] == 1.0
    assert "cement" not in table.index


def test_suppliers_are_counted_by_buyer(chain):
    table = suppliers_table(chain).set_index(["stage", "product"])
    coal = table.loc[("power", "coal")]
    assert (coal["buyers"], coal["suppliers"], coal["single_share"]) == (1, 1.0, 0.0)
    assert (coal["outside_share"], coal["spot_share"]) == (pytest.approx(0.2), pytest.approx(0.2))
    assert table.loc[("cement", "power"), "single_share"] == 1.0


def test_stages_trade_what_their_firms_trade(chain):
    flows = stage_flows(chain).set_index(["seller", "buyer"])["weight"]
    assert flows[("mining", "power")] == pytest.approx(80.0)
    assert flows[("outside", "power")] == pytest.approx(20.0)
    assert not any("spot" in name for pair in flows.index for name in pair)


def test_suppliers_of_suppliers_rank_high(chain):
    firms = firm_centrality_table(chain).set_index("node")
    assert set(firms.index) == {"mine", "pit", "plant", "works", "printer"}
    assert firms["pagerank"].idxmax() == "mine"
    assert firms.loc["plant", "betweenness"] > firms.loc["works", "betweenness"] == 0.0
    stages = stage_centrality_table(chain).set_index("stage")
    assert stages.loc["power", "suppliers"] == 2
    assert stages["betweenness"].idxmax() == "power"


def test_steps_go_down_to_buyers_and_up_to_sellers():
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for key in ("mining", "power", "cement", "schools"):
        graph.add_node(key, output=100.0, chain="coal", name_zh=key, name_en=key)
    for seller, buyer, product, flow in (
        ("mining", "power", "coal", 40.0), ("power", "mining", "power", 10.0), ("power", "cement", "power", 2.0),
        ("cement", "schools", "cement", 1.0),
    ):  # fmt: skip
        graph.add_edge(seller, buyer, key=product, product=product, flow=flow)

    class Stage:
        def __init__(self, *critical: str) -> None:
            self.critical = critical

    class Chain:
        def __init__(self, **stages: Stage) -> None:
            self.stages = stages

    class Config:
        chains = {"coal": Chain(mining=Stage(), power=Stage("coal"), cement=Stage("power"), schools=Stage())}  # noqa: RUF012

    # mines buy power, but sell the plant more coal: they stand above it
    assert ripple.steps_from(graph, Config(), "power") == {"power": 0, "mining": -1, "cement": 1}
    outcome = pd.DataFrame(
        [(0, 202101, key, 10.0, made) for key, made in (("mining", 8.0), ("power", 4.0), ("schools", 10.0))],
        columns=["replicate", "month", "stage", "base", "failed"],
    )
    table = ripple.ripple_table(outcome, graph, Config(), "power")
    assert table["stage"].tolist() == ["mining", "power", "schools"]
    assert table["share"].tolist() == pytest.approx([0.2, 0.6, 0.0])
    assert ripple.shown_stages(table, "power", 2).index.tolist() == ["mining", "power"]
    assert ripple.plot_ripple(table, failed="power").axes


class Stored:
    """What `bottlenecks` asks of stored results."""

    years = (2021,)
    baseline = "baseline"

    def __init__(self, frame: pd.DataFrame, config: object) -> None:
        self.frame, self.config = frame, config
        self.finished = pd.DataFrame({"scenario": ["baseline", "baseline"]})

    def query_wide(self, names, *, by, where=None):
        return self.frame.reindex(columns=[*by, *names])


def test_losses_add_up_over_months_and_are_the_mean_over_runs(run):
    rows = [("baseline", k, 202101 + m, "coal", 3e8, 1e8) for k in range(2) for m in range(12)]
    names = ["scenario", "replicate", "month", "chain", "lost_demand", "lost_input"]
    table = bottlenecks.loss_table(Stored(pd.DataFrame(rows, columns=names), run.config))
    assert table.set_index("factor")["lost"].to_dict() == {"demand": 36e8, "input": 12e8}
    assert table.set_index("factor")["share"].to_dict() == {"demand": 0.75, "input": 0.25}
    (panel,) = bottlenecks.plot_loss(table, config=run.config, scenarios=run.scenarios).axes
    (bars,) = panel.collections
    # the shortage alone is drawn, 12e8 for the baseline; idle capacity is a number beside it
    assert max(corner for path in bars.get_paths() for corner in path.vertices[:, 0]) == pytest.approx(12.0)
    assert "36.0" in [text.get_text() for text in panel.texts]


def test_paths_follow_the_largest_stage_that_keeps_goods(run):
    rows = [
        (0, 202101 + m, chain, stage, 5.0 + m, stock)
        for chain, stage, stock in (
            ("coal", "a", 1.0),
            ("coal", "b", 9.0),
            ("coal", "c", 0.0),
            ("tourism", "d", np.nan),
        )
        for m in range(12)
    ]
    frame = pd.DataFrame(rows, columns=["replicate", "month", "chain", "stage", "price", "stock"])
    table = bottlenecks.path_table(Stored(frame, run.config), {"a": 10.0, "b": 500.0, "c": 900.0, "d": 3.0})
    assert set(table["stage"]) == {"b", "d"}
    price = table[(table["measure"] == "price") & (table["stage"] == "b")].set_index("month")["mean"]
    assert (price[202101], price[202106]) == (pytest.approx(100.0), pytest.approx(200.0))
    stock = table[table["measure"] == "stock"]
    assert set(stock["stage"]) == {"b"}  # what keeps nothing has a price only
    assert stock["mean"].tolist() == pytest.approx([100.0] * 12)
    assert bottlenecks.plot_path(table, config=run.config, names={}).axes


def test_what_stays_and_what_leaves_adds_up(run):
    rows = [("baseline", k, 202101 + m, "coal", 6e8, 2e8, 4e8, 1e8) for k in range(2) for m in range(12)] + [
        ("baseline", k, 202101, "apple", 0.0, 0.0, 1e8, 0.0) for k in range(2)
    ]
    frame = pd.DataFrame(rows, columns=["scenario", "replicate", "month", "chain", *local_share.RECORDED])
    stored = Stored(frame, run.config)
    stored.scenarios, stored.year_of = run.scenarios, lambda year: 2021
    table = local_share.local_table(stored)
    assert table["chain"].tolist() == ["coal"]  # nobody bought anything in the other
    row = table.iloc[0]
    assert (row["inputs_local"], row["local_share"]) == (pytest.approx(72e8), pytest.approx(0.75))
    assert (row["leakage"], row["outside_owner_share"]) == (pytest.approx(3 / 12), pytest.approx(1 / 4))
    (panel,) = local_share.plot_local(table, config=run.config, scenario="baseline").axes
    assert sum(bar.get_width() for bar in panel.patches) == pytest.approx(100.0)


def test_every_factor_has_words_and_a_colour():
    from pingliang.agents.factors import FACTORS as recorded

    assert set(recorded) <= set(FACTORS)
    assert set(FACTORS) == set(CAUSE_COLOURS) == set(SIGNS)
