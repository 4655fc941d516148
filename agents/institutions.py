"""Governments, bank and outside: few, so ordinary Mesa agents."""

from __future__ import annotations

from collections import defaultdict

import mesa


class Account:
    """Cash and this month's flows by name (inflows positive), so that an audit can rebuild the balance."""

    def __init__(self, cash: float = 0.0) -> None:
        self.cash = cash
        self.flows: dict[str, float] = defaultdict(float)

    def receive(self, name: str, amount: float) -> None:
        """Book an inflow (negative: an outflow) under ``name``, CNY."""
        self.cash += amount
        self.flows[name] += amount

    def start_month(self) -> None:
        """Forget last month's flows; the balance stays."""
        self.flows = defaultdict(float)


class Government(mesa.Agent):
    """A county's or the city's budget: taxes and transfers in, services, benefits and works out.

    ``debt`` is what it owes on bonds, CNY, of which ``repayment`` falls due a month.
    """

    def __init__(self, model: mesa.Model, name: str, county: int, cash: float) -> None:
        super().__init__(model)
        self.name, self.county = name, county
        self.account = Account(cash)
        self.debt, self.repayment = 0.0, 0.0


class Bank(mesa.Agent):
    """Holds deposits, lends, and places what is left outside; losses on loans are its own.

    ``equity`` is rebuilt each month from interest margins, write-offs and dividends; ``outside_position`` is what the
    bank holds outside and moves with every payment across the city's border.
    """

    def __init__(self, model: mesa.Model, outside_position: float, equity: float) -> None:
        super().__init__(model)
        self.outside_position = outside_position
        self.equity = equity
        self.flows: dict[str, float] = defaultdict(float)


class Outside(mesa.Agent):
    """The rest of the world: buys, sells, transfers, remits and owns.  Flows it receives are positive."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.account = Account()
