from __future__ import annotations

import itertools
import random

import networkx as nx
import numpy as np
import pytest
import synthetic

from pingliang.analysis import supply_flows, supply_picture, supply_section
from pingliang.analysis.causes import CAUSE_COLOURS, SIGNS
from pingliang.analysis.results import Results
from pingliang.analysis.style import to_svg
from pingliang.analysis.supply_layout import Metrics, depths, lay_out


@pytest.fixture(scope="module")
def graph() -> nx.MultiDiGraph:
    return synthetic.supply_graph()


def test_boxes_do_not_overlap_and_lie_in_their_rows(graph: nx.MultiDiGraph) -> None:
    layout = lay_out(graph, list(synthetic.CHAINS), supply_flows.shown_flows(graph), Metrics())
    assert len(layout.boxes) == sum(len(stages) for stages in synthetic.STAGES.values()) > 70
    for (_, a), (_, b) in itertools.combinations(sorted(layout.boxes.items()), 2):
        apart = a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]
        assert apart
    for stage, (x, y, width, height) in layout.boxes.items():
        top, bottom = layout.rows[graph.nodes[stage]["chain"]]
        assert top <= y
        assert y + height <= bottom
        assert 0 < x < x + width <= layout.width


def test_arrows_run_between_boxes_and_never_through_one(graph: nx.MultiDiGraph) -> None:
    layout = lay_out(graph, list(synthetic.CHAINS), supply_flows.shown_flows(graph), Metrics())
    for flow, points in layout.paths:
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            for stage, (x, y, width, height) in layout.boxes.items():
                inside_x = max(min(x0, x1), x + 1e-6) < min(max(x0, x1), x + width - 1e-6) or x < x0 == x1 < x + width
                inside_y = max(min(y0, y1), y + 1e-6) < min(max(y0, y1), y + height - 1e-6) or y < y0 == y1 < y + height
                assert not (inside_x and inside_y), (flow, stage)
        assert all(-0.01 <= x <= layout.width + 0.01 and 0 <= y <= layout.height for x, y in points)


def test_suppliers_stand_left_of_their_buyers(graph: nx.MultiDiGraph) -> None:
    layout = lay_out(graph, list(synthetic.CHAINS), supply_flows.shown_flows(graph), Metrics())
    assert layout.boxes["orchard"][0] < layout.boxes["apple_packing"][0] < layout.boxes["apple_storage"][0]
    assert (
        layout.boxes["cattle_breeding"][0] < layout.boxes["cattle_fattening"][0] < layout.boxes["cattle_slaughter"][0]
    )


def test_depth_is_found_where_it_is_not_given() -> None:
    chain = nx.MultiDiGraph([("mine", "washer"), ("washer", "plant"), ("mine", "plant"), ("plant", "mine")])
    line = nx.MultiDiGraph([("seed", "field"), ("field", "store")])
    assert depths(line, line) == {"seed": 0, "field": 1, "store": 2}
    assert set(depths(chain, chain).values()) == {0}


def test_the_order_of_nodes_changes_no_byte(graph: nx.MultiDiGraph) -> None:
    config = synthetic.config()
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))
    random.Random(3).shuffle(nodes)
    random.Random(4).shuffle(edges)
    mixed = nx.MultiDiGraph()
    mixed.add_nodes_from(nodes)
    mixed.add_edges_from(edges)
    looks = supply_picture.chain_looks(config)
    pictures = [to_svg(supply_picture.plot_supply(one, chains=looks), "supply") for one in (graph, mixed)]
    assert pictures[0] == pictures[1]
    for _, zh, en, *_ in itertools.chain.from_iterable(synthetic.STAGES.values()):
        assert zh in pictures[0]
        assert en.split()[0] in pictures[0]


def test_letters_stay_readable(graph: nx.MultiDiGraph) -> None:
    figure = supply_picture.plot_supply(graph, chains=supply_picture.chain_looks(synthetic.config()))
    sizes = [text.get_fontsize() for text in figure.axes[0].texts]
    assert min(sizes) >= 5.5
    assert np.median(sizes) >= 6.5
    width, height = figure.get_size_inches()
    assert 1.0 < width / height < 1.6


def test_chains_without_flows_between_them_show_the_largest_of_each_pair(graph: nx.MultiDiGraph) -> None:
    shown = {(flow.seller, flow.buyer) for flow in supply_flows.shown_flows(graph)}
    assert {("organic_fertiliser_plant", "orchard"), ("fly_ash_collection", "cement_plant")} <= shown
    assert not any("outside" in pair for pair in shown)
    assert 0 < supply_flows.shown_share(graph) <= 1


def test_bottlenecks_come_from_what_bound_the_firms(run: Results, graph: nx.MultiDiGraph) -> None:
    table = supply_section.supply_table(run)
    assert set(table.index[table["binding"] == "capital"]) == {"cattle_slaughter", "apple_storage"}
    assert table["utilisation"].between(0, 1).all()
    year = run.annual("output", "sum", by=("stage",)).query("year == 2026 and scenario == 'baseline'")
    np.testing.assert_allclose(table["output"], year.groupby("stage")["value"].mean().reindex(table.index))
    assert (table["cause_share"] >= table["binding_share"]).all()
    assert set(table.loc[table["binding"] == "", "cause"]) == {"demand"}
    drawn = supply_section.supply_graph(table, graph)
    assert drawn.nodes["apple_storage"]["binding"] == "capital"
    assert graph.nodes["apple_storage"]["binding"] != "capital" or drawn is not graph


def test_what_binds_a_stage_stands_in_its_box_and_in_the_legend(run: Results, graph: nx.MultiDiGraph) -> None:
    drawn = supply_section.supply_graph(supply_section.supply_table(run), graph)
    svg = to_svg(supply_picture.plot_supply(drawn, chains=supply_picture.chain_looks(synthetic.config())), "supply")
    assert f">{SIGNS['capital']}</text>" in svg
    assert CAUSE_COLOURS["capital"] in svg
    assert "产能 capital" in svg
    assert "劳力 labour" not in svg


def test_the_picture_of_a_difference_says_what_grew_and_marks_new_bottlenecks_only(
    run: Results, graph: nx.MultiDiGraph
) -> None:
    base = supply_section.supply_table(run, scenario=run.baseline)
    other = base.copy()
    other.loc["orchard", "output"] = base.loc["orchard", "output"] * 1.25
    other.loc["apple_packing", "output"] = base.loc["apple_packing", "output"] * 20
    other["binding"] = ""
    base["binding"] = ""
    base.loc["cattle_slaughter", "binding"] = other.loc["cattle_slaughter", "binding"] = "capital"
    other.loc["apple_packing", "binding"] = "labour"
    drawn = supply_section.change_graph(other, base, graph)
    assert drawn.nodes["orchard"]["change"] == pytest.approx(0.25)
    assert drawn.nodes["cattle_slaughter"]["binding"] == ""
    assert drawn.nodes["apple_packing"]["binding"] == "labour"
    text = to_svg(supply_picture.plot_supply(drawn, chains=supply_picture.chain_looks(run.config)), "change")
    for word in ("+25%", "×20", "与基准之差", "change of output"):
        assert word in text
    assert "utilisation" not in text
