"""The model: builds the city, then steps it month by month.  ``step`` reads as a list of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from ..chains.base import Base, build_base
from ..config.loader import Config
from ..config.parameters_schema import ModelForms
from ..config.schema import Forms, Scenario
from . import build, months
from .audit import Audit
from .chiefs import ChainChief
from .drivers import Drivers
from .farms import Farm, FarmSet
from .firms import Firm, FirmSet
from .housing import Housing
from .identity import release
from .institutions import Bank, Government, Outside
from .labour import LabourFlows
from .market import Deliveries
from .policies import PolicyBook
from .randomness import Streams
from .recorder import Recorder
from .registration import register
from .skills import Skills
from .supply import Supply
from .workers import Worker, WorkerSet

if TYPE_CHECKING:
    from .accounts import Accounts
    from .network_view import NetworkWatch


def forms_of(usual: ModelForms, scenario: Forms) -> ModelForms:
    """Choose the forms of the rules: those the scenario names, and the usual ones for the rest."""
    changed = scenario.model_dump(exclude_none=True, exclude={"relaxed"})
    return usual.model_copy(update=changed)


class IndustryChainModel(mesa.Model):
    """Nine industry chains, their farms, firms and people, by county and month.

    Parameters
    ----------
    config
        Everything in config/, with overrides applied.
    scenario
        Which policies run.
    seed
        Any whole number; same configuration, scenario and seed give the same bits.
    scale
        Rows per real person, farm and firm, 0.001 to 1.
    start, horizon
        First month ("YYYY-MM") and the longest horizon the drivers are laid out for.
    """

    scenario: Any = None  # takes the place of Mesa 3.5's property, which ties Mesa's own kind of scenario to a model
    workers: WorkerSet
    farms: FarmSet
    firms: FirmSet
    governments: list[Government]
    bank: Bank
    outside: Outside
    chiefs: list[ChainChief]
    supply: Supply
    housing: Housing
    skills: Skills
    labour: LabourFlows
    trade: Deliveries
    sales: Deliveries

    def __init__(
        self,
        config: Config,
        scenario: Scenario,
        *,
        seed: int,
        scale: float,
        start: str = "2021-01",
        horizon: int = 180,
        base: Base | None = None,
    ) -> None:
        super().__init__(rng=int(seed) % 2**32)
        self.config, self.scenario, self.scale = config, scenario, scale
        self.forms = forms_of(config.parameters.forms, scenario.forms)
        self.streams = Streams(seed)
        self.base = base or build_base(config)
        self.index = self.base.index
        self.notes = list(self.base.notes)
        self.drivers = Drivers(config, start, horizon, self.streams)
        self.month = 0
        build.build_city(self, register=register)
        self.policies = PolicyBook(self)
        self.audit_book = Audit(self)
        self.recorder = Recorder(self)
        self.accounts: Accounts | None = None  # kept from when somebody opens them: Accounts(model)
        self.network_watch: NetworkWatch | None = None  # the same: NetworkWatch(model)

    @property
    def all_governments(self) -> list[Government]:
        """The seven counties and the city."""
        return [*self.governments, self.city]

    @property
    def year(self) -> int:
        """Calendar year of the month about to be stepped."""
        return (self.drivers.first + self.month) // 12

    @property
    def calendar(self) -> int:
        """Calendar month 1-12 of the month about to be stepped."""
        return (self.drivers.first + self.month) % 12 + 1

    def step(self) -> None:
        """One month, in order; farms grow before inputs are bought, so that a harvest is sold in its month."""
        months.books_open(self)
        months.outside_world_moves(self)
        months.policies_start_and_end(self)
        months.farms_let_land(self)
        months.firms_expect_and_price(self)
        months.firms_plan(self)
        months.labour_market_meets(self)
        months.days_are_worked(self)
        months.farms_grow(self)
        months.inputs_are_ordered_and_delivered(self)
        months.goods_are_made(self)
        months.goods_are_sold(self)
        months.dwellings_are_let(self)
        months.money_is_paid(self)
        months.firms_and_farms_invest(self)
        months.people_live_and_move(self)
        months.firms_enter_and_leave(self)
        months.ledgers_close(self)
        self.month += 1

    def audit(self) -> dict[str, float]:
        """Largest relative residual of every identity in the month just stepped."""
        return dict(self.audit_book.residuals)

    def refuse_idle_policies(self) -> None:
        """At the end of a run, refuse policies that acted and moved nothing: their scenario would say nothing of them.

        Raises
        ------
        ValueError
            Naming them.
        """
        idle = sorted(self.policies.idle.unseen)
        if idle:
            raise ValueError(f"acted and changed nothing in this run: policies {', '.join(idle)}")

    def release(self) -> None:
        """Let the model be freed at once; it cannot be used any more.

        Mesa keeps a counter of ids by model. Agents know the model and it knows them, and Python looks for such rings
        the less often the more there is in memory: a worker would hold hundreds of finished models.
        """
        release(self)
        for ring in (self.recorder.people, self.recorder, self):
            vars(ring).clear()


__all__ = ["Farm", "Firm", "IndustryChainModel", "Worker"]
