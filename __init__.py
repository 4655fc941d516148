"""Agent-based simulator of the nine industry chains of Pingliang, Gansu.

>>> import pingliang as pl
>>> config = pl.load()
>>> model = pl.IndustryChainModel(config, "baseline", seed=1, scale=0.001)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agents.model import IndustryChainModel
    from .config.loader import load, load_experiment

__version__ = "0.1.0"
__all__ = ["IndustryChainModel", "__version__", "load", "load_experiment"]

# Read on first use: `pingliang --help` must not wait for mesa, numpy and pandas.
_HOMES = {
    "IndustryChainModel": ".agents.model",
    "load": ".config.loader",
    "load_experiment": ".config.loader",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home the first time it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; public names: {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
