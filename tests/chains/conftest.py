from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pingliang.chains.base import Base, build_base
from pingliang.chains.ledgers import PlanLedger, base_ledger
from pingliang.config.loader import ROOT, Config


@pytest.fixture(scope="session")
def base(config: Config) -> Base:
    return build_base(config)


@pytest.fixture(scope="session")
def ledger(base: Base) -> PlanLedger:
    return base_ledger(base)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the shipped configuration to where it may be changed."""
    return Path(shutil.copytree(ROOT, tmp_path / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


@pytest.fixture
def rewrite(folder: Path) -> Callable[[str, Callable[[Any], Any]], None]:
    """Read a file of the copy, change its data and write it back."""

    def rewriting(file: str, change: Callable[[Any], Any]) -> None:
        path = folder / file
        data = change(yaml.safe_load(path.read_text(encoding="utf-8")))
        path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")

    return rewriting
