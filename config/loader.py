"""Load the configuration: read every file, report all errors at once, hand over typed and immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from .checks import check_chain, check_experiment, check_files
from .errors import ConfigError
from .experiment_schema import Experiment
from .farm_schema import Farming
from .files import SINGLE_FILES, Loaded, read_files, validate
from .overrides import apply_overrides
from .parameters_schema import Parameters
from .schema import (
    Chain,
    Counties,
    Drivers,
    Observed,
    Plan,
    Policies,
    Policy,
    Population,
    Source,
    Sources,
    Technology,
)  # fmt: skip
from .yaml_marks import read

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Config:
    """Everything the model is told: read-only, with sources and ranges still attached.

    Attributes
    ----------
    chains : dict of str to Chain
        By chain key, in the order of their ``order``.
    policies, shocks : Policies
        Measures of the plan, and what may befall it; neither file may use a key of the other.
    sources : Sources
        All files of config/sources/ in one.
    root : Path
        The folder it was read from.
    """

    chains: dict[str, Chain]
    technology: Technology
    counties: Counties
    population: Population
    parameters: Parameters
    farming: Farming
    drivers: Drivers
    observed: Observed
    policies: Policies
    shocks: Policies
    plan: Plan
    sources: Sources
    root: Path = field(default=ROOT, compare=False)

    @property
    def interventions(self) -> dict[str, Policy]:
        """What a scenario may name: measures of the plan, and shocks."""
        return {**self.shocks.policies, **self.policies.policies}


def load(root: Path | None = None, overrides: Mapping[str, float] | None = None) -> Config:
    """Load the configuration in a folder (default: the one shipped).

    Parameters
    ----------
    root : Path, optional
        Folder with chains/, sources/ and the single files.
    overrides : mapping of str to float, optional
        New values by dotted path, e.g. ``{"parameters.labour.quit_rate": 0.02}``, in the unit the file writes. A value
        outside the quantity's range is an error.

    Raises
    ------
    ConfigError
        All errors of all files at once.
    """
    home = root or ROOT
    files = read_files(home)
    if not overrides:
        return _checked(tuple(files.items()), home)
    problems = [problem for loaded in files.values() for problem in loaded.problems]
    if not problems:
        files, problems = apply_overrides(files, overrides, validate)
    if problems:
        raise ConfigError(problems)
    return _checked(tuple(files.items()), home)


@lru_cache(maxsize=16)
def _checked(files: tuple[tuple[str, Loaded], ...], root: Path) -> Config:
    """Put files together, or raise all that is wrong with them; kept in memory while the files are the same."""
    by_key = dict(files)
    problems = [problem for loaded in by_key.values() for problem in loaded.problems]
    config = None if problems else assemble(by_key, root)
    problems += check_files(by_key, config)
    if problems or config is None:
        raise ConfigError(problems)
    return config


def load_chain(path: Path | str) -> Chain:
    """Load one chain file by itself, checked as far as that is possible without the others."""
    loaded = validate(read(Path(path)), Chain)
    problems = list(loaded.problems)
    if isinstance(loaded.model, Chain):
        problems += check_chain(loaded)
    if problems or not isinstance(loaded.model, Chain):
        raise ConfigError(problems)
    return loaded.model


def load_experiment(path: Path | str, config: Config | None = None) -> Experiment:
    """Load an experiment file; its policies and paths must exist in the configuration.

    Parameters
    ----------
    config : Config, optional
        Default: the shipped configuration.
    """
    loaded = validate(read(Path(path)), Experiment)
    problems = list(loaded.problems)
    if isinstance(loaded.model, Experiment):
        problems += check_experiment(loaded, config or load())
    if problems or not isinstance(loaded.model, Experiment):
        raise ConfigError(problems)
    return loaded.model


def assemble(files: Mapping[str, Loaded], root: Path) -> Config:
    """Put valid files together."""
    chains = [loaded.model for key, loaded in files.items() if key.startswith("chains/")]
    ordered = sorted(
        (chain for chain in chains if isinstance(chain, Chain)), key=lambda chain: (chain.order, chain.chain)
    )
    sources: dict[str, Source] = {}
    for key, loaded in files.items():
        if key.startswith("sources/") and isinstance(loaded.model, Sources):
            sources.update(loaded.model.sources)
    single: dict[str, Any] = {name: files[name].model for name in SINGLE_FILES}
    return Config(
        chains={chain.chain: chain for chain in ordered}, sources=Sources(sources=sources), root=root, **single
    )
