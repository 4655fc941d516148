from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .built import build, run

if TYPE_CHECKING:
    from pingliang.agents.model import IndustryChainModel
    from pingliang.config.loader import Config


@pytest.fixture(scope="session")
def six_months(config: Config) -> IndustryChainModel:
    """Return the baseline after six months, scale 0.001; tests read it and do not write to it."""
    return run(build(config), 6)


@pytest.fixture(scope="session")
def two_years(config: Config) -> IndustryChainModel:
    """Return the baseline after 24 months, scale 0.001; tests read it and do not write to it."""
    return run(build(config), 24)


@pytest.fixture
def another(six_months: IndustryChainModel) -> Callable[[], IndustryChainModel]:
    """Make a copy of the six-month model that a test may break."""

    def copied() -> IndustryChainModel:
        shared = {id(part): part for part in (six_months.config, six_months.base)}
        return copy.deepcopy(six_months, shared)

    return copied
