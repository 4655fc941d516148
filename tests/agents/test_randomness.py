"""Draws are pure functions with the right distributions, independent of each other and of row order."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

from pingliang.agents.randomness import Streams, _mix, child_key, name_key, systematic_round

N = 50_000
STREAMS = Streams(7)
KEYS = child_key(name_key("worker", "kongtong"), 0, np.arange(N))
PLAIN_KEYS = np.arange(N, dtype=np.uint64)  # the hardest case: neighbouring numbers
METHODS = ["uniform", "normal", "gumbel"]


def test_bits_never_change():
    """A changed bit moves every result: bump the CHANGELOG with "Regression" if this must change."""
    assert name_key("worker", "kongtong") == 736086859853825346
    assert child_key(1, 202101, 2) == 4342330565797929816
    assert Streams(1).bits("labour.quit", 42, 202101) == 14464343116784930659
    assert Streams(1).bits("labour.quit", 42, 202101, k=3, alternative=5) == 1259927738654197812


def test_mixing_is_splitmix64_as_published():
    gamma = 0x9E3779B97F4A7C15
    states = np.array([0, gamma, 2 * gamma % 2**64], dtype=np.uint64)
    assert [hex(word) for word in _mix(states)] == ["0xe220a8397b1dcdaf", "0x6e789e6aa1b965f4", "0x6c45d188009454f"]


@pytest.mark.parametrize("keys", [KEYS, PLAIN_KEYS], ids=["hashed", "neighbouring"])
@pytest.mark.parametrize(
    ("method", "distribution"), [("uniform", stats.uniform), ("normal", stats.norm), ("gumbel", stats.gumbel_r)]
)
def test_distribution_is_the_one_named(method, distribution, keys):
    draws = getattr(STREAMS, method)("test", keys, 202101)
    assert draws.shape == (N,)
    assert draws.dtype == np.float64
    assert stats.kstest(draws, distribution.cdf).pvalue > 1e-3
    mean, variance = distribution.stats(moments="mv")
    assert abs(draws.mean() - mean) < 5 * np.sqrt(variance / N)
    assert draws.var() == pytest.approx(variance, rel=0.05)


def test_uniform_over_months_for_one_agent_is_uniform_too():
    draws = STREAMS.uniform("test", KEYS[0], np.arange(N))
    assert stats.kstest(draws, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 5 / np.sqrt(N)


def test_uniform_fills_pairs_evenly():
    first, second = (STREAMS.uniform("test", PLAIN_KEYS, month) for month in (1, 2))
    counts = np.histogram2d(first, second, bins=20, range=[[0, 1], [0, 1]])[0].ravel()
    assert stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize(
    "other",
    [
        lambda: STREAMS.normal("test", KEYS, 2),
        lambda: STREAMS.normal("tesu", KEYS, 1),
        lambda: STREAMS.normal("test", KEYS + np.uint64(1), 1),
        lambda: STREAMS.normal("test", KEYS, 1, k=1),
        lambda: STREAMS.normal("test", KEYS, 1, alternative=1),
        lambda: Streams(8).normal("test", KEYS, 1),
    ],
    ids=["month", "name", "key", "k", "alternative", "seed"],
)
def test_whatever_differs_gives_independent_draws(other):
    assert abs(np.corrcoef(STREAMS.normal("test", KEYS, 1), other())[0, 1]) < 5 / np.sqrt(N)


@pytest.mark.parametrize("name", ["weather.hail", "drivers.noise"])
def test_seeds_with_one_lower_half_share_prices_and_weather_and_nothing_else(name):
    own = Streams(7 + (1 << 32))
    assert np.array_equal(STREAMS.bits(name, KEYS, 1), own.bits(name, KEYS, 1))
    assert np.array_equal(STREAMS.bits(name, 5, KEYS), own.bits(name, 5, KEYS))
    assert abs(
        np.corrcoef(STREAMS.normal("labour.quit", KEYS, 1), own.normal("labour.quit", KEYS, 1))[0, 1]
    ) < 5 / np.sqrt(N)
    assert not np.array_equal(STREAMS.bits(name, KEYS, 1), Streams(8).bits(name, KEYS, 1))


def test_month_k_and_alternative_do_not_stand_for_each_other():
    draws = {
        float(STREAMS.uniform("test", 5, month, k=k, alternative=alternative))
        for month in range(4)
        for k in range(4)
        for alternative in range(4)
    }
    assert len(draws) == 64


@pytest.mark.parametrize("bit", [0, 1, 31, 62, 63])
def test_one_flipped_bit_of_the_key_flips_half_the_bits(bit):
    flipped = KEYS ^ (np.uint64(1) << np.uint64(bit))
    differing = STREAMS.bits("test", KEYS, 1) ^ STREAMS.bits("test", flipped, 1)
    changed = np.unpackbits(differing.view(np.uint8)).reshape(N, 64).sum(axis=1)
    assert changed.mean() == pytest.approx(32, abs=0.1)
    assert changed.var() == pytest.approx(16, rel=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_draws_are_pure(method):
    draw = getattr(STREAMS, method)
    before = KEYS.copy()
    first = draw("test", KEYS, 1)
    draw("other", KEYS, 1)
    assert np.array_equal(first, draw("test", KEYS, 1))
    assert np.array_equal(first, getattr(Streams(7), method)("test", KEYS, 1))
    assert np.array_equal(KEYS, before)


@pytest.mark.parametrize("method", METHODS)
def test_draws_do_not_depend_on_row_order_or_company(method):
    draw = getattr(STREAMS, method)
    order = np.random.default_rng(0).permutation(N)
    assert np.array_equal(draw("test", KEYS[order], 1), draw("test", KEYS, 1)[order])
    assert np.array_equal(draw("test", KEYS[40_000:40_003], 1), draw("test", KEYS, 1)[40_000:40_003])
    assert draw("test", KEYS[7], 1) == draw("test", KEYS, 1)[7]


def test_draws_do_not_depend_on_threads():
    alone = STREAMS.normal("test", KEYS, 1)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda part: STREAMS.normal("test", part, 1), np.array_split(KEYS, 7)))
    assert np.array_equal(np.concatenate(together), alone)


def test_an_added_option_shifts_nobody_elses_draws():
    two = STREAMS.gumbel("move", KEYS[:100, None], 1, alternative=np.array([3, 8]))
    three = STREAMS.gumbel("move", KEYS[:100, None], 1, alternative=np.array([3, 5, 8]))
    assert np.array_equal(two, three[:, [0, 2]])


def test_arrays_and_scalars_say_the_same():
    months, ks = np.array([1, 2, 3]), np.array([0, 5, 0])
    together = STREAMS.uniform("test", KEYS[:3], months, k=ks)
    singly = [STREAMS.uniform("test", KEYS[i], int(months[i]), k=int(ks[i])) for i in range(3)]
    assert together.tolist() == [float(x) for x in singly]
    assert STREAMS.uniform("test", KEYS[:0], 1).shape == (0,)
    assert STREAMS.bits("test", np.arange(6, dtype=np.uint64).reshape(2, 3).T, 1).shape == (3, 2)


def test_integers_are_even_and_below_high():
    draws = STREAMS.integers("test", KEYS, 1, high=7)
    assert draws.dtype == np.int64
    assert stats.chisquare(np.bincount(draws, minlength=7)).pvalue > 1e-3
    highs = np.arange(1, N + 1)
    some = STREAMS.integers("test", KEYS, 1, high=highs)
    assert (some >= 0).all()
    assert (some < highs).all()


def test_integers_from_nothing_are_refused():
    with pytest.raises(ValueError, match="high must be at least 1, got 0"):
        STREAMS.integers("test", KEYS, 1, high=0)


@pytest.mark.parametrize("keys", [[0.5, 1.0], np.array([True, False])])
def test_keys_that_are_no_whole_numbers_are_refused(keys):
    with pytest.raises(TypeError, match="key must be whole numbers"):
        STREAMS.uniform("test", keys, 1)


def test_keyed_round_is_floor_or_ceiling_and_right_on_average():
    x = STREAMS.uniform("size", KEYS, 0) * 3
    rounded = STREAMS.keyed_round("round", x, KEYS, 1)
    assert rounded.dtype == np.int64
    assert (np.abs(rounded - x) < 1).all()
    assert abs((rounded - x).mean()) < 5 * 0.5 / np.sqrt(N)
    assert np.array_equal(STREAMS.keyed_round("round", np.arange(5.0), KEYS[:5], 1), np.arange(5))
    assert STREAMS.keyed_round("round", -1.0, 1, 1) == -1


@pytest.mark.parametrize("u", [0.0, 0.3, 0.999999])
def test_systematic_round_keeps_whole_totals(u):
    x = np.random.default_rng(1).uniform(0, 2, 10_000)
    x *= 9_876 / x.sum()
    rounded = systematic_round(x, u)
    assert rounded.sum() == 9_876
    assert (np.abs(rounded - x) < 1).all()
    assert systematic_round([0.1] * 10, u).sum() == 1


def test_systematic_round_is_unbiased_and_keeps_broken_totals_within_one():
    x = np.array([0.2, 0.5, 1.7, 3.0, 0.05])
    draws = np.array([systematic_round(x, u) for u in (np.arange(2_000) + 0.5) / 2_000])
    assert np.allclose(draws.mean(axis=0), x, atol=1e-3)
    assert set(draws.sum(axis=1)) == {5, 6}


def test_systematic_round_by_key_does_not_depend_on_row_order():
    x, keys = STREAMS.uniform("size", KEYS[:1000], 0), KEYS[:1000]
    order = np.random.default_rng(0).permutation(1000)
    assert np.array_equal(systematic_round(x, 0.4, key=keys)[order], systematic_round(x[order], 0.4, key=keys[order]))


@pytest.mark.parametrize(("x", "u"), [([1.0], 1.0), ([-0.1], 0.5), ([np.nan], 0.5)])
def test_systematic_round_refuses_nonsense(x, u):
    with pytest.raises(ValueError, match="systematic_round"):
        systematic_round(x, u)


def test_systematic_round_of_nothing_is_nothing():
    assert systematic_round([], 0.5).shape == (0,)


def test_child_keys_are_distinct_and_stable():
    mothers = KEYS[:1000]
    children = np.concatenate([child_key(mothers, month, k) for month in (1, 2) for k in (0, 1)])
    assert len(np.unique(np.concatenate([children, mothers]))) == 5000
    assert child_key(mothers[3], 1, 0) == child_key(mothers, 1, 0)[3]
    assert child_key(mothers[3], 1, 0) != child_key(mothers[3], 0, 1)


def test_name_keys_tell_parts_apart():
    assert name_key("ab", "c") != name_key("a", "bc")
    assert name_key("firm", "静宁") == name_key("firm", "静宁")
