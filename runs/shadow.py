"""Check what the record says one more unit of a binding factor is worth: run the month again with the limit raised.

A month is run from the same opening state twice, as it was and with one limit of one firm raised by what one more unit
of the factor allows; the difference in that firm's value added is the true shadow value (model.md section 5.6).
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..agents.factors import CAPITAL, DEMAND, FACTORS, SEASON
from ..agents.limits import lost_output, output_per_unit, shadow_values

if TYPE_CHECKING:
    from ..agents.model import IndustryChainModel


@dataclass(frozen=True)
class ShadowCheck:
    """One firm's binding factor: CNY of value added for one more unit, as recorded and as found by running again."""

    chain: str
    stage: str
    county: str
    firm: int
    factor: str
    lost: float
    recorded: float
    rerun: float

    @property
    def error(self) -> float:
        """Difference relative to the larger of both; 0 where both are nought."""
        size = max(abs(self.recorded), abs(self.rerun))
        return abs(self.recorded - self.rerun) / size if size > 0 else 0.0


def check_shadow_values(model: IndustryChainModel) -> list[ShadowCheck]:
    """Step the model a month and check the top cause of every chain by running that month again from a copy.

    The top cause is the factor other than demand and season that cost the chain most; its firm is the one that lost
    most to it.  ``model`` is left one month further.
    """
    opening = pickle.dumps(model, protocol=5)
    model.step()
    plain = _value_added(model)
    recorded = shadow_values(model)
    found = []
    for chain, row, factor, lost in _top_causes(model):
        more = float(_room(model, row, factor))
        again: IndustryChainModel = pickle.loads(opening)
        if factor == CAPITAL:  # plant is there from the start of the month, so that posts follow it
            withheld = model.restraints.denied.get((CAPITAL, int(model.firms.stage[row])), 0.0)
            again.firms.capacity[row] += more / (1 + again.config.parameters.firms.overtime.amount) / (1 - withheld)
        else:
            again.restraints.nudge = (row, factor, more)
        again.step()
        gain = float(_value_added(again)[row] - plain[row])
        again.release()
        stage, county = int(model.firms.stage[row]), int(model.firms.county[row])
        names = (chain, model.index.stages[stage], model.index.counties[county])
        found.append(ShadowCheck(*names, row, FACTORS[factor], lost, float(recorded[row]), gain))
    return found


def _value_added(model: IndustryChainModel) -> np.ndarray:
    return np.asarray(model.firms.output_value - model.firms.used_value)


def _room(model: IndustryChainModel, row: int, factor: int) -> float:
    """Output by which one more unit raises the limit."""
    return float(output_per_unit(model)[factor, row])


def _top_causes(model: IndustryChainModel) -> list[tuple[str, int, int, float]]:
    """(chain, firm row, factor, CNY lost) of each chain that lost to a factor other than demand and season."""
    firms, index = model.firms, model.index
    lost = lost_output(model) * firms.price
    lost[[DEMAND, SEASON]] = 0.0
    causes = []
    for c, chain in enumerate(index.chains):
        mine = np.flatnonzero(index.chain_of_stage[firms.stage] == c)
        by_factor = lost[:, mine].sum(axis=1)
        factor = int(by_factor.argmax())
        if by_factor[factor] > 0:
            row = int(mine[lost[factor, mine].argmax()])
            causes.append((chain, row, factor, float(by_factor[factor])))
    return causes
