"""A small complete configuration to break in one place at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pingliang.config.errors import ConfigError, Problem
from pingliang.config.files import SINGLE_FILES
from pingliang.config.loader import ROOT, Config, load, load_experiment
from pingliang.config.units import COUNTIES

from .made import made

FIXTURE = Path(__file__).with_name("fixture")
INDUSTRIES = {name: {"zh": name, "en": name} for name in ("mining", "utilities")}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Complete the small configuration with the smallest valid file of every other kind."""
    home = tmp_path_factory.mktemp("small") / "config"
    shutil.copytree(FIXTURE, home)
    (home / "sources").mkdir()
    shutil.copy(ROOT / "sources" / "common.yaml", home / "sources")
    for name, model in SINGLE_FILES.items():
        path = home / f"{name}.yaml"
        if not path.exists():
            data = made(model)
            if "industries" in data:
                data["industries"] = INDUSTRIES
                data["wages"]["values"] = dict.fromkeys(INDUSTRIES, 50000)
                data["women_share"]["values"] = dict.fromkeys(INDUSTRIES, 0.5)
                data["employed_sample"]["values"] = {county: dict.fromkeys(INDUSTRIES, 100) for county in COUNTIES}
            if "distances" in data:
                data["distances"]["values"] = {
                    one: {other: 50 for other in (*COUNTIES, "xian") if other != one} for one in COUNTIES
                }
                data["gates"]["values"] = {"xian": 1}
            path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return home


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Copy the small configuration to where it may be broken."""
    return Path(shutil.copytree(whole, tmp_path / "config"))


@pytest.fixture
def small(whole: Path) -> Config:
    return load(whole)


@pytest.fixture
def broken(folder: Path) -> Callable[..., list[Problem]]:
    """Replace text in a file of the small configuration and list what the loader says."""

    def breaking(file: str, old: str, new: str) -> list[Problem]:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return problems_of(path, folder)

    return breaking


def problems_of(path: Path, folder: Path) -> list[Problem]:
    """List what is wrong with a configuration, or with an experiment on it."""
    try:
        if path.name == "experiment.yaml":
            load_experiment(path, load(folder))
        else:
            load(folder)
    except ConfigError as error:
        return error.problems
    return []
