"""Order and display names are for the eye: the city lives the same months without them.  A tenth chain is one file."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from pingliang.chains.graph import build_graph
from pingliang.chains.ledgers import base_ledger
from pingliang.config.loader import ROOT, load
from pingliang.config.units import COUNTIES

from .built import base_of, build, run, series

MONTHS = 3
POLICIES = ["tourism_promotion", "orchard_renewal", "lingtai_power_plant", "skill_training", "rural_road_works"]


def copied(folder: Path) -> Path:
    """Copy the files of the configuration, without its code."""
    return Path(shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "schemas")))


def shuffled(data: Any, order: random.Random) -> Any:
    """Shuffle the keys of all mappings; lists stay as they are, for a list has an order."""
    if isinstance(data, dict):
        keys = list(data)
        order.shuffle(keys)
        return {key: shuffled(data[key], order) for key in keys}
    return [shuffled(item, order) for item in data] if isinstance(data, list) else data


def renamed(data: Any) -> Any:
    """Change all display names, and turn the order of chains and counties round."""
    if isinstance(data, dict):
        changed = {key: renamed(value) for key, value in data.items()}
        if set(data) == {"zh", "en"}:
            changed = {language: f"{text}·{len(text)}" for language, text in data.items()}
        if isinstance(data.get("order"), int):
            changed["order"] = 100 - data["order"]
        return changed
    return [renamed(item) for item in data] if isinstance(data, list) else data


@pytest.fixture(scope="module")
def relabelled(tmp_path_factory):
    home = copied(tmp_path_factory.mktemp("relabelled") / "config")
    order = random.Random(5)
    for path in home.rglob("*.yaml"):
        if path.parent.name == "experiments":
            continue
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        text = yaml.dump(shuffled(renamed(data), order), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        path.write_text(text, encoding="utf-8")
    return load(home)


def test_the_relabelled_configuration_looks_different(config, relabelled):
    assert list(relabelled.chains) != list(config.chains)
    for key, chain in config.chains.items():
        assert relabelled.chains[key].name != chain.name
    for key, county in config.counties.counties.items():
        assert relabelled.counties.counties[key].order != county.order


def test_base_year_does_not_change_with_labels(config, relabelled):
    mine, other = base_of(config), base_of(relabelled)
    assert (mine.index.stages, mine.index.products, mine.index.counties) == (
        other.index.stages,
        other.index.products,
        other.index.counties,
    )
    for name in ("output", "value_added", "use", "final", "import_share", "exports", "county_share", "jobs", "capital"):
        assert np.array_equal(getattr(mine, name), getattr(other, name)), name


def test_no_bit_of_the_series_changes_with_labels(config, relabelled):
    one, other = (run(build(each, POLICIES), MONTHS) for each in (config, relabelled))
    assert one.recorder.table().equals(other.recorder.table())
    assert np.array_equal(one.workers.key, other.workers.key)
    assert np.array_equal(one.firms.cash, other.firms.cash)


def assumed(value: float, unit: str, low: float, high: float) -> dict[str, Any]:
    note = "made up for a test"
    return {"value": value, "unit": unit, "source": "assumption", "kind": "assumed", "range": [low, high], "note": note}


def stage(product: str, output: float, recipe: dict[str, Any], **more: Any) -> dict[str, Any]:
    shares = dict.fromkeys(COUNTIES, 0.0) | {"kongtong": 0.6, "jingning": 0.4}
    where = {"unit": "share", "source": "assumption", "kind": "assumed", "spread": [0.5, 2.0], "note": "made up"}
    return {
        "name": {"zh": product, "en": product},
        "agent": "firm",
        "industry": "secondary",
        "sector": "G04",
        "census": "manufacturing",
        "product": product,
        "output": assumed(output, "1e8 CNY/yr", output / 2, output * 2),
        "counties": {**where, "values": shares},
        "value_added_share": assumed(0.4, "share", 0.3, 0.5),
        "recipe": recipe,
        "labour": assumed(3, "person/1e6CNY", 1, 5),
        "firms": assumed(20, "count", 10, 40),
        "ledger": {"role": "core"},
        **more,
    }


def good(key: str) -> dict[str, Any]:
    price = assumed(1, "CNY/CNY2020", 1, 1)
    return {"name": {"zh": key, "en": key}, "unit": "CNY2020", "price": price, "sectors": [], "use_weight": 0}


NEEDED = ["toy_part"]
TOY = {
    "chain": "toy",
    "name": {"zh": "玩具", "en": "toys"},
    "order": 10,
    "products": {
        "toy_part": {**good("toy_part"), "import_share": assumed(0.2, "share", 0, 0.5)},
        "finished_toy": {**good("finished_toy"), "outside_demand": "gdp_china"},
    },
    "stages": {
        "toy_part_making": stage("toy_part", 0.8, {"electricity": assumed(0.03, "CNY/CNY", 0.01, 0.06)}),
        "toy_making": stage("finished_toy", 2.0, {"toy_part": assumed(0.3, "CNY/CNY", 0.2, 0.4)}, critical=NEEDED),
    },
}


@pytest.fixture(scope="module")
def with_toys(tmp_path_factory):
    home = copied(tmp_path_factory.mktemp("toys") / "config")
    (home / "chains" / "toy.yaml").write_text(yaml.safe_dump(TOY, allow_unicode=True), encoding="utf-8")
    return load(home)


@pytest.fixture(scope="module")
def toy_city(with_toys):
    """Three months of a city with ten chains; every month's books close."""
    return run(build(with_toys), MONTHS)


