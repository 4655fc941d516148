"""Decides who belongs to a set of columnar agents: the whole population, or a choice of its members in some order.

The MutableSet half of Mesa's AgentSet (contains, add, remove, union, …), done on row numbers instead of one agent at
a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self

import mesa
import numpy as np
import numpy.typing as npt

from .columns import IntArray, Table
from .views import ColumnarAgent


class Members:
    """Who is in the set; `a | b`, `a & b`, `a - b` and `a ^ b` keep the order of `a`, then of `b`.

    A choice remembers its members by id, so it stays right when agents leave or rows move. See
    `agentset.ColumnarAgentSet` for the parameters.
    """

    agent_class: type[ColumnarAgent] = ColumnarAgent
    model: mesa.Model
    table: Table
    _ids: IntArray | None  # None for the whole population
    _rows: IntArray
    _seen: int  # version of the table for which _rows is right
    __hash__ = None  # type: ignore[assignment]  # like Mesa's: a set that changes has no hash

    def __init__(
        self,
        model: mesa.Model,
        agent_class: type[ColumnarAgent] | None = None,
        columns: dict[str, Any] | None = None,
        *,
        references: dict[str, str] | None = None,
        capacity: int = 0,
    ) -> None:
        chosen = agent_class or type(self).agent_class
        declared = chosen.columns if columns is None else columns
        hidden = [n for n in declared if n in ("model", "table") or hasattr(type(self), n) or hasattr(chosen, n)]
        if hidden:
            raise ValueError(f"column '{hidden[0]}' would hide an attribute of agents or sets; choose another name")
        table = Table(declared, references=chosen.references if references is None else references, capacity=capacity)
        self.__dict__.update(model=model, agent_class=chosen, table=table, _ids=None, _rows=None, _seen=-1)

    @property
    def row_numbers(self) -> IntArray:
        """Rows of the members in the table, in the order of the set."""
        if self._ids is None:
            return self.table.rows
        if self._seen != self.table.version:
            rows = self.table.rows_of(self._ids)
            here = rows >= 0
            self.__dict__.update(_ids=self._ids[here], _rows=rows[here], _seen=self.table.version)
        members: IntArray = self._rows
        return members

    @property
    def is_choice(self) -> bool:
        """Whether this is a choice of agents and not the whole population."""
        return self._ids is not None

    @property
    def alive(self) -> npt.NDArray[np.bool_]:
        """Which entries of the columns are living members (all, except for removed rows of a whole population)."""
        return self.table.alive if not self.is_choice else np.ones(len(self), dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.row_numbers)

    def __iter__(self) -> Iterator[ColumnarAgent]:
        """Yield a view of each member; who leaves meanwhile is passed over."""
        start, table = self.table.version, self.table
        rows = self.row_numbers
        for row, unique_id in zip(rows.tolist(), table["unique_id"][rows].tolist(), strict=True):
            now = row if table.version == start else int(table.rows_of(unique_id)[0])
            if now >= 0:
                yield self.agent_class.at(self.model, table, now)

    def __contains__(self, agent: object) -> bool:
        if not isinstance(agent, ColumnarAgent) or agent.__dict__["_table"] is not self.table:
            return False
        row = self.table.rows_of(agent.unique_id)[0]
        return bool(row >= 0 and (not self.is_choice or row in self.row_numbers))

    def __getitem__(self, item: Any) -> Any:
        """Return the view (or list of views) at a place of the set."""
        if isinstance(item, slice):
            return self.at_rows(self.row_numbers[item]).to_list()
        return self.agent_class.at(self.model, self.table, int(self.row_numbers[item]))

    def to_list(self) -> list[ColumnarAgent]:
        """Return the views of all members."""
        return list(self)

    def at_rows(self, rows: npt.ArrayLike, inplace: bool = False) -> Self:
        """Choose the living members at these row numbers, in this order."""
        if inplace and not self.is_choice:
            raise ValueError("the population itself cannot be narrowed or reordered in place; leave out inplace=True")
        given = np.asarray(rows, dtype=np.int64)
        here: IntArray = given[self.table.alive[given]]
        chosen = self if inplace else object.__new__(type(self))
        chosen.__dict__.update(self.__dict__)
        chosen.__dict__.update(_ids=self.table["unique_id"][here], _rows=here, _seen=self.table.version)
        return chosen

    def add(self, agent: ColumnarAgent) -> None:
        """Put an agent of the same population into this choice."""
        if agent.__dict__.get("_table") is not self.table:
            raise ValueError(f"only agents of the same population; new ones: {self.agent_class.__name__}.create_agents")
        if agent not in self:
            self.at_rows(np.append(self.row_numbers, agent.row), inplace=True)

    def remove(self, agent: ColumnarAgent) -> None:
        """Take an agent out of this choice; taken out of the whole population, it leaves the model."""
        if agent not in self:
            raise KeyError(agent)
        if not self.is_choice:
            agent.remove()
        else:
            self.at_rows(self.row_numbers[self.row_numbers != agent.row], inplace=True)

    def discard(self, agent: ColumnarAgent) -> None:
        """Do as `remove`, if the agent is there."""
        if agent in self:
            self.remove(agent)

    def clear(self) -> None:
        """Empty this choice (a whole population is emptied by `leave_model`)."""
        self.at_rows(self.row_numbers[:0], inplace=True)

    def copy(self) -> Self:
        """Return a choice of the present members."""
        return self.at_rows(self.row_numbers)

    __copy__ = copy

    def __or__(self, other: Any) -> Self:
        return self._joined(other, lambda a, b: np.concatenate([a, b[~np.isin(b, a)]]))

    def __and__(self, other: Any) -> Self:
        return self._joined(other, lambda a, b: a[np.isin(a, b)])

    def __sub__(self, other: Any) -> Self:
        return self._joined(other, lambda a, b: a[~np.isin(a, b)])

    def __xor__(self, other: Any) -> Self:
        return self._joined(other, lambda a, b: np.concatenate([a[~np.isin(a, b)], b[~np.isin(b, a)]]))

    # `a |= b` makes `a` a new choice and leaves the population alone
    __ior__, __iand__, __isub__, __ixor__ = __or__, __and__, __sub__, __xor__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Members):
            return NotImplemented
        return other.table is self.table and np.array_equal(np.sort(self.row_numbers), np.sort(other.row_numbers))

    def __le__(self, other: Any) -> bool:
        return bool(np.isin(self.row_numbers, self._rows_in(other)).all())

    def __ge__(self, other: Any) -> bool:
        return bool(np.isin(self._rows_in(other), self.row_numbers).all())

    def __lt__(self, other: Any) -> bool:
        return self <= other and not self >= other

    def __gt__(self, other: Any) -> bool:
        return self >= other and not self <= other

    def isdisjoint(self, other: Any) -> bool:
        """Say whether no agent is in both."""
        return not np.isin(self.row_numbers, self._rows_in(other)).any()

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _joined(self, other: Any, how: Any) -> Self:
        return self.at_rows(how(self.row_numbers, self._rows_in(other)))

    def _rows_in(self, other: Members | Iterable[ColumnarAgent]) -> IntArray:
        if isinstance(other, Members):
            if other.table is not self.table:
                raise ValueError("sets of two populations cannot be joined; keep them side by side")
            return other.row_numbers
        return np.fromiter((agent.row for agent in other), dtype=np.int64)
