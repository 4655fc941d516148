"""Measure the model: CPU seconds to build and run, agent-months per CPU second, peak memory, seconds by step."""

from __future__ import annotations

import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

Step = Callable[..., Any]
PEOPLE_STEPS = ("labour_market_meets", "days_are_worked", "money_is_paid", "people_live_and_move")
# What firms and their markets do in a month; the rest is people, farms, money and books.
FIRM_SIDE = (
    "firms_expect_and_price", "firms_plan", "inputs_are_ordered_and_delivered", "goods_are_made", "goods_are_sold",
    "firms_and_farms_invest", "firms_enter_and_leave",
)  # fmt: skip


def measure(scale: float, months: int) -> dict[str, Any]:
    """Build the baseline of the shipped configuration and step it, timing every sentence of the month.

    Peak memory is that of the whole process until the end of each phase, so measure each scale in a process of its own.
    Compiled loops are read from disk or compiled in a month of a small model first; ``compile_cpu_s`` is what
    that took.  ``yardstick_cpu_s`` is what a fixed piece of work took just before: by it figures of other machines
    and busier hours compare.
    """
    started = time.process_time()
    from ..agents import months as sentences
    from ..agents import supply
    from ..agents.model import IndustryChainModel
    from ..config.loader import load
    from ..config.schema import Name, Scenario

    config = load()
    scenario = Scenario(name="baseline", label=Name(zh="基准", en="baseline"))
    loaded = time.process_time()
    small = IndustryChainModel(config, scenario, seed=1, scale=0.001)
    small.step()
    small.release()
    compiled = time.process_time()
    yardstick = _yardstick()
    began = time.process_time()
    seconds: defaultdict[str, float] = defaultdict(float)
    peaks = {"compile": _peak_mib()}
    drawing = "draw_links"
    draw = getattr(supply, drawing)
    try:
        setattr(supply, drawing, _timed(draw, drawing, seconds))
        model = IndustryChainModel(config, scenario, seed=1, scale=scale)
    finally:
        setattr(supply, drawing, draw)
    drawn = seconds.pop(drawing)
    built = time.process_time()
    peaks["build"] = _peak_mib()
    names = [name for name in IndustryChainModel.step.__code__.co_names if hasattr(sentences, name) and name != "month"]
    kept = {name: getattr(sentences, name) for name in names}
    try:
        for name in names:
            setattr(sentences, name, _timed(kept[name], name, seconds))
        for _ in range(months):
            model.step()
    finally:
        for name in names:
            setattr(sentences, name, kept[name])
    stepped = time.process_time()
    peaks["run"] = _peak_mib()
    table = model.workers.table
    firm_side = [model.firms.table, model.supply, model.trade, model.sales]
    agents = len(model.workers) + len(model.farms) + len(model.firms)
    return {
        "scale": scale,
        "months": months,
        "persons": len(model.workers),
        "farms": len(model.farms),
        "firms": len(model.firms),
        "links": len(model.supply.trade.links.slot) + len(model.supply.final.links.slot),
        "yardstick_cpu_s": round(yardstick, 3),
        "load_cpu_s": round(loaded - started, 2),
        "compile_cpu_s": round(compiled - loaded, 2),
        "build_cpu_s": round(built - began, 2),
        "draw_cpu_s": round(drawn, 2),
        "run_cpu_s": round(stepped - built, 2),
        "people_ms_a_month": round(1000 * sum(seconds[name] for name in PEOPLE_STEPS) / months, 2),
        "firm_side_ms_a_month": round(1000 * sum(seconds[name] for name in FIRM_SIDE) / months, 1),
        "agent_months_per_cpu_s": round(agents * months / (stepped - built)),
        "bytes_a_person": round(sum(table.columns[name].cells(1).nbytes for name in table) + 1),
        "firm_side_mib": round(sum(_bytes_of(firm_side)) / 1024**2, 1),
        "peak_mib": peaks["run"],
        "peak_mib_by_phase": peaks,
        "seconds_by_step": {name: round(seconds[name], 3) for name in sorted(seconds, key=lambda name: -seconds[name])},
    }


def _peak_mib() -> int:
    """The most memory this process has held until now, MiB."""
    unit = 1024**2 if sys.platform == "darwin" else 1024  # ru_maxrss counts KiB on Linux and bytes on macOS
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def _bytes_of(holders: list[Any]) -> list[int]:
    """Bytes of each array that these objects hold, themselves or in what they hold; spare room counts, each once."""
    import numpy as np

    sizes: dict[int, int] = {}
    seen, left = set(), list(holders)
    while left:
        held = left.pop()
        if isinstance(held, np.ndarray):
            while isinstance(held.base, np.ndarray):
                held = held.base
            sizes[id(held)] = held.nbytes
        elif id(held) not in seen:
            seen.add(id(held))
            if isinstance(held, dict):
                left += held.values()
            elif isinstance(held, list | tuple):
                left += held
            elif type(held).__module__.startswith("pingliang."):
                left += vars(held).values()
    return list(sizes.values())


def _yardstick() -> float:
    """CPU seconds, best of five, to gather and sum half a million cells in an order like that of supplier links."""
    import numpy as np

    cells, best = np.arange(2.0**19), float("inf")
    order = (np.arange(2**19, dtype=np.int64) * 2654435761) % 2**19
    for _ in range(5):
        started = time.process_time()
        for _ in range(4):
            np.bincount(order, cells[order], minlength=2**19)
        best = min(best, time.process_time() - started)
    return best


def _timed(function: Step, name: str, seconds: defaultdict[str, float]) -> Step:
    """Wrap a sentence, or another function, so that its CPU seconds add up under its name."""

    def run(*arguments: Any, **named: Any) -> Any:
        start = time.process_time()
        result = function(*arguments, **named)
        seconds[name] += time.process_time() - start
        return result

    return run
