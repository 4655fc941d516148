"""Loops of the sectors' accounts over persons: which households are urban, and what persons have and get by kind."""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .workers import OUTSIDE, TOWN

URBAN, RURAL = 0, 1


@compiled
def kinds_of(household: np.ndarray, place: np.ndarray, weight: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Call a household urban where at least half of its members at home live in town, (H + 1,) codes.

    Columns (N,) of persons; ``before`` (H + 1,) is the kind a month ago, which a household with nobody at home keeps.
    The last place is for persons without a household, whose code -1 leads there.
    """
    home, town = np.zeros(len(before)), np.zeros(len(before))
    for i in range(len(household)):
        if place[i] != OUTSIDE:
            home[household[i]] += weight[i]
            if place[i] == TOWN:
                town[household[i]] += weight[i]
    kind = before.copy()
    for h in range(len(before)):
        if home[h] > 0:
            kind[h] = URBAN if town[h] >= 0.5 * home[h] else RURAL
    return kind


@compiled
def sum_by_kind(
    household: np.ndarray, weight: np.ndarray, kind: np.ndarray, columns: tuple[np.ndarray, ...]
) -> np.ndarray:
    """Sum columns (N,) of persons, CNY a head, by the kind of their household, (K, 2) CNY."""
    total = np.zeros((len(columns), 2))
    for i in range(len(household)):
        at = kind[household[i]]
        for k, column in enumerate(columns):
            total[k, at] += weight[i] * column[i]
    return total
