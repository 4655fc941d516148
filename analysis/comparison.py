"""Set scenarios of one or several result sets beside a baseline: pairs of runs that share their random numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .headline import HEADLINES, headline_runs, headline_year
from .results import RUN, IncompleteResults, Results, ScenarioLabel
from .targets import targets_table
from .words import REST

if TYPE_CHECKING:
    from ..config.loader import Config

BY_CHAIN = {"plan_output": "end", "plan_value_added": "end", "value_added": "sum", "chain_jobs": "mean"}
BY_COUNTY = {
    "value_added": "sum",
    "chain_jobs": "mean",
    "employed": "mean",
    "residents": "end",
    "urban_residents": "end",
}
PAYERS = ("upper", "city", "county", "firm")
SHARED = ("scale", "start", "end", "seeds")


@dataclass(frozen=True)
class Side:
    """A scenario of a result set, as one side of a comparison."""

    name: str
    label: ScenarioLabel
    run: Results
    policies: frozenset[str]


class Comparison:
    """Scenarios beside their baseline.

    Parameters
    ----------
    folders : result sets, or their folders, whose runs share seeds, scale, months, code and configuration.
    baseline : name of the scenario the others are compared with; default: the first of the first set.
    config : labels and targets; default: the packaged configuration.

    Raises
    ------
    IncompleteResults
        When runs cannot be paired: the message says what differs, or names the scenarios there are.
    """

    def __init__(
        self, folders: Sequence[str | Path | Results], baseline: str | None = None, config: Config | None = None
    ) -> None:
        self.runs = [
            folder if isinstance(folder, Results) else Results(folder, config, most=None) for folder in folders
        ]
        self.config = self.runs[0].config
        _check_shared(self.runs)
        self.sides = list(_sides(self.runs))
        names = [side.name for side in self.sides]
        if baseline is not None and baseline not in names:
            raise IncompleteResults(f"no scenario {baseline!r} to compare with; there are: {', '.join(names)}")
        self.base = self.sides[names.index(baseline) if baseline else 0]
        self.others = [side for side in self.sides if side is not self.base]
        if not self.others:
            raise IncompleteResults(f"only {self.base.name!r} is there: nothing to compare it with")

    @property
    def year(self) -> int:
        """Year the comparison speaks of: the plan's target year, or the last full one."""
        return headline_year(self.runs[0])

    @cached_property
    def values(self) -> pd.DataFrame:
        """Every indicator of every run: side, replicate, indicator, chain, county, value (canonical units)."""
        frames = []
        for run in self.runs:
            mine = [side for side in self.sides if side.run is run]
            found = pd.concat(list(_indicators(run, self.year)), ignore_index=True)
            names = {side.label.name: side.name for side in mine}
            found = found[found["scenario"].isin(names)]
            frames.append(found.assign(side=found["scenario"].map(names)).drop(columns="scenario"))
        whole = pd.concat(frames, ignore_index=True)
        return whole.fillna({"chain": "", "county": ""})

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Every target by side: probability, year reached, ceiling (columns as `targets.targets_table`, and side)."""
        frames = []
        for run in self.runs:
            names = {side.label.name: side.name for side in self.sides if side.run is run}
            found = targets_table(run)
            frames.append(found[found["scenario"].isin(names)].assign(side=found["scenario"].map(names)))
        return pd.concat(frames, ignore_index=True)

    def pairs(self, side: Side, where: pd.Series | None = None) -> pd.DataFrame:
        """Runs of a side beside those of the baseline: indicator, chain, county, replicate, value, base."""
        keys = ["indicator", "chain", "county", "replicate"]
        rows = self.values if where is None else self.values[where]
        mine, base = (rows[rows["side"] == name] for name in (side.name, self.base.name))
        return mine.merge(base.rename(columns={"value": "base"})[[*keys, "base"]], on=keys)[[*keys, "value", "base"]]


def _check_shared(runs: Sequence[Results]) -> None:
    """Runs pair only when nothing but the scenario differs."""
    first = runs[0]
    for run in runs[1:]:
        different = [name for name in SHARED if run.manifest.get(name) != first.manifest.get(name)]
        mine, other = first.manifest.get("parts", {}), run.manifest.get("parts", {})
        different += [name for name in ("code", "configuration") if mine.get(name) != other.get(name)]
        if different:
            raise IncompleteResults(
                f"{first.path} and {run.path} differ in {', '.join(different)}: their runs are no pairs; "
                "run both with the same version and settings"
            )


def _sides(runs: Sequence[Results]) -> Iterator[Side]:
    """Scenarios of all sets under one name each; one that several sets share counts once."""
    seen: dict[str, Any] = {}
    for run in runs:
        for label, item in zip(run.scenarios, run.manifest["scenarios"], strict=True):
            same = {key: item.get(key) for key in ("policies", "set", "forms")}
            if seen.get(label.name) == same:
                continue
            name = label.name if label.name not in seen else f"{run.path.name}/{label.name}"
            seen.setdefault(label.name, same)
            uses = (use if isinstance(use, str) else json.dumps(use, sort_keys=True) for use in item["policies"])
            yield Side(name, label, run, frozenset(uses))


def _indicators(run: Results, year: int) -> Iterator[pd.DataFrame]:
    yield headline_runs(run)
    chains = [name for name in run.config.chains if name != REST]
    for name, over in BY_CHAIN.items():
        frame = run.annual(name, over, by=("chain",))  # type: ignore[arg-type]
        if len(frame):
            yield _of_year(frame, year, name)
    for name, over in BY_COUNTY.items():
        where = {"chain": chains} if name == "chain_jobs" else None
        frame = run.annual(name, over, by=("county",), where=where)  # type: ignore[arg-type]
        if len(frame):
            yield _of_year(frame[frame["county"] != ""], year, name)
    for payer in PAYERS:
        frame = run.query(f"cost_{payer}", by=[*RUN, "county"])
        if len(frame):
            city = frame.groupby(list(RUN), as_index=False)["value"].sum()
            yield city.assign(indicator=f"cost_{payer}")
    for name in ("gdp", "chain_jobs"):
        yield _summed(run, name, chains if name == "chain_jobs" else None)


def _summed(run: Results, name: str, chains: list[str] | None) -> pd.DataFrame:
    """Sum over all years: yuan of value added, or job-years."""
    frame = run.annual(name, "mean" if name == "chain_jobs" else "sum", where={"chain": chains} if chains else None)
    return frame.groupby(list(RUN), as_index=False)["value"].sum().assign(indicator=f"{name}_all_years")


def _of_year(frame: pd.DataFrame, year: int, name: str) -> pd.DataFrame:
    kept = [column for column in (*RUN, "chain", "county", "value") if column in frame]
    return frame.loc[frame["year"] == year, kept].assign(indicator=name)


def headline_rows(values: pd.DataFrame) -> pd.Series:
    """Which rows of ``Comparison.values`` are headline indicators of the whole city."""
    return values["indicator"].isin(HEADLINES) & (values["chain"] == "") & (values["county"] == "")
