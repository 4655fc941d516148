"""The balanced base year: a 2020 social accounting matrix of city x stages.

Provincial technology (Gansu 2017) and engineering coefficients give the columns; observed chain levels and the city's
three industries give the totals; biproportional scaling (RAS; Stone 1961, Bacharach 1970) fits the rows of goods and
services that are not traded.  What is traded balances by trade with outside.  There is no balancing item: the remaining
difference is reported in ``Base.residual`` and every assumption in ``Base.notes``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..config.loader import Config
from .index import FINAL_USERS, Index

LOCAL_EXPORT, LOCAL_IMPORT = 0.15, 0.25  # above either share a product counts as traded and its row is not scaled
RAS_ROUNDS, RAS_TOLERANCE = 2000, 1e-12


@dataclass
class Base:
    """Money in CNY a year at 2020 basic prices; P products, S stages, C counties.

    Attributes
    ----------
    output : (S,) gross output.
    value_added : (S,); ``labour``, ``tax``, ``depreciation``, ``surplus`` (net) are its parts.
    use : (P, S) intermediate use, local and outside.
    final : (P, 4) use by urban and rural households, government, investment.
    import_share : (P,) share of local use bought outside.
    exports : (P,) sales outside (tourists' purchases included).
    county_share : (S, C) share of a stage's output by county.
    jobs : (S, C) persons.
    """

    index: Index
    price: np.ndarray
    output: np.ndarray
    value_added: np.ndarray
    labour: np.ndarray
    tax: np.ndarray
    depreciation: np.ndarray
    surplus: np.ndarray
    use: np.ndarray
    final: np.ndarray
    import_share: np.ndarray
    exports: np.ndarray
    county_share: np.ndarray
    jobs: np.ndarray
    capital: np.ndarray
    capacity: np.ndarray
    residual: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def product_output(self) -> np.ndarray:
        """Gross output by product, (P,)."""
        return np.bincount(self.index.product_of_stage, self.output, minlength=len(self.index.products))

    @property
    def coefficients(self) -> np.ndarray:
        """Input coefficients, (P, S): CNY of input per CNY of output."""
        return self.use / self.output

    def industry_value_added(self, industry: str) -> float:
        return float(self.value_added[self.index.stages_where(industry=industry)].sum())


def build_base(config: Config) -> Base:
    """Balance the base year.

    Raises
    ------
    ValueError
        If the explicit stages of an industry already exceed the city's value added in it.
    """
    index = Index.of(config)
    value_added_share = np.array(
        [
            (item.value_added_share or config.technology.sectors[item.sector].value_added_rate).amount
            for item in index.stage.values()
        ]
    )
    price = np.array([item.price.amount for item in index.product.values()])
    output, notes = _outputs(config, index, price, value_added_share)
    value_added = output * value_added_share
    parts = _value_added_parts(config, index, value_added)
    import_target = _import_shares(config, index)
    named, flexible = _uses(config, index, output, value_added)
    totals = _final_totals(config)
    use, residual = _ras(config, index, output, named, flexible, totals, import_target)
    local_use = use.sum(axis=1)
    made = np.bincount(index.product_of_stage, output, minlength=len(index.products))
    local_supply = np.minimum((1 - import_target) * local_use, made)
    notes += _import_notes(index, local_use, local_supply, import_target)
    county_share = _county_shares(config, index)
    jobs = _jobs(config, index, output, county_share)
    ratio = np.array(
        [
            (item.capital_output_ratio or config.technology.sectors[item.sector].capital_output_ratio).amount
            for item in index.stage.values()
        ]
    )
    utilisation = np.array(
        [
            item.utilisation.amount if item.utilisation else config.parameters.firms.normal_utilisation.amount
            for item in index.stage.values()
        ]
    )
    stages = len(index.stages)
    return Base(
        index=index,
        price=price,
        output=output,
        value_added=value_added,
        **parts,
        use=use[:, :stages],
        final=use[:, stages:],
        import_share=np.divide(local_use - local_supply, local_use, out=np.zeros_like(local_use), where=local_use > 0),
        exports=made - local_supply,
        county_share=county_share,
        jobs=jobs,
        capital=ratio * output / utilisation,
        capacity=output / utilisation,
        residual=residual,
        notes=notes,
    )


def _outputs(
    config: Config, index: Index, price: np.ndarray, value_added_share: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Gross output: given, volume x price, or what is left of the city's value added in the industry."""
    output = np.zeros(len(index.stages))
    for i, item in enumerate(index.stage.values()):
        if item.output is not None:
            output[i] = item.output.amount
        elif item.volume is not None:
            output[i] = item.volume.amount * price[index.product_of_stage[i]]
    notes = []
    for industry in ("primary", "secondary", "tertiary"):
        city = config.observed.series[industry].values.amounts["2020"]
        members = index.stages_where(industry=industry)
        left = city - float((output * value_added_share)[members].sum())
        if left <= 0:
            raise ValueError(
                f"stages of {industry} industry sum to {(city - left) / 1e8:.1f}e8 CNY of value added, above the "
                f"city's {city / 1e8:.1f}e8: lower an output or a value-added share in config/chains"
            )
        for i in index.stages_where(remainder=industry):
            share = index.stage[index.stages[i]].remainder_share
            output[i] = left * (share or 0.0) / value_added_share[i]
        notes.append(f"{industry}: {left / 1e8:.2f}e8 of {city / 1e8:.2f}e8 CNY is the remainder")
    return output, notes


def _value_added_parts(config: Config, index: Index, value_added: np.ndarray) -> dict[str, np.ndarray]:
    """Split value added into labour, net tax, depreciation and net surplus by the sector's shares."""
    sectors = [config.technology.sectors[item.sector] for item in index.stage.values()]
    tax = value_added * np.array([sector.tax_share.amount for sector in sectors])
    depreciation = value_added * np.array([sector.depreciation_share.amount for sector in sectors])
    labour = value_added * np.array([sector.labour_share.amount for sector in sectors])
    # Mixed income: where labour, tax and depreciation exceed value added (farming), labour takes what is left.
    labour = np.minimum(labour, value_added - tax - depreciation)
    return {
        "labour": labour,
        "tax": tax,
        "depreciation": depreciation,
        "surplus": value_added - labour - tax - depreciation,
    }


def _import_shares(config: Config, index: Index) -> np.ndarray:
    """Share of local use bought outside: the product's own, else the mean of the sectors it serves."""
    shares = np.zeros(len(index.products))
    for i, item in enumerate(index.product.values()):
        if item.outside_only:
            shares[i] = 1.0
        elif item.import_share is not None:
            shares[i] = item.import_share.amount
        elif item.sectors:
            shares[i] = np.mean([config.technology.sectors[g].import_share.amount for g in item.sectors])
    return np.minimum(shares, np.where([p.outside_only for p in index.product.values()], 1.0, _limit(config)))


def _limit(config: Config) -> float:
    return config.parameters.base.import_share_limit.amount


def _serving(config: Config, index: Index, household: bool) -> np.ndarray:
    """Weights (P, G): how a generic use of a sector is split over the products that serve it; columns sum to 1."""
    weights = np.zeros((len(index.products), len(index.sectors)))
    for i, item in enumerate(index.product.values()):
        weight = item.household_weight if household and item.household_weight is not None else item.use_weight
        for sector in item.sectors:
            weights[i, index.sectors.index(sector)] = weight
    sums = weights.sum(axis=0)
    return np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)


