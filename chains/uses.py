"""What every stage and final user buys in the base year: recipes, provincial columns, and the balancing of rows.

Named recipe cells are engineering facts and stay.  The rest of a column follows the sector's provincial technology and
is scaled (RAS; Stone 1961, Bacharach 1970) so that what is hardly traded is used where it is made.
"""

from __future__ import annotations

import numpy as np

from ..config.loader import Config
from .index import FINAL_USERS, Index

LOCAL_EXPORT, LOCAL_IMPORT = 0.15, 0.25  # above either share a product counts as traded and its row is not scaled
RAS_ROUNDS, RAS_TOLERANCE = 2000, 1e-12


def import_shares(config: Config, index: Index) -> np.ndarray:
    """Share of local use bought outside, (P,): the product's own, else the mean of the sectors it serves."""
    limit = config.parameters.base.import_share_limit.amount
    shares = np.zeros(len(index.products))
    for i, item in enumerate(index.product.values()):
        if item.outside_only:
            shares[i] = 1.0
        elif item.import_share is not None:
            shares[i] = min(item.import_share.amount, limit)
        elif item.sectors:
            mean = np.mean([config.technology.sectors[g].import_share.amount for g in item.sectors])
            shares[i] = min(float(mean), limit)
    return shares


def export_shares(config: Config, index: Index, output: np.ndarray) -> np.ndarray:
    """Share of a product's output sold outside before balancing, (P,), by the stages that make it."""
    sectors = config.technology.sectors
    share = np.array([(item.export_share or sectors[item.sector].export_share).amount for item in index.stage.values()])
    sold = index.by_product(output * share)
    made = index.by_product(output)
    return np.divide(sold, made, out=np.zeros_like(made), where=made > 0)


def final_totals(config: Config) -> np.ndarray:
    """CNY a year of urban and rural consumption, government consumption and gross fixed capital formation, (4,)."""
    base, counties = config.parameters.base, config.counties.counties.values()
    return np.array(
        [
            base.urban_consumption.amount * sum(c.residents_urban.amount for c in counties),
            base.rural_consumption.amount * sum(c.residents_rural.amount for c in counties),
            base.government_consumption.amount,
            base.investment.amount,
        ]
    )


def balanced_uses(
    config: Config, index: Index, output: np.ndarray, value_added: np.ndarray, import_share: np.ndarray
) -> tuple[np.ndarray, dict[str, float]]:
    """Fill and balance the use table.

    Returns
    -------
    use : (P, S + 4) CNY a year; the last columns are the final users.
    residual : largest relative row and column error after balancing, and the share of generic uses it moved.
    """
    named = _named_uses(index, output)
    flexible = _generic_uses(config, index, output - value_added - named[:, : len(index.stages)].sum(axis=0))
    return _ras(index.by_product(output), export_shares(config, index, output), named, flexible, import_share)


def _named_uses(index: Index, output: np.ndarray) -> np.ndarray:
    """Recipe cells, (P, S + 4)."""
    named = np.zeros((len(index.products), len(index.stages) + len(FINAL_USERS)))
    for s, item in enumerate(index.stage.values()):
        for key, share in item.recipe.items():
            named[index.product_code(key), s] = share.amount * output[s]
    return named


def _generic_uses(config: Config, index: Index, rest: np.ndarray) -> np.ndarray:
    """What recipes do not name, (P, S + 4), by sector columns and final baskets; ``rest`` (S,) is CNY a year.

    A sector whose product a recipe names is left out of the stage's generic basket.
    """
    general, household = _serving(config, index, False), _serving(config, index, True)
    technology = config.technology
    columns = []
    for s, item in enumerate(index.stage.values()):
        if rest[s] < 0:
            raise ValueError(
                f"stage {index.stages[s]}: recipe and value added exceed output by {-rest[s] / 1e8:.3g}e8 CNY; lower a "
                "recipe share or its value_added_share in config/chains"
            )
        named = {sector for key in item.recipe for sector in index.product[key].sectors}
        column = np.array([technology.coefficients.values[g][item.sector] for g in index.sectors])
        mix = np.where([g in named for g in index.sectors], 0.0, column)
        columns.append(_spread(general, mix if (general @ mix).any() else column) * rest[s])
    baskets = (technology.household_urban, technology.household_rural, technology.government, technology.investment)
    for k, (basket, total) in enumerate(zip(baskets, final_totals(config), strict=True)):
        mix = np.array([basket.values.get(g, 0.0) for g in index.sectors])
        columns.append(_spread(household if k < 2 else general, mix) * total)
    return np.column_stack(columns)


def _serving(config: Config, index: Index, household: bool) -> np.ndarray:
    """Weights (P, G): how a generic use of a sector is split over the products that serve it; columns sum to 1."""
    weights = np.zeros((len(index.products), len(index.sectors)))
    for i, item in enumerate(index.product.values()):
        weight = item.household_weight if household and item.household_weight is not None else item.use_weight
        for sector in item.sectors:
            weights[i, index.sectors.index(sector)] = weight
    sums = weights.sum(axis=0)
    return np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)


def _spread(serving: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """Turn a basket of sectors into shares of products that sum to 1."""
    basket = serving @ mix
    total = basket.sum()
    return basket / total if total > 0 else basket


def _ras(
    made: np.ndarray, export: np.ndarray, named: np.ndarray, flexible: np.ndarray, import_share: np.ndarray
) -> tuple[np.ndarray, dict[str, float]]:
    """Scale generic uses until rows of what is not traded use what is made; columns keep their sums.

    ``made``, ``export`` and ``import_share`` are (P,); rows of traded products follow and balance by trade.
    """
    local = (made > 0) & (export <= LOCAL_EXPORT) & (import_share <= LOCAL_IMPORT) & (flexible.sum(axis=1) > 0)
    target = np.where(local, made * (1 - export) / np.where(local, 1 - import_share, 1.0), 0.0) - named.sum(axis=1)
    local &= target > 0
    columns = flexible.sum(axis=0)
    scaled = flexible.copy()
    for _ in range(RAS_ROUNDS):
        rows = scaled.sum(axis=1)
        scaled *= np.where(local, target / np.where(rows > 0, rows, 1.0), 1.0)[:, None]
        sums = scaled.sum(axis=0)
        scaled *= np.divide(columns, sums, out=np.ones_like(sums), where=sums > 0)
        worst = float(np.max(np.abs(scaled.sum(axis=1)[local] / target[local] - 1), initial=0.0))
        if worst < RAS_TOLERANCE:
            break
    errors = np.abs(scaled.sum(axis=0) - columns) / np.maximum(columns, 1.0)
    moved = float(np.abs(scaled - flexible).sum() / flexible.sum())
    return named + scaled, {"rows": worst, "columns": float(errors.max()), "moved_share": moved}
