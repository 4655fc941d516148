"""The balanced base year: a 2020 social accounting matrix of city x stages.

Provincial technology (Gansu 2017) and engineering coefficients give the columns; observed chain levels and the city's
three industries give the totals; see :mod:`.uses` for the balancing of rows.  What is traded balances by trade with
outside.  There is no balancing item: the remaining difference is reported in ``Base.residual`` and every assumption in
``Base.notes``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..config.loader import Config
from ..config.schema import Stage
from .index import Index
from .jobs import base_jobs
from .uses import balanced_uses, import_shares

INDUSTRIES = ("primary", "secondary", "tertiary")


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
        return self.index.by_product(self.output)

    @property
    def coefficients(self) -> np.ndarray:
        """Input coefficients, (P, S): CNY of input per CNY of output."""
        return self.use / self.output

    @property
    def imports(self) -> np.ndarray:
        """Local use bought outside by product, (P,)."""
        return (self.use.sum(axis=1) + self.final.sum(axis=1)) * self.import_share

    def industry_value_added(self, industry: str) -> float:
        """Value added of primary, secondary or tertiary industry, CNY a year."""
        return float(self.value_added[self.index.stages_where(industry=industry)].sum())


def build_base(config: Config) -> Base:
    """Balance the base year.

    Raises
    ------
    ValueError
        If the explicit stages of an industry already exceed the city's value added in it, or a recipe and value added
        together exceed a stage's output.
    """
    index = Index.of(config)
    sectors = config.technology.sectors
    price = np.array([item.price.amount for item in index.product.values()])
    rate = np.array(
        [(item.value_added_share or sectors[item.sector].value_added_rate).amount for item in index.stage.values()]
    )
    output, notes = _outputs(config, index, price, rate)
    value_added = output * rate
    wanted = import_shares(config, index)
    use, residual = balanced_uses(config, index, output, value_added, wanted)
    made, local_use, stages = index.by_product(output), use.sum(axis=1), len(index.stages)
    supplied = np.minimum((1 - wanted) * local_use, made)
    county_share = _county_shares(index)
    jobs, job_notes = base_jobs(config, index, output, county_share)
    capital, capacity = _capital(config, index, output)
    return Base(
        index=index,
        price=price,
        output=output,
        value_added=value_added,
        **_value_added_parts(config, index, value_added, jobs.sum(axis=1)),
        use=use[:, :stages],
        final=use[:, stages:],
        import_share=np.divide(local_use - supplied, local_use, out=np.zeros_like(local_use), where=local_use > 0),
        exports=made - supplied,
        county_share=county_share,
        jobs=jobs,
        capital=capital,
        capacity=capacity,
        residual=residual,
        notes=[*notes, *_import_notes(index, local_use, supplied, wanted), *job_notes],
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
    for industry in INDUSTRIES:
        city = config.observed.series[industry].values.amounts["2020"]
        members = index.stages_where(industry=industry)
        left = city - float((output * value_added_share)[members].sum())
        if left <= 0:
            raise ValueError(
                f"stages of {industry} industry sum to {(city - left) / 1e8:.1f}e8 CNY of value added, above the "
                f"city's {city / 1e8:.1f}e8: lower an output or a value-added share in config/chains"
            )
        takers = index.stages_where(remainder=industry)
        shares = np.array([index.stage[index.stages[i]].remainder_share or 0.0 for i in takers])
        output[takers] = left * shares / shares.sum() / value_added_share[takers]
        notes.append(
            f"{industry}: {left / 1e8:.2f}e8 of {city / 1e8:.2f}e8 CNY is the remainder, shared by {len(takers)} stages"
        )
    return output, notes


def _value_added_parts(
    config: Config, index: Index, value_added: np.ndarray, jobs: np.ndarray
) -> dict[str, np.ndarray]:
    """Split value added into labour, net tax, depreciation and net surplus by the sector's shares.

    A stage whose pay is known pays that for its ``jobs`` (S,); no firm pays less than the legal minimum.
    """
    items = list(index.stage.values())
    sectors = [config.technology.sectors[item.sector] for item in items]
    tax = value_added * np.array([sector.tax_share.amount for sector in sectors])
    depreciation = value_added * np.array([sector.depreciation_share.amount for sector in sectors])
    labour = value_added * np.array([sector.labour_share.amount for sector in sectors])
    least = config.parameters.labour.minimum_wage.amount
    for s, item in enumerate(items):
        if item.agent == "firm":
            labour[s] = max(item.wage.amount * jobs[s] if item.wage else labour[s], least * jobs[s])
    # Mixed income: where labour, tax and depreciation exceed value added (farming), labour takes what is left.
    labour = np.minimum(labour, value_added - tax - depreciation)
    surplus = value_added - labour - tax - depreciation
    return {"labour": labour, "tax": tax, "depreciation": depreciation, "surplus": surplus}


def _import_notes(index: Index, use: np.ndarray, supplied: np.ndarray, wanted: np.ndarray) -> list[str]:
    """Say where local makers cannot meet the sourced local share, so that imports are higher than sourced."""
    notes = []
    for i, key in enumerate(index.products):
        if use[i] > 0 and not index.product[key].outside_only:
            actual = 1 - supplied[i] / use[i]
            if actual > wanted[i] + 0.05:
                notes.append(f"{key}: import share {wanted[i]:.2f} raised to {actual:.2f}, local makers are too small")
    return notes


def _county_shares(index: Index) -> np.ndarray:
    """Share of each stage's output by county, (S, C)."""
    shares = np.array([[item.counties.amounts.get(c, 0.0) for c in index.counties] for item in index.stage.values()])
    return shares / shares.sum(axis=1, keepdims=True)


def _capital(config: Config, index: Index, output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Capital at replacement cost (S,), CNY, and capacity (S,), CNY of output a year."""
    sectors, normal = config.technology.sectors, config.parameters.firms.normal_utilisation
    ratio = np.array(
        [
            (item.capital_output_ratio or sectors[item.sector].capital_output_ratio).amount
            for item in index.stage.values()
        ]
    )
    utilisation = np.array([(item.utilisation or normal).amount for item in index.stage.values()])
    peak = np.array([_peak(item) for item in index.stage.values()])
    # Plant that works by season carries its busiest month; what it costs is known by what it makes in a year.
    return ratio * output / utilisation, output * np.maximum(1 / utilisation, peak)


def _peak(stage: Stage) -> float:
    """Output of a firm's busiest month over that of a mean month; farms have land, herds and trees instead."""
    return max(stage.season.amounts.values()) if stage.season and stage.agent == "firm" else 1.0
