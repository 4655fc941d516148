"""Decides how groups of agents are counted and summed: Mesa's GroupBy on whole columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .agentset import ColumnarAgentSet

# Python's own would walk over the column one number at a time, and sum int8 into an overflow
_ON_COLUMNS: dict[Any, Callable[..., Any]] = {sum: np.sum, min: np.min, max: np.max, any: np.any, all: np.all}


def reduce_with(func: Callable[..., Any], values: npt.NDArray[Any]) -> Any:
    """Aggregate a column, using numpy's namesake for Python's sum, min, max, any and all."""
    return _ON_COLUMNS.get(func, func)(values)


class ColumnarGroupBy:
    """Groups of one population, in order of first appearance.

    Parameters
    ----------
    groups
        Label to set (or to list of views).
    """

    def __init__(self, groups: dict[Hashable, Any]) -> None:
        self.groups = groups

    @classmethod
    def of(cls, agents: ColumnarAgentSet, labels: npt.NDArray[Any], *, as_lists: bool = False) -> Self:
        """Split a set by one label per member."""
        names, first, code = np.unique(labels, return_index=True, return_inverse=True)
        sizes = np.bincount(code, minlength=len(names))
        rows = np.split(agents.row_numbers[np.argsort(code, kind="stable")], np.cumsum(sizes)[:-1])
        groups = {names[g].item(): agents.at_rows(rows[g]) for g in np.argsort(first)}
        return cls({label: group.to_list() for label, group in groups.items()} if as_lists else dict(groups))

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> dict[Hashable, Any]:
        """Call a function (or the group's method of that name) with each group; return what it says by label."""
        if isinstance(method, str):
            return {label: getattr(group, method)(*args, **kwargs) for label, group in self}
        return {label: method(group, *args, **kwargs) for label, group in self}

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Self:
        """Call a function (or the group's method of that name) with each group."""
        self.map(method, *args, **kwargs)
        return self

    def count(self) -> dict[Hashable, int]:
        """Return the number of members by label."""
        return {label: len(group) for label, group in self}

    def agg(self, attr_name: str, func: Callable[..., Any]) -> dict[Hashable, Any]:
        """Apply a function to a column within each group."""
        return {label: reduce_with(func, _column(group, attr_name)) for label, group in self}

    def __iter__(self) -> Iterator[tuple[Hashable, Any]]:
        return iter(self.groups.items())

    def __len__(self) -> int:
        return len(self.groups)


def _column(group: Any, attr_name: str) -> npt.NDArray[Any]:
    if isinstance(group, list):
        return np.asarray([getattr(agent, attr_name) for agent in group])
    values: npt.NDArray[Any] = group.get(attr_name)
    return values
