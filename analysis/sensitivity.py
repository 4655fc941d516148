"""Which of the varied numbers move a result, by how much, how surely, and how many of them only seem to.

Replicates are averaged first, so that what is ranked is the effect on the mean. A dummy factor, which changes nothing
but the luck of a run, gives the noise floor: a factor whose interval does not rise above it cannot be told from chance.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..config.errors import nearest
from ..config.experiment_schema import Factor
from ..runs.points import EXTRA, UNIT, salib_problem
from ..runs.store import ResultsFolder
from .panels import Margins, new_panels, width_of_text
from .results import IncompleteResults, records
from .style import FAINT, INK, LOOKS, TARGET, figure_of, in_house_style
from .words import INDICATORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..config.loader import Config

SHOWN = 15  # factors in a figure
RESAMPLES = 1000
MEASURES = {
    "morris": ("基本效应绝对值均值 μ*", "mean absolute elementary effect μ*"),
    "saltelli": ("总效应指数 ST", "total-order index ST"),
    "oat": ("从低值到高值的变化", "change from the low to the high value"),
}


@dataclass(frozen=True)
class Screened:
    """What a design says of its factors.

    Attributes
    ----------
    table : DataFrame
        kpi, factor, path, label, role, effect (share of the mean; for saltelli a share of the variance), low, high
        (95 %), spread (sigma of morris, ST - S1 of saltelli: what comes by interaction or curvature), rank, floor (the
        largest upper end of a dummy; NaN without one) and clear (its interval lies above the floor).
    kind : str
        Design.
    points, dropped : int
        Points used, and those left out because a run of theirs or of their trajectory is missing.
    replicates : int
        Runs averaged at each point, at least.
    """

    table: pd.DataFrame
    kind: str
    points: int
    dropped: int
    replicates: int


def sensitivity_table(path: Path, kpis: list[str] | None = None, scenario: str | None = None) -> Screened:
    """Rank the factors of a stored design for each indicator.

    Parameters
    ----------
    path : Path
        Results folder of a morris, saltelli or oat design.
    kpis : list of str, optional
        Indicators, as in ``runs`` without ``kpi_``; default those the experiment names, else all.
    scenario : str, optional
        Default the baseline.

    Raises
    ------
    IncompleteResults
        No such design, indicator or scenario, or too few runs are finished.
    """
    manifest, factors, asked = _asked(path)
    kind = manifest["design"]["kind"]
    if kind not in MEASURES:
        raise IncompleteResults(f"{path}: its design is '{kind}'; effects are ranked for {', '.join(MEASURES)}")
    chosen = scenario or manifest["scenarios"][0]["name"]
    rows = ResultsFolder(path).run_rows()
    rows = rows[(rows["status"] == "ok") & (rows["scenario"] == chosen)]
    points = pd.read_parquet(path / "points.parquet").set_index("point")
    counts = rows.groupby("point").size().reindex(points.index, fill_value=0)
    keep = _whole_blocks(counts.to_numpy() > 0, kind, len(factors))
    if not keep.any():
        raise IncompleteResults(f"{path}: no trajectory of '{chosen}' is complete; finish it: {manifest['command']}")
    means = rows.groupby("point").mean(numeric_only=True).reindex(points.index)
    known = [str(name)[4:] for name in means if str(name).startswith("kpi_")]
    tables = []
    for kpi in kpis or asked or known:
        if kpi not in known:
            raise IncompleteResults(f"{path}: no indicator '{kpi}'; {nearest(kpi, known)}")
        values = means.loc[keep, f"kpi_{kpi}"].to_numpy(dtype=float)
        found = _EFFECTS[kind](factors, points[keep], values, manifest["design"]["levels"], manifest["seeds"]["root"])
        tables.append(_ranked(found, factors).assign(kpi=kpi))
    table = pd.concat(tables, ignore_index=True)
    return Screened(
        table[["kpi", *(name for name in table if name != "kpi")]],
        kind,
        int(keep.sum()),
        int((~keep).sum()),
        int(counts[keep].min()),
    )


def _asked(path: Path) -> tuple[dict[str, Any], list[Factor], list[str]]:
    """Read what was run: manifest, factors, and the indicators the experiment names."""
    import yaml

    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        fields = yaml.safe_load((path / "experiment.resolved.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IncompleteResults(f"{path} is not a result set of `pingliang run`: {error}") from error
    factors = [Factor.model_validate(item) for item in manifest.get("factors", [])]
    return manifest, factors, list(fields.get("analysis", {}).get("sensitivity", []))


def _whole_blocks(there: np.ndarray, kind: str, factors: int) -> np.ndarray:
    """Keep points whose whole trajectory (morris) or base sample (saltelli) is there; of oat all or none."""
    size = {"morris": factors + 1, "saltelli": 2 * factors + 2, "oat": len(there)}[kind]
    return np.repeat(there.reshape(-1, size).all(axis=1), size)


def _morris(factors: list[Factor], points: pd.DataFrame, values: np.ndarray, levels: int, seed: int) -> pd.DataFrame:
    """Elementary effects over the whole range of each factor, as shares of the mean (Morris 1991, Campolongo 2007)."""
    try:
        from SALib.analyze import morris
    except ImportError as error:
        raise IncompleteResults(EXTRA) from error
    unit = points[[f"{UNIT}{factor.name}" for factor in factors]].to_numpy()
    scale = _scale(values)
    found = morris.analyze(salib_problem(factors), unit, values, num_resamples=RESAMPLES, num_levels=levels, seed=seed)
    effect, half = (np.asarray(found[name], dtype=float) / scale for name in ("mu_star", "mu_star_conf"))
    return pd.DataFrame(
        {
            "effect": effect,
            "low": np.maximum(effect - half, 0),
            "high": effect + half,
            "direction": np.sign(np.asarray(found["mu"], dtype=float)),
            "spread": np.asarray(found["sigma"], dtype=float) / scale,
        }
    )


def _saltelli(factors: list[Factor], points: pd.DataFrame, values: np.ndarray, levels: int, seed: int) -> pd.DataFrame:
    """Shares of variance: total effect, and what of it comes by interaction (Sobol' 2001, Saltelli 2010)."""
    try:
        from SALib.analyze import sobol
    except ImportError as error:
        raise IncompleteResults(EXTRA) from error
    found = sobol.analyze(salib_problem(factors), values, num_resamples=RESAMPLES, seed=seed)
    total, half = (np.asarray(found[name], dtype=float) for name in ("ST", "ST_conf"))
    first = np.asarray(found["S1"], dtype=float)
    return pd.DataFrame(
        {"effect": total, "low": total - half, "high": total + half, "direction": 0.0, "spread": total - first}
    )


def _one_at_a_time(
    factors: list[Factor], points: pd.DataFrame, values: np.ndarray, levels: int, seed: int
) -> pd.DataFrame:
    """Largest difference between the values of a factor, the others at the middle; without an interval."""
    unit = points[[f"{UNIT}{factor.name}" for factor in factors]].to_numpy()
    swings = []
    for k in range(len(factors)):
        mine = values[1:][(unit[1:] != unit[0])[:, k]]
        ends = mine if len(mine) else values[:1]
        swings.append((np.ptp(ends), np.sign(ends[-1] - ends[0])))
    effect = np.array([swing for swing, _ in swings]) / _scale(values)
    return pd.DataFrame(
        {
            "effect": effect,
            "low": effect,
            "high": effect,
            "direction": [sign for _, sign in swings],
            "spread": np.nan,
        }
    )


_EFFECTS = {"morris": _morris, "saltelli": _saltelli, "oat": _one_at_a_time}


def _scale(values: np.ndarray) -> float:
    return float(abs(values.mean())) or 1.0


def _ranked(found: pd.DataFrame, factors: list[Factor]) -> pd.DataFrame:
    """Order by effect and set beside the noise floor."""
    found.insert(0, "factor", [factor.name for factor in factors])
    found.insert(1, "path", [factor.path or "" for factor in factors])
    found.insert(2, "label_zh", [factor.label.zh if factor.label else "" for factor in factors])
    found.insert(3, "label_en", [factor.label.en if factor.label else "" for factor in factors])
    found.insert(4, "role", [factor.role for factor in factors])
    dummies = found["role"] == "dummy"
    floor = float(found.loc[dummies, "high"].max()) if dummies.any() else np.nan
    found["floor"] = floor
    found["clear"] = ~dummies & (found["low"] > (0.0 if np.isnan(floor) else floor))
    found = found.sort_values(["effect", "factor"], ascending=[False, True], ignore_index=True)
    found["rank"] = np.arange(1, len(found) + 1)
    return found


def kpi_label(kpi: str, config: Config) -> tuple[str, str]:
    """Name an indicator in both languages; one that an experiment added itself keeps its name."""
    if kpi in INDICATORS:
        return INDICATORS[kpi].zh, INDICATORS[kpi].en
    for chain, item in config.chains.items():
        stem = kpi.removesuffix(f"_{chain}")
        if stem != kpi and stem in INDICATORS:
            return f"{item.name.zh}：{INDICATORS[stem].zh}", f"{item.name.en}: {INDICATORS[stem].en}"
    return kpi, kpi


@in_house_style
def plot_sensitivity(screened: Screened, kpi: str, config: Config, *, ax: Axes | None = None) -> Figure:
    """Draw the factors that matter most as bars with 95 % intervals, the noise floor as a band, and interaction beside.

    The left panel is the tornado: one bar a factor, filled where it rises above the floor. The right panel sets
    interaction and curvature against the effect.
    """
    rows = screened.table[screened.table["kpi"] == kpi].head(SHOWN)
    labels = [_factor_label(row) for row in records(rows)]
    if ax is None:
        margins = Margins(
            width_of_text(labels, 8) + 0.15, top=0.85, bottom=0.75, across=0.85, label_x=0.42, label_y=0.5
        )
        panels = new_panels(1, 2, (11.4, 0.27 * len(rows) + 2.4), margins)[0]
        ax, beside = panels[0], panels[1]
        _plot_interaction(rows, screened.kind, beside)
    percent = 100.0
    places = np.arange(len(rows))
    effect, low, high = (percent * rows[name].to_numpy() for name in ("effect", "low", "high"))
    colours = [LOOKS[1].colour if clear else "#c9ced4" for clear in rows["clear"]]
    ax.barh(places, effect, color=colours, height=0.7, zorder=2)
    ax.errorbar(effect, places, xerr=[effect - low, high - effect], fmt="none", ecolor=INK, elinewidth=0.9, zorder=3)
    floor = percent * float(rows["floor"].iloc[0])
    if np.isfinite(floor):
        ax.axvspan(0, floor, color=TARGET, alpha=0.18, linewidth=0, zorder=1)
        ax.text(floor, len(rows) - 0.45, " 噪声底线 noise floor", fontsize=8, color=TARGET, va="bottom")
    ax.set_yticks(places, labels, fontsize=8)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    zh, en = kpi_label(kpi, config)
    of = ("占均值%", "% of the mean") if screened.kind != "saltelli" else ("占方差%", "% of the variance")
    measure = MEASURES[screened.kind]
    ax.set_xlabel(f"{measure[0]}（{of[0]}）{measure[1]}, {of[1]}", fontsize=8)
    ax.set_title(zh if zh == en else f"{zh}\n{en}", fontsize=10, linespacing=1.4)
    return figure_of(ax)


def _plot_interaction(rows: pd.DataFrame, kind: str, ax: Axes) -> None:
    """Set what comes by interaction or curvature against the effect; numbers are those of the left panel."""
    effect, spread = 100 * rows["effect"].to_numpy(), 100 * rows["spread"].to_numpy()
    ax.plot(effect, spread, "o", color=LOOKS[1].colour, markersize=5)
    for place, (x, y) in enumerate(zip(effect, spread, strict=True)):
        if place < 8 and np.isfinite(y):
            ax.annotate(str(place + 1), (x, y), textcoords="offset points", xytext=(5, 3), fontsize=8, color=INK)
    if kind == "morris" and len(effect):
        top = float(np.nanmax(effect)) or 1.0
        ax.plot([0, top], [0, top], color=FAINT, linewidth=0.8, linestyle=(0, (4, 2)))
    ax.set_xlabel("效应 effect, %", fontsize=8)
    ax.set_ylabel("交互与非线性\ninteraction and curvature, %", fontsize=8)
    ax.set_title("编号同左\nnumbers as on the left", fontsize=9, linespacing=1.4, color=FAINT)


def _factor_label(row: Any) -> str:
    arrow = {1.0: " ↑", -1.0: " ↓"}.get(float(row.direction), "")
    if row.role == "dummy":
        return f"{row.rank:.0f}  随机性 luck (dummy)"
    name = f"{row.label_zh} {row.label_en}" if row.label_zh else row.path.removeprefix("parameters.")
    return f"{row.rank:.0f}  {name}{arrow}"
