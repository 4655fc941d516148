"""What a factor may vary: numbers of the configuration, over the ranges they declare, and forms of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from .experiment_schema import Experiment, Factor, Uniform
from .schema import Criticality, ExpectationRule, LedgerForm, NetworkRule, Quantity

if TYPE_CHECKING:
    from .loader import Config

FORMS: dict[str, tuple[str, ...]] = {
    "forms.criticality": get_args(Criticality),
    "forms.network": get_args(NetworkRule),
    "forms.expectations": get_args(ExpectationRule),
    "forms.ledger": get_args(LedgerForm),
}
Ends = tuple[float | str, ...]


def all_factors(experiment: Experiment, config: Config) -> list[Factor]:
    """Write out the factors: those named, with the range their number declares, then one for every declared range.

    A number that is named as a factor, or that a scenario sets, is not taken a second time.
    """
    named = [_with_range(factor, config) for factor in experiment.factors]
    taken = {factor.path for factor in named} | {path for one in experiment.scenarios for path in one.set}
    found = {path: item for prefix in experiment.ranges for path, item in ranges_below(config, prefix)}
    return named + [
        Factor(name="_".join(path.split(".")).lower(), path=path, distribution=_evenly(item))
        for path, item in sorted(found.items())
        if path not in taken
    ]


def ranges_below(config: Config, prefix: str) -> list[tuple[str, Quantity]]:
    """List every number with a range that can vary, by its dotted path, below a path."""
    return [
        (path, item)
        for path, item in _quantities(at(config, prefix), prefix)
        if item.range is not None and item.range[0] < item.range[1]
    ]


def at(config: Config, path: str) -> Any:
    """Find what a dotted path leads to; None where it leads nowhere."""
    place: Any = config
    for part in path.split("."):
        place = place.get(part) if isinstance(place, Mapping) else getattr(place, part, None)
    return place


def ends(factor: Factor, config: Config) -> Ends:
    """Name the extreme values a factor takes, all its levels where it has levels; none for a dummy."""
    written = _with_range(factor, config)
    if written.values is not None:
        return tuple(written.values)
    return () if written.distribution is None else (written.distribution.low, written.distribution.high)


def _with_range(factor: Factor, config: Config) -> Factor:
    """Let a factor without distribution and values go over all forms, or the range its number declares."""
    if factor.path is None or factor.distribution is not None or factor.values is not None:
        return factor
    if factor.path in FORMS:
        return factor.model_copy(update={"values": list(FORMS[factor.path])})
    item = at(config, factor.path)
    if not isinstance(item, Quantity) or item.range is None or item.range[0] >= item.range[1]:
        return factor
    return factor.model_copy(update={"distribution": _evenly(item)})


def _evenly(item: Quantity) -> Uniform:
    assert item.range is not None
    return Uniform(kind="uniform", low=item.range[0], high=item.range[1])


def _quantities(place: Any, path: str) -> Iterator[tuple[str, Quantity]]:
    if isinstance(place, Quantity):
        yield path, place
    elif isinstance(place, BaseModel):
        for name in type(place).model_fields:
            yield from _quantities(getattr(place, name), f"{path}.{name}")
    elif isinstance(place, Mapping):
        for key, item in place.items():
            yield from _quantities(item, f"{path}.{key}")
