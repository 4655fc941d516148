"""Decides how loops over agents are compiled: once on a machine, kept on disk, the same bits in every process.

Used where whole-column numpy needs several passes over the rows and one loop needs one (decision 009). A compiled
function takes and fills arrays; it knows no agents, draws only by `uniform_of`, and never runs in parallel, so sums
have one order. No fast-math: it would reorder them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile at the first call with each set of types; read from disk where an earlier process did so."""
    return cast("Function", numba.njit(cache=True, error_model="numpy")(function))


_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_THIRTY, _TWENTY_SEVEN, _THIRTY_ONE, _ELEVEN = (np.uint64(shift) for shift in (30, 27, 31, 11))


@compiled
def mix_word(word: np.uint64) -> np.uint64:
    """Spread every input bit over all output bits (one splitmix64 step), as `randomness` does on columns."""
    mixed = word + _GAMMA
    mixed = (mixed ^ (mixed >> _THIRTY)) * _FIRST
    mixed = (mixed ^ (mixed >> _TWENTY_SEVEN)) * _SECOND
    return mixed ^ (mixed >> _THIRTY_ONE)


@compiled
def bound_of(chance: float) -> np.uint64:
    """Turn a chance into the number that `word_of` must stay below: ``uniform_of(...) < chance`` says the same."""
    return np.uint64(np.ceil(min(max(chance, 0.0), 1.0) * 2.0**53))


@compiled
def word_of(occasion: np.uint64, mixed: np.uint64) -> np.uint64:
    """Draw a whole number below 2^53 for a key mixed before (``mix_word(key)``), so that several draws mix it once."""
    return mix_word(mixed + occasion) >> _ELEVEN


@compiled
def uniform_of(occasion: np.uint64, key: np.uint64) -> float:
    """Draw evenly from [0, 1) for one key; bit for bit ``Streams.uniform`` of the occasion's name, month and k."""
    return word_of(occasion, mix_word(key)) * 2.0**-53
