"""Decides every chance event of the model as a pure function of who, what, when and which run.

A draw is ``hash(seed, stream name, month, k, alternative, key)``: nothing is consumed, so a draw does not depend on
how many draws were made before, on row order, on thread count or on the order of YAML keys. Two scenarios with one
seed meet the same luck and differ only through what the intervention does (common random numbers; Klein et al. 2024,
arXiv 2409.02086). Mixing is splitmix64 (Steele, Lea and Flood 2014, OOPSLA, doi:10.1145/2660193.2660195); names are
hashed with blake2b.

Keys are uint64, one per agent, unique. For one (name, month, k, alternative) the hash is a bijection of the key, so
two agents never get the same 64 bits. Draw twice in a month under one name by giving another `k`.

The lower 32 bits of the seed are the world's luck (outside prices and demand, weather), all 64 are everybody's own: two
seeds with one lower half meet the same world with other people, firms and farms.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

UInt64Array = npt.NDArray[np.uint64]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Whole = npt.ArrayLike  # a whole number or an array of them; they broadcast

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_WORD = 2**64 - 1
_OUTSIDE = ("drivers.", "weather.")  # streams of what meets all alike: prices and demand outside, hail and frost
_BLOCK = 16384  # words that stay in the processor's cache: three times faster on millions of rows, same bits


def _mix(words: UInt64Array) -> UInt64Array:
    """Spread every input bit over all output bits (one splitmix64 step); arrays only, so that overflow wraps."""
    mixed = np.add(words, _GAMMA, order="C")
    flat = mixed.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        block ^= block >> _SHIFTS[0]
        block *= _FIRST
        block ^= block >> _SHIFTS[1]
        block *= _SECOND
        block ^= block >> _SHIFTS[2]
    return mixed


def _words(values: Whole, name: str) -> UInt64Array:
    """Read whole numbers as uint64 words of at least one dimension; negative ones wrap."""
    array = np.atleast_1d(np.asarray(values))
    if array.dtype.kind not in "iu":
        if array.size:
            raise TypeError(f"{name} must be whole numbers, got {array.dtype}; floats lose the low bits of keys")
        array = array.astype(np.uint64)
    return array.astype(np.uint64, copy=False)


@lru_cache(maxsize=4096)
def _digest(*parts: str) -> int:
    # each part is preceded by its length, so that ("ab", "c") and ("a", "bc") differ
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def name_key(*parts: str) -> np.uint64:
    """Give the parent key of things that have a name, not a number: a county, a stage, a chain.

    Parameters
    ----------
    *parts
        Stable slugs (never display names), e.g. ``name_key("firm", "cattle_slaughter", "kongtong")``.
    """
    return np.uint64(_digest("key", *parts))


def child_key(parent_key: Whole, month: Whole, k: Whole) -> UInt64Array:
    """Give the key of a newcomer from its parent (mother, county, stage), the month, and its number among siblings.

    Parameters
    ----------
    parent_key, month, k
        Whole numbers or arrays, broadcast together. Keep (parent, month, k) unique: newborns and the firms of an
        entry round take ``k = 0, 1, …`` under their parent.
    """
    parent, moment, sibling = _words(parent_key, "parent_key"), _words(month, "month"), _words(k, "k")
    origin = np.atleast_1d(np.uint64(_digest("child")))
    mixed = _mix(_mix(parent) + _mix(_mix(origin + moment) + sibling))
    return mixed.reshape(np.broadcast_shapes(np.shape(parent_key), np.shape(month), np.shape(k)))


def _mix_number(word: int) -> int:
    """Do what `_mix` does to one word; a Python number is a hundred times quicker to mix than an array of one."""
    mixed = (word + int(_GAMMA)) & _WORD
    mixed = ((mixed ^ (mixed >> 30)) * int(_FIRST)) & _WORD
    mixed = ((mixed ^ (mixed >> 27)) * int(_SECOND)) & _WORD
    return mixed ^ (mixed >> 31)


def _origin(seed: int, name: str) -> int:
    """Where a stream begins; those of the outside world know the lower half of the seed only."""
    return _digest("stream", str(seed % 2**32 if name.startswith(_OUTSIDE) else seed), name)


@lru_cache(maxsize=4096)
def _occasion(seed: int, name: str, month: int, k: int, alternative: int) -> int:
    origin = _origin(seed, name)
    moment = _mix_number((origin + month) & _WORD)
    return _mix_number((_mix_number((moment + k) & _WORD) + alternative) & _WORD)


@dataclass(frozen=True)
class Streams:
    """All chance of one run: named streams of draws, one draw per key.

    Every method takes ``name`` (what is decided, e.g. ``"labour.quit"``), ``key`` (uint64 array, who), ``month`` (any
    whole number for when), and optionally ``k`` (which draw of this name in this month) and ``alternative`` (which
    option is judged). Array arguments broadcast: ``key[:, None]`` with ``alternative=options`` gives one draw per
    person and option, and adding an option shifts nobody else's draws.

    Parameters
    ----------
    seed
        Any whole number from 0.
    """

    seed: int

    name_key = staticmethod(name_key)
    child_key = staticmethod(child_key)

    def bits(self, name: str, key: Whole, month: Whole, *, k: Whole = 0, alternative: Whole = 0) -> UInt64Array:
        """Draw 64 random bits per key; distinct keys give distinct bits, so they also serve as a random order."""
        shape = np.broadcast_shapes(np.shape(key), np.shape(month), np.shape(k), np.shape(alternative))
        occasion = self._occasions(name, month, k, alternative)
        # keys are mixed first: neighbouring keys (tests, toy models) then do as well as hashed ones
        return _mix(_mix(_words(key, "key")) + occasion).reshape(shape)

    def occasion(self, name: str, month: int, *, k: int = 0, alternative: int = 0) -> np.uint64:
        """Give the word by which compiled loops draw for one key after another (`compiled.uniform_of`)."""
        return np.uint64(self._occasions(name, month, k, alternative)[0])

    def _occasions(self, name: str, month: Whole, k: Whole, alternative: Whole) -> UInt64Array:
        numbers = [number for number in (month, k, alternative) if isinstance(number, int)]
        if len(numbers) == 3:
            return np.atleast_1d(np.uint64(_occasion(int(self.seed), name, *numbers)))
        origin = np.atleast_1d(np.uint64(_origin(int(self.seed), name)))
        moment = _mix(origin + _words(month, "month"))
        return _mix(_mix(moment + _words(k, "k")) + _words(alternative, "alternative"))

    def uniform(self, name: str, key: Whole, month: Whole, *, k: Whole = 0, alternative: Whole = 0) -> FloatArray:
        """Draw evenly from [0, 1): compare with a probability to decide whether an event happens."""
        bits = self.bits(name, key, month, k=k, alternative=alternative)
        return np.asarray((bits >> np.uint64(11)) * 2.0**-53, dtype=np.float64)

    def normal(self, name: str, key: Whole, month: Whole, *, k: Whole = 0, alternative: Whole = 0) -> FloatArray:
        """Draw from the standard normal (Box and Muller 1958): noise of judgement, size, taste."""
        first = self.bits(name, key, month, k=k, alternative=alternative)
        radius = np.sqrt(-2.0 * np.log(_inside(first)))
        return radius * np.cos(2.0 * np.pi * _inside(_mix(np.atleast_1d(first))).reshape(first.shape))

    def gumbel(self, name: str, key: Whole, month: Whole, *, k: Whole = 0, alternative: Whole = 0) -> FloatArray:
        """Draw from the standard Gumbel: added to utilities, the best option is a logit choice (McFadden 1974)."""
        return -np.log(-np.log(_inside(self.bits(name, key, month, k=k, alternative=alternative))))

    def integers(
        self, name: str, key: Whole, month: Whole, *, high: npt.ArrayLike, k: Whole = 0, alternative: Whole = 0
    ) -> IntArray:
        """Draw whole numbers evenly from 0 to ``high - 1``: which of several applies to whom.

        Raises
        ------
        ValueError
            If any `high` is below 1: there is nothing to choose from.
        """
        bound: npt.NDArray[Any] = np.asarray(high)
        if bound.size and bound.min() < 1:
            raise ValueError(f"integers('{name}'): high must be at least 1, got {bound.min()}")
        draw = self.uniform(name, key, month, k=k, alternative=alternative)
        return np.asarray(np.floor(draw * bound)).astype(np.int64)

    def keyed_round(self, name: str, x: npt.ArrayLike, key: Whole, month: Whole, *, k: Whole = 0) -> IntArray:
        """Round each number up with the probability of its fraction, so that it is right on average.

        Totals are right on average too, not exactly; where a total must hold use `systematic_round`.
        """
        values = np.asarray(x, dtype=np.float64)
        below = np.floor(values)
        return (below + (self.uniform(name, key, month, k=k) < values - below)).astype(np.int64)


def drawn(streams: Streams, name: str, key: UInt64Array, month: int, chance: FloatArray, *, k: int = 0) -> BoolArray:
    """Draw an event with the given chance for everyone; who has none is not drawn for, as draws are pure of each other.

    Parameters
    ----------
    key, chance
        Identity and probability (N,); returns a mask (N,).
    """
    event = np.zeros(len(key), dtype=np.bool_)
    rows = np.flatnonzero(chance > 0)
    event[rows] = streams.uniform(name, key[rows], month, k=k) < chance[rows]
    return event


def systematic_round(x: npt.ArrayLike, u: float, *, key: UInt64Array | None = None) -> IntArray:
    """Share out whole units in proportion to `x`, keeping the total: each gets floor or ceiling of its number.

    Systematic sampling on the running total: ``floor(cum_i + u) - floor(cum_{i-1} + u)``. Unbiased when `u` is
    uniform; the total is ``floor(sum + u)``, and exactly the sum when the sum is whole.

    Parameters
    ----------
    x
        Numbers >= 0, one per row.
    u
        One draw from [0, 1), e.g. ``float(streams.uniform(name, county_key, month))``.
    key
        Accumulate in the order of these keys; without it in the given order, which must then be reproducible.

    Raises
    ------
    ValueError
        If `u` is outside [0, 1) or a number is negative or not finite.
    """
    values = np.asarray(x, dtype=np.float64)
    if not 0.0 <= u < 1.0:
        raise ValueError(f"systematic_round: u must be in [0, 1), got {u}")
    if values.size and not (np.isfinite(values).all() and values.min() >= 0.0):
        raise ValueError("systematic_round: numbers must be finite and not negative")
    if not values.size:
        return np.zeros(values.shape, dtype=np.int64)
    order = slice(None) if key is None else np.argsort(key, kind="stable")
    below = np.floor(values)
    running = np.cumsum((values - below)[order])
    whole = np.rint(running[-1])
    if abs(running[-1] - whole) <= 1e-9 * max(1.0, whole):
        # a total that is whole but for floating error must not lose or gain a unit
        running = np.minimum(running, whole)
        running[-1] = whole
    extra = np.empty(values.shape, dtype=np.float64)
    extra[order] = np.diff(np.floor(running + u), prepend=0.0)
    return (below + extra).astype(np.int64)


def _inside(bits: UInt64Array) -> FloatArray:
    """Read bits as a number strictly between 0 and 1, safe for logarithms (52 bits, centred in their cells)."""
    return np.asarray(((bits >> np.uint64(12)) + 0.5) * 2.0**-52, dtype=np.float64)
