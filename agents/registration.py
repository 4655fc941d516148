"""Decides how a model knows its columnar populations, so that Mesa's own ways of asking for agents find them.

``model.agents_by_type[Worker]`` is the columnar set and ``model.agents`` counts, contains and lists its members too.
Mesa offers no public hook: `_agents_by_type` and `_all_agents` are private, under the same names in 3.3 and 3.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Self

import mesa
import numpy as np
from mesa.agent import AgentSet

from .agentset import ColumnarAgentSet
from .columns import IntArray
from .groups import reduce_with
from .views import ColumnarAgent


def register(model: mesa.Model, agent_class: type[ColumnarAgent], agents: ColumnarAgentSet) -> ColumnarAgentSet:
    """Make a columnar population known to its model under its type; return it.

    Raises
    ------
    ValueError
        If the type is known already, or the set is a choice, of another type or of another model.
    """
    if agent_class in model.agents_by_type:
        raise ValueError(f"{agent_class.__name__} is registered already; a model has one population of each type")
    if agents.agent_class is not agent_class or agents.model is not model or agents.is_choice:
        raise ValueError(f"register the whole {agent_class.__name__} population made for this model")
    if not isinstance(model.agents, AllAgents):
        model._all_agents = AllAgents([model.agents])
    model._agents_by_type[agent_class] = agents
    model.agents.parts.append(agents)
    return agents


def populations(model: mesa.Model) -> dict[str, ColumnarAgentSet]:
    """Return the columnar populations of a model by the name of their type."""
    sets = model.agents_by_type.items()
    return {agent_class.__name__: agents for agent_class, agents in sets if isinstance(agents, ColumnarAgentSet)}


def compact_agents(model: mesa.Model) -> dict[str, IntArray]:
    """Give back the rows of the departed in all populations, and renew every declared reference to moved rows.

    Returns
    -------
    dict
        By type name the map old row -> new row (-1 for the departed), for row numbers kept outside the tables.
    """
    sets = populations(model)
    row_maps = {name: agents.table.compact() for name, agents in sets.items()}
    for agents in sets.values():
        for column, target in agents.table.references.items():
            agents.table.renumber(column, row_maps[target])
    return row_maps


class AllAgents(AgentSet):
    """All agents of a model: Mesa's own set of plain agents, and the columnar populations.

    Verbs are handed to the parts: a function meets single plain agents, but whole columnar sets. What needs one order
    across plain and columnar agents is refused; ask ``model.agents_by_type[T]`` instead.
    """

    parts: list[Any]

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts
        self.random = parts[0].random  # Mesa shuffles plain agents with it

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def __iter__(self) -> Iterator[mesa.Agent]:
        for part in self.parts:
            yield from part

    def __contains__(self, agent: object) -> bool:
        return any(agent in part for part in self.parts)

    def __getitem__(self, item: int | slice) -> Any:
        return list(self)[item]

    def to_list(self) -> list[mesa.Agent]:
        """Return all agents, a view for every row."""
        return list(self)

    def add(self, agent: mesa.Agent) -> None:
        """Take in a plain agent (Mesa does so when it is made)."""
        self.parts[0].add(agent)

    def discard(self, agent: mesa.Agent) -> None:
        """Take an agent out if it is there."""
        if agent in self:
            self.remove(agent)

    def remove(self, agent: mesa.Agent) -> None:
        """Take an agent out (Mesa does so when it leaves)."""
        next((part for part in self.parts if agent in part), self.parts[0]).remove(agent)

    def select(
        self,
        filter_func: Callable[[Any], Any] | None = None,
        at_most: float = math.inf,
        inplace: bool = False,
        agent_type: type[mesa.Agent] | None = None,
    ) -> Self:
        """Choose agents of all types; see `ColumnarAgentSet.select`."""
        if inplace:
            raise ValueError("model.agents itself cannot be narrowed; leave out inplace=True")
        left = int(len(self) * at_most) if isinstance(at_most, float) and at_most <= 1.0 else at_most
        chosen = []
        for part in self.parts:
            # a whole number or infinity: the parts must not read it as a share
            some = part.select(filter_func, left if left == math.inf else int(left), False, agent_type)
            left -= len(some)
            chosen.append(some)
        return type(self)(chosen)

    def get(self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None) -> list[Any]:
        """Return an attribute (or several) of every agent."""
        columns = [part.get(attr_names, handle_missing, default_value) for part in self.parts]
        if isinstance(attr_names, str):
            return [value for column in columns for value in np.asarray(column).tolist()]
        return [list(row) for column in columns for row in column]

    def agg(self, attribute: str, func: Any) -> Any:
        """Apply one or several functions to an attribute of every agent."""
        values = np.asarray(self.get(attribute))
        return reduce_with(func, values) if callable(func) else [reduce_with(one, values) for one in func]

    def set(self, attr_name: str, value: Any) -> Self:
        """Give every agent a value."""
        for part in self.parts:
            part.set(attr_name, value)
        return self

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Self:
        """Run a behaviour of every plain agent and every columnar set."""
        for part in self.parts:
            part.do(method, *args, **kwargs)
        return self

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Return what a behaviour says of every agent."""
        return [value for part in self.parts for value in part.map(method, *args, **kwargs)]

    def copy(self) -> Self:
        """Return a choice of the present agents."""
        return self.select()

    __copy__ = copy

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("plain and columnar agents have no common order or groups; use model.agents_by_type[T]")

    sort = shuffle = shuffle_do = groupby = _refuse

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
