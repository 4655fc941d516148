"""Decides which numbers agents go by: Mesa's ids, taken in blocks, and given up when a model is done.

The only file, with `registration.py`, that touches private parts of Mesa; tests/agents/test_agentset_contract.py fails
if they change. Mesa 3.3 counts ids in ``Agent._ids``, Mesa 3.5 in ``model.agent_id_counter``.
"""

from __future__ import annotations

import itertools
from typing import Any

import mesa


def reserve_ids(model: mesa.Model, n: int, *, above: int = 0) -> int:
    """Take `n` ids that no agent of the model has and that are larger than `above`; return the first."""
    counters: dict[Any, Any] | None = getattr(mesa.Agent, "_ids", None)
    if counters is None:
        first = max(model.agent_id_counter, above + 1)
        model.agent_id_counter = first + n
    else:
        first = max(next(counters[model]), above + 1)
        counters[model] = itertools.count(first + n)
    return first


def release(model: mesa.Model) -> None:
    """Let Mesa forget a finished model: Mesa 3.3 keeps every model in memory for ever as the owner of an id counter."""
    getattr(mesa.Agent, "_ids", {}).pop(model, None)
