"""One seed gives one history, to the last bit; and a month is the twelve steps of the design."""

from __future__ import annotations

import gc
import hashlib
import inspect
import os
import subprocess
import sys
import weakref

import mesa
import numpy as np
import pyarrow as pa
import pytest

from pingliang.agents import months
from pingliang.agents.chiefs import ChainChief
from pingliang.agents.farms import Farm
from pingliang.agents.firms import Firm
from pingliang.agents.institutions import Bank, Government, Outside
from pingliang.agents.model import IndustryChainModel
from pingliang.agents.workers import Worker

from .built import build, run

MONTHS, SEED = 2, 11

# The steps of a month and the sentences of ``step`` that carry them out.  The design lets farms grow after
# production; here they grow before inputs are bought, so that a harvest is sold in its month.
STEPS = {
    "drivers": ["outside_world_moves", "policies_start_and_end"],
    "land": ["farms_let_land"],
    "expectations and prices": ["firms_expect_and_price"],
    "plans": ["firms_plan"],
    "labour": ["labour_market_meets", "days_are_worked"],
    "farms": ["farms_grow"],
    "inputs": ["inputs_are_ordered_and_delivered"],
    "production": ["goods_are_made"],
    "sales": ["goods_are_sold"],
    "dwellings": ["dwellings_are_let"],
    "money": ["money_is_paid"],
    "investment and structure": ["firms_and_farms_invest"],
    "people": ["people_live_and_move"],
    "entry and exit": ["firms_enter_and_leave"],
    "ledger": ["ledgers_close"],
}


def digest(table: pa.Table) -> str:
    """Fingerprint of every bit of a series table."""
    marks = hashlib.sha256()
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            marks.update("\n".join(column.cast(pa.string()).to_pylist()).encode())
        else:
            marks.update(np.ascontiguousarray(column.to_numpy()).tobytes())
    return marks.hexdigest()


@pytest.fixture(scope="module")
def first(config):
    return run(build(config, seed=SEED), MONTHS)


def test_same_seed_gives_the_same_bits(config, first):
    second = run(build(config, seed=SEED), MONTHS)
    assert second.recorder.table().equals(first.recorder.table())
    assert second.audit() == first.audit()
    for name in ("firms", "farms", "workers"):
        mine, other = getattr(first, name).table, getattr(second, name).table
        assert all(np.array_equal(mine[column], other[column]) for column in mine if column != "unique_id")


def test_another_seed_gives_another_history(config, first):
    other = run(build(config, seed=SEED + 1), MONTHS)
    assert not other.recorder.table().equals(first.recorder.table())


def test_another_process_gives_the_same_bits(first, tmp_path):
    script = (
        "from pingliang.config.loader import load\n"
        "from pingliang.config.schema import Name, Scenario\n"
        "from pingliang.agents.model import IndustryChainModel\n"
        "import pyarrow.feather as feather\n"
        "scenario = Scenario(name='baseline', label=Name(zh='x', en='x'), policies=[])\n"
        f"model = IndustryChainModel(load(), scenario, seed={SEED}, scale=0.001)\n"
        f"for _ in range({MONTHS}):\n"
        "    model.step()\n"
        f"feather.write_feather(model.recorder.table(), {str(tmp_path / 'series')!r})\n"
    )
    # another hash seed: no result may lean on the order of a set; the rest as here, which chooses kernels of BLAS
    there = {**os.environ, "PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", script], check=True, env=there)
    from pyarrow import feather

    assert digest(feather.read_table(tmp_path / "series")) == digest(first.recorder.table())


def test_steps_do_not_depend_on_how_far_the_drivers_are_laid_out(config, first):
    short = IndustryChainModel(config, first.scenario, seed=SEED, scale=0.001, horizon=MONTHS, base=first.base)
    assert run(short, MONTHS).recorder.table().equals(first.recorder.table())


def sentences() -> list[str]:
    lines = [line.strip() for line in inspect.getsource(IndustryChainModel.step).splitlines()]
    return [line for line in lines if line and not line.startswith(("def ", '"""'))]


def test_a_month_reads_as_the_steps_in_order():
    assert sentences()[0] == "months.books_open(self)"
    assert sentences()[-1] == "self.month += 1"
    spoken = [line.removeprefix("months.").removesuffix("(self)") for line in sentences()[1:-1]]
    assert spoken == [sentence for step in STEPS.values() for sentence in step]


def test_every_sentence_says_what_it_does():
    for line in sentences()[:-1]:
        function = getattr(months, line.removeprefix("months.").removesuffix("(self)"))
        assert inspect.getdoc(function), function
        assert list(inspect.signature(function).parameters) == ["model"]


def test_months_and_years_are_counted_from_the_start(config, first):
    assert (first.year, first.calendar) == (2021, MONTHS + 1)
    assert set(first.recorder.table().column("month").to_pylist()) == {202101, 202102}


def test_mesa_finds_every_agent_by_its_type(six_months):
    model = six_months
    assert isinstance(model, mesa.Model)
    assert model.agents_by_type[Worker] is model.workers
    assert model.agents_by_type[Farm] is model.farms
    assert model.agents_by_type[Firm] is model.firms
    assert len(model.agents_by_type[Government]) == len(model.index.counties) + 1
    assert len(model.agents_by_type[ChainChief]) == len(model.index.chains) - 1
    assert len(model.agents_by_type[Bank]) == len(model.agents_by_type[Outside]) == 1
    assert len(model.agents) == sum(len(agents) for agents in model.agents_by_type.values())


def test_a_row_reads_and_writes_like_a_mesa_agent(another):
    model = another()
    row = int(np.flatnonzero(model.workers.employer >= 0)[0])
    worker = next(iter(model.agents_by_type[Worker].at_rows(np.array([row]))))
    assert isinstance(worker, Worker)
    assert worker.employer == model.workers.employer[row]
    worker.wage = 4321.0
    assert model.workers.wage[row] == 4321.0
    assert model.agents_by_type[Worker].select(lambda workers: workers.wage == 4321.0)


def test_a_finished_model_goes_at_once(config):
    gc.collect()
    gc.disable()  # workers run hundreds of models between two of its great rounds
    try:
        model = build(config)
        model.step()
        kept = [weakref.ref(one) for one in (model, model.recorder, model.firms, model.workers.table, model.supply)]
        model.release()
        del model
        assert [one() for one in kept] == [None] * 5
    finally:
        gc.enable()
