"""Decides what of a run is kept: the chosen part of its series, more indicators, agents as they stood, and a digest."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..config.errors import nearest
from ..config.experiment_schema import Kpi, Outputs, SeriesChoice
from .errors import ExperimentError


def chosen_series(table: pa.Table, outputs: Outputs) -> pa.Table | None:
    """Keep the part of a run's series that is asked for; None when none is."""
    choice = outputs.series
    if choice == "none":
        return None
    if not isinstance(choice, SeriesChoice):
        return table
    keep = np.ones(table.num_rows, dtype=bool)
    if choice.variables is not None:
        for name in choice.variables:
            _must_have(table, name)
        keep &= _is_in(table, "variable", choice.variables)
    month = table.column("month").to_numpy()
    if choice.start is not None:
        keep &= month >= int(choice.start.replace("-", ""))
    if choice.end is not None:
        keep &= month <= int(choice.end.replace("-", ""))
    if choice.months is not None:
        keep &= np.isin(month % 100, choice.months)
    return table.filter(pa.array(keep))


def more_kpis(table: pa.Table, kpis: list[Kpi]) -> dict[str, float]:
    """Read the indicators an experiment adds off a run's series, by ``kpi_<name>``."""
    if not kpis:
        return {}
    month, value = table.column("month").to_numpy(), table.column("value").to_numpy()
    found = {}
    for kpi in kpis:
        _must_have(table, kpi.variable)
        keep = _is_in(table, "variable", [kpi.variable])
        for axis, name in (("chain", kpi.chain), ("county", kpi.county)):
            if name is not None:
                keep &= _is_in(table, axis, [name])
        year = kpi.year if kpi.year is not None else int(month.max()) // 100
        keep &= month // 100 == year
        if not keep.any():
            raise ExperimentError(f"outputs.kpis: '{kpi.name}' finds no row of '{kpi.variable}' in {year}")
        months = np.unique(month[keep])
        if kpi.over == "end":
            keep &= month == months[-1]
        total = float(value[keep].sum())
        found[f"kpi_{kpi.name}"] = total / len(months) if kpi.over == "mean" else total
    return found


def snapshot(model: Any, agents: str) -> pa.Table:
    """Copy all columns of the living agents of a kind, a row an agent."""
    table = getattr(model, agents).table
    rows = table.rows
    return pa.table({name: _column(np.asarray(table[name])[rows]) for name in table})


def _column(values: np.ndarray) -> pa.Array:
    if values.ndim == 1:
        return pa.array(values)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def table_digest(table: pa.Table) -> str:
    """Hash what a table says, however its text is encoded: equal for equal rows in equal order."""
    digest = hashlib.sha256()
    for name in ("month", "variable", "chain", "stage", "county", "value"):
        column = _whole(table, name)
        if pa.types.is_dictionary(column.type):
            codes = column.indices.to_numpy()
            texts = column.dictionary.to_pylist()
            seen = np.zeros(len(texts), dtype=np.bool_)
            seen[codes] = True
            present = np.flatnonzero(seen)
            used = sorted(texts[code] for code in present)
            rank = np.zeros(max(len(texts), 1), dtype=np.min_scalar_type(len(used)))
            place = {text: k for k, text in enumerate(used)}
            rank[present] = [place[texts[code]] for code in present]
            digest.update("\0".join(used).encode())
            digest.update(rank[codes].data)
        else:
            digest.update(np.ascontiguousarray(column.to_numpy()).data)
    return digest.hexdigest()


def _whole(table: pa.Table, name: str) -> pa.Array:
    """Give a column in one piece, text as a dictionary."""
    column = table.column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    return column.dictionary_encode() if pa.types.is_string(column.type) else column


def _is_in(table: pa.Table, axis: str, names: list[str]) -> np.ndarray:
    column = _whole(table, axis)
    wanted = pc.is_in(column.dictionary, value_set=pa.array(names, pa.string())).to_numpy(zero_copy_only=False)
    return np.asarray(wanted[column.indices.to_numpy()])


def _must_have(table: pa.Table, variable: str) -> None:
    known = pc.unique(_whole(table, "variable").cast(pa.string())).to_pylist()
    if variable not in known:
        raise ExperimentError(f"outputs: the series have no variable '{variable}'; {nearest(variable, known)}")
