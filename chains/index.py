"""Fixed orders and integer codes for stages, products, counties and sectors.

Orders come from sorted keys, never from the order of keys in a file or from ``order`` fields (those are for display),
so that reordering changes no bit of any result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..config.loader import Config
from ..config.schema import County, Product, Stage

FINAL_USERS = ("urban", "rural", "government", "investment")


@dataclass(frozen=True)
class Index:
    """Codes of everything that is an axis of an array."""

    chains: list[str]
    stages: list[str]
    products: list[str]
    counties: list[County]
    sectors: list[str]
    stage: dict[str, Stage]
    product: dict[str, Product]
    chain_of_stage: np.ndarray = field(repr=False)
    product_of_stage: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, config: Config) -> Index:
        """Read the axes off a configuration; chains, stages and products sort by key."""
        chains = sorted(config.chains)
        stage = {key: chain.stages[key] for chain in (config.chains[c] for c in chains) for key in sorted(chain.stages)}
        product = {
            key: chain.products[key] for chain in (config.chains[c] for c in chains) for key in sorted(chain.products)
        }
        owner = {key: chains.index(c) for c in chains for key in config.chains[c].stages}
        counties = sorted(config.counties.counties)
        products = list(product)
        return cls(
            chains=chains,
            stages=list(stage),
            products=products,
            counties=counties,
            sectors=sorted(config.technology.sectors),
            stage=stage,
            product=product,
            chain_of_stage=np.array([owner[key] for key in stage], dtype=np.int64),
            product_of_stage=np.array([products.index(item.product) for item in stage.values()], dtype=np.int64),
        )

    @cached_property
    def named_inputs(self) -> np.ndarray:
        """1 where a stage's recipe names a product, (P, S)."""
        named = np.zeros((len(self.products), len(self.stages)))
        for s, item in enumerate(self.stage.values()):
            named[[self.product_code(key) for key in item.recipe], s] = 1.0
        return named

    def stage_code(self, key: str) -> int:
        """Code of a stage."""
        return self.stages.index(key)

    def product_code(self, key: str) -> int:
        """Code of a product."""
        return self.products.index(key)

    def county_code(self, key: County) -> int:
        """Code of a county."""
        return self.counties.index(key)

    def by_product(self, values: np.ndarray) -> np.ndarray:
        """Add up values of stages (S,) by the product they make, (P,)."""
        return np.bincount(self.product_of_stage, values, minlength=len(self.products))

    def stages_where(self, **wanted: object) -> np.ndarray:
        """Codes of the stages whose attributes equal the given values, in order."""
        return np.array(
            [i for i, item in enumerate(self.stage.values()) if all(getattr(item, k) == v for k, v in wanted.items())],
            dtype=np.int64,
        )
