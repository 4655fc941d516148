"""Which numbers matter most for all indicators together, and how well each is known: the page and its picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..config.factors import at
from ..config.schema import Quantity
from .panels import Margins, new_panels, width_of_text
from .results import records
from .sensitivity import MEASURES, Screened, kpi_label
from .style import INK, figure_of, in_house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..config.loader import Config

TOP = 10
SHOWN = 20


def overall_table(screened: Screened) -> pd.DataFrame:
    """Rank factors by their mean over indicators of effect / largest effect on the indicator.

    Returns
    -------
    DataFrame with factor, path, label_zh, label_en, role, weight (0-1), clear_of (indicators on which its interval lies
    above the noise floor), most (the indicator it moves most among the clear ones, or of all) and most_effect (share of
    that indicator's mean), the largest weight first; dummies last in no order of their own.
    """
    table = screened.table.copy()
    table["part"] = table["effect"] / table.groupby("kpi")["effect"].transform("max").replace(0.0, np.nan)
    rows = []
    for factor, group in table.groupby("factor", sort=True):
        clear = group[group["clear"]]
        most = (clear if len(clear) else group).sort_values(["part", "kpi"], ascending=[False, True]).iloc[0]
        rows.append(
            {name: most[name] for name in ("path", "label_zh", "label_en", "role")}
            | {"factor": factor, "weight": float(group["part"].mean()), "clear_of": int(group["clear"].sum())}
            | {"most": most["kpi"], "most_effect": float(most["effect"])}
        )
    found = pd.DataFrame(rows)
    found["dummy"] = found["role"] == "dummy"
    return found.sort_values(["dummy", "weight", "factor"], ascending=[True, False, True], ignore_index=True)


@in_house_style
def plot_overall(screened: Screened, config: Config, *, ax: Axes | None = None) -> Figure:
    """Draw the factors that matter most against the indicators: effect on the mean, starred where above the noise."""
    order = overall_table(screened)
    order = order[order["role"] != "dummy"].head(SHOWN)
    kpis = list(dict.fromkeys(screened.table["kpi"]))
    effect = 100 * screened.table.pivot(index="factor", columns="kpi", values="effect").loc[order["factor"], kpis]
    clear = screened.table.pivot(index="factor", columns="kpi", values="clear").loc[order["factor"], kpis]
    labels = [f"{place}  {_short(row)}" for place, row in enumerate(records(order), start=1)]
    if ax is None:
        heads = [_head(kpi, config) for kpi in kpis]
        margins = Margins(width_of_text(labels, 8) + 0.15, right=0.55, top=1.8, bottom=0.35)
        size = (margins.left + 0.62 * len(kpis) + 1.3, 0.27 * len(order) + 2.15)
        ax = new_panels(1, 1, size, margins)[0, 0]
        ax.set_xticks(range(len(kpis)), heads, rotation=60, ha="left", rotation_mode="anchor", fontsize=7)
    scaled = effect.to_numpy() / np.maximum(effect.to_numpy().max(axis=0), 1e-300)
    ax.imshow(scaled, cmap="Blues", vmin=0.0, vmax=1.3, aspect="auto")
    for (row, column), value in np.ndenumerate(effect.to_numpy()):
        sure = bool(clear.to_numpy()[row, column])
        ax.text(
            column, row, f"{value:.1f}{'*' if sure else ''}", ha="center", va="center", fontsize=7.5,
            color="white" if scaled[row, column] > 0.6 else INK if sure else "#6b727a",
            fontweight="bold" if sure else "normal",
        )  # fmt: skip
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(order)), labels, fontsize=8)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    return figure_of(ax)


def page(screened: Screened, config: Config, manifest: dict[str, Any], picture: str) -> str:
    """Write the page in Markdown: the ten numbers that matter most, how well each is known, and what that rests on."""
    order = overall_table(screened)
    real = order[order["role"] != "dummy"]
    kpis = list(dict.fromkeys(screened.table["kpi"]))
    whole = "the spread of the indicator (variance)" if screened.kind == "saltelli" else "the indicator's mean"
    runs = "one run" if screened.replicates == 1 else f"{screened.replicates} runs averaged"
    lines = [
        "# Which numbers matter most, and how well each is known",
        "",
        f"Written by `pingliang sensitivity RESULTS --page docs/{Path(picture).stem}.md` from the results of"
        f" `{manifest['name']}` ({manifest['hash'][:8]}, of {manifest['created'][:10]}, code"
        f" {manifest['parts']['code'][:8]}).",
        "",
        f"{len(real)} factors, {screened.kind} design, {screened.points} points, {runs} at"
        f" each, scale {manifest['scale']:g}, {manifest['start']} to {manifest['end']}. Each factor goes over the whole"
        f" range it declares. Effect: {MEASURES[screened.kind][1]}, in % of {whole}. An effect counts as"
        " clear when its 95 % interval lies above what luck alone seems to do (the dummy).",
        "",
        f"![Effect of the {min(SHOWN, len(real))} factors that matter most on each indicator]({picture})",
        "",
        "Numbers in the picture are effects in %; starred ones are clear of the noise. Darker: larger beside the"
        " largest effect on that indicator. Columns named by a chain: its whole-chain value added.",
        "",
        f"## The {min(TOP, len(real))} that matter most for all {len(kpis)} indicators together",
        "",
        "Ranked by the mean over indicators of effect / largest effect on the indicator.",
        "",
        "| | number | value | range | known | clear on | moves most | by |",
        "|---:|---|---:|---|---|---:|---|---:|",
    ]
    for place, row in enumerate(records(real.head(TOP)), start=1):
        value, spread, known = _how_known(config, row.path)
        moved = kpi_label(row.most, config)[1]
        clear = f"{row.clear_of} of {len(kpis)}"
        name = f"`{row.path}`"
        lines.append(f"| {place} | {name} | {value} | {spread} | {known} | {clear} | {moved} | {row.most_effect:.1%} |")
    notes = [(row.path, _note(config, row.path)) for row in records(real.head(TOP))]
    lines += ["", "What their files say of them:", ""]
    lines += [f"- `{path}`: {note}" for path, note in notes if note]
    lines += ["", "## The five that matter most for each", ""]
    for kpi in kpis:
        rows = screened.table[(screened.table["kpi"] == kpi) & (screened.table["role"] != "dummy")].head(5)
        floor = float(screened.table.loc[screened.table["kpi"] == kpi, "floor"].iloc[0])
        parts = [f"`{row.path}` {row.effect:.1%}{'' if row.clear else ' (not clear)'}" for row in records(rows)]
        lines.append(f"- **{kpi_label(kpi, config)[1]}** (noise {floor:.1%}): {', '.join(parts)}")
    lines += ["", "## What this does not say", "", *_limits(screened, manifest), ""]
    return "\n".join(lines)


def read_manifest(results: Path) -> dict[str, Any]:
    """Read what the page says of the runs."""
    found: dict[str, Any] = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    return found


def _limits(screened: Screened, manifest: dict[str, Any]) -> list[str]:
    n = manifest["design"]["n"]
    said = {
        "morris": f"{n} trajectories give each effect {n} samples: intervals are wide, and neighbours in rank may"
        " change places.",
        "saltelli": f"{n} base points: indices below some 0.05 are not known.",
        "oat": "Each factor was moved alone, the others in the middle: nothing is said of interaction.",
    }
    return [
        f"- {said[screened.kind]}",
        f"- At scale {manifest['scale']:g} a small chain is a few firms; levels differ from larger scales by noise.",
        "- A range is what a number may be, not how likely: a wide range makes a number matter.",
        "- Numbers of chains (recipes, anchors, base shares), drivers and population are not varied here.",
    ]


def _how_known(config: Config, path: str) -> tuple[str, str, str]:
    """Value, range and kind of a number; a form has neither."""
    item = at(config, path)
    if not isinstance(item, Quantity):
        usual = getattr(config.parameters.forms, path.partition(".")[2], "")
        return f"{usual}", "its forms", "choice of the model"
    low, high = item.range or (np.nan, np.nan)
    return f"{item.value:g} {item.unit}", f"{low:g} to {high:g}", item.kind


def _note(config: Config, path: str) -> str:
    item = at(config, path)
    if not isinstance(item, Quantity):
        return ""
    source = ", ".join([item.source] if isinstance(item.source, str) else item.source)
    return f"{item.note or ''} [{source}]".strip()


def _head(kpi: str, config: Config) -> str:
    """Name of an indicator over its column; of a chain's value added the chain alone."""
    chain = config.chains.get(kpi.removeprefix("plan_value_added_"))
    zh, en = (chain.name.zh, chain.name.en) if chain else kpi_label(kpi, config)
    return zh if zh == en else f"{zh}\n{en}"


def _short(row: Any) -> str:
    return f"{row.label_zh} {row.label_en}" if row.label_zh else row.path.removeprefix("parameters.")
