"""The model's own multiplier is measured on what it adds, beside the static one for the same sales."""

import pytest

from pingliang.chains.base import build_base
from pingliang.chains.multipliers import multipliers
from pingliang.runs.errors import ExperimentError
from pingliang.runs.multiplier import compare_multipliers


@pytest.fixture(scope="module")
def cement(config):
    return compare_multipliers(config, ["cement_making"], growth=0.5, scale=0.002, months=12)


def test_more_outside_demand_adds_value(cement):
    assert cement.demand > 0
    assert cement.model == pytest.approx(cement.value_added / cement.demand)
    assert 0 < cement.model < 3


def test_static_multipliers_are_those_of_what_was_sold(config, cement):
    base = build_base(config)
    found = multipliers(config, base)
    at = base.index.stage_code("cement_making")
    assert cement.type_1 == pytest.approx(found.value_added[at], rel=0.05)
    assert cement.type_1 < cement.type_2


def test_an_unknown_stage_is_refused_with_the_nearest(config):
    with pytest.raises(ExperimentError, match="cement_making"):
        compare_multipliers(config, ["cement_makin"])


def test_a_probe_of_nothing_is_refused(config):
    with pytest.raises(ExperimentError, match="raise growth"):
        compare_multipliers(config, ["cement_making"], growth=0.0, scale=0.001, months=1)
