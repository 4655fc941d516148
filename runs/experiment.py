"""Decides what exactly an experiment asks: its file, the command line's changes, a configuration per scenario."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from ..config import loader
from ..config.checks_experiment import resolved as flattened
from ..config.errors import nearest
from ..config.experiment_schema import Design, Experiment
from ..config.factors import FORMS, all_factors
from ..config.loader import Config
from ..config.schema import Scenario
from .clock import count_months, last_month, month_index, month_name
from .errors import ExperimentError

WEIGHT = "weight"  # column of a posterior: what a draw is worth

# What `--set` may change in the experiment itself; every other path leads into the configuration.
EXPERIMENT_FIELDS = tuple(Experiment.model_fields)


@dataclass(frozen=True)
class ResolvedExperiment:
    """An experiment with nothing left to look up: flat scenarios and the configuration of each.

    Attributes
    ----------
    experiment : Experiment
        With the command line's changes folded in and every ``extends`` carried out; the first scenario is the
        baseline.
    configs : dict of str to Config
        The configuration each scenario runs on, its ``set`` values included.
    load : callable
        Loads the configuration of a point: ``load(root, overrides=...)``.
    """

    experiment: Experiment
    configs: Mapping[str, Config]
    load: Callable[..., Config] = loader.load

    @property
    def months(self) -> int:
        """Steps of one run."""
        return count_months(self.experiment.start, self.experiment.end)

    @property
    def first_month(self) -> int:
        """Number of the month of the first step (:mod:`.clock`)."""
        return month_index(self.experiment.start)

    def on_workers(self, workers: int) -> ResolvedExperiment:
        """Give the same experiment, carried out by so many processes."""
        engine = self.experiment.engine.model_copy(update={"workers": workers})
        return replace(self, experiment=self.experiment.model_copy(update={"engine": engine}))

    def world(self, name: str, values: Mapping[str, float | str]) -> tuple[Config, Scenario]:
        """Give the configuration and the scenario of one run, with what its point changes by path."""
        config, scenario = self.configs[name], self.scenario(name)
        if not values:
            return config, scenario
        forms = {path.partition(".")[2]: value for path, value in values.items() if path in FORMS}
        numbers = {path: float(value) for path, value in values.items() if path not in FORMS}
        if forms:
            scenario = scenario.model_copy(update={"forms": scenario.forms.model_copy(update=forms)})
        if numbers:
            root = None if config.root == loader.ROOT else config.root
            config = self.load(root, overrides={**scenario.set, **numbers})
        return config, scenario

    def scenario(self, name: str | None = None) -> Scenario:
        """Find a scenario by name; without one, the baseline."""
        if name is None:
            return self.experiment.scenarios[0]
        for scenario in self.experiment.scenarios:
            if scenario.name == name:
                return scenario
        names = [scenario.name for scenario in self.experiment.scenarios]
        raise ExperimentError(f"there is no scenario {name!r} in {self.experiment.name}; {nearest(name, names)}")


def resolve(
    path: Path,
    *,
    settings: Iterable[str] = (),
    seed: int | None = None,
    replicates: int | None = None,
    scale: float | None = None,
    months: int | None = None,
    jobs: int | None = None,
    address: str | None = None,
    root: Path | None = None,
) -> ResolvedExperiment:
    """Read an experiment, apply the command line's changes and load one configuration per scenario.

    Parameters
    ----------
    path : Path
        The experiment file.
    settings : iterable of str
        ``path=value`` changes: an experiment field (``replicates.n=20``, ``end=2035-12``) or a dotted path into
        the configuration, which then holds in every scenario.
    seed, replicates, scale, months, jobs, address : optional
        Shorthands for ``seeds.root``, ``replicates.n``, ``scale``, ``end``, ``engine.workers`` and ``engine.address``.
    root : Path, optional
        Configuration folder; default the one shipped with the package.

    Raises
    ------
    ExperimentError
        All that is wrong with the request, at once.
    ConfigError
        From the loader: a file or a path into the configuration is wrong.
    """
    config = loader.load(root)
    read = loader.load_experiment(path, config)
    changes, overrides = _split_settings(settings)
    shorthands = {
        "seeds.root": seed,
        "replicates.n": replicates,
        "scale": scale,
        "engine.workers": jobs,
        "engine.address": address,
    }
    changes |= {key: value for key, value in shorthands.items() if value is not None}
    experiment = _changed(read, changes)
    if months is not None:
        experiment = experiment.model_copy(update={"end": last_month(experiment.start, months)})
    _check_months(experiment)
    experiment = experiment.model_copy(
        update={"factors": all_factors(experiment, config), "ranges": [], "design": _with_rows(experiment, path)}
    )
    _refuse_twice(overrides, experiment)
    flat = [flattened(experiment, scenario.name) for scenario in experiment.scenarios]
    experiment = experiment.model_copy(update={"scenarios": [_with_overrides(one, overrides) for one in flat]})
    return ResolvedExperiment(experiment, _configs(experiment.scenarios, config), loader.load)


def _refuse_twice(overrides: Mapping[str, float], experiment: Experiment) -> None:
    """Refuse to set by the command line what the design varies."""
    varied = {factor.path: factor.name for factor in experiment.factors}
    clash = sorted(set(overrides) & set(varied))
    if clash:
        raise ExperimentError(f"--set {clash[0]}: the factor '{varied[clash[0]]}' varies this, and both cannot hold")


def _with_rows(experiment: Experiment, path: Path) -> Design:
    """Read the file of a table or posterior design into its rows, so that the points are part of the experiment."""
    design = experiment.design
    if design.file is None:
        return design
    file = path.parent / design.file
    try:
        table = _rows_of(file)
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        raise ExperimentError(f"{path}: design.file {design.file} cannot be read: {error}") from error
    names = {factor.name for factor in experiment.factors}
    weighted = design.kind == "posterior" and bool(table) and WEIGHT in table[0]
    problems = [] if table else [f"{file}: holds no points; give a row of names and a row a point"]
    for line, row in enumerate(table, start=2):
        for name in sorted((set(map(str, row)) - ({WEIGHT} if weighted else set())) ^ names):
            known = f"unknown factor '{name}'; {nearest(name, names)}" if name in row else f"factor '{name}' is missing"
            problems.append(f"{file}:{line}: {known}")
        problems += [f"{file}:{line}: '{name}' is empty" for name, value in row.items() if value in ("", None)]
        worth = row[WEIGHT] if weighted else 1.0
        if not (isinstance(worth, float) and 0 <= worth < math.inf):
            problems.append(f"{file}:{line}: weight {worth} is no number from 0 on")
    if problems:
        raise ExperimentError("\n".join(problems[:20]))
    if design.kind == "posterior":
        table = _drawn(table, design.n, experiment.seeds.root, file)
    return design.model_copy(update={"file": None, "rows": table, "n": None})


def _rows_of(file: Path) -> list[dict[str, float | str]]:
    """Read a CSV or Parquet file, a mapping a row."""
    if file.suffix == ".parquet":
        import pandas as pd

        frame = pd.read_parquet(file)
        return [{str(name): _number(str(value)) for name, value in row.items()} for row in frame.to_dict("records")]
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [{name: _number(value) for name, value in row.items()} for row in csv.DictReader(text)]


def _drawn(table: list[dict[str, float | str]], n: int | None, root: int, file: Path) -> list[dict[str, float | str]]:
    """Take ``n`` rows in proportion to their weights (systematic resampling, Kitagawa 1996); all without ``n``."""
    weights = np.array([float(row.get(WEIGHT, 1.0)) for row in table])
    if weights.sum() <= 0:
        raise ExperimentError(f"{file}: no draw has a weight above 0")
    plain = [{name: value for name, value in row.items() if name != WEIGHT} for row in table]
    if n is None and WEIGHT not in table[0]:
        return plain
    count = n or len(table)
    start = np.random.default_rng(root).random()
    places = np.searchsorted(np.cumsum(weights / weights.sum()), (np.arange(count) + start) / count, side="right")
    return [plain[min(int(at), len(plain) - 1)] for at in places]


def _number(text: str | None) -> float | str:
    try:
        return float(text or "")
    except ValueError:
        return text or ""


def _check_months(experiment: Experiment) -> None:
    """Refuse months that do not exist or run backwards, which changes may have brought in."""
    for field in ("start", "end"):
        month = getattr(experiment, field)
        if month_name(month_index(month)) != month:
            raise ExperimentError(f"{field} = {month}: there is no such month; write YYYY-MM with months 01 to 12")
    if count_months(experiment.start, experiment.end) < 1:
        raise ExperimentError(f"the experiment ends ({experiment.end}) before it starts ({experiment.start})")


def _split_settings(settings: Iterable[str]) -> tuple[dict[str, Any], dict[str, float]]:
    """Part ``path=value`` words into changes of the experiment and of the configuration."""
    changes: dict[str, Any] = {}
    overrides: dict[str, float] = {}
    problems = []
    for word in settings:
        path, equals, value = word.partition("=")
        path = path.strip()
        if not equals or not path or not value.strip():
            problems.append(f"--set {word}: give a path and a value, as in --set scale=0.02")
        elif path.split(".")[0] in EXPERIMENT_FIELDS:
            changes[path] = _typed(value.strip())
        else:
            try:
                overrides[path] = float(value)
            except ValueError:
                problems.append(f"--set {word}: {value.strip()!r} is not a number")
    if problems:
        raise ExperimentError("\n".join(problems))
    return changes, overrides


def _typed(text: str) -> bool | int | float | str:
    """Read a word of the command line as YAML would: a number, a truth, or text."""
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)


def _changed(experiment: Experiment, changes: Mapping[str, Any]) -> Experiment:
    """Write changes into the experiment and check it again as if it had been read so."""
    if not changes:
        return experiment
    fields = experiment.model_dump(mode="json")
    problems = []
    for path, value in changes.items():
        *parents, last = path.split(".")
        place: Any = fields
        for key in parents:
            place = place.get(key) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last not in place or isinstance(place[last], dict | list):
            problems.append(f"--set {path}: the experiment has no single value there; {nearest(path, _paths(fields))}")
        else:
            place[last] = value
    if problems:
        raise ExperimentError("\n".join(problems))
    try:
        return Experiment.model_validate(fields)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, item['loc']))} = {item['input']!r}: {item['msg']}" for item in error.errors()]
        raise ExperimentError("\n".join(lines)) from error


def _paths(fields: Mapping[str, Any], before: str = "") -> list[str]:
    """List the dotted paths of the single values below a mapping."""
    found = []
    for key, value in fields.items():
        if isinstance(value, dict):
            found += _paths(value, f"{before}{key}.")
        elif not isinstance(value, list):
            found.append(before + key)
    return found


def _with_overrides(scenario: Scenario, overrides: Mapping[str, float]) -> Scenario:
    """Let the command line's numbers hold in a scenario, unless the scenario is about that very number."""
    clash = sorted(set(overrides) & set(scenario.set))
    if clash:
        raise ExperimentError(
            f"--set {clash[0]}: scenario {scenario.name!r} sets this itself (to {scenario.set[clash[0]]:g}), and both"
            " cannot hold; change it in the experiment file"
        )
    return scenario.model_copy(update={"set": {**scenario.set, **overrides}})


def _configs(scenarios: Iterable[Scenario], unchanged: Config) -> dict[str, Config]:
    """Load the configuration of every scenario; scenarios with the same settings share one."""
    loaded = {"{}": unchanged}
    configs = {}
    for scenario in scenarios:
        key = json.dumps(scenario.set, sort_keys=True)
        if key not in loaded:
            loaded[key] = loader.load(unchanged.root, overrides=scenario.set)
        configs[scenario.name] = loaded[key]
    return configs
