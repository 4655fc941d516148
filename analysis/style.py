"""One look for all figures: fonts, colours that colour-blind readers can tell apart, and reproducible SVG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .fonts import FAMILY, use_fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..config.loader import Config
    from .results import ScenarioLabel

P = ParamSpec("P")
T = TypeVar("T")

INK, FAINT, GRID = "#1f2328", "#646c76", "#e3e6ea"
TARGET = "#e07b00"
ALARM = "#c8102e"
# petroff10, the first nine; then a grey for the rest of the economy
CHAIN_COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581",
)  # fmt: skip
REST_COLOUR = "#9aa0a6"

HOUSE: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#9aa1a9",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titley": 1.0,  # a fixed place: else every title is moved clear of ticks that are never up there
    "axes.unicode_minus": True,
    "figure.dpi": 100,
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "svg.fonttype": "none",
    "svg.hashsalt": "pingliang",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": FAINT,
    "xtick.labelsize": 8.5,
    "ytick.color": FAINT,
    "ytick.labelsize": 8.5,
}


@dataclass(frozen=True)
class Look:
    """How a scenario is drawn: never by colour alone."""

    colour: str
    dash: Any
    marker: str


# Okabe-Ito without its orange, which marks targets; the baseline is grey and dashed.
LOOKS = (
    Look("#5f6670", (0, (5, 2.5)), "o"),
    Look("#0072b2", "-", "s"),
    Look("#009e73", (0, (7, 1.5, 1, 1.5)), "^"),
    Look("#cc79a7", (0, (2, 1.2)), "v"),
)


def looks(scenarios: Sequence[ScenarioLabel]) -> dict[str, Look]:
    """Give each scenario its colour, dash and marker, the first being the baseline.

    Raises
    ------
    ValueError
        With more than four scenarios: no reader tells five bands apart.
    """
    if len(scenarios) > len(LOOKS):
        raise ValueError(f"a figure shows at most {len(LOOKS)} scenarios, not {len(scenarios)}: report fewer at a time")
    return {item.name: look for item, look in zip(scenarios, LOOKS, strict=False)}


def chain_colours(config: Config) -> dict[str, str]:
    """Colour of each chain, its own from its file or the next of the house palette."""
    spare = iter(CHAIN_COLOURS * 2)
    return {
        name: chain.colour or (REST_COLOUR if name == "rest" else next(spare)) for name, chain in config.chains.items()
    }


def in_house_style(draw: Callable[P, T]) -> Callable[P, T]:
    """Draw with the house style whatever the caller's own settings are, and leave those unchanged."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> T:
        with mpl.rc_context():
            use_fonts()
            mpl.rcParams.update(HOUSE)
            # The page shows figures in the font it carries, so their text must be measured in that font first.
            mpl.rcParams["font.family"] = [FAMILY, "DejaVu Sans"]
            return draw(*args, **kwargs)

    return drawn


def figure_of(ax: Axes) -> Figure:
    """Give the figure an axes lies in, whole even where it is part of a larger one."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure: make them with figure.subplots()")
    return figure


def panel_title(ax: Axes, zh: str, en: str, *, size: float = 9.5) -> None:
    """Write a panel's name, Chinese above English."""
    ax.set_title(f"{zh}\n{en}", fontsize=size, linespacing=1.4, loc="left")


@in_house_style
def to_svg(figure: Figure, name: str) -> str:
    """Write a figure as SVG text whose bytes depend on the figure alone and whose ids start with ``name``."""
    buffer, dpi = io.StringIO(), figure.dpi
    canvas = figure.canvas
    # Not savefig, which draws everything twice, the layout solved each time, before the bytes that count.
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    figure.dpi, figure.canvas = dpi, canvas
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.S)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    return re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
