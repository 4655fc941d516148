"""Local multipliers of the base year: what a yuan of demand for a stage moves inside the city, and what leaks.

Static Leontief algebra on the 2020 social accounting matrix: fixed coefficients, no limit of capacity or labour, fixed
shares of what is bought outside.  Type I counts suppliers of suppliers, type II also what households spend of the
income made on the way (Miller and Blair 2009, chapters 2 and 6).  The model's own answer to demand is measured by
``runs/multiplier.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..config.loader import Config
from .base import Base


@dataclass(frozen=True)
class Multipliers:
    """Static multipliers by stage, (S,), CNY per CNY of final demand for the stage's product.

    Attributes
    ----------
    inputs : (S, S) CNY bought from a local stage (row) per CNY of a stage's output (column).
    inverse : (S, S) output of a stage (row) per CNY of final demand for a stage's product (column).
    output, value_added : (S,) type I.
    output_with_households, value_added_with_households : (S,) type II.
    """

    inputs: np.ndarray
    inverse: np.ndarray
    output: np.ndarray
    value_added: np.ndarray
    output_with_households: np.ndarray
    value_added_with_households: np.ndarray


def multipliers(config: Config, base: Base) -> Multipliers:
    """Invert the local part of the base year's matrix, without and with households."""
    stages = len(base.index.stages)
    local = local_inputs(base)
    share = base.value_added / base.output
    closed = np.zeros((stages + 1, stages + 1))
    closed[:stages, :stages] = local
    closed[:stages, stages] = _local_consumption(config, base)
    closed[stages, :stages] = household_income(config, base) / base.output
    inverse, wide = np.linalg.inv(np.eye(stages) - local), np.linalg.inv(np.eye(stages + 1) - closed)
    with_households = wide[:stages, :stages]
    return Multipliers(
        inputs=local,
        inverse=inverse,
        output=inverse.sum(axis=0),
        value_added=share @ inverse,
        output_with_households=with_households.sum(axis=0),
        value_added_with_households=share @ with_households,
    )


def makers(base: Base) -> np.ndarray:
    """Share of each local stage in what is made of a product, (S, P): a product's users take this mix of makers."""
    made = base.product_output
    share = np.zeros((len(base.index.stages), len(made)))
    product = base.index.product_of_stage
    share[np.arange(len(product)), product] = base.output / made[product]
    return share


def local_inputs(base: Base) -> np.ndarray:
    """Input coefficients from local stage to local stage, (S, S): what is bought outside is left out."""
    return np.asarray(makers(base) @ ((1 - base.import_share)[:, None] * base.coefficients))


def final_demand(base: Base) -> np.ndarray:
    """Final demand for what local stages make, (S,) CNY a year: residents, government, investors and buyers outside."""
    return np.asarray(makers(base) @ ((1 - base.import_share) * base.final.sum(axis=1) + base.exports))


def outside_owners(config: Config, base: Base) -> np.ndarray:
    """Share of owners outside in a stage's profit, (S,): its own or its sector's, named anchors as they are owned.

    On farms it is the share of what farms draw that owners elsewhere get.
    """
    sectors, shares = config.technology.sectors, []
    for item in base.index.stage.values():
        if item.agent == "farm":
            shares.append(1 - config.parameters.base.rural_business_income_share.amount)
            continue
        others = (item.outside_owner_share or sectors[item.sector].outside_owner_share).amount
        own = [
            (a.share.amount, (a.outside_owner_share.amount if a.outside_owner_share else others)) for a in item.anchors
        ]
        shares.append(others + sum(size * (share - others) for size, share in own))
    return np.array(shares)


def household_income(config: Config, base: Base) -> np.ndarray:
    """What residents get out of a stage's production, (S,) CNY a year, before benefits.

    Wages and their owners' part of the profit that firms pay out; on farms the members' part of mixed income.
    """
    local = 1 - outside_owners(config, base)
    paid_out = config.parameters.firms.payout_share.amount * np.maximum(base.surplus, 0.0)
    farm = np.array([item.agent == "farm" for item in base.index.stage.values()])
    return np.where(farm, local * (base.labour + base.surplus), base.labour + local * paid_out)


def _local_consumption(config: Config, base: Base) -> np.ndarray:
    """What a CNY of residents' income buys from local stages, (S,), at the base year's mean propensity."""
    accounts, counties = config.parameters.base, config.counties.counties.values()
    income = accounts.urban_income.amount * sum(c.residents_urban.amount for c in counties)
    income += accounts.rural_income.amount * sum(c.residents_rural.amount for c in counties)
    bought = (1 - base.import_share) * base.final[:, :2].sum(axis=1)
    return np.asarray(makers(base) @ bought / income)


def leakage(config: Config, base: Base) -> pd.DataFrame:
    """What stays of a chain's inputs and value added, and what leaves the city; CNY a year by chain.

    Returns
    -------
    DataFrame by chain with inputs, local_inputs, imports, local_share (本地配套率: local / all inputs), value_added,
    taxes_above (taxes on production kept above the counties), outside_profit (owners outside) and leakage_share (the
    three leaks / output).
    """
    local = ((1 - base.import_share)[:, None] * base.use).sum(axis=0)
    farm = np.array([item.agent == "farm" for item in base.index.stage.values()])
    profit = np.where(farm, base.labour + base.surplus, np.maximum(base.surplus, 0.0))
    columns = {
        "output": base.output,
        "inputs": base.use.sum(axis=0),
        "local_inputs": local,
        "imports": base.use.sum(axis=0) - local,
        "value_added": base.value_added,
        "taxes_above": (1 - config.parameters.government.county_tax_share.amount) * base.tax,
        "outside_profit": outside_owners(config, base) * profit,
    }
    chains = base.index.chains
    sums = {k: np.bincount(base.index.chain_of_stage, v, minlength=len(chains)) for k, v in columns.items()}
    table = pd.DataFrame(sums, index=pd.Index(chains, name="chain"))
    table["local_share"] = table.local_inputs / table.inputs
    table["leakage_share"] = (table.imports + table.taxes_above + table.outside_profit) / table.output
    return table


def multiplier_table(config: Config, base: Base) -> pd.DataFrame:
    """Static multipliers by stage: the chain, type I and type II on output and on value added."""
    found, index = multipliers(config, base), base.index
    return pd.DataFrame(
        {
            "chain": [index.chains[c] for c in index.chain_of_stage],
            "output_type_1": found.output,
            "value_added_type_1": found.value_added,
            "output_type_2": found.output_with_households,
            "value_added_type_2": found.value_added_with_households,
        },
        index=pd.Index(index.stages, name="stage"),
    )
