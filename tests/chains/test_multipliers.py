"""The static multipliers give back the base year, and nothing of a yuan of demand is lost."""

import numpy as np
import pytest

from pingliang.chains.multipliers import (
    final_demand,
    household_income,
    leakage,
    local_inputs,
    makers,
    multiplier_table,
    multipliers,
    outside_owners,
)


@pytest.fixture(scope="module")
def found(config, base):
    return multipliers(config, base)


def test_the_inverse_gives_back_output_and_value_added_from_final_demand(base, found):
    np.testing.assert_allclose(found.inverse @ final_demand(base), base.output, rtol=1e-9)
    assert found.value_added @ final_demand(base) == pytest.approx(base.value_added.sum(), rel=1e-9)


def test_what_is_not_value_added_here_is_bought_outside(base, found):
    imported = (base.import_share[:, None] * base.coefficients).sum(axis=0)
    np.testing.assert_allclose(found.value_added + imported @ found.inverse, 1.0, rtol=1e-9)


def test_local_purchases_are_those_of_the_table(base):
    bought = (local_inputs(base) * base.output).sum()
    assert bought == pytest.approx(((1 - base.import_share)[:, None] * base.use).sum(), rel=1e-9)
    made = base.product_output > 0
    np.testing.assert_allclose(makers(base).sum(axis=0)[made], 1.0, rtol=1e-12)


def test_households_add_to_every_multiplier_and_type_2_stays_finite(base, found):
    assert (found.output >= 1).all()
    assert (found.output_with_households > found.output).all()
    assert (found.value_added_with_households > found.value_added).all()
    assert found.value_added_with_households.max() < 2


def test_residents_get_part_of_what_is_produced(config, base):
    income = household_income(config, base)
    assert (income > 0).all()
    assert (income <= base.value_added - base.tax + 1e-6).all()
    owners = outside_owners(config, base)
    assert ((owners >= 0) & (owners <= 1)).all()


def test_inputs_and_leaks_by_chain_add_up(config, base):
    table = leakage(config, base)
    np.testing.assert_allclose(table.local_inputs + table.imports, table.inputs, rtol=1e-12)
    np.testing.assert_allclose(table.inputs + table.value_added, table.output, rtol=1e-9)
    assert table.local_share.between(0, 1).all()
    assert table.leakage_share.between(0, 1).all()
    assert list(table.index) == base.index.chains


def test_the_table_names_every_stage(config, base):
    table = multiplier_table(config, base)
    assert list(table.index) == base.index.stages
    assert np.isfinite(table.drop(columns="chain").to_numpy()).all()
