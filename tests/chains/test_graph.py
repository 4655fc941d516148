"""The supply graph carries the base year's flows, the cross-chain links and survives GraphML."""

import networkx as nx
import numpy as np
import pytest

from pingliang.chains.graph import FINAL, OUTSIDE, build_graph, local_share_of_inputs, road_distances, stage_depths


@pytest.fixture(scope="module")
def graph(config, base):
    return build_graph(config, base)


def test_flows_add_up_to_output_and_to_use(base, graph):
    for s, key in enumerate(base.index.stages):
        sold = sum(data["flow"] for _, _, data in graph.out_edges(key, data=True))
        bought = sum(data["flow"] for _, _, data in graph.in_edges(key, data=True))
        assert sold == pytest.approx(base.output[s], rel=1e-9), key
        assert bought == pytest.approx(base.use[:, s].sum(), rel=1e-9), key


def test_final_users_and_trade_are_whole(base, graph):
    bought = {node: sum(data["flow"] for _, _, data in graph.in_edges(node, data=True)) for node in (*FINAL, OUTSIDE)}
    assert bought["households"] == pytest.approx(base.final[:, :2].sum(), rel=1e-9)
    assert bought["government"] == pytest.approx(base.final[:, 2].sum(), rel=1e-9)
    assert bought[OUTSIDE] == pytest.approx(base.exports.sum(), rel=1e-9)
    imports = sum(data["flow"] for _, _, data in graph.out_edges(OUTSIDE, data=True))
    assert imports == pytest.approx(base.imports.sum(), rel=1e-9)


def test_edges_carry_what_the_specification_asks(base, graph):
    edge = graph.edges["apple_orchard", "apple_packing", "fresh_apple"]
    assert edge["coefficient"] == pytest.approx(0.851)
    assert edge["quantity"] * base.price[base.index.product_code("fresh_apple")] == pytest.approx(edge["flow"])
    assert 0 < edge["transport_cost"] < 200
    assert edge["outside_share"] == pytest.approx(0.01)
    assert "lag" in edge


LINKS = [
    ("manure_collection", "apple_orchard", "manure"),
    ("organic_fertiliser_making", "apple_orchard", "organic_fertiliser"),
    ("carton_making", "apple_packing", "carton"),
    ("straw_collection", "cattle_fattening", "crop_straw"),
    ("gangue_collection", "wall_material_making", "gangue"),
    ("fly_ash_collection", "cement_making", "fly_ash"),
    ("mining_machinery_making", "coal_mining", "mining_machinery"),
    ("thermal_power", "cement_making", "electricity"),
    ("mine_restoration_work", "coal_mining", "mine_restoration"),
]


@pytest.mark.parametrize(("seller", "buyer", "product"), LINKS)
def test_cross_chain_links_carry_flow(graph, seller, buyer, product):
    assert graph.edges[seller, buyer, product]["flow"] > 0


def test_tourism_eats_beef_fruit_and_vegetables(graph):
    dining = {data["product"] for _, _, data in graph.in_edges("tourist_dining", data=True) if data["flow"] > 1e5}
    assert {"chilled_beef", "fresh_vegetable"} <= dining


def test_depth_runs_from_the_head_of_the_chain(graph):
    depth = {key: data["depth"] for key, data in graph.nodes(data=True) if data["chain"] == "apple"}
    assert depth["apple_nursery"] < depth["apple_orchard"] < depth["apple_packing"] < depth["apple_storage"]
    assert depth["apple_storage"] < depth["apple_dealing"]


def test_stages_that_supply_each_other_stand_side_by_side():
    loop = nx.MultiDiGraph()
    loop.add_nodes_from(["coal", "power", "mill"], chain="coal", output=1.0)
    for seller, buyer in (("coal", "power"), ("power", "coal"), ("power", "mill")):
        loop.add_edge(seller, buyer, key="x", flow=0.5)
    assert stage_depths(loop, ["coal", "power", "mill"]) == {"coal": 0, "power": 1, "mill": 2}


def test_graphml_round_trip(graph, tmp_path):
    nx.write_graphml(graph, tmp_path / "supply.graphml")
    read = nx.read_graphml(tmp_path / "supply.graphml", force_multigraph=True)
    assert set(read.nodes) == set(graph.nodes)
    assert read.number_of_edges() == graph.number_of_edges()
    assert read.nodes["coal_mining"] == graph.nodes["coal_mining"]
    flows = {(a, b, data["product"]): data["flow"] for a, b, data in read.edges(data=True)}
    assert flows == {(a, b, data["product"]): data["flow"] for a, b, data in graph.edges(data=True)}


def test_local_share_of_inputs_is_a_share(base):
    shares = local_share_of_inputs(base)
    assert ((shares > 0) & (shares < 1)).all()


def test_roads_are_longer_than_lines_and_symmetric(config, base):
    km = road_distances(config, base.index.counties)
    np.testing.assert_allclose(km, km.T)
    assert (np.diag(km) > 0).all()
    assert km[base.index.county_code("kongtong"), base.index.county_code("huating")] == pytest.approx(36.1 * 1.4)
