"""Every chain file keeps the contract; a new one is tested because it is there."""

import pytest

from pingliang.chains.graph import build_graph
from pingliang.config.loader import ROOT

from .contract import CONTRACT

CHAINS = sorted(path.stem for path in (ROOT / "chains").glob("*.yaml"))


@pytest.fixture(scope="module")
def graph(config, base):
    return build_graph(config, base)


@pytest.mark.parametrize("clause", CONTRACT, ids=lambda clause: clause.__name__)
@pytest.mark.parametrize("chain", CHAINS)
def test_chain_contract(config, base, graph, chain, clause):
    clause(config, base, graph, chain)


def test_the_nine_chains_and_the_rest_are_there(config):
    nine = {"coal", "cattle", "apple", "vegetable", "medicine", "materials", "manufacturing", "tourism", "ecology"}
    assert {*nine, "rest"} <= set(config.chains)
    assert set(CHAINS) == set(config.chains)
