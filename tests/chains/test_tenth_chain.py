"""A tenth chain is one YAML file: it loads, balances, keeps the contract and counts in the plan ledger."""

import shutil
from pathlib import Path

import pytest

from pingliang.chains.base import build_base
from pingliang.chains.base_report import base_report
from pingliang.chains.graph import build_graph
from pingliang.chains.ledgers import base_ledger
from pingliang.config.loader import load

from .contract import CONTRACT

TOY = Path(__file__).with_name("toy_chain.yaml")


@pytest.fixture
def with_toy(folder):
    shutil.copy(TOY, folder / "chains" / "honey.yaml")
    return load(folder)


def test_it_keeps_the_contract(with_toy):
    base = build_base(with_toy)
    graph = build_graph(with_toy, base)
    for clause in CONTRACT:
        clause(with_toy, base, graph, "honey")


def test_the_city_stays_as_large_and_the_rest_makes_room(with_toy, base):
    larger = build_base(with_toy)
    assert larger.value_added.sum() == pytest.approx(base.value_added.sum(), rel=1e-12)
    assert larger.jobs.sum() == pytest.approx(base.jobs.sum(), rel=1e-12)
    grain = base.index.stage_code("grain_farming"), larger.index.stage_code("grain_farming")
    assert larger.output[grain[1]] < base.output[grain[0]]


def test_it_counts_in_the_plan_ledger_and_the_report(with_toy):
    base = build_base(with_toy)
    ledger = base_ledger(base)
    honey = base.index.chains.index("honey")
    assert ledger.output[honey] > base.output[base.index.stage_code("honey_bottling")]
    assert ledger.weights[base.index.chains.index("apple"), base.index.stage_code("beekeeping")] == 0
    assert ledger.weights[honey, base.index.stage_code("carton_making")] > 0
    assert "honey" in {row["chain"] for row in base_report(with_toy)["plan_ledger"]}
