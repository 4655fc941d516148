"""Decides how a population of agents is stored: one table per agent type, one numpy column per attribute.

A row is an agent. Rows are only appended, so ids ascend with the row number; a leaving agent's row is marked dead and
its place is given back by `Table.compact`, once a year. This file knows nothing of Mesa.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt

from .declarations import FIXED_COLUMNS, OWN_COLUMNS, Column, check_declaration, fitting

__all__ = ["OWN_COLUMNS", "BoolArray", "Column", "IntArray", "Table"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Table:
    """Columns of one agent type with spare capacity.

    ``table["wage"]`` is the live, writable column of all used rows, aligned with row numbers and so with references.
    Dead rows are among them until `compact`, but neutral: weight 0, all other cells at their defaults. Fetch a column
    again after `add` or `compact`, which may move the memory.

    Parameters
    ----------
    columns
        Name to `Column`, or to a tuple ``(dtype, default, description, unit, width)`` whose end may be missing.
        `unique_id`, `key`, `weight` come by themselves.
    references
        Column name to the name of the agent type whose *row numbers* it holds (-1 = none).
    capacity
        Rows to reserve.
    """

    def __init__(
        self,
        columns: Mapping[str, Column | tuple[Any, ...]],
        *,
        references: Mapping[str, str] | None = None,
        capacity: int = 0,
    ) -> None:
        declared = {name: c if isinstance(c, Column) else Column(*c) for name, c in columns.items()}
        self.columns: dict[str, Column] = {**OWN_COLUMNS, **declared}
        self.references: dict[str, str] = dict(references or {})
        check_declaration(declared, self.references)
        self.size = 0  # used rows, dead ones included
        self.version = 0  # changes when rows die or move, so that sets and views notice
        self._data = {name: column.cells(capacity) for name, column in self.columns.items()}
        self._alive: BoolArray = np.zeros(capacity, dtype=np.bool_)
        self._rows: IntArray | None = None
        self.live: dict[str, npt.NDArray[Any]] = {}  # columns handed out, until rows come or move

    def __getstate__(self) -> dict[str, Any]:
        """Leave the handed-out columns behind: a copy must hand out its own."""
        return {**self.__dict__, "live": {}}

    def __len__(self) -> int:
        """Return the number of living rows."""
        return len(self.rows)

    def __contains__(self, name: object) -> bool:
        """Say whether a column of that name exists."""
        return name in self.columns

    def __iter__(self) -> Iterator[str]:
        """Iterate over the column names."""
        return iter(self.columns)

    @property
    def capacity(self) -> int:
        """Rows the columns can hold before they grow."""
        return len(self._alive)

    @property
    def alive(self) -> BoolArray:
        """Which used rows are living agents (read only)."""
        return _read_only(self._alive[: self.size])

    @property
    def rows(self) -> IntArray:
        """Row numbers of the living agents, ascending (read only)."""
        if self._rows is None:
            self._rows = _read_only(np.flatnonzero(self._alive[: self.size]))
        return self._rows

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Return the live column of all used rows; `unique_id` and `key` are read only."""
        known = self.live.get(name)
        if known is not None:
            return known
        if name not in self.columns:
            raise KeyError(self._unknown(name))
        column = self._data[name][: self.size]
        self.live[name] = _read_only(column) if name in FIXED_COLUMNS else column
        return self.live[name]

    def __setitem__(self, name: str, values: Any) -> None:
        """Overwrite a whole column (scalar or one value per used row)."""
        self.write(name, slice(None), values)

    def write(self, name: str, rows: Any, values: Any) -> None:
        """Overwrite some cells of a column, refusing values its type cannot hold.

        Raises
        ------
        TypeError, OverflowError
            If fractions go to a whole-number column or a number is out of its range: numpy would cut them silently.
        """
        if name in FIXED_COLUMNS:
            raise TypeError(f"column '{name}' identifies the agents and cannot be changed")
        column = self[name]
        # after `table["age"] += 1` Python assigns the column to itself
        if isinstance(values, np.ndarray) and values.__array_interface__ == column.__array_interface__:
            return
        column[rows] = fitting(name, column, values)

    def add(self, n: int, *, key: npt.ArrayLike, ids: npt.ArrayLike | None = None, **values: Any) -> IntArray:
        """Append `n` living rows and return their row numbers.

        Parameters
        ----------
        n
            Rows to add.
        key
            uint64 identity of each (`randomness.child_key`).
        ids
            Ascending ids above those present; by default the following ones.
        **values
            Column name to a scalar or one value per row; the rest take their defaults.
        """
        start, stop = self.size, self.size + n
        unknown = [name for name in values if name not in self.columns]
        if unknown:
            raise KeyError(self._unknown(unknown[0]))
        last = int(self._data["unique_id"][start - 1]) if start else 0
        new_ids = np.arange(last + 1, last + 1 + n) if ids is None else np.asarray(ids, dtype=np.int64)
        if new_ids.shape != (n,) or (n and (new_ids[0] <= last or (np.diff(new_ids) <= 0).any())):
            raise ValueError(f"ids must be {n} ascending numbers above {last}")
        cells: dict[str, Any] = {"unique_id": new_ids, "key": key, **values}
        fitted = {name: fitting(name, self._data[name], cell, n) for name, cell in cells.items()}
        self._reserve(stop)
        for name, column in self.columns.items():
            self._data[name][start:stop] = fitted.get(name, column.default)
        self._alive[start:stop] = True
        self.size, self._rows = stop, None
        self.live.clear()
        return np.arange(start, stop)

    def remove(self, rows: npt.ArrayLike) -> None:
        """Mark rows (numbers or a mask) as dead: weight 0, other cells at defaults; ids and keys stay until `compact`.

        Raises
        ------
        IndexError
            If a row is not a living agent.
        """
        gone = np.atleast_1d(np.asarray(rows))
        if gone.dtype == np.bool_:
            gone = np.flatnonzero(gone)
        if not gone.size:
            return
        if gone.min() < 0 or gone.max() >= self.size or not self._alive[gone].all():
            raise IndexError("remove: some rows are no living agents (removed already, or numbers from before compact)")
        for name, column in self.columns.items():
            if name not in FIXED_COLUMNS:
                self._data[name][gone] = column.default
        self._data["weight"][gone] = 0.0
        self._alive[gone] = False
        self.version, self._rows = self.version + 1, None

    def rows_of(self, ids: npt.ArrayLike) -> IntArray:
        """Find the rows of agents by id; -1 where the agent has left."""
        wanted = np.atleast_1d(np.asarray(ids, dtype=np.int64))
        if not self.size:
            return np.full(wanted.shape, -1)
        known = self._data["unique_id"][: self.size]
        found = np.minimum(np.searchsorted(known, wanted), self.size - 1)
        return np.where((known[found] == wanted) & self._alive[found], found, -1)

    def compact(self) -> IntArray:
        """Give back the places of dead rows; return the map old row -> new row (-1 for the dead).

        Row numbers kept elsewhere must be renewed with `renumber`; declared references of all tables of a model are
        renewed by `registration.compact_agents`.
        """
        keep = self.rows
        row_map: IntArray = np.full(self.size, -1)
        row_map[keep] = np.arange(len(keep))
        if len(keep) == self.size:
            return row_map
        for column in self._data.values():
            column[: len(keep)] = column[keep]
        self._alive[: self.size] = False
        self._alive[: len(keep)] = True
        self.size, self.version, self._rows = len(keep), self.version + 1, None
        self.live.clear()
        return row_map

    def renumber(self, name: str, row_map: IntArray) -> None:
        """Renew a reference column after the table it points to was compacted.

        Raises
        ------
        ValueError
            If a living row points to a dead one: whoever removes an agent must first release those tied to it.
        """
        column = self[name]
        tied = self.rows[column[self.rows] >= 0]
        renewed = row_map[column[tied]]
        if (renewed < 0).any():
            count, target = int((renewed < 0).sum()), self.references.get(name, "agent")
            raise ValueError(f"{count} rows of '{name}' point to a removed {target}; set them to -1 before it leaves")
        column[tied] = renewed

    def repeated_keys(self) -> npt.NDArray[np.uint64]:
        """List keys that more than one living row carries (must be none: they would share their luck)."""
        keys, counts = np.unique(self["key"][self.rows], return_counts=True)
        return keys[counts > 1]

    def _reserve(self, rows: int) -> None:
        if rows <= self.capacity:
            return
        # an eighth more: a population grows slowly, and half as much again of millions of rows would lie idle
        capacity = max(rows, self.capacity + self.capacity // 8)
        for name, old in self._data.items():
            self._data[name] = self.columns[name].cells(capacity)
            self._data[name][: self.size] = old[: self.size]
        alive = np.zeros(capacity, dtype=np.bool_)
        alive[: self.size] = self._alive[: self.size]
        self._alive = alive

    def _unknown(self, name: str) -> str:
        near = get_close_matches(name, self.columns, n=1)
        return f"no column '{name}'" + (f"; did you mean '{near[0]}'?" if near else f"; columns: {', '.join(self)}")


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