def _uses(
    config: Config, index: Index, output: np.ndarray, value_added: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Named recipe cells (kept) and the generic rest (scaled later), both (P, S + 4)."""
    stages, products = len(index.stages), len(index.products)
    named = np.zeros((products, stages + len(FINAL_USERS)))
    flexible = np.zeros_like(named)
    general, household = _serving(config, index, False), _serving(config, index, True)
    table = config.technology.coefficients.values
    for s, item in enumerate(index.stage.values()):
        covered = set()
        for key, share in item.recipe.items():
            named[index.product_code(key), s] = share.amount * output[s]
            covered.update(index.product[key].sectors)
        mix = np.array([0.0 if g in covered else table[g][item.sector] for g in index.sectors])
        rest = output[s] - value_added[s] - named[:, s].sum()
        flexible[:, s] = _spread(general, mix) * max(rest, 0.0)
    tables = (
        config.technology.household_urban,
        config.technology.household_rural,
        config.technology.government,
        config.technology.investment,
    )
    for k, (table_k, total) in enumerate(zip(tables, _final_totals(config), strict=True)):
        mix = np.array([table_k.values.get(g, 0.0) for g in index.sectors])
        flexible[:, stages + k] = _spread(household if k < 2 else general, mix) * total
    return named, flexible


def _spread(serving: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """A generic basket over products: shares that sum to 1."""
    basket = serving @ mix
    total = basket.sum()
    return basket / total if total > 0 else basket


def _final_totals(config: Config) -> np.ndarray:
    """CNY a year of urban and rural consumption, government consumption and gross fixed capital formation."""
    base, counties = config.parameters.base, config.counties.counties.values()
    return np.array(
        [
            base.urban_consumption.amount * sum(c.residents_urban.amount for c in counties),
            base.rural_consumption.amount * sum(c.residents_rural.amount for c in counties),
            base.government_consumption.amount,
            base.investment.amount,
        ]
    )


def _ras(
    config: Config,
    index: Index,
    output: np.ndarray,
    named: np.ndarray,
    flexible: np.ndarray,
    final_totals: np.ndarray,
    import_share: np.ndarray,
) -> tuple[np.ndarray, dict[str, float]]:
    """Scale the generic uses so that what is not traded is used where it is made."""
    made = np.bincount(index.product_of_stage, output, minlength=len(index.products))
    export = _export_shares(config, index, output)
    local = (made > 0) & (export <= LOCAL_EXPORT) & (import_share <= LOCAL_IMPORT) & (flexible.sum(axis=1) > 0)
    target = np.where(local, made * (1 - export) / (1 - import_share), 0.0) - named.sum(axis=1)
    local &= target > 0
    columns = flexible.sum(axis=0)
    scaled, worst = flexible.copy(), np.inf
    for _ in range(RAS_ROUNDS):
        rows = scaled.sum(axis=1)
        factor = np.where(local, target / np.where(rows > 0, rows, 1.0), 1.0)
        scaled *= factor[:, None]
        sums = scaled.sum(axis=0)
        scaled *= np.divide(columns, sums, out=np.ones_like(sums), where=sums > 0)
        worst = float(np.max(np.abs(scaled.sum(axis=1)[local] / target[local] - 1), initial=0.0))
        if worst < RAS_TOLERANCE:
            break
    moved = float(np.abs(scaled - flexible).sum() / flexible.sum())
    columns_error = float(np.max(np.abs(scaled.sum(axis=0) - columns) / np.maximum(columns, 1.0)))
    return named + scaled, {"rows": worst, "columns": columns_error, "moved_share": moved}


def _export_shares(config: Config, index: Index, output: np.ndarray) -> np.ndarray:
    """Share of a product's output sold outside before balancing, by the stages that make it."""
    share = np.array(
        [
            (item.export_share or config.technology.sectors[item.sector].export_share).amount
            for item in index.stage.values()
        ]
    )
    products = len(index.products)
    sold = np.bincount(index.product_of_stage, output * share, minlength=products)
    made = np.bincount(index.product_of_stage, output, minlength=products)
    return np.divide(sold, made, out=np.zeros(products), where=made > 0)


def _import_notes(index: Index, use: np.ndarray, supply: np.ndarray, target: np.ndarray) -> list[str]:
    """Say where local makers cannot meet the sourced local share, so that imports are higher than sourced."""
    notes = []
    for i, key in enumerate(index.products):
        if use[i] > 0 and not index.product[key].outside_only:
            actual = 1 - supply[i] / use[i]
            if actual > target[i] + 0.05:
                notes.append(f"{key}: import share {target[i]:.2f} raised to {actual:.2f}, local makers are too small")
    return notes


def _county_shares(config: Config, index: Index) -> np.ndarray:
    shares = np.array([[item.counties.amounts.get(c, 0.0) for c in index.counties] for item in index.stage.values()])
    return shares / shares.sum(axis=1, keepdims=True)


def _jobs(config: Config, index: Index, output: np.ndarray, county_share: np.ndarray) -> np.ndarray:
    """Persons by stage and county so that each census industry sums to the grossed-up census.

    Within an industry, stages share its persons by output x labour coefficient (their own, else equal).
    """
    people = config.population
    sample = people.employed_sample.values
    jobs = np.zeros((len(index.stages), len(index.counties)))
    for census in people.industries:
        persons = sum(sample[c].get(census, 0.0) for c in index.counties) / people.sample_rate.amount
        members = index.stages_where(census=census)
        if len(members) == 0 or persons == 0:
            continue
        given = [index.stage[index.stages[i]].labour for i in members]
        known = [q.amount for q in given if q is not None]
        default = float(np.mean(known)) if known else 1.0
        weight = output[members] * np.array([q.amount if q is not None else default for q in given])
        if known and len(known) < len(given):
            jobs_known = sum(output[i] * q.amount / 1e6 for i, q in zip(members, given, strict=True) if q is not None)
            open_weight = output[members][[q is None for q in given]].sum()
            left = max(persons - jobs_known, 0.1 * persons)
            weight = np.array(
                [
                    output[i] * q.amount / 1e6 if q is not None else output[i] * left / open_weight
                    for i, q in zip(members, given, strict=True)
                ]
            )
        jobs[members] = (persons * weight / weight.sum())[:, None] * county_share[members]
    return jobs
