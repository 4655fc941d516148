"""Checks of numbers that must fit together: inside a chain, between chains, against the sector columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from .dimensions import Dimension, parse_unit
from .errors import Problem, nearest
from .files import Loaded
from .interventions import misplaced
from .schema import Chain, Policy, Product, Quantity, Stage

if TYPE_CHECKING:
    from .loader import Config

TOLERANCE = 1e-3
INDEX_TOLERANCE = 2e-3  # printed indices are rounded
Where = tuple[str | int, ...]


def check_chain(loaded: Loaded) -> list[Problem]:
    """Check the numbers of one chain file that need no other file."""
    chain = loaded.model
    assert isinstance(chain, Chain)
    found: list[tuple[Where, str]] = []
    for name, product in chain.products.items():
        found += _product_units(("products", name), product)
    for name, stage in chain.stages.items():
        here: Where = ("stages", name)
        found += _stage_shares(here, stage)
        if stage.product in chain.products:
            found += _stage_units(here, stage, chain.products[stage.product])
    return [loaded.document.wrong(where, text) for where, text in found]


def check_numbers(files: Mapping[str, Loaded], config: Config) -> list[Problem]:
    """Check the numbers of all chains together; every file is valid by itself."""
    homes = {chain.chain: files[key] for key, chain in _chain_models(files)}
    problems = [problem for loaded in homes.values() for problem in check_chain(loaded)]
    located = [*_remainders(config), *_capacity_cycles(config), *_foreign_units(config), *_lagless_cycles(config)]
    problems += [homes[chain].document.wrong(where, text) for chain, where, text in located]
    served = {
        sector for chain in config.chains.values() for product in chain.products.values() for sector in product.sectors
    }
    technology = files["technology"].document
    for sector in config.technology.sectors:
        if sector not in served:
            text = f"no product serves sector {sector}; put {sector} into the sectors of a product (config/chains/)"
            problems.append(technology.wrong(("sectors", sector), text, key=True))
    problems += [files["drivers"].document.wrong(where, text) for where, text in _drivers(config)]
    for home, book in (("policies", config.policies), ("shocks", config.shocks)):
        for name, policy in book.policies.items():
            at = ("policies", name)
            problems += [files[home].document.wrong((*at, *key), text) for key, text in _policy(config, policy)]
    problems += _storage(files, config)
    for name in sorted(set(config.policies.policies) & set(config.shocks.policies)):
        text = f"'{name}' is a measure in policies.yaml; give the shock another key"
        problems.append(files["shocks"].document.wrong(("policies", name), text, key=True))
    return problems


def _policy(config: Config, policy: Policy) -> Iterator[tuple[Where, str]]:
    """Dates in order; fields that belong to one lever; ways that lead to places of counties.yaml."""
    end = policy.end or policy.start
    if end < policy.start:
        yield ("end",), f"end {end} lies before start {policy.start}; put it after"
    elif policy.opens is not None and not policy.start <= policy.opens <= end:
        yield ("opens",), f"opens {policy.opens} must lie between start {policy.start} and end {end}"
    for field in ("opens", "export_share"):
        if getattr(policy, field) is not None and policy.lever != "capacity":
            yield (field,), f"{field} belongs to lever capacity, not to {policy.lever}; leave it out"
    for field, text in misplaced(policy.target, policy.lever).items():
        yield ("target", field), text
    if policy.target.to and policy.lever != "transport":
        yield ("target", "to"), f"'to' belongs to lever transport, not to {policy.lever}; leave it out"
    hazards = config.farming.weather
    if policy.hazard is not None and policy.lever != "weather":
        yield ("hazard",), f"hazard belongs to lever weather, not to {policy.lever}; leave it out"
    elif policy.hazard is not None and policy.hazard not in hazards:
        yield ("hazard",), f"unknown hazard '{policy.hazard}'; {nearest(policy.hazard, hazards)}"
    places = {*config.counties.counties, *config.counties.gates.values}
    for at, place in enumerate(policy.target.to):
        if place not in places:
            yield ("target", "to", at), f"unknown place '{place}'; {nearest(place, places)}"


def _storage(files: Mapping[str, Loaded], config: Config) -> list[Problem]:
    """Crops are laid up in the plant of a stage that firms run."""
    problems = []
    stages = {key: stage for chain in config.chains.values() for key, stage in chain.stages.items()}
    grown = {stage.activity for stage in stages.values()}
    for activity, rules in config.farming.storage.items():
        stage = stages.get(rules.stage)
        if activity in grown and (stage is None or stage.agent != "firm"):
            text = f"'{rules.stage}' is no stage of firms; {nearest(rules.stage, stages)}"
            problems.append(files["farming"].document.wrong(("storage", activity, "stage"), text))
    return problems


def _chain_models(files: Mapping[str, Loaded]) -> Iterator[tuple[str, Chain]]:
    for key, loaded in files.items():
        if isinstance(loaded.model, Chain):
            yield key, loaded.model


def _unit_of(quantity: Quantity | None) -> Dimension | None:
    return None if quantity is None else parse_unit(quantity.unit).dimension


def _product_units(here: Where, product: Product) -> Iterator[tuple[Where, str]]:
    """Price and mass must be per unit of the product, and that unit one that amounts are read in."""
    unit = product.unit
    if parse_unit(unit).factor != 1.0:
        yield (
            (*here, "unit"),
            f"unit '{unit}' is scaled; products are counted in unscaled units such as t, head, kWh, mu",
        )
        return
    if _unit_of(product.price) != parse_unit(f"CNY/({unit})").dimension:
        text = f"price in '{product.price.unit}' does not fit a product counted in {unit}; write CNY/{unit}"
        yield (*here, "price", "unit"), text
    elif product.price.amount <= 0:
        yield (*here, "price", "value"), f"price = {product.price.value:g} must be above 0"
    if product.mass is not None and _unit_of(product.mass) != parse_unit(f"t/({unit})").dimension:
        text = f"mass in '{product.mass.unit}' does not fit a product counted in {unit}; write t/{unit}"
        yield (*here, "mass", "unit"), text
    if product.freight is not None:
        per = "t" if product.mass is not None else unit
        if _unit_of(product.freight) != parse_unit(f"CNY/({per})/km").dimension:
            advice = "" if product.mass is not None else ", or give the product its mass and write CNY/t/km"
            text = f"freight in '{product.freight.unit}' does not fit; write CNY/{per}/km{advice}"
            yield (*here, "freight", "unit"), text


def _stage_units(here: Where, stage: Stage, product: Product) -> Iterator[tuple[Where, str]]:
    """Volume and satellite coefficients must be in units of the product."""
    unit = product.unit
    wanted = {"volume": [f"{unit}/yr"], "water": [f"m3/({unit})"], "energy": [f"tce/({unit})"]}
    wanted["co2"] = [f"tCO2/({unit})", f"t/({unit})"]
    for field, units in wanted.items():
        quantity: Quantity | None = getattr(stage, field)
        if quantity is not None and _unit_of(quantity) not in [parse_unit(known).dimension for known in units]:
            shown = units[0].replace("(", "").replace(")", "")
            text = f"{field} in '{quantity.unit}' does not fit '{stage.product}', counted in {unit}; write {shown}"
            yield (*here, field, "unit"), text


def _foreign_units(config: Config) -> Iterator[tuple[str, Where, str]]:
    """Units of stages whose product or host stands in another chain."""
    products = {name: item for chain in config.chains.values() for name, item in chain.products.items()}
    stages = {name: item for chain in config.chains.values() for name, item in chain.stages.items()}
    for chain in config.chains.values():
        for name, stage in chain.stages.items():
            here: Where = ("stages", name)
            if stage.product not in chain.products:
                yield from ((chain.chain, *found) for found in _stage_units(here, stage, products[stage.product]))
            if stage.capacity_from is not None:
                own = products[stage.product].unit
                host = products[stages[stage.capacity_from.stage].product].unit
                if _unit_of(stage.capacity_from.ratio) != parse_unit(f"({own})/({host})").dimension:
                    text = f"ratio in '{stage.capacity_from.ratio.unit}' should be {own} of {stage.product} per {host}"
                    yield chain.chain, (*here, "capacity_from", "ratio", "unit"), f"{text}; write {own}/{host}"


def _stage_shares(here: Where, stage: Stage) -> Iterator[tuple[Where, str]]:
    """Inputs and value added exhaust output at most; anchors hold at most the stage; critical inputs are inputs."""
    recipe = sum(item.amount for item in stage.recipe.values())
    own = stage.value_added_share.amount if stage.value_added_share is not None else 0.0
    if recipe >= 1.0:
        text = f"recipe {recipe:.4g} of output leaves {1 - recipe:.4g} of value added at base prices; lower a share"
        yield (*here, "recipe"), text
    elif recipe + own > 1.0 + 1e-9:
        text = (
            f"recipe {recipe:.4g} + value_added_share {own:.4g} = {recipe + own:.4g} of output; it must stay within 1"
        )
        yield (*here, "recipe"), text
    anchors = sum(anchor.share.amount for anchor in stage.anchors)
    if anchors > 1.0 + 1e-9:
        yield (*here, "anchors"), f"the shares of the anchors add up to {anchors:.4g}; they must stay within 1"
    for at, anchor in enumerate(stage.anchors):
        if anchor.share.amount == 0 and anchor.project is None:
            text = "share 0: not there in 2020; name the project that builds it (a key in policies.yaml)"
            yield (*here, "anchors", at, "share", "value"), text
    for kind in ("critical", "important"):
        for at, product in enumerate(getattr(stage, kind)):
            if product not in stage.recipe:
                text = f"{kind} input '{product}' is not in the recipe; add it there or drop it here"
                yield (*here, kind, at), text
            if kind == "important" and product in stage.critical:
                text = f"'{product}' is critical as well as important; keep it in one of the two lists"
                yield (*here, kind, at), text
    if stage.utilisation is not None and stage.utilisation.amount <= 0:
        yield (*here, "utilisation", "value"), "utilisation must be above 0: it is 2020 output / capacity"


def _remainders(config: Config) -> Iterator[tuple[str, Where, str]]:
    """What is left of each industry is shared out completely."""
    for industry in ("primary", "secondary", "tertiary"):
        shares = [
            (chain.chain, name, stage.remainder_share or 0.0)
            for chain in config.chains.values()
            for name, stage in chain.stages.items()
            if stage.remainder == industry
        ]
        total = sum(share for _, _, share in shares)
        if shares and abs(total - 1.0) > TOLERANCE:
            chain_name, stage_name, _ = shares[-1]
            text = (
                f"remainder_share of {industry} adds up to {total:.6g} over {len(shares)} stages; it must add up to 1"
            )
            yield chain_name, ("stages", stage_name, "remainder_share"), text


def _drivers(config: Config) -> Iterator[tuple[Where, str]]:
    """An index is 1 in 2020 on average; a trend needs its growth."""
    for name, driver in config.drivers.drivers.items():
        base = [value for key, value in driver.index.amounts.items() if key[:4] == "2020"]
        mean = sum(base) / len(base) if base else 0.0
        if abs(mean - 1.0) > INDEX_TOLERANCE:
            said = f"the mean of 2020 is {mean:.6g}" if base else "there is no value for 2020"
            yield ("drivers", name, "index", "values"), f"{said}; an index must have mean 1 in 2020"
        if driver.after == "trend" and driver.trend is None:
            yield ("drivers", name, "after"), "after: trend needs trend, the growth a year after the last value; add it"


def _capacity_cycles(config: Config) -> Iterator[tuple[str, Where, str]]:
    """No stage may draw its capacity, round the corner, from itself."""
    hosts = {
        name: {stage.capacity_from.stage}
        for chain in config.chains.values()
        for name, stage in chain.stages.items()
        if stage.capacity_from is not None
    }
    homes = _homes(config)
    for circle in circles(hosts):
        text = f"capacity_from runs in a circle: {_round(circle, hosts)}; let one of them have its own capacity"
        yield homes[circle[0]], ("stages", circle[0], "capacity_from"), text


def _lagless_cycles(config: Config) -> Iterator[tuple[str, Where, str]]:
    """A circle of critical inputs needs a lag or a stock somewhere, or nobody could produce first.

    What can be stored is delivered from stock, so only power, heat and services are needed at once.
    """
    stored = {name: item.storable for chain in config.chains.values() for name, item in chain.products.items()}
    makers: dict[str, set[str]] = {}
    for chain in config.chains.values():
        for name, stage in chain.stages.items():
            makers.setdefault(stage.product, set()).add(name)
    at_once = {
        name: {maker for product in stage.critical if not stored[product] for maker in makers.get(product, ())}
        for chain in config.chains.values()
        for name, stage in chain.stages.items()
        if stage.agent == "firm" and (stage.lag is None or stage.lag.amount == 0)
    }
    homes = _homes(config)
    for circle in circles(at_once):
        text = f"a cycle without lag: {_round(circle, at_once)}; give one of them a lag, or make an input not critical"
        yield homes[circle[0]], ("stages", circle[0], "critical"), text


def _homes(config: Config) -> dict[str, str]:
    return {name: chain.chain for chain in config.chains.values() for name in chain.stages}


def circles(needs: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Find the sets of names that need each other round a circle (strongly connected, self-loops included)."""
    reach: dict[str, set[str]] = {}
    for start in needs:
        seen: set[str] = set()
        todo = [name for name in needs[start] if name in needs]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += [other for other in needs[name] if other in needs]
        reach[start] = seen
    found: list[list[str]] = []
    for name in sorted(needs):
        circle = sorted(other for other in reach[name] if name in reach[other])
        if name in reach[name] and circle not in found:
            found.append(circle)
    return found


def _round(circle: list[str], needs: Mapping[str, Iterable[str]]) -> str:
    """Write one way round a circle, each name followed by what it needs."""
    way = [circle[0]]
    while way[-1] not in way[:-1]:
        onward = sorted(name for name in needs[way[-1]] if name in circle)
        unseen = [name for name in onward if name not in way]
        closing = [name for name in onward if name in way]
        way.append(closing[0] if closing and (not unseen or closing[0] == circle[0]) else unseen[0])
    return " needs ".join(way[way.index(way[-1]) :])
