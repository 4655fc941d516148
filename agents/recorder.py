"""The recorder: what is reported each month and year, as tidy rows, and both ledgers' annual accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ..chains.ceilings import ceilings
from ..chains.ledgers import plan_ledger
from .compiled import compiled
from .firms import BOUND
from .workers import INCOMES, OUTSIDE, TOWN

if TYPE_CHECKING:
    from .model import IndustryChainModel

KPIS = (
    "plan_output", "plan_value_added", "chain_jobs", "cattle_raised", "cattle_sold", "apple_output", "orchard_area",
    "vegetable_area", "facility_area", "vegetable_output", "herb_area", "urbanisation_rate", "gdp_year", "plan_overlap",
)  # fmt: skip


class Recorder:
    """Collects values in columns; ``table`` gives them as the series table of the results contract."""

    def __init__(self, model: IndustryChainModel) -> None:
        self.model = model
        self.blocks: list[tuple[int, str, str, str, str, float]] = []
        stages, counties = len(model.index.stages), len(model.index.counties)
        self.flows = np.zeros((stages, stages))
        self.bought_outside = np.zeros((len(model.index.products), stages))
        self.year_output, self.year_value_added = np.zeros(stages), np.zeros(stages)
        self.year_made = np.zeros(stages)
        self.year_sold = np.zeros(len(model.farms.stages))
        self.year_gdp = 0.0
        self.stage_chain = [model.index.chains[c] for c in model.index.chain_of_stage]
        self.parts: list[dict[str, np.ndarray]] = []
        self._stage_labels(counties)

    def _stage_labels(self, counties: int) -> None:
        index = self.model.index
        self.stage_of_cell = np.repeat(np.array(index.stages), counties)
        self.chain_of_cell = np.repeat(np.array(self.stage_chain), counties)
        self.county_of_cell = np.tile(np.array(index.counties), len(index.stages))

    @property
    def period(self) -> int:
        """The month being recorded as yyyymm."""
        return self.model.year * 100 + self.model.calendar

    def record(self) -> None:
        """Record the month; in December also the year."""
        self._record_counties()
        cells = stage_cells(self.model, self.farm_hands)
        self._record_stages(cells)
        self._record_city(cells)
        self._accumulate(cells)
        model = self.model
        model.yearly_output += (cells["quantity"].sum(axis=1) - model.yearly_output) / 12
        if self.model.calendar == 12:
            self._record_year()

    def _add(self, variable: str, value: float, *, chain: str = "", stage: str = "", county: str = "") -> None:
        self.blocks.append((self.period, variable, chain, stage, county, float(value)))

    def _add_cells(self, variable: str, cells: np.ndarray) -> None:
        """A stage x county matrix (S, C); cells of stages that are nowhere in a county are left out."""
        flat = cells.ravel()
        here = self.model.cell_exists
        self.parts.append({"period": np.array([self.period]), "variable": np.array([variable]), "value": flat[here]})

    def _record_stages(self, cells: dict[str, np.ndarray]) -> None:
        for name in ("output", "value_added", "output_2020", "quantity", "jobs", "utilisation", "labour_days"):
            self._add_cells(name, cells[name])
        for k, factor in enumerate(BOUND):
            if cells["bound"][k].any():
                self._add_cells(f"bound_{factor}", cells["bound"][k])
        chain_jobs = np.zeros((len(self.model.index.chains), cells["jobs"].shape[1]))
        np.add.at(chain_jobs, self.model.index.chain_of_stage, cells["jobs"])
        for c, chain in enumerate(self.model.index.chains):
            for k, county in enumerate(self.model.index.counties):
                self._add("chain_jobs", chain_jobs[c, k], chain=chain, county=county)

    def _record_counties(self) -> None:
        model, workers, counties = self.model, self.model.workers, len(self.model.index.counties)
        flows = model.people_flows
        sums = count_people(
            workers.county, workers.place, workers.weight, workers.employer, workers.farm, workers.participates,
            tuple(getattr(workers, name) for name in INCOMES), counties,
        )  # fmt: skip
        residents, town, elsewhere, employed, unemployed, hands, town_income, village_income = sums
        self.farm_hands = hands
        rows = {
            "residents": residents,
            "urban_residents": town,
            "outside_members": elsewhere,
            "employed": employed,
            "unemployed": unemployed,
            "births": flows["births"],
            "deaths": flows["deaths"],
            "arrivals": flows["arrivals"] + flows["moved_in"],
            "departures": flows["departures"] + flows["moved_out"],
            "urban_income": town_income / np.maximum(town, 1.0),
            "rural_income": village_income / np.maximum(residents - town, 1.0),
        }
        accounts = [government.account for government in model.governments]
        rows["revenue"] = np.array([a.flows["taxes"] for a in accounts])
        rows["expenditure"] = -np.array(
            [a.flows["consumption"] + a.flows["works"] + a.flows["benefits"] for a in accounts]
        )
        rows["government_cash"] = np.array([a.cash for a in accounts])
        for variable, values in rows.items():
            for k, name in enumerate(model.index.counties):
                self._add(variable, values[k], county=name)

    def _record_city(self, cells: dict[str, np.ndarray]) -> None:
        model, index = self.model, self.model.index
        value_added = cells["value_added"].sum(axis=1)
        self._add("gdp", value_added.sum())
        share = model.base.value_added / (model.base.output * model.margin_share)
        self._add("gdp_2020", (cells["output_2020"].sum(axis=1) * share).sum())
        for industry in ("primary", "secondary", "tertiary"):
            self._add(industry, value_added[index.stages_where(industry=industry)].sum())
        outside = model.outside.account.flows
        deposits = model.firms.cash.sum() + model.farms.cash.sum() + (model.workers.weight * model.workers.cash).sum()
        self._add("deposits", deposits + sum(g.account.cash for g in model.all_governments))
        owed = (model.workers.weight * model.workers.debt).sum()
        self._add("loans", model.firms.debt.sum() + model.farms.debt.sum() + owed)
        self._add("exports", -outside["exports"])
        self._add("imports", outside["imports"])
        flows = model.labour
        for name in ("quits", "layoffs", "retired", "hired", "hired_from_farm"):
            self._add(name, getattr(flows, name))
        self._add("firm_failures", model.failures)
        self._add("migrant_worker_remittances", -outside["remittances"])

    def note_judgement(self, chain: str, factor: str) -> None:
        """Record what a chain chief judged to bind the chain: 1 under ``judged_<factor>``."""
        self._add(f"judged_{factor}", 1.0, chain=chain)

    def _accumulate(self, cells: dict[str, np.ndarray]) -> None:
        model = self.model
        self.flows += model.trade.flows
        links = model.supply.trade.links
        products, stages = self.bought_outside.shape
        code = links.product * stages + links.stage
        bought = np.bincount(code, model.trade.paid_outside, minlength=products * stages)
        self.bought_outside += bought.reshape(products, stages)
        self.year_output += cells["turnover"].sum(axis=1)
        self.year_value_added += cells["value_added"].sum(axis=1)
        self.year_made += cells["quantity"].sum(axis=1)
        self.year_sold += model.farms.sold.sum(axis=0)
        self.year_gdp += float(cells["value_added"].sum())

    def _record_year(self) -> None:
        """Annual rows: the plan ledger, physical quantities, urbanisation; then start a new year."""
        model, index, farms = self.model, self.model.index, self.model.farms
        ledger = plan_ledger(index, self.year_output, self.year_value_added, self.flows, self.bought_outside)
        for c, chain in enumerate(index.chains):
            if chain != "rest":
                self._add("plan_output", ledger.output[c], chain=chain)
                self._add("plan_value_added", ledger.value_added[c], chain=chain)
        self._add("plan_overlap", ledger.overlap)
        for name, coefficient in model.satellites.items():
            used = np.bincount(index.chain_of_stage, coefficient * self.year_made, minlength=len(index.chains))
            for c, chain in enumerate(index.chains):
                if used[c]:
                    self._add(name, used[c], chain=chain)
        for chain, top in ceilings(model.config, model.base, year=model.year, price=price_level(model)).items():
            self._add("ceiling_output", top["output"], chain=chain)
            self._add("ceiling_value_added", top["value_added"], chain=chain)
        self._add("gdp_year", self.year_gdp)
        made = {farms.activities[a]: float(self.year_made[s]) for a, s in enumerate(farms.stages)}
        sold = {farms.activities[a]: float(self.year_sold[a]) for a in range(len(farms.stages))}
        level = {name: float(farms.level[:, a].sum()) for a, name in enumerate(farms.activities)}
        heads_sold = sold.get("fattening", 0.0) + sold.get("breeding", 0.0)
        self._add("cattle_sold", heads_sold)
        self._add("cattle_raised", heads_sold + float(model.audit_book.closing["herd"].sum()))
        self._add("apple_output", made.get("orchard", 0.0))
        self._add("orchard_area", level.get("orchard", 0.0))
        facility = level.get("greenhouse", 0.0)
        self._add("facility_area", facility)
        self._add("vegetable_area", facility + level.get("open_vegetable", 0.0))
        self._add("vegetable_output", made.get("greenhouse", 0.0) + made.get("open_vegetable", 0.0))
        self._add("herb_area", level.get("herb", 0.0))
        workers = model.workers
        home = workers.alive & (workers.place != OUTSIDE)
        town = home & (workers.place == TOWN)
        self._add("urbanisation_rate", workers.weight[town].sum() / workers.weight[home].sum())
        for array in (
            self.flows,
            self.bought_outside,
            self.year_output,
            self.year_value_added,
            self.year_made,
            self.year_sold,
        ):
            array[:] = 0
        self.year_gdp = 0.0

    def table(self) -> pa.Table:
        """All rows so far: month (yyyymm), variable, chain, stage, county, value; text columns are dictionaries."""
        index, here = self.model.index, self.model.cell_exists
        count = int(here.sum())
        axes = {
            "variable": sorted({row[1] for row in self.blocks} | {str(part["variable"][0]) for part in self.parts}),
            "chain": ["", *index.chains],
            "stage": ["", *index.stages],
            "county": ["", *index.counties],
        }
        number = {name: {key: k for k, key in enumerate(keys)} for name, keys in axes.items()}
        cells = {
            "chain": np.array([number["chain"][key] for key in self.chain_of_cell[here]]),
            "stage": np.array([number["stage"][key] for key in self.stage_of_cell[here]]),
            "county": np.array([number["county"][key] for key in self.county_of_cell[here]]),
        }
        period = [row[0] for row in self.blocks]
        columns = [pa.array(np.r_[period, np.repeat([p["period"][0] for p in self.parts], count)].astype(np.int32))]
        for k, (name, keys) in enumerate(axes.items()):
            single = np.array([number[name][str(row[k + 1])] for row in self.blocks], dtype=np.int32)
            if name == "variable":
                block = np.repeat([number[name][str(part["variable"][0])] for part in self.parts], count)
            else:
                block = np.tile(cells[name], len(self.parts))
            codes = np.concatenate([single, block]).astype(np.int32)
            columns.append(pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(keys)))
        values = np.concatenate([np.array([row[5] for row in self.blocks]), *[part["value"] for part in self.parts]])
        return pa.table([*columns, pa.array(values)], names=["month", *axes, "value"])

    def kpis(self) -> dict[str, float]:
        """Value of the last year by indicator (and chain)."""
        out: dict[str, float] = {}
        for _, variable, chain, _, county, value in self.blocks:
            if variable in KPIS and not county:
                out[f"kpi_{variable}_{chain}" if chain else f"kpi_{variable}"] = value
        return out


def stage_cells(model: IndustryChainModel, hands: np.ndarray) -> dict[str, np.ndarray]:
    """Stage x county matrices of the month, (S, C) from agent columns; ``hands`` (C,) work on farms."""
    firms, farms, index = model.firms, model.farms, model.index
    stages, counties = len(index.stages), len(index.counties)
    code = firms.stage.astype(np.int64) * counties + firms.county

    def cells(values: np.ndarray) -> np.ndarray:
        return np.bincount(code, values, minlength=stages * counties).reshape(stages, counties)

    base_price = model.base.price[index.product_of_stage]
    handled = cells(handled_goods(model))
    out = {
        "turnover": cells(firms.output_value),
        "output": cells(firms.output_value) - handled,
        "value_added": cells(firms.output_value - firms.used_value),
        "quantity": cells(firms.made - firms.lost),
        "jobs": cells(firms.staffed),
    }
    capacity = cells(firms.capacity)
    causes = len(BOUND)
    bound = np.bincount(code * causes + firms.bound, firms.capacity, minlength=stages * counties * causes)
    bound = np.moveaxis(bound.reshape(stages, counties, causes), 2, 0)
    for a, s in enumerate(farms.stages):
        for name, values in (
            ("turnover", farms.output_value[:, a]),
            ("output", farms.output_value[:, a]),
            ("value_added", farms.output_value[:, a] - farms.used_value[:, a]),
            ("quantity", farms.made[:, a]),
        ):
            out[name][s] = np.bincount(farms.county, values, minlength=counties)
    out["jobs"][farms.stages] = farm_jobs(model, hands)
    out["output_2020"] = out["quantity"] * (base_price * model.margin_share)[:, None]
    out["utilisation"] = np.divide(cells(firms.made), capacity, out=np.zeros_like(capacity), where=capacity > 0)
    out["labour_days"] = farm_labour_days(model)
    out["bound"] = np.divide(bound, capacity, out=np.zeros(bound.shape), where=capacity > 0)
    return out


def price_level(model: IndustryChainModel) -> np.ndarray:
    """Prices of December over 2020 by product, (P,): mean of local sellers by base sales, outside where none sells."""
    product, size = model.supply.seller_product, model.seller_size
    price = np.r_[model.firms.price, model.gate_price] / model.base.price[product]
    count = len(model.base.price)
    weight = np.bincount(product, size, minlength=count)
    level = np.bincount(product, size * price, minlength=count)
    outside = model.outside_price / model.base.price
    return np.divide(level, weight, out=outside.copy(), where=weight > 0)


def handled_goods(model: IndustryChainModel) -> np.ndarray:
    """Cost of goods a trading, packing or storing firm sells on, CNY (F,): not its output in national accounts."""
    supply = model.supply
    slots = supply.trade.slots
    resold = model.resold_slots
    cost = supply.used[resold] * supply.price[resold]
    return np.bincount(slots.buyer[resold], cost, minlength=len(model.firms.price))


def farm_labour_days(model: IndustryChainModel) -> np.ndarray:
    """Days of work the crops ask for in an average month, (S, C): area x days a mu a year; animals have no figure."""
    farms, days = model.farms, model.config.farming.labour_days.amounts
    counties = len(model.index.counties)
    asked = np.zeros((len(model.index.stages), counties))
    for a, activity in enumerate(farms.activities):
        if activity in model.config.farming.area:
            area = np.bincount(farms.county, farms.level[:, a], minlength=counties)
            asked[farms.stages[a]] = area * days.get(activity, 0.0) / 12
    return asked


@compiled
def count_people(
    county: np.ndarray,
    place: np.ndarray,
    weight: np.ndarray,
    employer: np.ndarray,
    farm: np.ndarray,
    participates: np.ndarray,
    incomes: tuple[np.ndarray, ...],
    counties: int,
) -> np.ndarray:
    """Persons by county, (8, C).

    Residents, in town, members elsewhere, at work, seeking work, on the family farm, and CNY of income in town and in
    villages.  Dead rows weigh nothing.
    """
    sums = np.zeros((8, counties))
    for row in range(len(county)):
        c, persons = county[row], weight[row]
        if place[row] == OUTSIDE:
            sums[2, c] += persons
            continue
        sums[0, c] += persons
        income = 0.0
        for kind in incomes:
            income += kind[row]
        if place[row] == TOWN:
            sums[1, c] += persons
            sums[6, c] += persons * income
        else:
            sums[7, c] += persons * income
        if employer[row] >= 0:
            sums[3, c] += persons
        elif participates[row] == 1:
            if farm[row] >= 0:
                sums[3, c] += persons
                sums[5, c] += persons
            else:
                sums[4, c] += persons
    return sums


def farm_jobs(model: IndustryChainModel, hands: np.ndarray) -> np.ndarray:
    """Persons at work on farms by activity and county (A, C): ``hands`` (C,) shared by base jobs x activity level."""
    farms, counties = model.farms, len(model.index.counties)
    level = np.stack(
        [np.bincount(farms.county, farms.level[:, a], minlength=counties) for a in range(len(farms.stages))]
    )
    ratio = np.divide(level, model.level_base, out=np.zeros_like(level), where=model.level_base > 0)
    need = model.base.jobs[farms.stages] * ratio
    total = need.sum(axis=0)
    return need / np.where(total > 0, total, 1.0) * hands
