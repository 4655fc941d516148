"""Open a stored result set: manifest, runs and the long table of series, each read when first asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from ..config.loader import Config

Over = Literal["sum", "mean", "end"]
RUN = ("scenario", "replicate")
DIMENSIONS = ("scenario", "replicate", "month", "chain", "stage", "county")
MOST_SCENARIOS = 4
QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}


class IncompleteResults(ValueError):
    """The folder is not a finished result set; the message says what is missing and how to mend it."""


@dataclass(frozen=True)
class ScenarioLabel:
    """A scenario as people read it: a short name, and what the experiment says of it after the colon."""

    name: str
    zh: str
    en: str
    about_zh: str = ""
    about_en: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> ScenarioLabel:
        """Read a scenario of the manifest; a label 'Baseline: as it happened' is short in figures, whole on cards."""
        zh, _, about_zh = item["label"]["zh"].partition("：")
        en, _, about_en = item["label"]["en"].partition(": ")
        return cls(item["name"], zh, en, about_zh, about_en)


class Results:
    """One folder ``results/<name>-<hash8>/``, read only.

    Parameters
    ----------
    path : folder of the result set.
    config : the configuration the labels, targets and observed figures come from; default: the packaged one.
    most : how many scenarios are shown; None for all (tables have room for more than a figure can tell apart).

    Raises
    ------
    IncompleteResults
        When the manifest, the runs or the series are missing, or no run of a scenario finished.
    """

    def __init__(self, path: str | Path, config: Config | None = None, *, most: int | None = MOST_SCENARIOS) -> None:
        self.path, self.most = Path(path), most
        self._config = config
        self._queried: dict[tuple[Any, ...], pd.DataFrame] = {}
        self._yearly: dict[tuple[Any, ...], pd.DataFrame] = {}
        for what in ("manifest.json", "runs", "series"):
            if not (self.path / what).exists():
                raise IncompleteResults(
                    f"{self.path} holds no {what}: it is not a result set of `pingliang run`, or the run never started"
                )
        self._check_runs()

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What was run, with what, when."""
        loaded: dict[str, Any] = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
        return loaded

    @property
    def config(self) -> Config:
        """Labels, targets and observed figures."""
        if self._config is None:
            from ..config.loader import load

            self._config = load()
        return self._config

    @cached_property
    def scenarios(self) -> list[ScenarioLabel]:
        """Scenarios in the order of the experiment, the first the baseline; no more than are to be shown."""
        return [ScenarioLabel.of(item) for item in self.manifest["scenarios"]][: self.most]

    @property
    def left_out(self) -> list[ScenarioLabel]:
        """Scenarios that were run, but are not shown."""
        return [ScenarioLabel.of(item) for item in self.manifest["scenarios"]][len(self.scenarios) :]

    @property
    def baseline(self) -> str:
        """Name of the scenario the others are compared with."""
        return self.scenarios[0].name

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per committed run, finished or failed, in the order of scenarios and replicates."""
        frame = self._sql(f"SELECT * FROM {self._files('runs')}", [])
        rank = {item.name: position for position, item in enumerate(self.scenarios)}
        order = frame.assign(_rank=frame["scenario"].map(rank)).sort_values(["_rank", "replicate", "run_id"])
        return order.drop(columns="_rank").reset_index(drop=True)

    @property
    def finished(self) -> pd.DataFrame:
        """Runs of the scenarios shown that reached their last month."""
        shown = self.runs["scenario"].isin([item.name for item in self.scenarios])
        return self.runs[shown & (self.runs["status"] == "ok")]

    @property
    def replicates(self) -> int:
        """Finished runs per scenario, the smallest count."""
        return int(self.finished.groupby("scenario").size().min())

    @cached_property
    def years(self) -> list[int]:
        """Full calendar years the runs cover."""
        sql = f"SELECT DISTINCT month FROM {self._series(['gdp'])} WHERE variable = 'gdp' ORDER BY month"
        months = self._sql(sql, [])["month"].to_numpy()
        return [int(year) for year in np.unique(months // 100) if (months // 100 == year).sum() == 12]

    def year_of(self, wanted: int) -> int:
        """Year shown for a figure wanted in a year: that year, or the last full one when the runs end earlier."""
        if not self.years:
            raise IncompleteResults(
                f"{self.path} covers no full calendar year, which a report is about; let it run longer"
            )
        return min(wanted, self.years[-1])

    def query(
        self, variable: str, *, by: Sequence[str] = DIMENSIONS, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Read one variable of all finished runs, summed over the dimensions left out of ``by``.

        Parameters
        ----------
        variable : name in the series table.
        by : dimensions to keep, of scenario, replicate, month, chain, stage, county.
        where : dimension: value or list of values to keep.

        Returns
        -------
        DataFrame with columns ``by`` and ``value``, sorted by ``by``; empty when the runs did not record the variable.
        """
        frame = self.query_wide([variable], by=by, where=where)
        return frame.rename(columns={variable: "value"}).dropna(subset=["value"])

    def query_wide(
        self, variables: Sequence[str], *, by: Sequence[str] = DIMENSIONS, where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Read several variables side by side, a column each; otherwise as :meth:`query`."""
        chosen = {_dimension(name): _as_list(values) for name, values in sorted((where or {}).items())}
        rest = (tuple(by), tuple((name, tuple(values)) for name, values in chosen.items()))
        for (names, *others), frame in self._queried.items():
            if tuple(others) == rest and set(variables) <= set(names):
                return frame[[*by, *variables]].copy()
        columns = ", ".join(_dimension(name) for name in by)
        sums = ", ".join(f'sum(value) FILTER (variable = ?) AS "{name}"' for name in variables)
        tests = "".join(f" AND {name} IN (SELECT unnest(?))" for name in chosen)
        # The variables' names stand in the text, not as parameters, so that parts without them are passed over.
        wanted = ", ".join("'" + name.replace("'", "''") + "'" for name in variables)
        sql = (
            f"SELECT {columns}, {sums} FROM {self._series(variables)} WHERE variable IN ({wanted}){tests} "
            f"GROUP BY {columns} ORDER BY {columns}"
        )
        frame = self._queried[tuple(variables), *rest] = self._sql(sql, [*variables, *chosen.values()])
        return frame.copy()

    def totals(self, variable: str, scenarios: Sequence[str]) -> pd.DataFrame:
        """Sum a variable over the full years of finished runs, also of scenarios that are not shown.

        Returns
        -------
        DataFrame with scenario, replicate, chain and value.
        """
        done = self.runs[self.runs["scenario"].isin(scenarios) & (self.runs["status"] == "ok")]
        sql = (
            f"SELECT scenario, replicate, chain, sum(value) AS value FROM {self._files('series')} WHERE variable = ? "
            "AND run_id IN (SELECT unnest(?)) AND month // 100 IN (SELECT unnest(?)) GROUP BY ALL ORDER BY ALL"
        )
        return self._sql(sql, [variable, list(done["run_id"]), self.years])

    def query_stages(self, names: Sequence[str], year: int) -> pd.DataFrame:
        """Bring shares recorded by month, stage and county to a year's, weighted by capacity in CNY.

        Returns
        -------
        DataFrame, a row per scenario and stage, with scenario, stage, chain, output and capacity (CNY, sums over the
        year's months, counties and runs; capacity is output over utilisation), and ``names``, times capacity.
        """
        key = ("stages", tuple(names), year)
        if key not in self._yearly:
            self._yearly[key] = self._sql(self._stages_sql(names, year), [])
        return self._yearly[key].copy()

    def _stages_sql(self, names: Sequence[str], year: int) -> str:
        variables = ["output", "utilisation", *(name for name in names if name != "utilisation")]
        sums = ", ".join(f"coalesce(sum(value) FILTER (variable = '{name}'), 0) AS {name}" for name in variables)
        wanted = ", ".join(f"'{name}'" for name in variables)
        weighted = ", ".join(f"sum({name} * capacity) AS {name}" for name in names)
        # Summed here rather than in pandas: a row per stage leaves the query, not one per run, month and county.
        return f"""
            WITH cells AS (
                SELECT scenario, stage, chain, run_id, month, county, {sums} FROM {self._files("series")}
                WHERE variable IN ({wanted}) AND month BETWEEN {year}01 AND {year}12 AND stage <> '' AND {self._ok}
                GROUP BY ALL
            ), rated AS (SELECT *, coalesce(output / nullif(greatest(utilisation, 0), 0), 0) AS capacity FROM cells)
            SELECT scenario, stage, chain, sum(output) AS output, sum(capacity) AS capacity, {weighted}
            FROM rated GROUP BY ALL ORDER BY ALL
        """

    def annual(
        self, variable: str, over: Over, *, by: Sequence[str] = (), where: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Bring a variable to calendar years: a flow is summed, a stock is December's, jobs are the year's mean.

        Returns
        -------
        DataFrame with scenario, replicate, year, ``by`` and value; full years only.
        """
        key = (variable, over, tuple(by), str(where))
        if key not in self._yearly:
            monthly = self.query(variable, by=(*RUN, "month", *by), where=where)
            self._yearly[key] = self._to_years(monthly, over, [*RUN, "year", *by])
        return self._yearly[key].copy()

    def _to_years(self, monthly: pd.DataFrame, over: Over, keys: list[str]) -> pd.DataFrame:
        frame = monthly.assign(year=monthly["month"] // 100)
        frame = frame[frame["year"].isin(self.years)]
        if over == "end":
            return frame[frame["month"] % 100 == 12][[*keys, "value"]].reset_index(drop=True)
        yearly = frame.groupby(keys, sort=True)["value"].sum().reset_index()
        months = frame.groupby("year")["month"].nunique()
        return yearly if over == "sum" else yearly.assign(value=yearly["value"] / yearly["year"].map(months))

    def _check_runs(self) -> None:
        again = f"finish it with: {self.manifest.get('command', 'pingliang run EXPERIMENT')}"
        for folder in ("runs", "series"):
            if not any((self.path / folder).glob("part-*.parquet")):
                raise IncompleteResults(f"{self.path / folder} is empty: no run was committed; {again}")
        for item in self.scenarios:
            if item.name not in set(self.finished["scenario"]):
                raise IncompleteResults(f"{self.path}: no run of scenario {item.name!r} finished; {again}")

    def _series(self, variables: Sequence[str]) -> str:
        """Where these variables are read: the files if a stage has any of them, else a copy without the stages."""
        if not self._of_stages.intersection(variables):
            return "unstaged"
        return f"(SELECT * FROM {self._files('series')} WHERE {self._ok})"

    @cached_property
    def _of_stages(self) -> frozenset[str]:
        """Variables of stages; all others, one row in thirty, are copied once rather than sought in every query."""
        files = self._files("series")
        self._connection.execute(
            "CREATE TEMP TABLE unstaged AS SELECT variable, scenario, replicate, month, chain, stage, county, value "
            f"FROM {files} WHERE stage = '' AND {self._ok} ORDER BY variable"
        )
        return frozenset(self._sql(f"SELECT DISTINCT variable FROM {files} WHERE stage <> ''", [])["variable"])

    @cached_property
    def _ok(self) -> str:
        """Condition that keeps the runs that count."""
        runs = ", ".join("'" + str(run).replace("'", "''") + "'" for run in self.finished["run_id"])
        return f"run_id IN ({runs})"

    def _files(self, folder: str) -> str:
        parts = sorted(str(part) for part in (self.path / folder).glob("part-*.parquet"))
        quoted = ", ".join("'" + part.replace("'", "''") + "'" for part in parts)
        return f"read_parquet([{quoted}], union_by_name = true)"

    def _sql(self, sql: str, parameters: list[Any]) -> pd.DataFrame:
        found = self._connection.execute(sql, parameters).fetchnumpy()
        columns = {
            name: np.ma.filled(values, np.nan) if np.ma.isMA(values) else values for name, values in found.items()
        }
        # Names stay plain Python strings: picking a few rows of a short table by name is quickest so.
        return pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()})

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        # One thread: sums are taken in file order, so that the same results give the same bytes.
        return duckdb.connect(config={"threads": 1})


def bands(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Summarise replicates: how many, their mean and the limits of the middle 50 % and 90 %."""
    grouped = frame.groupby(list(by), sort=False)["value"]
    table = grouped.agg(n="count", mean="mean")
    for name, level in QUANTILES.items():
        table[name] = grouped.quantile(level)
    return table.reset_index()


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Go through the rows of a table, columns as attributes."""
    return iter(frame.itertuples())


def _as_list(values: Any) -> list[Any]:
    return list(values) if isinstance(values, Iterable) and not isinstance(values, str) else [values]


def _dimension(name: str) -> str:
    if name not in DIMENSIONS:
        raise ValueError(f"{name!r} is no dimension of the series; choose from {', '.join(DIMENSIONS)}")
    return name
