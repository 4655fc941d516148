"""Figures of panels in fixed places: margins in inches, reckoned from the words beside the panels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

POINT = 1 / 72
LEGEND_LINE = 0.19  # inches
WIDE, NARROW = 1.0, 0.51  # ems a Chinese and a Latin letter take, the latter with a little to spare


@dataclass(frozen=True)
class Margins:
    """Room around the panels and between them, in inches; titles and tick labels are written into it.

    ``label_x`` and ``label_y`` say how far below and left of its panel the name of an axis stands.
    """

    left: float
    right: float = 0.12
    top: float = 0.45
    bottom: float = 0.3
    across: float = 0.5
    down: float = 0.7
    label_x: float = 0.27
    label_y: float = 0.4


def width_of_text(texts: Iterable[str], size: float) -> float:
    """Inches the longest line of some texts takes at a size in points, a little to spare."""
    lines = [line for text in texts for line in text.split("\n")]
    ems = (sum(WIDE if ord(letter) > 0x2E80 else NARROW for letter in line) for line in lines)
    return max(ems, default=0.0) * size * POINT


def legend_height(entries: int, columns: int) -> float:
    """Inches the lines of a legend under the panels take."""
    return LEGEND_LINE * -(-entries // columns)


def new_panels(rows: int, columns: int, size: tuple[float, float], margins: Margins) -> np.ndarray:
    """Open a figure of so many inches and lay its panels out in a grid.

    Measuring every label to find room for it, as matplotlib's own layouts do, takes longer than drawing the figure.

    Returns
    -------
    Axes, rows x columns.
    """
    width, height = size
    panel_width = (width - margins.left - margins.right - (columns - 1) * margins.across) / columns
    panel_height = (height - margins.top - margins.bottom - (rows - 1) * margins.down) / rows
    figure = Figure(figsize=size)
    axes = np.empty((rows, columns), dtype=object)
    for row, column in np.ndindex(rows, columns):
        left = margins.left + column * (panel_width + margins.across)
        bottom = margins.bottom + (rows - 1 - row) * (panel_height + margins.down)
        place = (left / width, bottom / height, panel_width / width, panel_height / height)
        panel = axes[row, column] = figure.add_axes(place)
        panel.xaxis.set_label_coords(0.5, -margins.label_x / panel_height)
        panel.yaxis.set_label_coords(-margins.label_y / panel_width, 0.5)
    return axes
