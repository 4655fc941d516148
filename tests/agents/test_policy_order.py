"""The order in which a scenario names its policies changes nothing."""

from __future__ import annotations

import numpy as np

from .built import build, run


def test_the_order_of_policies_changes_no_bit(config):
    names = ["skill_training", "apple_brand", "rural_road_works", "beef_slaughter_lines"]
    first, second = (run(build(config, order), 4).recorder.table() for order in (names, names[::-1]))
    np.testing.assert_array_equal(first["value"].to_numpy(), second["value"].to_numpy())
    assert first["variable"].to_pylist() == second["variable"].to_pylist()
