"""Where people go in a year: from what into the chains' jobs, from place to place, and from home to work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from .absorption import ORIGINS
from .headline import headline_year
from .results import Results
from .style import FAINT, INK, REST_COLOUR, chain_colours, figure_of, in_house_style, panel_title
from .words import REST, counties_in_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from ..config.loader import Config

OUTSIDE = "outside"
KINDS = ("job", "move", "commute")
COLUMNS = ["year", "kind", "origin", "destination", "persons"]
THOUSAND = 1e3
SMALL = 0.002  # of all hires: thinner ribbons are not drawn
GAP = 0.03  # between neighbours, so that each has room for its name
NINE = "nine chains"
SOURCES = {
    **{name: words for name, words in ORIGINS.items() if name != "firm"},
    NINE: ("九链企业", "firms of the nine chains"),
    REST: ("其他产业企业", "firms of the rest"),
}
SOURCE_COLOURS = dict(zip(SOURCES, ("#7a9b3c", "#9a5b4f", "#4f9e9a", "#c9a227", "#5b7fb0", REST_COLOUR), strict=True))


def people_flow_table(run: Results) -> pd.DataFrame:
    """Persons by origin and destination in the headline year of the baseline, means over runs.

    Returns
    -------
    DataFrame with year, kind, origin, destination and persons; empty where the runs did not record it.  ``job``: hired
    into a chain from farms, unemployment, school, from outside, or firms of any chain; ``move``: residents who moved
    among counties and outside, moves inside a county left out; ``commute``: live in one county and work in another.
    """
    year = headline_year(run)
    counties, chains = counties_in_order(run.config), list(run.config.chains)
    rows: list[pd.DataFrame] = []
    for origin in ORIGINS:
        if origin != "firm":
            found = _year(run, f"year_hired_from_{origin}", year, "chain")
            rows.append(found.assign(kind="job", origin=origin).rename(columns={"chain": "destination"}))
    moved = {chain: _year(run, f"drawn_from_{chain}", year, "chain") for chain in chains}
    for chain, found in moved.items():
        rows.append(found.assign(kind="job", origin=chain).rename(columns={"chain": "destination"}))
    rows.append(_inside(_year(run, "year_hired_from_firm", year, "chain"), moved))
    for kind, prefix in (("move", "moved_to_"), ("commute", "work_in_")):
        for place in [*counties, OUTSIDE]:
            found = _year(run, f"{prefix}{place}", year, "county").rename(columns={"county": "origin"})
            found["origin"] = found["origin"].replace("", OUTSIDE)
            rows.append(found.assign(kind=kind, destination=place))
    table = pd.concat(rows, ignore_index=True).assign(year=year)
    table = table[(table["persons"] > 0) & ((table["kind"] == "job") | (table["origin"] != table["destination"]))]
    return table[COLUMNS].sort_values(["kind", "origin", "destination"]).reset_index(drop=True)


def _year(run: Results, variable: str, year: int, by: str) -> pd.DataFrame:
    """Read a yearly count of the baseline by one dimension, mean over runs."""
    frame = run.annual(variable, "end", by=(by,))
    frame = frame[(frame["scenario"] == run.baseline) & (frame["year"] == year)]
    runs = int(run.finished["scenario"].eq(run.baseline).sum())
    return (frame.groupby(by, sort=False)["value"].sum() / runs).reset_index(name="persons")


def _inside(hired: pd.DataFrame, moved: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Hires among firms of one chain: all from firms, less those drawn from other chains."""
    drawn = pd.concat(list(moved.values())).groupby("chain")["persons"].sum()
    own = hired.set_index("chain")["persons"].sub(drawn, fill_value=0.0).clip(lower=0.0)
    frame = own.rename_axis("destination").reset_index(name="persons")
    return frame.assign(kind="job", origin=frame["destination"])


@in_house_style
def plot_people_flow(table: pd.DataFrame, *, config: Config) -> Figure:
    """Draw who comes into the chains' jobs as ribbons, and moves and commuting as tables of county by county."""
    figure = Figure(figsize=(10.4, 11.2))
    height = figure.get_figheight()
    ribbons = figure.add_axes((0.02, 5.35 / height, 0.96, 5.2 / height))
    below = [figure.add_axes((left, 0.75 / height, 0.335, 3.3 / height)) for left in (0.135, 0.64)]
    year = int(table["year"].iloc[0])
    jobs = table[table["kind"] == "job"]
    _ribbons(ribbons, jobs, config)
    panel_title(
        ribbons,
        f"{year}年招工：从哪里来、到哪条链（千人）",
        f"Hires of {year}: from where, into which chain, thousands",
    )
    places = [*counties_in_order(config), OUTSIDE]
    titles = (
        (f"{year}年迁移：从（行）到（列），百人", f"Moves in {year}: from (row) to (column), hundreds"),
        (
            f"{year}年末通勤：居住（行）与工作（列），百人",
            f"Commuting, end of {year}: home (row), work (column), hundreds",
        ),
    )
    for ax, kind, title in zip(below, KINDS[1:], titles, strict=True):
        _matrix(ax, table[table["kind"] == kind], places if kind == "move" else places[:-1], config)
        panel_title(ax, *title, size=9)
    return figure_of(ribbons)


