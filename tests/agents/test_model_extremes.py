"""Where the world stops: no demand outside, no credit, everybody quits, no calves bought.  The books still close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from pingliang.config.loader import Config
from pingliang.config.schema import Driver, Drivers, Name, Quantity

from .built import build, run, series, total

MONTHS = 6


def set_to(config: Config, path: str, value: float) -> Config:
    """Return a configuration in which one parameter has a value, inside its range or not."""
    *names, last = path.split(".")
    models: list[Any] = [config.parameters]
    for name in names:
        models.append(getattr(models[-1], name))
    changed = getattr(models[-1], last).model_copy(update={"value": value})
    for model, name in zip(reversed(models), [last, *reversed(names)], strict=True):
        changed = model.model_copy(update={name: changed})
    return replace(config, parameters=changed)


def with_products(config: Config, change: Callable[[str], dict[str, Any]]) -> Config:
    chains = {}
    for key, chain in config.chains.items():
        products = {name: product.model_copy(update=change(name)) for name, product in chain.products.items()}
        chains[key] = chain.model_copy(update={"products": products})
    return replace(config, chains=chains)


@pytest.fixture(scope="module")
def nobody_buys(config):
    """Return half a year in which almost nothing is wanted outside."""
    index = next(iter(config.drivers.drivers.values())).index
    nothing = index.model_copy(update={"values": {"2020": 1.0, "2021": 1e-9}})
    driver = Driver(name=Name(zh="无", en="none"), index=nothing)
    drivers = Drivers(drivers={**config.drivers.drivers, "no_demand": driver})
    world = replace(with_products(config, lambda _: {"outside_demand": "no_demand"}), drivers=drivers)
    return run(build(world), MONTHS)


def test_without_demand_outside_nothing_is_sold_there(nobody_buys, six_months):
    exports = total(nobody_buys, "exports")
    assert (exports < 1e-3 * total(six_months, "exports")).all()


def test_without_demand_outside_chains_that_live_on_it_are_bound_by_demand(nobody_buys, six_months):
    apart = {}
    for model in (nobody_buys, six_months):
        rows = series(model)
        rows = rows[(rows.variable == "output") & (rows.month == rows.month.max())]
        apart[model] = rows.groupby("chain").value.sum()
    lost = apart[nobody_buys] / apart[six_months]
    assert (lost <= 1.05).all()
    for chain in ("coal", "tourism", "manufacturing"):
        assert lost[chain] < 0.8, chain
    rows = series(nobody_buys)
    bound = rows[(rows.variable == "bound_demand") & (rows.month == rows.month.max())]
    assert bound.value.sum() > 0.5 * nobody_buys.cell_exists.sum()


def test_without_demand_outside_the_city_still_has_numbers(nobody_buys):
    assert np.isfinite(series(nobody_buys).value).all()
    assert total(nobody_buys, "gdp").min() > 0
    assert (nobody_buys.firms.price > 0).all()


EXTREMES = {
    "no credit": ("finance.credit_limit", 0.0),
    "everybody quits every month": ("labour.quit_rate", 1.0),
    "nobody quits": ("labour.quit_rate", 0.0),
    "no stock is held": ("firms.inventory_target", 0.0),
    "everybody thinks of moving": ("migration.consideration_rate", 1.0),
    "nobody moves": ("migration.consideration_rate", 0.0),
    "one supplier": ("firms.suppliers", 1.0),
    "everything is spent": ("households.wealth_consumption", 0.2),
    "prices jump": ("firms.price_limit", 0.9),
}


RARE = list(EXTREMES)[3:]


@pytest.mark.parametrize("name", [*list(EXTREMES)[:3], *(pytest.param(name, marks=pytest.mark.slow) for name in RARE)])
def test_books_close_at_the_extreme(config, name):
    model = run(build(set_to(config, *EXTREMES[name])), 3)
    assert np.isfinite(series(model).value).all()
    assert (model.firms.stock >= 0).all()
    assert (model.workers.cash >= -1e-6).all()


def test_without_cattle_from_outside_the_herd_shrinks_or_stands(config, six_months):
    model = build(config)
    feeder = model.index.product_code("feeder_calf")
    model.supply.importable[feeder] = False
    links = model.supply.trade.links
    links.outside[links.product == feeder] = 0.0
    run(model, MONTHS)
    assert model.trade.imported[model.supply.trade.slots.product == feeder].sum() == 0
    assert model.audit_book.closing["herd"].sum() < six_months.audit_book.closing["herd"].sum()


PARTS = ("firms", "labour", "households", "migration", "finance", "government", "outside")


def at_one_end(model: BaseModel, end: int) -> BaseModel:
    """Every quantity at the low (0) or high (1) end of its range."""
    changed: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Quantity):
            changed[name] = value.model_copy(update={"value": value.range[end]}) if value.range else value
        elif isinstance(value, BaseModel):
            changed[name] = at_one_end(value, end)
    return model.model_copy(update=changed)


@pytest.mark.parametrize("end", [0, 1], ids=["low", "high"])
@pytest.mark.parametrize("part", [pytest.param(part, marks=pytest.mark.slow) for part in PARTS])
def test_books_close_at_either_end_of_every_range(config, part, end):
    parameters = config.parameters.model_copy(update={part: at_one_end(getattr(config.parameters, part), end)})
    model = run(build(replace(config, parameters=parameters)), 3)
    assert np.isfinite(series(model).value).all()


@pytest.mark.parametrize("end", [0, 1], ids=["low", "high"])
def test_books_close_with_all_rules_at_one_end_of_their_ranges(config, end):
    both = {part: at_one_end(getattr(config.parameters, part), end) for part in PARTS}
    model = run(build(replace(config, parameters=config.parameters.model_copy(update=both))), 3)
    assert np.isfinite(series(model).value).all()


def test_the_smallest_scale_has_every_county_place_and_stage(six_months):
    model = six_months
    assert len(np.unique(model.workers.county * 3 + model.workers.place)) == 3 * len(model.index.counties)
    firms = model.index.stages_where(agent="firm")
    assert set(model.firms.stage) == set(firms.tolist())
