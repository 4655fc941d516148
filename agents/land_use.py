"""Land that a farm turns from one crop to another: its own mu, from branch to branch, so area is always the same."""

from __future__ import annotations

import numpy as np

from .farms import FIELDS, FarmSet


def fields_of(farms: FarmSet, activity: str) -> np.ndarray:
    """Branch on the same farm that an activity takes its land from, (H,)."""
    own, field = (farms.part(farms.activity(name)) for name in (activity, FIELDS[activity]))
    return np.asarray(field.start + np.searchsorted(_place(farms, field), _place(farms, own)))


def _place(farms: FarmSet, part: slice) -> np.ndarray:
    """Number of each branch's farm among all, in the order in which branches lie: by county, then by farm, (H,)."""
    county = farms.gate_of[part].astype(np.int64) % len(farms.model.index.counties)
    return county * len(farms.county) + farms.farm_of[part]


def land_at_hand(farms: FarmSet, activity: str, fields: np.ndarray) -> np.ndarray:
    """Mu of the field that who works the activity could turn to it, (H,); none where others work one of the two."""
    same = farms.worked_by[farms.part(farms.activity(activity))] == farms.worked_by[fields]
    return np.where(same, farms.level[fields], 0.0)


def turn_land(farms: FarmSet, activity: str, fields: np.ndarray, mu: np.ndarray) -> None:
    """Turn ``mu`` (H,) of the farms' fields to the activity, or back where it is negative.

    Who turns all there is has nothing left, and not less by rounding.
    """
    own = farms.part(farms.activity(activity))
    farms.level[own] = np.maximum(farms.level[own] + mu, 0.0)
    farms.level[fields] = np.maximum(farms.level[fields] - mu, 0.0)
