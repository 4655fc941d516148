from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from pingliang.config.loader import Config

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every machine: a test that fails must fail again when it is looked into.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def config() -> Config:
    """Return the configuration as shipped, read once; tests do not write to it."""
    from pingliang.config.loader import load

    return load()
