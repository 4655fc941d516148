"""Checks of what a base year needs: inputs somebody can deliver, recipes that leave value added, distances to carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

from .errors import Problem
from .files import Loaded
from .schema import Product, Stage
from .units import COUNTIES

if TYPE_CHECKING:
    from .loader import Config

ROUNDING = 1e-9
SHARES_TOLERANCE = 1e-3  # printed shares are rounded
SAME_ROAD = 0.01  # relative difference between the two directions of a distance that rounding explains
Where = tuple[str | int, ...]


def check_supply(files: Mapping[str, Loaded], config: Config) -> list[Problem]:
    """List inputs without any source, recipes without value added and missing distances; every file is valid."""
    homes = {key.removeprefix("chains/"): loaded.document for key, loaded in files.items() if key[:7] == "chains/"}
    problems = [
        homes[chain].wrong(where, text, key=True)
        for chain, where, text in [*_inputs_without_source(config), *_no_value_added(config)]
    ]
    problems += [homes[chain].wrong(where, text) for chain, where, text in _project_shares(config)]
    distances = files["counties"].document
    return problems + [distances.wrong(where, text, key=True) for where, text in _distances(config)]


def _project_shares(config: Config) -> Iterator[tuple[str, Where, str]]:
    """Where a project builds several firms of a stage, each says what part is its own; the parts make the whole."""
    for chain in config.chains.values():
        for name, stage in chain.stages.items():
            for project in sorted({anchor.project for anchor in stage.anchors if anchor.project}):
                firms = [at for at, anchor in enumerate(stage.anchors) if anchor.project == project]
                shares = [stage.anchors[at].project_share for at in firms]
                here: Where = ("stages", name, "anchors", firms[-1])
                if len(firms) > 1 and None in shares:
                    lacking = firms[shares.index(None)]
                    text = f"project '{project}' builds {len(firms)} firms; give each its project_share"
                    yield chain.chain, (*here[:-1], lacking), text
                    continue
                total = sum(share.amount for share in shares if share is not None)
                if shares[0] is not None and abs(total - 1) > SHARES_TOLERANCE:
                    text = f"the shares of project '{project}' add up to {total:.6g}; they must add up to 1"
                    yield chain.chain, (*here, "project_share"), text
            for at, anchor in enumerate(stage.anchors):
                if anchor.project_share is not None and anchor.project is None:
                    text = "project_share needs a project; name it, or leave the share out"
                    yield chain.chain, ("stages", name, "anchors", at, "project_share"), text


def _inputs_without_source(config: Config) -> Iterator[tuple[str, Where, str]]:
    """A recipe may use only what some stage made in 2020 or what can be bought outside."""
    products = {name: item for chain in config.chains.values() for name, item in chain.products.items()}
    made = {stage.product for chain in config.chains.values() for stage in chain.stages.values() if _makes(stage)}
    for chain in config.chains.values():
        for name, stage in chain.stages.items():
            for product in stage.recipe:
                if product not in made and not _comes_from_outside(products[product], config):
                    text = (
                        f"no stage made '{product}' in 2020 and it cannot come from outside (not storable, import "
                        f"share 0); give a stage that makes it some output, or '{product}' an import_share above 0"
                    )
                    yield chain.chain, ("stages", name, "recipe", product), text


def _makes(stage: Stage) -> bool:
    if stage.remainder is not None:
        return (stage.remainder_share or 0.0) > 0
    sized = stage.output or stage.volume
    return sized is not None and sized.amount > 0


def _comes_from_outside(product: Product, config: Config) -> bool:
    """Tell whether the model lets anybody buy this outside: goods that keep always, others by their import share."""
    if product.outside_only or product.storable:
        return True
    if product.import_share is not None:
        return product.import_share.amount > 0
    return any(config.technology.sectors[sector].import_share.amount > 0 for sector in product.sectors)


def _no_value_added(config: Config) -> Iterator[tuple[str, Where, str]]:
    """What a recipe leaves at base prices must cover the value added of the stage's sector where it has no own."""
    for chain in config.chains.values():
        for name, stage in chain.stages.items():
            recipe = sum(item.amount for item in stage.recipe.values())
            rate = config.technology.sectors[stage.sector].value_added_rate.amount
            if stage.recipe and stage.value_added_share is None and recipe + rate > 1.0 + ROUNDING:
                text = (
                    f"recipe {recipe:.4g} + value added of sector {stage.sector} {rate:.4g} = {recipe + rate:.4g} of "
                    "output at base prices; lower a share, or give the stage its own value_added_share"
                )
                yield chain.chain, ("stages", name, "recipe"), text


def _distances(config: Config) -> Iterator[tuple[Where, str]]:
    """Every pair of counties needs one distance above 0, given from either side, the same from both."""
    rows: dict[str, dict[str, float]] = {str(row): cells for row, cells in config.counties.distances.values.items()}
    for one, other in combinations(COUNTIES, 2):
        there, back = rows[one].get(other), rows[other].get(one)
        given = [km for km in (there, back) if km is not None]
        if not given:
            text = f"no distance between {one} and {other}; add '{other}: <km>' to this row"
            yield ("distances", "values", one), text
        elif min(given) <= 0:
            first, second = (one, other) if there is not None and there <= 0 else (other, one)
            text = f"the distance from {first} to {second} is {rows[first][second]:g}; it must be above 0 km"
            yield ("distances", "values", first, second), text
        elif max(given) > min(given) * (1 + SAME_ROAD):
            text = f"{one} to {other} is {there:g} km and back {back:g}; give the same distance both ways, or only one"
            yield ("distances", "values", other, one), text
    for gate in config.counties.gates.values:
        if not all(gate in cells for cells in rows.values()):
            yield ("gates", "values", gate), f"no distance to '{gate}' in every row of distances; add it there"
    places = {place for cells in rows.values() for place in cells} - set(COUNTIES)
    for row, cells in rows.items():
        missing = sorted(places - set(cells))
        if missing:
            text = f"no distance from {row} to {', '.join(missing)}, which other rows have; add it"
            yield ("distances", "values", row), text
