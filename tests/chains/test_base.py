"""The base year meets the city's totals exactly, balances, and has no negative cell."""

import numpy as np
import pytest

from pingliang.chains.base import INDUSTRIES, build_base
from pingliang.chains.jobs import census_jobs
from pingliang.chains.uses import LOCAL_EXPORT, LOCAL_IMPORT, export_shares, final_totals, import_shares
from pingliang.config.loader import load


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_value_added_of_each_industry_is_the_citys(config, base, industry):
    observed = config.observed.series[industry].values.amounts["2020"]
    assert base.industry_value_added(industry) == pytest.approx(observed, rel=1e-12)


def test_gdp_is_the_same_by_production_income_and_expenditure(config, base):
    production = base.output.sum() - base.use.sum()
    income = base.labour.sum() + base.tax.sum() + base.depreciation.sum() + base.surplus.sum()
    expenditure = base.final.sum() + base.exports.sum() - base.imports.sum()
    observed = config.observed.series["gdp"].values.amounts["2020"]
    assert production == pytest.approx(observed, rel=1e-9)
    assert income == pytest.approx(observed, rel=1e-9)
    assert expenditure == pytest.approx(observed, rel=1e-9)


def test_columns_add_up_to_output_and_to_final_totals(config, base):
    np.testing.assert_allclose(base.use.sum(axis=0) + base.value_added, base.output, rtol=1e-12)
    np.testing.assert_allclose(base.final.sum(axis=0), final_totals(config), rtol=1e-12)


def test_rows_add_up_to_what_is_made(base):
    used_here = (base.use.sum(axis=1) + base.final.sum(axis=1)) * (1 - base.import_share)
    made = base.product_output
    np.testing.assert_allclose(used_here + base.exports, made, rtol=1e-9, atol=1e-9 * made.max())


def test_what_is_hardly_traded_is_used_where_it_is_made(config, base):
    made, export = base.product_output, export_shares(config, base.index, base.output)
    wanted = import_shares(config, base.index)
    local = (made > 0) & (export <= LOCAL_EXPORT) & (wanted <= LOCAL_IMPORT)
    use = base.use.sum(axis=1) + base.final.sum(axis=1)
    off = np.abs(use * (1 - wanted) - made * (1 - export)) / np.maximum(made, 1.0)
    balanced = [key for key, here, gap in zip(base.index.products, local, off, strict=True) if here and gap < 1e-9]
    assert {"trade_service", "education", "health", "public_service", "construction"} <= set(balanced)
    assert base.residual["rows"] < 1e-11
    assert base.residual["columns"] < 1e-12
    assert 0 < base.residual["moved_share"] < 0.25


def test_nothing_is_negative(base):
    for name in (
        "output",
        "use",
        "final",
        "exports",
        "imports",
        "labour",
        "depreciation",
        "jobs",
        "capital",
        "capacity",
    ):
        assert (getattr(base, name) >= 0).all(), name
    assert (base.output > 0).all()
    assert (base.value_added > 0).all()
    assert (base.import_share >= 0).all()
    assert (base.import_share <= 1).all()


def test_value_added_is_the_sum_of_its_parts(base):
    parts = base.labour + base.tax + base.depreciation + base.surplus
    np.testing.assert_allclose(parts, base.value_added, rtol=1e-12)


def test_jobs_of_each_industry_are_the_census(config, base):
    for industry, persons in census_jobs(config).items():
        members = base.index.stages_where(census=industry)
        assert base.jobs[members].sum() == pytest.approx(persons, rel=1e-12), industry


def test_shares_by_county_add_up(base):
    np.testing.assert_allclose(base.county_share.sum(axis=1), 1.0, rtol=1e-12)
    assert (base.county_share >= 0).all()


def test_every_assumption_of_the_remainder_is_noted(base):
    text = "\n".join(base.notes)
    for industry in INDUSTRIES:
        assert f"{industry}: " in text


def test_stages_beyond_the_citys_value_added_are_refused(folder, rewrite):
    def swell(data):
        data["stages"]["apple_orchard"]["volume"] |= {"value": 900, "range": [150, 1000]}
        return data

    rewrite("chains/apple.yaml", swell)
    with pytest.raises(ValueError, match=r"stages of primary industry sum to .* lower an output"):
        build_base(load(folder))


def test_the_base_needs_no_warning(config, recwarn):
    build_base(config)
    assert [warning for warning in recwarn if issubclass(warning.category, RuntimeWarning)] == []
