"""One city in rows of a hundred, of ten and of one person: chain jobs, urban share and rates are the same numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from .built import build, run, series

MONTHS, SEEDS = 6, range(1, 11)
RATES = ("births", "deaths", "arrivals", "departures", "separation_rate", "job_finding_rate", "unemployed")
# Where a stage of a county is less than a row of a hundred, one who quits empties a firm: what that was measured to
# cost beyond luck at the coarsest scale, and from a tenth of all persons to all of them, as a share.
LUMPS = {
    (0.01, 0.1): {"job_finding_rate": 0.1, "unemployed": 0.07, "materials": 0.025, "tourism": 0.01},
    (0.1, 1.0): {"job_finding_rate": 0.02, "unemployed": 0.02, "separation_rate": 0.02, "materials": 0.01},
}
CLOSE = 0.005  # of a number: nobody would act on less


def outcomes(config, scale: float, seeds) -> pd.DataFrame:
    """Means over half a year by seed: jobs by chain, flows and rates, and the urban share at the end."""
    rows = []
    for seed in seeds:
        table = series(run(build(config, seed=seed, scale=scale), MONTHS))
        sums = table.groupby(["variable", "month"]).value.sum()
        found = {name: sums[name].mean() for name in RATES}
        jobs = table[table.variable == "chain_jobs"].groupby("chain").value.sum() / MONTHS
        found |= jobs.to_dict()
        found["urban share"] = sums["urban_residents"].iloc[-1] / sums["residents"].iloc[-1]
        rows.append(found)
    return pd.DataFrame(rows)


def assert_agree(one: pd.DataFrame, other: pd.DataFrame, lumps: dict[str, float]) -> None:
    """Means differ by two standard errors at most, and what whole rows are known to cost."""
    error = np.sqrt(one.var() / len(one) + other.var() / len(other))
    for name, mean in other.mean().items():
        allowed = 2 * error[name] + lumps.get(name, CLOSE) * abs(mean)
        assert abs(one[name].mean() - mean) <= allowed, (name, one[name].mean(), mean, error[name])


@pytest.fixture(scope="module")
def tenth(config):
    """Return ten cities in which a row stands for ten persons."""
    return outcomes(config, 0.1, SEEDS)


@pytest.mark.slow
def test_rows_of_a_hundred_and_of_ten_tell_the_same(config, tenth):
    assert_agree(outcomes(config, 0.01, SEEDS), tenth, LUMPS[0.01, 0.1])


@pytest.mark.slow
def test_everyone_tells_what_a_tenth_of_them_do(config, tenth):
    """The whole city has little luck of its own: three seeds tell its mean."""
    assert_agree(tenth, outcomes(config, 1.0, range(1, 4)), LUMPS[0.1, 1.0])


@pytest.mark.parametrize("name", ["apple", "urban share", "separation_rate"])
def test_a_city_that_is_not_the_same_is_found_out(name):
    luck = np.random.default_rng(3)
    same = pd.DataFrame(
        {key: 1 + 0.001 * luck.standard_normal(10) for key in ("apple", "urban share", "separation_rate")}
    )
    assert_agree(same, same + 0.0005, {})
    with pytest.raises(AssertionError, match=name):
        assert_agree(same.assign(**{name: same[name] * 1.01}), same, {})