def _ribbons(ax: Axes, jobs: pd.DataFrame, config: Config) -> None:
    """Stack origins at the left and chains at the right, as thick as they have people, and join them by bands."""
    chains = list(config.chains)
    colours = chain_colours(config)
    jobs = jobs.assign(source=jobs["origin"].where(jobs["origin"].isin(list(SOURCES)), NINE))
    cells = jobs.pivot_table(index="source", columns="destination", values="persons", aggfunc="sum", fill_value=0.0)
    cells = cells.reindex(index=list(SOURCES), columns=chains, fill_value=0.0)
    total = float(cells.to_numpy().sum()) or 1.0
    left, right = _stack(cells.sum(axis=1) / total), _stack(cells.sum(axis=0) / total)
    scale = 1 / max(left[-1][1], right[-1][1])
    ends = {side: [start for start, _ in spans] for side, spans in (("left", left), ("right", right))}
    for (row, column), persons in np.ndenumerate(cells.to_numpy()):
        share = persons / total
        start, stop = ends["left"][row], ends["right"][column]
        ends["left"][row] += share
        ends["right"][column] += share
        if share >= SMALL:
            _band(ax, (start * scale, stop * scale), share * scale, SOURCE_COLOURS[list(SOURCES)[row]])
    chain_names = {key: (chain.name.zh, chain.name.en) for key, chain in config.chains.items()}
    _ends(ax, left, scale, cells.sum(axis=1), SOURCES, SOURCE_COLOURS, 0.0)
    _ends(ax, right, scale, cells.sum(axis=0), chain_names, colours, 1.0)
    ax.set_xlim(-0.52, 1.52)
    ax.set_ylim(1.0, 0.0)
    ax.axis("off")


def _stack(shares: pd.Series) -> list[tuple[float, float]]:
    """Where each share begins and ends, one under the other with a gap between."""
    spans, at = [], 0.0
    for share in shares:
        spans.append((at, at + share))
        at += share + GAP
    return spans


def _ends(
    ax: Axes,
    spans: Sequence[tuple[float, float]],
    scale: float,
    persons: pd.Series,
    names: Mapping[str, tuple[str, str]],
    colours: Mapping[str, str],
    x: float,
) -> None:
    """Mark and name the ends of the ribbons at one side, with how many people they are."""
    out = -1 if x == 0 else 1
    for (start, stop), (key, count) in zip(spans, persons.items(), strict=True):
        ax.fill_between([x - 0.006, x + 0.006], start * scale, stop * scale, color=colours[str(key)], linewidth=0)
        zh, en = names[str(key)]
        ax.text(x + 0.014 * out, (start + stop) / 2 * scale, f"{zh} {en}  {count / THOUSAND:,.1f}",
                ha="right" if x == 0 else "left", va="center", fontsize=8, color=INK)  # fmt: skip


def _band(ax: Axes, start: tuple[float, float], thick: float, colour: str) -> None:
    """Join a piece of the left side with one of the right by a smooth band."""
    (a, b), middle = start, 0.5
    points = [(0.006, a), (middle, a), (middle, b), (0.994, b),
              (0.994, b + thick), (middle, b + thick), (middle, a + thick), (0.006, a + thick), (0.006, a)]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.42, linewidth=0))


def _matrix(ax: Axes, rows: pd.DataFrame, places: list[str], config: Config) -> None:
    """Write persons from row to column, darker where there are more."""
    grid = rows.pivot_table(index="origin", columns="destination", values="persons", aggfunc="sum", fill_value=0.0)
    values = grid.reindex(index=places, columns=places, fill_value=0.0).to_numpy() / 100
    top = float(values.max()) or 1.0
    edges = np.arange(len(places) + 1) - 0.5
    ax.pcolormesh(edges, edges, values, cmap="Blues", vmin=0.0, vmax=top, alpha=0.8)
    for (row, column), value in np.ndenumerate(values):
        if row != column:
            colour = "white" if value > 0.7 * top else (INK if value >= 0.5 else FAINT)
            ax.text(
                column,
                row,
                f"{value:,.0f}" if value >= 0.5 else "·",
                ha="center",
                va="center",
                fontsize=8,
                color=colour,
            )
    known = {str(key): county.name for key, county in config.counties.counties.items()}
    names = [known.get(key) for key in places]
    ax.set_yticks(range(len(places)), [f"{n.zh} {n.en}" if n else "市外 outside" for n in names], fontsize=8)
    below = [f"{n.zh}\n{n.en}" if n else "市外\noutside" for n in names]
    ax.set_xticks(
        range(len(places)), below, fontsize=7, rotation=35, ha="right", rotation_mode="anchor", linespacing=1.2
    )
    ax.set_ylim(len(places) - 0.5, -0.5)
    ax.tick_params(left=False, bottom=False)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
