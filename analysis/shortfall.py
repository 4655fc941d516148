"""Why a chain misses its target: the shortfall split over causes by taking them away in every order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..runs.shortfall import CAUSES, cause_sets, set_name
from .panels import Margins, legend_height, new_panels, width_of_text
from .results import IncompleteResults
from .style import INK, TARGET, figure_of, in_house_style, panel_title
from .targets import target_amount
from .words import nine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config
    from ..config.schema import Cause

INDICATORS = {
    "plan_output": ("规划口径全产业链产值", "Plan ledger: whole-chain output"),
    "plan_value_added": ("规划口径全产业链增加值", "Plan ledger: whole-chain value added"),
}
BEYOND = "beyond"
WORDS = {
    "demand": ("外部需求", "outside demand"),
    "labour": ("劳动力", "labour"),
    "capital": ("设备与融资", "plant and finance"),
    "inputs": ("投入品供应", "supply of inputs"),
    "permits": ("审批与指标", "permits and quotas"),
    BEYOND: ("以上原因之外（土地、畜群、价格）", "beyond these causes (land, herds, prices)"),
}
COLOURS = {
    "demand": "#0072b2", "labour": "#cc79a7", "capital": "#009e73", "inputs": "#d9b300", "permits": "#832db6",
    BEYOND: "#b4b9bf",
}  # fmt: skip
HATCHES = {"demand": "", "labour": "//", "capital": "", "inputs": "\\\\", "permits": "..", BEYOND: ""}
YI = 1e8


def shapley(value: Mapping[frozenset[Cause], np.ndarray], causes: Sequence[Cause] = CAUSES) -> dict[Cause, np.ndarray]:
    """Split what all causes together change over each of them: its mean effect over all orders of taking them away.

    ``value`` holds the outcome with every set of causes taken away; the parts add up to the difference between the
    outcome with all and with none of them.
    """
    count, parts = len(causes), {}
    for cause in causes:
        others = [one for one in causes if one != cause]
        part = np.zeros_like(value[frozenset()])
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for chosen in map(frozenset, combinations(others, size)):
                part = part + weight * (value[chosen | {cause}] - value[chosen])
        parts[cause] = part
    return parts


def read_sets(path: Path, year: int) -> pd.DataFrame:
    """Read plan output and value added of the year by indicator, chain and replicate, a column per set of causes.

    Only replicates of which every set finished count.

    Raises
    ------
    IncompleteResults
        No replicate is complete.
    """
    month = year * 100 + 12
    files = sorted((path / "series").glob("part-*.parquet"))
    columns = ["scenario", "replicate", "variable", "chain", "value"]
    tests = [("variable", "in", list(INDICATORS)), ("month", "==", month)]
    parts = [pd.read_parquet(file, columns=columns, filters=tests) for file in files]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    table = frame.pivot_table(index=["variable", "chain", "replicate"], columns="scenario", values="value")
    names = [set_name(chosen) for chosen in cause_sets()]
    table = table.reindex(columns=names).dropna()
    if not len(table):
        raise IncompleteResults(f"{path}: no replicate finished with all {len(names)} sets of causes; run it again")
    return table


def shortfall_table(sets: pd.DataFrame, config: Config, chains: Sequence[str] = ()) -> pd.DataFrame:
    """Split the shortfall of every chain with a target over causes.

    Parameters
    ----------
    sets : what `read_sets` returns.
    chains : chains to keep; default: all with a target.

    Returns
    -------
    DataFrame, one row per indicator, chain and part (the causes, then ``beyond``), CNY a year: indicator, chain,
    target_year, target, value (mean with nothing relaxed), shortfall (target - value), part, amount (mean over
    replicates; negative where relaxing the cause lowers the chain), error (standard error of amount), alone (effect
    of relaxing this cause only), all_relaxed (mean with every cause relaxed), interaction (what all causes bring
    together less the sum of each alone) and n (replicates).  Amounts of a chain add up to its shortfall.
    """
    rows = []
    recorded = dict(list(sets.groupby(level=["variable", "chain"])))
    for item in config.plan.items.values():
        known = item.kind == "target" and item.value is not None and item.indicator in INDICATORS and item.chain
        if not known or (chains and item.chain not in chains) or (item.indicator, item.chain) not in recorded:
            continue
        mine = recorded[item.indicator, item.chain]
        value = {frozenset(chosen): mine[set_name(chosen)].to_numpy() for chosen in cause_sets()}
        now, freed, target = value[frozenset()], value[frozenset(CAUSES)], target_amount(item)
        parts: dict[str, np.ndarray] = {str(cause): part for cause, part in shapley(value).items()}
        parts[BEYOND] = target - freed
        alone = {cause: float((value[frozenset({cause})] - now).mean()) for cause in CAUSES}
        about = {
            "indicator": item.indicator, "chain": item.chain, "target_year": item.year, "target": target,
            "value": float(now.mean()), "shortfall": target - float(now.mean()),
        }  # fmt: skip
        rest = {
            "all_relaxed": float(freed.mean()),
            "interaction": float((freed - now).mean()) - sum(alone.values()),
            "n": len(now),
        }
        for part, amount in parts.items():
            error = float(amount.std(ddof=1) / np.sqrt(len(amount))) if len(amount) > 1 else float("nan")
            split = {"part": part, "amount": float(amount.mean()), "error": error}
            rows.append(about | split | {"alone": alone.get(part, float("nan"))} | rest)  # type: ignore[call-overload]
    table = pd.DataFrame(rows)
    order = {chain: place for place, chain in enumerate(nine(config))}
    rank = {part: place for place, part in enumerate(WORDS)}
    keys = pd.DataFrame({"i": table["indicator"], "c": table["chain"].map(order), "p": table["part"].map(rank)})
    return table.loc[keys.sort_values(["i", "c", "p"]).index].reset_index(drop=True)


@in_house_style
def plot_shortfall(table: pd.DataFrame, *, config: Config, ax: np.ndarray | None = None) -> Figure:
    """Draw each chain's way from what it reaches to its target, in per cent of the target, a colour per cause.

    What relaxing a cause takes away stands left of what the chain reaches.
    """
    shown = [name for name in INDICATORS if name in set(table["indicator"])]
    chains = [name for name in nine(config) if name in set(table["chain"])]
    labels = [f"{config.chains[name].name.zh}\n{config.chains[name].name.en}" for name in chains]
    if ax is None:
        room = width_of_text(labels, 8) + 0.14
        margins = Margins(room, bottom=0.62 + legend_height(len(WORDS) + 2, 3), across=0.3, top=0.5)
        ax = new_panels(1, len(shown), (10.4, 1.3 + margins.bottom + 0.42 * len(chains)), margins)
    for panel, indicator in zip(ax.flatten(), shown, strict=True):
        _bars(panel, table[table["indicator"] == indicator], chains)
        panel.set_yticks(range(len(chains)), labels if panel is ax.flatten()[0] else [], fontsize=8, linespacing=1.3)
        panel.set_xlabel("占规划目标的百分比 % of the target")
        panel_title(panel, *INDICATORS[indicator])
    figure = figure_of(ax.flatten()[0])
    figure.legend(handles=_legend(), loc="lower center", ncols=3, fontsize=8.5)
    return figure


def _bars(ax: Axes, table: pd.DataFrame, chains: Sequence[str]) -> None:
    """Stack parts that add to the right of what is reached and parts that take away to the left of it."""
    low, high = 0.0, 100.0
    for line, chain in enumerate(chains):
        mine = table[table["chain"] == chain]
        if not len(mine):
            ax.text(1, line, "没有目标 no target", fontsize=8, va="center", color="#646c76")
            continue
        share = 100 / mine["target"].iloc[0]
        reached = mine["value"].iloc[0] * share
        ax.barh(line, reached, 0.3, color="#d9dde1", zorder=1)
        right = left = reached
        for part, amount in zip(mine["part"], mine["amount"] * share, strict=True):
            start = right if amount >= 0 else left
            ax.barh(
                line, amount, 0.62, left=start, color=COLOURS[part], hatch=HATCHES[part], edgecolor="white",
                linewidth=0.5, zorder=2,
            )  # fmt: skip
            right, left = (right + amount, left) if amount >= 0 else (right, left + amount)
        ax.plot([reached, reached], [line - 0.38, line + 0.38], color=INK, linewidth=1.8, zorder=3)
        low, high = min(low, left), max(high, right)
    ax.axvline(100, color=TARGET, linewidth=1.6, zorder=0)
    ax.axvline(0, color=INK, linewidth=0.8, zorder=0)
    ax.set_xlim(max(low * 1.05, -150), min(high * 1.05, 300))
    ax.set_ylim(len(chains) - 0.45, -0.55)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", left=False)


def _legend() -> list[object]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    parts = [
        Patch(facecolor=COLOURS[part], hatch=HATCHES[part], edgecolor="white", label=f"{zh} {en}")
        for part, (zh, en) in WORDS.items()
    ]
    reached = Line2D([], [], color=INK, linewidth=1.8, label="达到 reached")
    return [*parts, reached, Line2D([], [], color=TARGET, label="规划目标 plan target = 100%")]
