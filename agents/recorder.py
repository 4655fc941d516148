"""The recorder: what is reported each month and year, as tidy rows, and both ledgers' annual accounts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ..chains.ceilings import ceilings
from ..chains.ledgers import plan_ledger
from .cells import (
    bought_outside,
    count_people,
    input_sources,
    lost_cells,
    price_level,
    prices_and_stocks,
    shortages,
    stage_cells,
)
from .factors import FACTORS
from .recorder_days import record_days
from .recorder_farms import record_farm_year, record_insurance, record_stores
from .recorder_homes import FarmHomes
from .recorder_people import PeopleRecord
from .workers import INCOMES, OUTSIDE, TOWN

if TYPE_CHECKING:
    from .model import IndustryChainModel

KPIS = (
    "plan_output", "plan_value_added", "chain_jobs", "cattle_raised", "cattle_sold", "apple_output", "orchard_area",
    "vegetable_area", "facility_area", "vegetable_output", "herb_area", "storage_capacity",
    "urbanisation_rate", "gdp_year", "plan_overlap",
)  # fmt: skip

HERD_FLOWS = ("born", "bought", "died", "sold_head", "sold_calves")


@dataclass
class Part:
    """Values of one variable in one month: cells (n,) of the flattened stage x county matrix, and their values (n,)."""

    period: int
    variable: str
    cells: np.ndarray
    values: np.ndarray


class Recorder:
    """Collects values in columns; ``table`` gives them as the series table of the results contract."""

    def __init__(self, model: IndustryChainModel) -> None:
        self.model = model
        self.names: dict[tuple[str, str, str, str], int] = {}  # variable, chain, stage and county of single values
        self.singles: tuple[list[int], list[int], list[float]] = ([], [], [])  # period, number of the name, value
        stages, counties = len(model.index.stages), len(model.index.counties)
        self.flows = np.zeros((stages, stages))
        self.bought_outside = np.zeros((len(model.index.products), stages))
        self.year_output, self.year_value_added = np.zeros(stages), np.zeros(stages)
        self.year_made = np.zeros(stages)
        self.year_sold = np.zeros(len(model.farms.stages))
        self.year_herd = dict.fromkeys(HERD_FLOWS, 0.0)
        self.year_gdp = 0.0
        self.stage_chain = [model.index.chains[c] for c in model.index.chain_of_stage]
        self.parts: list[Part] = []
        self.period = 0  # the month being recorded, yyyymm
        self.existing = np.flatnonzero(model.cell_exists)
        self._stage_labels(counties)
        self.people = PeopleRecord(model, self)
        self.homes = FarmHomes(model)
        self.lost: dict[str, np.ndarray] = {}  # of the month, see `cells.lost_cells`

    def _stage_labels(self, counties: int) -> None:
        index = self.model.index
        self.stage_of_cell = np.repeat(np.array(index.stages), counties)
        self.chain_of_cell = np.repeat(np.array(self.stage_chain), counties)
        self.county_of_cell = np.tile(np.array(index.counties), len(index.stages))

    def record(self) -> None:
        """Record the month; in December also the year."""
        self.period = self.model.year * 100 + self.model.calendar
        self._record_counties()
        cells = stage_cells(self.model, self.farm_hands)
        self._record_stages(cells)
        self._record_supply()
        record_stores(self.model, self)
        record_insurance(self.model, self)
        record_days(self.model, self)
        self._record_city(cells)
        self.people.record_month()
        self.homes.record_month(self)
        self._accumulate(cells)
        model = self.model
        model.yearly_output += (cells["quantity"].sum(axis=1) - model.yearly_output) / 12
        if self.model.calendar == 12:
            self._record_year()

    def add(self, variable: str, value: float, *, chain: str = "", stage: str = "", county: str = "") -> None:
        """Record one value of the month."""
        name = self.names.setdefault((variable, chain, stage, county), len(self.names))
        periods, names, values = self.singles
        periods.append(self.period)
        names.append(name)
        values.append(float(value))

    def add_cells(self, variable: str, cells: np.ndarray, *, sparse: bool = False) -> None:
        """A stage x county matrix (S, C); cells of stages that are nowhere in a county are left out.

        Of a ``sparse`` variable zeros are left out too.
        """
        flat = cells.ravel()
        here = np.flatnonzero(self.model.cell_exists & (flat != 0)) if sparse else self.existing
        self.parts.append(Part(self.period, variable, here, flat[here]))

    def _record_stages(self, cells: dict[str, np.ndarray]) -> None:
        for name in ("output", "value_added", "output_2020", "quantity", "jobs", "utilisation", "labour_days"):
            self.add_cells(name, cells[name])
        for k, factor in enumerate(FACTORS):
            if cells["bound"][k].any():
                self.add_cells(f"bound_{factor}", cells["bound"][k], sparse=True)
        self.lost = lost_cells(self.model)
        for name, values in self.lost.items():
            self.add_cells(name, values, sparse=True)
        chain_jobs = np.zeros((len(self.model.index.chains), cells["jobs"].shape[1]))
        np.add.at(chain_jobs, self.model.index.chain_of_stage, cells["jobs"])
        for c, chain in enumerate(self.model.index.chains):
            for k, county in enumerate(self.model.index.counties):
                self.add("chain_jobs", chain_jobs[c, k], chain=chain, county=county)

    def _record_supply(self) -> None:
        """Where goods ran short, where inputs and income of each stage come from and go to, prices and stocks."""
        index = self.model.index
        for (name, s), value in shortages(self.model).items():
            self.add(name, value, chain=self.stage_chain[s], stage=index.stages[s])
        for name, values in input_sources(self.model).items():
            for s in np.flatnonzero(values).tolist():
                self.add(name, values[s], chain=self.stage_chain[s], stage=index.stages[s])
        for name, values in zip(("price", "stock"), prices_and_stocks(self.model), strict=True):
            for s in np.flatnonzero(np.isfinite(values)).tolist():
                self.add(name, values[s], chain=self.stage_chain[s], stage=index.stages[s])

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
        if any(government.debt > 0 for government in model.all_governments):
            rows["government_debt"] = np.array([government.debt for government in model.governments])
            rows["debt_service"] = -np.array([a.flows["bond interest"] + a.flows["bond repayment"] for a in accounts])
        rows |= {f"cost_{payer}": amount for payer, amount in model.policies.borne.items() if amount.any()}
        for variable, values in rows.items():
            for k, name in enumerate(model.index.counties):
                self.add(variable, values[k], county=name)

    def _record_city(self, cells: dict[str, np.ndarray]) -> None:
        model, index = self.model, self.model.index
        value_added = cells["value_added"].sum(axis=1)
        self.add("gdp", value_added.sum())
        share = model.base.value_added / (model.base.output * model.margin_share)
        self.add("gdp_2020", (cells["output_2020"].sum(axis=1) * share).sum())
        for industry in ("primary", "secondary", "tertiary"):
            self.add(industry, value_added[index.stages_where(industry=industry)].sum())
        outside = model.outside.account.flows
        people = model.audit_book.people
        deposits = model.firms.cash.sum() + model.farms.cash.sum() + people["cash"]
        self.add("deposits", deposits + sum(g.account.cash for g in model.all_governments))
        self.add("loans", model.firms.debt.sum() + model.farms.debt.sum() + people["debt"])
        self.add("exports", -outside["exports"])
        self.add("imports", outside["imports"])
        flows = model.labour
        for name in ("quits", "layoffs", "retired", "hired", "hired_from_farm"):
            self.add(name, getattr(flows, name))
        self.add("firm_failures", model.failures)
        self.add("firms", float((model.firms.closing == 0).sum()))
        self.add("firms_building", float((model.firms.opening > 0).sum()))
        self.add("links_moved", model.links_moved)
        account = model.city.account
        self.add("city_cash", account.cash)
        if model.city.debt > 0:
            self.add("city_debt", model.city.debt)
            self.add("city_debt_service", -account.flows["bond interest"] - account.flows["bond repayment"])
        cut: dict[str, float] = defaultdict(float)  # uses of one measure, by dates or chiefs, together
        for name, amount in sorted(model.policies.finance.cut.items()):
            cut[name.partition("@")[0]] += amount
        for name, amount in cut.items():
            self.add(f"cut_{name}", amount)
        for name, amount in sorted(model.policies.chiefs.spent.items()):
            policy, _, chain = name.partition("@")
            self.add(f"chief_{policy}", amount, chain=chain)
        if model.policies.chiefs.spent:
            self.add("chief_money", sum(model.policies.chiefs.spent.values()))
        self.add("migrant_worker_remittances", -outside["remittances"])

    def note_judgement(self, chain: str, factor: str) -> None:
        """Record what a chain chief judged to bind the chain: 1 under ``judged_<factor>``."""
        self.add(f"judged_{factor}", 1.0, chain=chain)

    def _accumulate(self, cells: dict[str, np.ndarray]) -> None:
        model = self.model
        self.flows += model.trade.flows
        self.bought_outside += bought_outside(model)
        self.year_output += cells["turnover"].sum(axis=1)
        self.year_value_added += cells["value_added"].sum(axis=1)
        self.year_made += cells["quantity"].sum(axis=1)
        self.year_sold += model.farms.by_gate(model.farms.sold).sum(axis=1)
        self.year_gdp += float(cells["value_added"].sum())
        farms = self.model.farms
        for flow in HERD_FLOWS:
            self.year_herd[flow] += float(getattr(farms, flow).sum())

    def _record_year(self) -> None:
        """Annual rows: the plan ledger, physical quantities, urbanisation; then start a new year."""
        model, index, farms = self.model, self.model.index, self.model.farms
        rule = model.forms.ledger
        ledger = plan_ledger(index, self.year_output, self.year_value_added, self.flows, self.bought_outside, rule)
        for c, chain in enumerate(index.chains):
            if chain != "rest":
                self.add("plan_output", ledger.output[c], chain=chain)
                self.add("plan_value_added", ledger.value_added[c], chain=chain)
        self.add("plan_overlap", ledger.overlap)
        for name, coefficient in model.satellites.items():
            used = np.bincount(index.chain_of_stage, coefficient * self.year_made, minlength=len(index.chains))
            for c, chain in enumerate(index.chains):
                if used[c]:
                    self.add(name, used[c], chain=chain)
        tops = ceilings(model.config, model.base, year=model.year, price=price_level(model), rule=rule)
        for chain, top in tops.items():
            self.add("ceiling_output", top["output"], chain=chain)
            self.add("ceiling_value_added", top["value_added"], chain=chain)
        self.add("gdp_year", self.year_gdp)
        made = {farms.activities[a]: float(self.year_made[s]) for a, s in enumerate(farms.stages)}
        sold = {farms.activities[a]: float(self.year_sold[a]) for a in range(len(farms.stages))}
        level = {name: float(farms.level[farms.part(a)].sum()) for a, name in enumerate(farms.activities)}
        heads_sold = sold.get("fattening", 0.0) + sold.get("breeding", 0.0)
        self.add("cattle_sold", heads_sold)
        for flow in HERD_FLOWS:  # stock1 = stock0 + born + bought - died - sold
            self.add(f"cattle_{flow}", self.year_herd[flow])
            self.year_herd[flow] = 0.0
        self.add("cattle_stock", float(model.audit_book.closing["herd"].sum()))
        self.add("cattle_raised", heads_sold + float(model.audit_book.closing["herd"].sum()))
        self.add("apple_output", made.get("orchard", 0.0))
        self.add("orchard_area", level.get("orchard", 0.0))
        facility = level.get("greenhouse", 0.0)
        self.add("facility_area", facility)
        self.add("vegetable_area", facility + level.get("open_vegetable", 0.0))
        self.add("vegetable_output", made.get("greenhouse", 0.0) + made.get("open_vegetable", 0.0))
        self.add("herb_area", level.get("herb", 0.0))
        record_farm_year(model, self)
        workers = model.workers
        home = workers.alive & (workers.place != OUTSIDE)
        town = home & (workers.place == TOWN)
        self.add("urbanisation_rate", workers.weight[town].sum() / workers.weight[home].sum())
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
        index = self.model.index
        axes = {
            "variable": sorted({name[0] for name in self.names} | {part.variable for part in self.parts}),
            "chain": ["", *index.chains],
            "stage": ["", *index.stages],
            "county": ["", *index.counties],
        }
        number = {name: {key: k for k, key in enumerate(keys)} for name, keys in axes.items()}
        label = {
            "chain": np.array([number["chain"][key] for key in self.chain_of_cell], dtype=np.int16),
            "stage": np.array([number["stage"][key] for key in self.stage_of_cell], dtype=np.int16),
            "county": np.array([number["county"][key] for key in self.county_of_cell], dtype=np.int16),
        }
        counts = [len(part.cells) for part in self.parts]
        cells = np.concatenate([np.zeros(0, dtype=np.int64), *[part.cells for part in self.parts]])
        periods = np.array([part.period for part in self.parts], dtype=np.int32)
        period = np.concatenate([np.array(self.singles[0], np.int32), np.repeat(periods, counts)])
        columns = [pa.array(period)]
        single_name = np.array(self.singles[1], dtype=np.int64)
        for k, (name, keys) in enumerate(axes.items()):
            single = np.array([number[name][key[k]] for key in self.names], dtype=np.int16)[single_name]
            if name == "variable":
                block = np.repeat(np.array([number[name][part.variable] for part in self.parts], np.int16), counts)
            else:
                block = label[name][cells]
            codes = np.concatenate([single, block])
            columns.append(pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(keys)))
        values = np.concatenate([np.array(self.singles[2]), *[part.values for part in self.parts]])
        return pa.table([*columns, pa.array(values)], names=["month", *axes, "value"])

    def kpis(self) -> dict[str, float]:
        """Value of the last year by indicator (and chain)."""
        out: dict[str, float] = {}
        last = dict(zip(self.singles[1], self.singles[2], strict=True))
        for (variable, chain, _, county), name in self.names.items():
            if variable in KPIS and not county:
                out[f"kpi_{variable}_{chain}" if chain else f"kpi_{variable}"] = last[name]
        return out
