"""Decides how a researcher who knows Mesa works with a population held as columns.

`ColumnarAgentSet` answers Mesa's AgentSet verbs on whole columns. A behaviour is a method of the set, vectorised;
a filter or a group label is a function of the set that returns one value per row: ``select(lambda a: a.age > 30)``.
Calling Python once per agent is slow and must be asked for with ``per_agent=True``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import partial
from typing import Any, ClassVar, Self

import mesa
import numpy as np
import numpy.typing as npt
from mesa.agent import AgentSet

from .columns import Column, Table
from .groups import ColumnarGroupBy, reduce_with
from .identity import reserve_ids
from .membership import Members
from .views import ColumnarAgent

__all__ = ["Column", "ColumnarAgent", "ColumnarAgentSet", "ColumnarGroupBy", "Table"]

Filter = Callable[[Any], Any] | npt.NDArray[np.bool_]


class ColumnarAgentSet(Members, AgentSet):
    """All agents of one type, or a choice of them in some order.

    The set made by the constructor is the whole population. Its attributes are the *live* columns of all used rows,
    aligned with row numbers (``workers.employer[rows] = -1`` writes); removed rows stay in them, neutral, until
    `compact`. A set made by `select`, `sort`, `shuffle` or `groupby` is a choice: its attributes are read-only copies
    in its own order, written with ``chosen.set("wage", x)`` or ``chosen.wage = x``, and who leaves the model leaves
    it too. `get`, `agg`, `map`, `len` and iteration see living members only, in both.

    Parameters
    ----------
    model
        The model the agents belong to.
    agent_class
        View class; may be given as the class attribute of a subclass.
    columns, references
        Declaration (`columns.Table`); by default those of `agent_class`.
    capacity
        Rows to reserve.
    """

    _verbs_on_views: ClassVar[dict[str, str]] = {"remove": "leave_model"}

    # --- columns -----------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        table: Table | None = own.get("table")
        if table is not None and own["_ids"] is None:
            live = table.live.get(name)  # the whole population, what the monthly path asks for
            if live is not None or name in table:
                return table[name] if live is None else live
        if table is None or name not in table:
            known = [*(table or ()), *dir(type(self))]
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise AttributeError(f"{type(self).__name__} has no column or attribute '{name}'{hint}")
        column = table[name][self.row_numbers]
        column.flags.writeable = False
        return column

    def __setattr__(self, name: str, value: Any) -> None:
        """Write a column; other names must be declared by the class, so that a misspelt column is not kept silently."""
        if name in self.table:
            self.table.write(name, self.row_numbers if self.is_choice else slice(None), value)
        elif name.startswith("_") or any(name in getattr(c, "__annotations__", ()) for c in type(self).__mro__):
            self.__dict__[name] = value
        else:
            raise AttributeError(f"{type(self).__name__} has no column '{name}'; misspelt, or not declared")

    def get(self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None) -> Any:
        """Return an attribute of all living members as a fresh array; for a list, rows with named fields."""
        if handle_missing not in ("error", "default"):
            raise ValueError(f"Unknown handle_missing option: {handle_missing}, should be one of 'error' or 'default'")
        if isinstance(attr_names, str):
            if attr_names in self.table:
                return self.table[attr_names][self.row_numbers]
            if handle_missing == "default" and not hasattr(self, attr_names):
                return np.full(len(self), default_value)
            return self._per_member(getattr(self, attr_names), f"'{attr_names}'")
        parts = [self.get(name, handle_missing, default_value) for name in attr_names]
        together = np.empty(len(self), dtype=[(name, part.dtype) for name, part in zip(attr_names, parts, strict=True)])
        for name, part in zip(attr_names, parts, strict=True):
            together[name] = part
        return together

    def set(self, attr_name: str, value: Any) -> Self:
        """Give all members a value, or each its own (an array in the order of the set)."""
        if attr_name not in self.table:
            raise AttributeError(f"{type(self).__name__} has no column '{attr_name}'")
        values = value if np.ndim(value) == 0 else self._per_member(value, f"'{attr_name}'")
        self.table.write(attr_name, self.row_numbers, values)
        return self

    def agg(self, attribute: str, func: Callable[..., Any] | Iterable[Callable[..., Any]]) -> Any:
        """Apply one or several functions to the column of all living members."""
        values = self.get(attribute)
        return reduce_with(func, values) if callable(func) else [reduce_with(one, values) for one in func]

    # --- choosing and ordering ---------------------------------------------------------------------------------

    def count(self, value: Any = None) -> int:
        """Count the members: all, those that meet a condition on columns, or one agent (0 or 1)."""
        if value is None:
            return len(self)
        return int(value in self) if isinstance(value, ColumnarAgent) else int(self._mask(value, False).sum())

    def select(
        self,
        filter_func: Filter | None = None,
        at_most: float = math.inf,
        inplace: bool = False,
        agent_type: type[mesa.Agent] | None = None,
        *,
        per_agent: bool = False,
    ) -> Self:
        """Choose members: `filter_func` is a mask, or a function of the set that returns one.

        `at_most` is a number, or a share of the set if it is a float up to 1; the first ones are taken.
        """
        rows = self.row_numbers
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(rows) * at_most)
        if filter_func is not None:
            rows = rows[self._mask(filter_func, per_agent)]
        if agent_type is not None and not issubclass(self.agent_class, agent_type):
            rows = rows[:0]
        return self.at_rows(rows if at_most >= len(rows) else rows[: math.ceil(at_most)], inplace)

    def sort(self, key: str | Callable[[Any], Any], ascending: bool = False, inplace: bool = False) -> Self:
        """Order the members by a column or a function of the set; ties keep their order."""
        values = self._per_member(getattr(self, key) if isinstance(key, str) else key(self), "sort key")
        order = np.argsort(values if ascending else values[::-1], kind="stable")
        return self.at_rows(self.row_numbers[order if ascending else len(values) - 1 - order[::-1]], inplace)

    def shuffle(self, inplace: bool = False, *, name: str = "shuffle", month: int | None = None, k: int = 0) -> Self:
        """Order the members at random by key, as ``model.streams`` has it for this name, month and `k`.

        The same call in the same month gives the same order; give another `k` for another.
        """
        keys = self.table["key"][self.row_numbers]
        moment = self.model.month if month is None else month
        return self.at_rows(self.row_numbers[np.argsort(self.model.streams.bits(name, keys, moment, k=k))], inplace)

    def groupby(
        self, by: str | Callable[[Any], Any], result_type: str = "agentset", *, per_agent: bool = False
    ) -> ColumnarGroupBy:
        """Split the members by a column or by labels that a function of the set returns."""
        if per_agent and callable(by):
            labels = np.asarray([by(agent) for agent in self])
        else:
            labels = self._per_member(getattr(self, by) if isinstance(by, str) else by(self), "group labels")
        return ColumnarGroupBy.of(self, labels, as_lists=result_type != "agentset")

    # --- acting ------------------------------------------------------------------------------------------------

    def do(self, method: str | Callable[..., Any], *args: Any, per_agent: bool = False, **kwargs: Any) -> Self:
        """Run a behaviour once for the whole set: a method of the set by name, or a function that takes the set."""
        if per_agent:
            self._each(method, args, kwargs)
        else:
            self._behaviour(method)(*args, **kwargs)
        return self

    def map(self, method: str | Callable[..., Any], *args: Any, per_agent: bool = False, **kwargs: Any) -> Any:
        """Like `do`, but return what the behaviour says of each member (a list with ``per_agent=True``)."""
        if per_agent:
            return self._each(method, args, kwargs)
        return self._per_member(self._behaviour(method)(*args, **kwargs), "map")

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Self:
        """Shuffle a copy (see `shuffle`) and run the behaviour on it."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    # --- coming and going --------------------------------------------------------------------------------------

    def create_agents(self, n: int, *, key: npt.ArrayLike, **values: Any) -> Self:
        """Add `n` agents to the population and return them; `key` comes from `randomness.child_key`."""
        last = int(self.table["unique_id"][-1]) if self.table.size else 0
        first = reserve_ids(self.model, n, above=last)
        return self.at_rows(self.table.add(n, key=key, ids=np.arange(first, first + n), **values))

    def leave_model(self) -> None:
        """Let all members leave the model; ``chosen.do("remove")`` says the same."""
        self.table.remove(self.row_numbers)

    # --- inner workings ----------------------------------------------------------------------------------------

    def _per_member(self, values: Any, what: str) -> npt.NDArray[Any]:
        """Bring one value per used row (whole population) or per member to one value per member."""
        array, members = np.asarray(values), len(self)
        if not self.is_choice and array.shape[:1] == (self.table.size,):
            return array[self.row_numbers]
        if array.shape[:1] != (members,):
            raise ValueError(f"{what}: expected one value for each of {members} agents, got shape {array.shape}")
        return array

    def _mask(self, condition: Filter, per_agent: bool) -> npt.NDArray[np.bool_]:
        if per_agent and callable(condition):
            return np.fromiter((bool(condition(agent)) for agent in self), dtype=np.bool_, count=len(self))
        try:
            given = condition(self) if callable(condition) else condition
        except ValueError as error:
            error.add_note("conditions get whole columns: join them with & | ~, or ask for per_agent=True (slow)")
            raise
        mask = self._per_member(given, "condition")
        if mask.dtype != np.bool_:
            raise TypeError(f"condition: expected true or false for each agent, got {mask.dtype}")
        return mask

    def _behaviour(self, method: str | Callable[..., Any]) -> Callable[..., Any]:
        if not isinstance(method, str):
            return partial(method, self)
        found = getattr(type(self), self._verbs_on_views.get(method, method), None)
        if not callable(found):
            raise AttributeError(
                f"{type(self).__name__} has no method '{method}'; write it there for whole columns, "
                f"or ask for {self.agent_class.__name__}.{method} once per agent with per_agent=True (slow)"
            )
        return partial(found, self)

    def _each(self, method: str | Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]
