"""Checks of an experiment file against the configuration it runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .checks_factors import check_factors, said
from .checks_numbers import circles
from .errors import ConfigError, Problem, nearest
from .experiment_schema import Experiment
from .files import Loaded
from .interventions import changed, misplaced
from .schema import Scenario

if TYPE_CHECKING:
    from .loader import Config

Where = tuple[str | int, ...]


def check_experiment(loaded: Loaded, config: Config) -> list[Problem]:
    """Policies, paths and scenarios must exist, values lie in their ranges, and the first scenario stand alone."""
    experiment = loaded.model
    assert isinstance(experiment, Experiment)
    found: list[tuple[Where, str, bool]] = []
    if experiment.end <= experiment.start:
        found.append((("end",), f"end {experiment.end} is not after start {experiment.start}; put it later", False))
    found += [(("start",), text, False) for text in _month(experiment.start)]
    found += [(("end",), text, False) for text in _month(experiment.end)]
    if experiment.scenarios[0].extends is not None:
        text = "the first scenario is the baseline and extends nothing; move it, or drop extends"
        found.append((("scenarios", 0, "extends"), text, False))
    found += _names(experiment)
    for at, scenario in enumerate(experiment.scenarios):
        found += _policies(at, scenario, config)
        found += _settings(at, scenario, config)
        found += _chiefs(at, scenario)
    found += check_factors(experiment, config)
    found += _outputs(experiment)
    return [loaded.document.wrong(where, text, key=key) for where, text, key in found]


def resolved(experiment: Experiment, name: str) -> Scenario:
    """Write out a scenario: the policies, settings and forms of those it extends first, then its own."""
    by_name = {scenario.name: scenario for scenario in experiment.scenarios}
    scenario = by_name[name]
    if scenario.extends is None:
        return scenario
    parent = resolved(experiment, scenario.extends)
    anew = {use.policy for use in scenario.policies}
    policies = [*(use for use in parent.policies if use.policy not in anew), *scenario.policies]
    forms = parent.forms.model_copy(update=scenario.forms.model_dump(exclude_none=True))
    merged = {"policies": policies, "set": {**parent.set, **scenario.set}, "forms": forms, "extends": None}
    merged["chiefs"] = scenario.chiefs or parent.chiefs
    return scenario.model_copy(update=merged)


def _month(text: str) -> list[str]:
    month = int(text[5:])
    return [] if 1 <= month <= 12 else [f"'{text}' has no month {month}; write yyyy-mm with months 01 to 12"]


def _names(experiment: Experiment) -> list[tuple[Where, str, bool]]:
    """Scenario names are unique; what they extend exists and does not lead back."""
    found: list[tuple[Where, str, bool]] = []
    names = [scenario.name for scenario in experiment.scenarios]
    for at, scenario in enumerate(experiment.scenarios):
        if scenario.name in names[:at]:
            found.append((("scenarios", at, "name"), f"scenario '{scenario.name}' stands twice; rename one", False))
        if scenario.extends is not None and scenario.extends not in names:
            text = f"extends unknown scenario '{scenario.extends}'; {nearest(scenario.extends, names)}"
            found.append((("scenarios", at, "extends"), text, False))
    parents = {scenario.name: [scenario.extends] for scenario in experiment.scenarios if scenario.extends is not None}
    for circle in circles(parents):
        at = names.index(circle[0])
        text = f"extends runs in a circle: {', '.join(circle)}; let one of them extend nothing"
        found.append((("scenarios", at, "extends"), text, False))
    return found


def _policies(at: int, scenario: Scenario, config: Config) -> list[tuple[Where, str, bool]]:
    known = config.interventions
    found: list[tuple[Where, str, bool]] = []
    seen: set[tuple[str, str]] = set()
    for index, use in enumerate(scenario.policies):
        where: Where = ("scenarios", at, "policies", index)
        name = use.policy
        if name not in known:
            found.append(((*where, "policy"), f"unknown policy '{name}'; {nearest(name, known)}", False))
            continue
        policy = changed(known[name], use)
        if (name, policy.start) in seen:
            text = f"policy '{name}' starts twice in {policy.start}; drop one, or let it start in another month"
            found.append((where, text, False))
        seen.add((name, policy.start))
        if policy.end is not None and policy.end < policy.start:
            text = f"policy '{name}' would end ({policy.end}) before it starts ({policy.start}); change the dates"
            found.append((where, text, False))
        found += [((*where, "start"), text, False) for text in _month(policy.start)]
        found += [((*where, field), text, True) for field, text in misplaced(policy.target, policy.lever).items()]
        for place, key in enumerate(use.source):
            if key not in config.sources.sources:
                text = f"unknown source '{key}'; {nearest(key, config.sources.sources)}"
                found.append(((*where, "source", place), text, False))
    return found


def _chiefs(at: int, scenario: Scenario) -> list[tuple[Where, str, bool]]:
    """Months of the chiefs' money exist and are in order."""
    chiefs = scenario.chiefs
    if chiefs is None:
        return []
    where: Where = ("scenarios", at, "chiefs")
    found = [((*where, name), text, False) for name in ("start", "end") for text in _month(getattr(chiefs, name))]
    if chiefs.end < chiefs.start:
        found.append(((*where, "end"), f"end {chiefs.end} lies before start {chiefs.start}; put it after", False))
    return found


def _settings(at: int, scenario: Scenario, config: Config) -> list[tuple[Where, str, bool]]:
    """Check each setting by making it, then all of the scenario together."""
    from .loader import load  # the loader itself uses these checks

    found: list[tuple[Where, str, bool]] = []
    for path, value in scenario.set.items():
        try:
            load(config.root, {path: value})
        except ConfigError as error:
            found.append((("scenarios", at, "set", path), f"{path} = {value:g}: {said(error)}", True))
    if not found and len(scenario.set) > 1:
        try:
            load(config.root, scenario.set)
        except ConfigError as error:
            found.append((("scenarios", at, "set"), f"these values do not go together: {said(error)}", True))
    return found


def _outputs(experiment: Experiment) -> list[tuple[Where, str, bool]]:
    """Months asked for lie within the experiment; indicators have one name each."""
    found: list[tuple[Where, str, bool]] = []
    for at, snapshot in enumerate(experiment.outputs.snapshots):
        for index, month in enumerate(snapshot.months):
            if not experiment.start <= month <= experiment.end:
                text = f"{month} lies outside {experiment.start} to {experiment.end}; give a month of the experiment"
                found.append((("outputs", "snapshots", at, "months", index), text, False))
    names = [kpi.name for kpi in experiment.outputs.kpis]
    for at, name in enumerate(names):
        if name in names[:at]:
            found.append((("outputs", "kpis", at, "name"), f"indicator '{name}' stands twice; rename one", False))
    return found
