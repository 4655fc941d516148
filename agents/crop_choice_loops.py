"""Loops of the choice of crops: farms turn their own fields from one crop to another.

Arrays (B,) are by branch, (N,) by farm, (K, C) by crop that competes for land and county; land in mu.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled

MOST = 0.3  # of a crop's land on a farm that is turned to others in a year


class Fields(NamedTuple):
    """Land of each farm by crop: ``branch`` (N, K), -1 where it has none; then columns of farms and branches.

    ``old`` and ``young`` (N,) are the mu of oldest and youngest trees of the perennial crop, which is number ``trees``.
    """

    branch: np.ndarray
    county: np.ndarray
    level: np.ndarray
    worked_by: np.ndarray
    old: np.ndarray
    young: np.ndarray
    trees: int


@compiled
def branches_of_farms(first: np.ndarray, last: np.ndarray, farm_of: np.ndarray, farms: int) -> np.ndarray:
    """Find each farm's branch of activities that ``first`` and ``last`` (K,) bound, (N, K); -1 where it has none."""
    branch = np.full((farms, len(first)), -1, np.int32)
    for k in range(len(first)):
        for b in range(first[k], last[k]):
            branch[farm_of[b], k] = b
    return branch


@compiled
def could_take(fields: Fields, n: int, b: int, wanted: np.ndarray) -> float:
    """Sum the ``wanted`` (K, C) mu of crops that the operator of a farm's branch ``b`` grows on the farm, too."""
    total = 0.0
    for k in range(wanted.shape[0]):
        other = fields.branch[n, k]
        if other >= 0 and wanted[k, fields.county[n]] > 0 and fields.worked_by[other] == fields.worked_by[b]:
            total += wanted[k, fields.county[n]]
    return total


@compiled
def can_leave(fields: Fields, n: int, k: int) -> float:
    """Land that a crop can give up on a farm: of an orchard only that of the oldest trees."""
    level = fields.level[fields.branch[n, k]]
    return min(level, fields.old[n]) if k == fields.trees else level


@compiled
def turn_fields(fields: Fields, wanted: np.ndarray) -> None:
    """Turn land of crops that are to have less (``wanted`` (K, C) mu below 0) to those that are to have more.

    A farm turns its own land, from one branch to another of the same operator, the same part of it on all farms of a
    county that can; what others should have got is shared by what is wanted.
    """
    crops, counties = wanted.shape
    offered = np.zeros((crops, counties))
    for n in range(len(fields.county)):
        c = fields.county[n]
        for k in range(crops):
            if wanted[k, c] < 0 and fields.branch[n, k] >= 0 and could_take(fields, n, fields.branch[n, k], wanted) > 0:
                offered[k, c] += can_leave(fields, n, k)
    for n in range(len(fields.county)):
        c = fields.county[n]
        for k in range(crops):
            b = fields.branch[n, k]
            if wanted[k, c] >= 0 or b < 0 or offered[k, c] <= 0:
                continue
            weight = could_take(fields, n, b, wanted)
            if weight <= 0:
                continue
            mu = can_leave(fields, n, k) * min(-wanted[k, c] / offered[k, c], MOST)
            fields.level[b] -= mu
            if k == fields.trees:
                fields.old[n] -= mu
            for j in range(crops):
                other = fields.branch[n, j]
                if other >= 0 and wanted[j, c] > 0 and fields.worked_by[other] == fields.worked_by[b]:
                    part = mu * wanted[j, c] / weight
                    fields.level[other] += part
                    if j == fields.trees:
                        fields.young[n] += part
