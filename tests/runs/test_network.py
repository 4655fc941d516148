"""A month's network: run to, written, read back equal; and a failure that spreads."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

from pingliang.config import loader
from pingliang.runs.errors import ExperimentError
from pingliang.runs.experiment import resolve
from pingliang.runs.network import month_network, months_to, read_network, write_network
from pingliang.runs.ripple import Failure, ripple

SHIPPED = Path(loader.__file__).parent / "experiments" / "plan-2026.yaml"


@pytest.fixture(scope="module")
def resolved():
    return resolve(SHIPPED, scale=0.001, months=6, replicates=1)


@pytest.fixture(scope="module")
def graph(resolved):
    return month_network(resolved, None, "2021-02")


def test_a_network_is_read_back_equal(graph, tmp_path):
    write_network(graph, tmp_path / "new" / "network.graphml")
    read = read_network(tmp_path / "new" / "network.graphml")
    assert nx.utils.graphs_equal(read, graph)
    assert read.graph == {"month": "2021-02", "scale": 0.001, "experiment": "plan-2026", "scenario": "baseline"}


def test_every_edge_of_the_file_has_its_own_id(graph, tmp_path):
    write_network(graph, tmp_path / "network.graphml")
    plain = nx.read_graphml(tmp_path / "network.graphml", force_multigraph=True)
    ids = [key for *_, key in plain.edges(keys=True)]
    assert len(set(ids)) == len(ids) == graph.number_of_edges()
    assert "number" not in next(iter(graph.edges(data=True)))[2]


@pytest.mark.parametrize(
    ("month", "said"),
    [("2021-13", "no such month"), ("21-1", "no such month"), ("2020-12", "runs from 2021-01 to 2021-06"),
     ("2021-07", "runs from 2021-01 to 2021-06")],
)  # fmt: skip
def test_a_month_that_is_not_run_is_refused(resolved, month, said):
    with pytest.raises(ExperimentError, match=said):
        months_to(resolved, month)


def test_a_failure_spreads_from_its_month_on(resolved):
    outcome = ripple(resolved, None, Failure("thermal_power", "2021-03", "Pingliang power station"))
    lost = (outcome["base"] - outcome["failed"]).groupby([outcome["month"], outcome["stage"]]).sum().unstack()
    assert (lost.loc[:202102] == 0).all().all()
    base = outcome.groupby(["month", "stage"])["base"].sum().unstack()
    assert (lost.loc[202103:, "thermal_power"] > 0.2 * base.loc[202103:, "thermal_power"]).all()
    assert lost.loc[202106, "coal_mining"] > 0


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Failure("thermal_powr", "2021-03"), "did you mean 'thermal_power'"),
        (Failure("thermal_power", "2021-03", "Pingliang station"), "no firm of this name"),
        (Failure("apple_orchard", "2021-03"), "worked by farms"),
        (Failure("thermal_power", "2022-03"), "runs from"),
    ],
)
def test_a_failure_of_nobody_is_refused(resolved, failure, said):
    with pytest.raises(ExperimentError, match=said):
        ripple(resolved, None, failure)
