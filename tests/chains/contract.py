"""What every chain must satisfy, whoever adds it: one function a clause, all of (config, base, graph, chain)."""

from __future__ import annotations

import re
from collections.abc import Callable

import networkx as nx
import numpy as np

from pingliang.chains.base import Base
from pingliang.config.loader import Config
from pingliang.config.schema import Name

Clause = Callable[[Config, Base, nx.MultiDiGraph, str], None]


def codes(config: Config, base: Base, chain: str) -> list[int]:
    return [base.index.stage_code(key) for key in config.chains[chain].stages]


def labels_are_in_both_languages(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    names: list[Name] = [config.chains[chain].name]
    names += [item.name for item in config.chains[chain].stages.values()]
    names += [item.name for item in config.chains[chain].products.values()]
    for name in names:
        assert re.search(r"[\u4e00-\u9fff]", name.zh), name
        assert re.search(r"[A-Za-z]", name.en), name
        assert not re.search(r"[\u4e00-\u9fff]", name.en), name


def stages_add_value(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    for s in codes(config, base, chain):
        assert 0 < base.value_added[s] < base.output[s], base.index.stages[s]
        assert base.labour[s] > 0, base.index.stages[s]
        assert base.output[s] <= base.capacity[s] * (1 + 1e-9), base.index.stages[s]


def stages_have_workers(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    for s in codes(config, base, chain):
        assert base.jobs[s].sum() > 0, base.index.stages[s]
        assert (base.jobs[s][base.county_share[s] == 0] == 0).all(), base.index.stages[s]


def inputs_have_a_supplier_or_come_from_outside(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    made = base.product_output
    for s in codes(config, base, chain):
        used = np.flatnonzero(base.use[:, s] > 0)
        assert len(used), base.index.stages[s]
        for p in used:
            assert made[p] > 0 or base.import_share[p] == 1, (base.index.stages[s], base.index.products[p])


def stages_have_a_ledger_role(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    roles = [item.ledger.role for item in config.chains[chain].stages.values()]
    if chain == "rest":
        assert set(roles) == {"none"}
    else:
        assert "core" in roles
        assert "none" not in roles


def county_shares_add_up_to_one(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    for key, item in config.chains[chain].stages.items():
        assert abs(sum(item.counties.amounts.values()) - 1) < 1e-3, key
        assert set(item.counties.amounts) == set(base.index.counties), key


def recipes_name_products_that_exist(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    for key, item in config.chains[chain].stages.items():
        assert item.product in base.index.product, key
        for product, share in item.recipe.items():
            assert product in base.index.product, (key, product)
            assert base.use[base.index.product_code(product), base.index.stage_code(key)] >= 0
            assert share.amount <= 1
        assert set(item.critical) <= set(item.recipe), key
        if item.capacity_from:
            assert item.capacity_from.stage in base.index.stage, key


def stages_stand_in_the_graph(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    for key, item in config.chains[chain].stages.items():
        node = graph.nodes[key]
        assert node["chain"] == chain
        assert node["depth"] >= 0
        assert node["name_zh"] == item.name.zh
        assert graph.in_degree(key) > 0, key
        assert graph.out_degree(key) > 0, key


def figures_have_known_sources(config: Config, base: Base, graph: nx.MultiDiGraph, chain: str) -> None:
    for key, item in config.chains[chain].stages.items():
        for source in [item.counties.source, *(share.source for share in item.recipe.values())]:
            for name in [source] if isinstance(source, str) else source:
                assert name in config.sources.sources, (key, name)


CONTRACT: list[Clause] = [
    labels_are_in_both_languages,
    stages_add_value,
    stages_have_workers,
    inputs_have_a_supplier_or_come_from_outside,
    stages_have_a_ledger_role,
    county_shares_add_up_to_one,
    recipes_name_products_that_exist,
    stages_stand_in_the_graph,
    figures_have_known_sources,
]
