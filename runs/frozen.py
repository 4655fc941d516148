"""Decides what stands still when nothing outside moves: ten years of the frozen city, and how far its chains drift.

The frozen test (model.md section 7) runs every rule of the model on a base year that has no reason to change: drivers
stay at their mean of 2020, growth rates are nought, people, trees and cattle have the ages that reproduce themselves
and nobody moves.  What drifts all the same says which rule and which balance of the base year do not fit.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..agents.model import IndustryChainModel
from ..agents.people_loops import LATEST, NINE_YEARS_END
from ..agents.workers import RURAL, SENIOR, TERTIARY
from ..config.experiment_schema import Experiment, Replicates, Seeds
from ..config.loader import Config
from ..config.schema import Name, Quantity, Scenario, Table
from .clock import last_month
from .experiment import ResolvedExperiment

FROZEN = Scenario(name="frozen", label=Name(zh="静止检验", en="frozen test"))
OLDEST = 110
ALLOWED = 0.01  # drift over ten years


def frozen_config(config: Config) -> Config:
    """Freeze a configuration: nothing outside moves, nothing grows, every age structure reproduces itself."""
    p = config.parameters
    parameters = p.model_copy(
        update={
            "firms": _with(p.firms, productivity_growth=0.0, payout_share=1.0),
            "government": _with(p.government, transfer_growth=0.0),
            "outside": _with(p.outside, trend_growth=0.0),
            "migration": _with(p.migration, consideration_rate=0.0),
        }
    )
    drivers = {
        name: driver.model_copy(
            update={"index": _table(driver.index, {"2020": 1.0}), "after": "hold", "trend": None, "noise": None}
        )
        for name, driver in config.drivers.drivers.items()
    }
    still = replace(
        config,
        parameters=parameters,
        drivers=config.drivers.model_copy(update={"drivers": drivers}),
        farming=_stationary_farming(config),
        population=_stationary_population(config),
        counties=_nobody_elsewhere(config),
    )
    return _stationary_housing(_probed(still))


def _probed(config: Config) -> Config:
    """What has to be read off the city of the base year: village incomes without migrants, and schooling of the young.

    Nobody lives elsewhere in the frozen city, so nobody sends money home; old people in the village get as much, or its
    households would spend more than they get.  Pupils attain what those of 15 to 22 had attained or attended.
    """
    model = IndustryChainModel(config, FROZEN, seed=1, scale=0.01)
    workers, government = model.workers, config.parameters.government
    old = (workers.place == RURAL) & (workers.age >= government.pension_age.amount)
    missing = 12 * max(-float(model.benefit_gap[1]), 0.0) / float(workers.weight[old].sum())
    young = (workers.age >= NINE_YEARS_END) & (workers.age < LATEST)
    persons = np.bincount(workers.education[young], workers.weight[young], minlength=TERTIARY + 1)
    level = persons / persons.sum()
    model.release()
    paid = _with(government, residents_pension=government.residents_pension.amount + missing)
    learnt = {"tertiary_share": level[TERTIARY], "senior_share": level[SENIOR]}
    people = config.population.model_copy(
        update={name: _value(getattr(config.population, name), float(share)) for name, share in learnt.items()}
    )
    p = config.parameters.model_copy(update={"government": paid})
    return replace(config, parameters=p, population=people)


def _stationary_housing(config: Config) -> Config:
    """Dwellings that wear as fast as they are built, and nobody who turns from tenant to owner.

    Towns of 2020 built for growth, which a frozen city has not: else flats would stand empty and rents fall for years.
    """
    p = config.parameters
    probe = replace(
        config, parameters=p.model_copy(update={"housing": _with(p.housing, rent_response=0.0, purchase_rate=0.0)})
    )
    model = IndustryChainModel(probe, FROZEN, seed=1, scale=0.01)
    floor, built = model.housing.floor.sum(), 0.0
    for _ in range(12):
        model.step()
        built += float(model.housing.built.sum())
    model.release()
    still = _with(p.housing, wear=built / floor, purchase_rate=0.0)
    return replace(config, parameters=p.model_copy(update={"housing": still}))


def _value(quantity: Quantity, value: float) -> Quantity:
    """The same quantity with another value, whatever its range says."""
    return quantity.model_copy(update={"value": value})


def _with(block: Any, **values: float) -> Any:
    return block.model_copy(update={name: _value(getattr(block, name), value) for name, value in values.items()})


def _table(table: Table, values: dict[str, float]) -> Table:
    return table.model_copy(update={"values": values})


def _stationary_farming(config: Config) -> Any:
    """Orchards whose classes pass on as much as they get, every year a mean one for weather and bearing, no growth.

    What is grubbed is replanted with the same kind of tree, so dwarf trees do not spread.  The herd of the base year
    stands still once owners do not want it to grow: its rates are derived from its cohorts.
    """
    farming, orchard = config.farming, config.farming.orchard
    shares = orchard.age_shares.amounts
    years = {name: orchard.class_years.amounts.get(name, 1.0) for name in shares}
    years["trees_30"] = 1 / orchard.renewal_rate.amount
    rest: dict[str, float] = {}
    for kind in ("trees", "dwarf"):
        names = [name for name in shares if name.startswith(kind)]
        area, width = (sum(table[name] for name in names) for table in (shares, years))
        rest |= {name: area * years[name] / width for name in names}
    still = _with(orchard, dwarf_share=0.0, alternate_bearing=0.0).model_copy(
        update={"age_shares": _table(orchard.age_shares, rest)}
    )
    herd = _with(farming.cattle, growth_signal=0.0)
    return _with(farming, productivity_growth=0.0).model_copy(update={"orchard": still, "weather": {}, "cattle": herd})


def _stationary_population(config: Config) -> Any:
    """Ages as the life table leaves them, and as many births as deaths; both sexes of each county add up as before."""
    people = config.population
    period = sorted(people.mortality_male.values)[-1]
    alive = [_lived(table.values[period]) for table in (people.mortality_male, people.mortality_female)]
    boys = people.sex_ratio_at_birth.amount
    weight = np.array([boys, 1.0])[:, None] * np.array(alive)
    share = weight / weight.sum()
    census: dict[str, dict[str, dict[str, float]]] = {"census_male": {}, "census_female": {}}
    for county in people.census_male.values:
        total = sum(people.census_male.values[county].values()) + sum(people.census_female.values[county].values())
        for name, ages in zip(census, share, strict=True):
            census[name][county] = {str(age): float(total * part) for age, part in enumerate(ages)}
    year = sorted(people.fertility.values, key=int)[-1]
    rates = people.fertility.values[year]
    girls = sum(rate * alive[1][int(age) : int(age) + 5].sum() for age, rate in rates.items()) / (1 + boys)
    fertility = {year: {age: rate / girls for age, rate in rates.items()}}
    tables: dict[str, Any] = {name: _table(getattr(people, name), values) for name, values in census.items()}  # type: ignore[arg-type]
    for name in ("mortality_male", "mortality_female"):
        tables[name] = _table(getattr(people, name), {period: getattr(people, name).values[period]})
    tables["fertility"] = _table(people.fertility, fertility)  # type: ignore[arg-type]
    return people.model_copy(update=tables)


def _lived(rates: dict[str, float]) -> np.ndarray:
    """Years lived at each single age 0-110 by a newborn, from death rates by first age of the group."""
    starts = sorted(int(age) for age in rates)
    rate = np.zeros(OLDEST + 1)
    for start, end in zip(starts, [*starts[1:], OLDEST + 1], strict=True):
        rate[start:end] = rates[str(start)]
    alive = np.exp(-np.r_[0.0, np.cumsum(rate)[:-1]])
    return np.asarray(alive * -np.expm1(-rate) / rate)


def _nobody_elsewhere(config: Config) -> Any:
    """Nobody lives elsewhere: who is registered here is resident, so nobody ages away outside."""
    counties = {
        name: facts.model_copy(
            update={
                "registered": _value(
                    facts.registered,
                    (facts.residents_urban.amount + facts.residents_rural.amount) / facts.registered.factor,
                )
            }
        )
        for name, facts in config.counties.counties.items()
    }
    return config.counties.model_copy(update={"counties": counties})


def frozen_experiment(config: Config, *, seeds: int, years: int, scale: float, root: int = 2020) -> ResolvedExperiment:
    """Ask for some years of the frozen city with several seeds, in the words of an experiment."""
    words = Name(zh="静止检验：外部不变时产业链是否漂移", en="Frozen test: do chains drift when nothing outside moves?")
    asked = Experiment(
        name="frozen", title=words, question=words, start="2021-01", end=last_month("2021-01", 12 * years), scale=scale,
        replicates=Replicates(n=seeds), seeds=Seeds(root=root), scenarios=[FROZEN],
    )  # fmt: skip
    return ResolvedExperiment(asked, {FROZEN.name: frozen_config(config)})


def drift_table(path: Path) -> pd.DataFrame:
    """Set the last year of stored frozen runs against the first: how far chains and jobs drift.

    Returns
    -------
    DataFrame indexed by chain, then ``jobs``, with first and last (CNY a year at prices of 2020; mean persons), drift
    (mean over seeds of last / first - 1), error (standard error) and n (seeds).
    """
    wanted = {"output_2020": "sum", "jobs": "mean"}
    columns = ["replicate", "month", "variable", "chain", "value"]
    files = sorted((path / "series").glob("part-*.parquet"))
    tests = [("variable", "in", list(wanted))]
    frame = pd.concat([pd.read_parquet(file, columns=columns, filters=tests) for file in files], ignore_index=True)
    jobs = frame["variable"] == "jobs"
    frame = frame.assign(year=frame["month"] // 100, what=frame["chain"].astype(str).mask(jobs, "jobs"))
    frame["value"] = frame["value"].where(~jobs, frame["value"] / 12)
    sums = frame.groupby(["what", "replicate", "year"])["value"].sum().unstack("year")
    first, last = sums.iloc[:, 0], sums.iloc[:, -1]
    drift = (last / first - 1).groupby("what", sort=False)
    table = pd.DataFrame({"first": first.groupby("what").mean(), "last": last.groupby("what").mean()})
    table["drift"], table["n"] = drift.mean(), drift.count()
    table["error"] = drift.std() / np.sqrt(table["n"])
    return table
