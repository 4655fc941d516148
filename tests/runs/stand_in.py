"""A small model with the real one's face: an hour of the engine's life in a second, and bad habits on request."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from pingliang.config.experiment_schema import Experiment
from pingliang.runs.clock import month_index, month_name
from pingliang.runs.experiment import ResolvedExperiment


@dataclass
class NoPolicies:
    policies: dict[str, float] = field(default_factory=dict)


@dataclass
class Config:
    """Stands in for the configuration; ``fail`` and ``die`` name replicates' seeds that come to a bad end."""

    growth: float = 0.01
    fail: list[int] = field(default_factory=list)
    die: list[int] = field(default_factory=list)
    die_once: list[int] = field(default_factory=list)
    slow: list[int] = field(default_factory=list)
    fail_all: float = 0.0
    policies: NoPolicies = field(default_factory=NoPolicies)
    root: Path = field(default=Path(__file__).parent, compare=False)


class Recorder:
    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    def table(self) -> pa.Table:
        return pa.Table.from_pylist(self.rows)

    def kpis(self) -> dict[str, float]:
        return {"gdp": self.rows[-1]["value"], "plan_output_apple": 1.0}


class StandIn:
    def __init__(self, config, scenario, *, seed, scale, start):
        self.config, self.scenario, self.seed, self.scale = config, scenario, seed, scale
        self.now = month_index(start)
        self.gdp = 476.16e8 / 12
        self.draws = np.random.default_rng(seed)
        self.recorder = Recorder()
        self.pause = float(os.environ.get("STAND_IN_PAUSE", "0"))

    def step(self) -> None:
        time.sleep(self.pause)
        if (self.config.fail_all or self.seed in self.config.fail) and len(self.recorder.rows) == 3:
            raise ZeroDivisionError("the cows have escaped")
        if self.seed in self.config.die:
            os._exit(9)
        if self.seed in self.config.die_once:
            mark = Path(os.environ["STAND_IN_MARKS"]) / str(self.seed)
            if not mark.exists():
                mark.touch()
                os._exit(9)
        if self.seed in self.config.slow:
            time.sleep(0.3)
        self.gdp *= 1 + self.config.growth + 0.01 * self.draws.standard_normal()
        month = int(month_name(self.now).replace("-", ""))
        here = {"month": month, "variable": "gdp", "chain": "", "stage": "", "county": "", "value": self.gdp}
        self.recorder.rows.append(here)
        self.now += 1

    def refuse_idle_policies(self) -> None:
        pass

    def release(self) -> None:
        self.recorder.rows = []

    def audit(self) -> dict[str, float]:
        return {"persons": 0.0, "cash": 1e-12 * len(self.recorder.rows)}


def build(config, scenario, *, seed, scale, start):
    return StandIn(config, scenario, seed=seed, scale=scale, start=start)


def build_config(root=None, overrides=None):
    config = Config()
    for path, value in (overrides or {}).items():
        setattr(config, path, value)
    return config


def experiment(**changes) -> Experiment:
    def words(text):
        return {"zh": text, "en": text}

    fields = {
        "name": "toy",
        "title": words("toy"),
        "question": words("does it run?"),
        "start": "2021-01",
        "end": "2021-12",
        "scale": 0.01,
        "replicates": {"n": 3},
        "seeds": {"root": 2020},
        "engine": {"chunk": 1},
        "scenarios": [
            {"name": "baseline", "label": words("baseline")},
            {"name": "faster", "label": words("faster"), "set": {"growth": 0.02}},
        ],
    }
    return Experiment.model_validate({**fields, **changes})


def resolved(*, fail=(), die=(), die_once=(), slow=(), **changes) -> ResolvedExperiment:
    asked = experiment(**changes)
    configs = {one.name: build_config(overrides=one.set) for one in asked.scenarios}
    for config in configs.values():
        config.fail, config.die, config.die_once, config.slow = map(list, (fail, die, die_once, slow))
    return ResolvedExperiment(asked, configs, build_config)


def with_engine(asked: ResolvedExperiment, **changes) -> ResolvedExperiment:
    engine = asked.experiment.engine.model_copy(update=changes)
    return replace(asked, experiment=asked.experiment.model_copy(update={"engine": engine}))


def read_experiment(path, config=None) -> Experiment:
    """Read ``toy.yaml``: its lines, if any, are changes of the toy experiment."""
    return experiment(**(yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}))
