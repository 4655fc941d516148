"""Checks of an experiment's factors and design: what they vary exists, and every value is one the number may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ConfigError, nearest
from .experiment_schema import Experiment, Factor
from .factors import FORMS, all_factors, at, ends, ranges_below
from .schema import Quantity

if TYPE_CHECKING:
    from .loader import Config

Where = tuple[str | int, ...]
Found = list[tuple[Where, str, bool]]


def check_factors(experiment: Experiment, config: Config) -> Found:
    """Names are unique, paths exist, all values are allowed, and the design has something to vary."""
    found: Found = []
    names = [factor.name for factor in experiment.factors]
    sets = {path: scenario.name for scenario in experiment.scenarios for path in scenario.set}
    for index, factor in enumerate(experiment.factors):
        here: Where = ("factors", index)
        if factor.name in names[:index]:
            found.append(((*here, "name"), f"factor '{factor.name}' stands twice; rename one", False))
        if factor.path in sets:
            text = f"scenario '{sets[factor.path]}' sets {factor.path} itself; drop one of them"
            found.append(((*here, "path"), text, False))
        found += _values(here, factor, config)
    for index, prefix in enumerate(experiment.ranges):
        if not ranges_below(config, prefix):
            parent, _, last = prefix.rpartition(".")
            home = at(config, parent) if parent else config
            known = list(home) if isinstance(home, dict) else list(vars(home)) if home else []
            text = f"there is no number with a range below '{prefix}'; {nearest(last, known)}"
            found.append((("ranges", index), text, False))
    return found + ([] if found else _design(experiment, config))


def _values(here: Where, factor: Factor, config: Config) -> Found:
    """Try every extreme value of a factor."""
    from .loader import load  # the loader itself uses these checks

    if factor.path is None:
        return []
    values = ends(factor, config)
    if not values:
        text = f"{factor.path} declares no range; give the factor a distribution or values"
        try:
            load(config.root, {factor.path: 0.0})
        except ConfigError as error:
            text = said(error) if "there is no" in said(error) or "is no number" in said(error) else text
        return [((*here, "path"), text, False)]
    field = "path" if factor.values is None and factor.distribution is None else None
    place = (*here, field or ("distribution" if factor.values is None else "values"))
    if factor.path in FORMS:
        wrong = [value for value in values if value not in FORMS[factor.path]]
        return [(place, f"unknown form '{value}'; {nearest(str(value), FORMS[factor.path])}", False) for value in wrong]
    found: Found = []
    item = at(config, factor.path)
    known = item.range if isinstance(item, Quantity) else None
    for value in values:
        if known is not None and not isinstance(value, str) and known[0] <= value <= known[1]:
            continue
        if isinstance(value, str):
            found.append((place, f"'{value}' is no number, and {factor.path} takes numbers", False))
            continue
        try:
            load(config.root, {factor.path: value})
        except ConfigError as error:
            found.append((place, f"{factor.path} = {value:g}: {said(error)}", False))
    return found


def _design(experiment: Experiment, config: Config) -> Found:
    """A design varies factors, and factors need a design; a table names them all."""
    design, factors = experiment.design, all_factors(experiment, config)
    if (design.kind == "none") == bool(factors):
        text = (
            "there are factors, but no design: put kind: lhs, morris, saltelli, sobol, oat, grid, table or posterior"
            if factors
            else f"a {design.kind} design needs factors or ranges"
        )
        return [
            (("design", "kind") if factors == [] else ("factors",) if experiment.factors else ("ranges",), text, False)
        ]
    names = {factor.name for factor in factors}
    found: Found = []
    for index, row in enumerate(design.rows or []):
        for name in sorted(set(row) ^ names):
            text = f"unknown factor '{name}'; {nearest(name, names)}" if name in row else f"factor '{name}' is missing"
            found.append((("design", "rows", index), text, False))
    return found


def said(error: ConfigError) -> str:
    """Say what a configuration refuses in one line."""
    return "; ".join(problem.message for problem in error.problems)