def test_a_tenth_chain_enters_the_base_year(config, with_toys):
    before, base = base_of(config), base_of(with_toys)
    assert "toy" in base.index.chains
    making = base.index.stage_code("toy_making")
    assert base.output[making] == pytest.approx(2.0e8)
    assert base.value_added[making] == pytest.approx(0.8e8)
    # the city's product is observed: what toys make comes out of the remainder of the secondary industry
    assert base.value_added.sum() == pytest.approx(before.value_added.sum(), rel=1e-9)
    assert base.industry_value_added("secondary") == pytest.approx(before.industry_value_added("secondary"), rel=1e-9)
    ledger = base_ledger(base)
    assert ledger.output[base.index.chains.index("toy")] >= 2.8e8 * 0.999


def test_a_tenth_chain_is_linked_in_the_supply_graph(with_toys):
    graph = build_graph(with_toys, base_of(with_toys))
    assert graph.has_edge("toy_part_making", "toy_making")
    assert any(source != "toy_part_making" for source, _ in graph.in_edges("toy_part_making"))


def test_a_tenth_chain_runs_and_is_recorded(toy_city):
    rows = series(toy_city)
    mine = rows[(rows.chain == "toy") & (rows.value > 0)]
    assert set(mine[mine.variable == "output"].stage) == {"toy_part_making", "toy_making"}
    assert set(mine[mine.variable == "output"].county) == {"kongtong", "jingning"}
    variables = {"output", "value_added", "output_2020", "quantity", "jobs", "utilisation", "chain_jobs"}
    assert variables <= set(mine.variable)
    month = mine[(mine.variable == "output") & (mine.stage == "toy_making")].groupby("month").value.sum()
    assert ((month > 0.5 * 2e8 / 12) & (month < 2 * 2e8 / 12)).all()


def test_a_tenth_chain_has_firms_workers_and_suppliers_of_its_own(toy_city):
    index, firms = toy_city.index, toy_city.firms
    making, parts = index.stage_code("toy_making"), index.stage_code("toy_part_making")
    assert np.isin([making, parts], firms.stage).all()
    assert firms.jobs[firms.stage == making].sum() > 0
    part = index.product_code("toy_part")
    links, slots = toy_city.supply.trade.links, toy_city.supply.trade.slots
    wanted = (slots.stage == making) & (slots.product == part)
    assert wanted.any()
    assert toy_city.supply.critical[wanted].all()
    sellers = links.seller[wanted[links.slot]] - toy_city.supply.gates
    assert (firms.stage[sellers] == parts).all()


def test_the_other_chains_go_on_with_a_tenth_beside_them(six_months, toy_city):
    def by_chain(model):
        rows = series(model)
        rows = rows[(rows.variable == "output") & (rows.month == 202101)]
        return rows.groupby("chain").value.sum()

    before, now = by_chain(six_months), by_chain(toy_city)
    assert set(now.index) == {*before.index, "toy"}
    # at this scale a chain is a handful of firms, and one of them may wait for another input now
    np.testing.assert_allclose(now[before.index], before, rtol=0.15)
