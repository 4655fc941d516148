"""Whatever values parameters take inside their ranges, the city's numbers stay those of a city."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from pingliang.agents.model import IndustryChainModel
from pingliang.config.schema import Forms, Name, Quantity, Scenario

from .built import base_of, series, worst

PARTS = ("firms", "labour", "households", "migration", "finance", "government", "outside", "farms", "environment")
MONTHS = 12


def quantities(model: BaseModel, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Paths of every number with a range."""
    found = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Quantity) and value.range:
            found.append((*path, name))
        elif isinstance(value, BaseModel):
            found += quantities(value, (*path, name))
    return found


def placed(model: Any, places: dict[tuple[str, ...], float]) -> Any:
    """The same parameters with each named number at its place, 0 to 1, between the ends of its range."""
    if isinstance(model, Quantity):
        low, high = model.range
        return model.model_copy(update={"value": low + places[()] * (high - low)})
    below: dict[str, dict[tuple[str, ...], float]] = {}
    for path, place in places.items():
        below.setdefault(path[0], {})[path[1:]] = place
    return model.model_copy(update={name: placed(getattr(model, name), rest) for name, rest in below.items()})


def city_of(config, places: list[float], form: str, seed: int) -> None:
    """Run a year at these places; every month's books close and no number is impossible."""
    paths = quantities(config.parameters, ())
    paths = [path for path in paths if path[0] in PARTS]
    chosen = {path: places[k % len(places)] for k, path in enumerate(paths)}
    world = replace(config, parameters=placed(config.parameters, chosen))
    scenario = Scenario(name="x", label=Name(zh="x", en="x"), policies=[], forms=Forms(criticality=form))
    model = IndustryChainModel(world, scenario, seed=seed, scale=0.001, base=base_of(config))
    base = np.bincount(model.index.chain_of_stage, model.base.output, minlength=len(model.index.chains))
    for _ in range(MONTHS):
        model.step()  # ends with an error at a price or stock that cannot be
        assert worst(model) <= 1e-9
    for stock in (model.firms.stock, model.supply.stock, model.farms.stored, model.firms.capital):
        assert (stock >= 0).all()
    rows = series(model)
    assert np.isfinite(rows.value).all()
    output = rows[rows.variable == "output"].groupby("chain").value.sum()
    for chain, value in output.items():
        assert 0 <= value < 10 * base[model.index.chains.index(chain)], chain
    model.release()


# One number for each parameter; 41 places are dealt out in turn, so that draws stay small and shrink to a half.
PLACES = st.lists(st.floats(0, 1), min_size=41, max_size=41)
FORMS = st.sampled_from(["critical", "leontief", "half_critical", "linear"])
LOOSE = {"suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow], "deadline": None}


@settings(max_examples=4, **LOOSE)
@given(places=PLACES, form=FORMS, seed=st.integers(1, 10**6))
def test_a_few_random_cities_are_cities(config, places, form, seed):
    city_of(config, places, form, seed)


@pytest.mark.slow
@settings(max_examples=96, **LOOSE)
@given(places=PLACES, form=FORMS, seed=st.integers(10**6, 10**7))
def test_many_random_cities_are_cities(config, places, form, seed):
    city_of(config, places, form, seed)
