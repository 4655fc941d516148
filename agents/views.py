"""Decides how one row of a columnar population looks as a Mesa agent.

A view is for inspection, notebooks and tests: ``worker.wage`` reads the cell and ``worker.wage = 3000`` writes it.
Views are made on demand and keep nothing themselves; a loop over views costs more than plain objects, so the monthly
path works on whole columns (`agentset.ColumnarAgentSet`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import mesa
import numpy as np

from .columns import OWN_COLUMNS, Column, Table

if TYPE_CHECKING:
    from .agentset import ColumnarAgentSet


class ColumnarAgent(mesa.Agent):
    """One agent whose attributes are the cells of a table row.

    Subclass it and declare the columns, in the class or when the set is made. A property defined here is for one
    agent; its namesake on the set is for all of them. The view finds its row again after rows have moved.

    Parameters
    ----------
    model
        Model with a registered set of this type.
    **values
        `key` and any columns: ``Worker(model, key=…, age=30)`` adds a row and is the view of it.
    """

    columns: ClassVar[Mapping[str, Column | tuple[Any, ...]]] = {}
    references: ClassVar[Mapping[str, str]] = {}
    model: mesa.Model
    unique_id: int

    def __init__(self, model: mesa.Model, **values: Any) -> None:
        # not mesa.Agent.__init__: the row, not the view, is what the model registers
        home = model.agents_by_type[type(self)]
        self._bind(home.model, home.table, int(home.create_agents(1, **values).row_numbers[0]))

    @classmethod
    def at(cls, model: mesa.Model, table: Table, row: int) -> Self:
        """Return the view of a living row."""
        view = cls.__new__(cls)
        view._bind(model, table, row)
        return view

    @classmethod
    def create_agents(cls, model: mesa.Model, n: int, **values: Any) -> ColumnarAgentSet:
        """Add `n` agents of this type to the model's set; see `ColumnarAgentSet.create_agents`."""
        newcomers: ColumnarAgentSet = model.agents_by_type[cls].create_agents(n, **values)
        return newcomers

    @classmethod
    def from_dataframe(cls, model: mesa.Model, df: Any, **values: Any) -> ColumnarAgentSet:
        """Add one agent per row of a pandas table whose columns are named like ours."""
        return cls.create_agents(model, len(df), **{name: df[name].to_numpy() for name in df}, **values)

    @property
    def row(self) -> int:
        """Present row number.

        Raises
        ------
        ReferenceError
            If the agent has left the model.
        """
        cells = self.__dict__
        table: Table = cells["_table"]
        if cells["_version"] != table.version:
            row = int(table.rows_of(cells["unique_id"])[0])
            if row < 0:
                raise ReferenceError(f"{type(self).__name__} {self.unique_id} has left the model")
            cells.update(_row=row, _version=table.version)
        return int(cells["_row"])

    def remove(self) -> None:
        """Leave the model."""
        self.__dict__["_table"].remove(self.row)

    def __getattr__(self, name: str) -> Any:
        """Read a cell as a plain Python value."""
        table: Table | None = self.__dict__.get("_table")
        if table is None or name not in table:
            raise AttributeError(f"{type(self).__name__} has no column or attribute '{name}'")
        cell = table[name][self.row]
        return cell.item() if np.ndim(cell) == 0 else cell.copy()

    def __setattr__(self, name: str, value: Any) -> None:
        """Write a cell; a name that is no column is refused, since a view would forget it."""
        table: Table = self.__dict__["_table"]
        if name not in table:
            raise AttributeError(f"{type(self).__name__} has no column '{name}' to write; a view keeps nothing itself")
        table.write(name, self.row, value)

    def __eq__(self, other: object) -> bool:
        """Two views are one agent if they show the same id of the same table."""
        if not isinstance(other, ColumnarAgent):
            return NotImplemented
        return self.__dict__["_table"] is other.__dict__["_table"] and self.unique_id == other.unique_id

    def __hash__(self) -> int:
        return hash(self.__dict__.get("unique_id"))

    def __repr__(self) -> str:
        table: Table = self.__dict__["_table"]
        if table.rows_of(self.unique_id)[0] < 0:
            return f"<{type(self).__name__} {self.unique_id}, left>"
        cells = ", ".join(f"{name}={getattr(self, name)}" for name in table if name not in OWN_COLUMNS)
        return f"<{type(self).__name__} {self.unique_id}: {cells}>"

    def _bind(self, model: mesa.Model, table: Table, row: int) -> None:
        unique_id = int(table["unique_id"][row])
        self.__dict__.update(model=model, unique_id=unique_id, _table=table, _row=row, _version=table.version)
