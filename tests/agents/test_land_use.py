"""Land a farm turns from crop to crop stays whole and never falls below nought."""

from __future__ import annotations

import numpy as np

from pingliang.agents.land_use import fields_of, turn_land


def test_who_turns_all_its_land_has_nothing_left_and_not_less_by_rounding(another):
    farms = another().farms
    fields = fields_of(farms, "greenhouse")
    own = farms.part(farms.activity("greenhouse"))
    total = farms.level[own] + farms.level[fields]
    turn_land(farms, "greenhouse", fields, farms.level[fields] * (1 + 1e-15))
    assert (farms.level[fields] >= 0).all()
    np.testing.assert_allclose(farms.level[own] + farms.level[fields], total, rtol=1e-12)
    turn_land(farms, "greenhouse", fields, -farms.level[own] * (1 + 1e-15))
    assert (farms.level[own] >= 0).all()
    np.testing.assert_allclose(farms.level[own] + farms.level[fields], total, rtol=1e-12)
